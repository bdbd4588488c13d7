"""The few kinds of failure KOLbench tells apart, each a sentence an operator can act on."""

from __future__ import annotations


class KolbenchError(Exception):
    """A failure with a message fit for the operator: what, where, and what to do."""

    exit_code = 1


class UsageError(KolbenchError):
    """The command line, a setting or a file name is wrong; nothing was done."""

    exit_code = 2


class Conflict(KolbenchError):
    """Somebody has changed meanwhile what was to be changed, so nothing was done.

    ``theirs`` is what ``field`` says now, ``mine`` what it was to say (None: nothing): the operator chooses.
    """

    def __init__(self, message: str, field: str, theirs: object, mine: object) -> None:
        super().__init__(message)
        self.field = field
        self.theirs = theirs
        self.mine = mine


class StoreError(KolbenchError):
    """The store can't be opened, is newer than this program, or stayed busy too long."""

    exit_code = 2


class SourceError(KolbenchError):
    """One source failed; the others are unaffected. ``status`` is the HTTP status behind it, if there is one.

    ``answer`` is the beginning of that answer's body, for an adapter to tell states apart: never to be shown.
    """

    status: int | None = None
    answer: bytes = b""


class Gone(SourceError):
    """What was asked for is not there, or not any more (404, 410, 451): a state of it, not a failure of the run."""


class Denied(SourceError):
    """The credentials don't allow it (403), or its owner doesn't: the rest of the source may still be read."""


class Transient(SourceError):
    """A failure that may pass by itself: a timeout, a 5xx answer, a broken connection.

    ``retried`` is set when the host has tried again already, in vain.
    """

    retried = False


class RateLimited(Transient):
    """The platform asked us to slow down; ``retry_after`` is in seconds where it said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RecordError(KolbenchError):
    """One record can't be kept; ``field`` names what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def told(error: BaseException) -> str:
    """What an error says, whatever its class does when it is asked: a plugin's own may raise here, too."""
    try:
        return str(error)
    except BaseException:
        return ""


def named(error: BaseException) -> str:
    """The same after the name of its class, for an error that isn't ours."""
    said = told(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
