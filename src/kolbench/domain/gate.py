"""The one gate between adapters and the store: every record is checked, cleaned, or refused by name of field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timezone
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

from msgspec import NODEFAULT, structs

from kolbench.domain import money
from kolbench.domain.campaigns import KINDS, SHOWN
from kolbench.domain.clock import AHEAD, from_ms
from kolbench.domain.errors import RecordError
from kolbench.domain.lang import _
from kolbench.domain.records import (
    Contact,
    ConversionRecord,
    Count,
    InteractionRecord,
    Record,
    RefundRecord,
)
from kolbench.domain.text import are_lines, are_texts, clean_line, clean_text

MAX_ID = 256
MAX_URL = 2_000
MAX_TITLE = 500
MAX_VALUE = 10**15
MAX_METRICS = 64
MAX_CONTACTS = 20
MAX_SECONDS = 10**9
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Gate:
    """Checks the records of one run, begun at ``now_ms``; ``cleaned`` counts what it changed, by field.

    Wrong types, ids that would need cleaning, impossible numbers and impossible required times are refused.
    Texts are cleaned; an optional field that makes no sense is left out, as if it had not been told.
    """

    def __init__(self, now_ms: int) -> None:
        self.latest = from_ms(now_ms) + AHEAD
        self.cleaned: Counter[str] = Counter()

    def check(self, record: Any) -> Record:
        """Return ``record`` itself when nothing had to change, else a cleaned copy.

        Raises RecordError, and nothing else, for whatever a plugin may have handed over.
        """
        try:
            if type(record) not in _PLANS:
                raise RecordError("record", _("not a record but {type}").format(type=_type_of(record)))
            records, refused = self.check_all([record])
        except RecordError:
            raise
        except Exception:  # what a plugin made itself may raise anything when it is looked at
            raise RecordError("record", _("it can't be read")) from None
        for error in refused.values():
            raise error
        return records[0]

    def check_all(self, records: Sequence[Record]) -> tuple[list[Record], dict[int, RecordError]]:
        """The records that pass, as ``check`` would return them, and why those at other places don't."""
        refused: dict[int, RecordError] = {}
        changes: dict[int, dict[str, object]] = {}
        for kind in set(map(type, records)):
            places = [place for place, record in enumerate(records) if type(record) is kind]
            columns = zip(*(structs.astuple(records[place]) for place in places))
            for (field, check, default), column in zip(_PLANS[kind], columns):
                if self._passes(check, default, column):
                    continue
                for place, value in zip(places, column):
                    if value is default or place in refused:
                        continue
                    try:
                        kept = check(self, field, value)
                    except RecordError as error:
                        refused[place] = error
                    except Exception:
                        refused[place] = RecordError("record", _("it can't be read"))
                    else:
                        if kept is not value:
                            changes.setdefault(place, {})[field] = kept
        passed = list(records)
        for place, fields in changes.items():
            passed[place] = structs.replace(records[place], **fields)
        return [record for place, record in enumerate(passed) if place not in refused], refused

    def _passes(self, check: Check, default: object, column: Sequence[Any]) -> bool:
        """Whether all values of a field pass as they are, as a glance at them tells; if it doesn't, look at each."""
        try:
            kinds = set(map(type, column))
            if default is None and NoneType in kinds:
                kinds.discard(NoneType)
                column = [value for value in column if value is not None]
            kind, glance = _GLANCES[check]
            return not column or (kinds == {kind} and glance(self, column))
        except Exception:
            return False

    def _id(self, field: str, value: Any) -> str:
        uid = value if type(value) is str else _typed(str, field, value)
        if not 0 < len(uid) <= MAX_ID:
            raise RecordError(field, _("an id has 1 to {limit} characters").format(limit=MAX_ID))
        if clean_line(uid, MAX_ID) != uid:
            raise RecordError(field, _("an id with invisible characters"))
        return uid

    def _word(self, field: str, value: Any) -> str:
        word = _typed(str, field, value)
        if word not in _known_words:
            _learn(field, word)
        return word

    def _line(self, field: str, value: Any) -> str | None:
        line = clean_line(value if type(value) is str else _typed(str, field, value))
        return line if line is value and line else self._cleaned(field, value, line or None)

    def _title(self, field: str, value: Any) -> str | None:
        return self._cleaned(field, value, clean_line(_typed(str, field, value), MAX_TITLE) or None)

    def _text(self, field: str, value: Any) -> str:
        text = clean_text(value if type(value) is str else _typed(str, field, value))
        return text if text is value else self._cleaned(field, value, text)

    def _url(self, field: str, value: Any) -> str | None:
        url = value if type(value) is str else _typed(str, field, value)
        if len(url) <= MAX_URL and _is_web_address(url := clean_line(url, MAX_URL)):
            return url if url is value else self._cleaned(field, value, url)
        return self._cleaned(field, value, None)

    def _flag(self, field: str, value: Any) -> bool:
        return _typed(bool, field, value)

    def _seconds(self, field: str, value: Any) -> int | None:
        seconds = _typed(int, field, value)
        return self._cleaned(field, value, seconds if 0 <= seconds <= MAX_SECONDS else None)

    def _amount(self, field: str, value: Any) -> int:
        amount = _typed(int, field, value)
        if not 0 <= amount <= money.LIMIT:
            raise RecordError(field, _("an impossible amount"))
        return amount

    def _paid_back(self, field: str, value: Any) -> int:
        if not self._amount(field, value):
            raise RecordError(field, _("nothing was given back"))
        return int(value)

    def _currency(self, field: str, value: Any) -> str:
        if (code := _typed(str, field, value)) not in money.EXPONENTS:
            raise RecordError(field, _("no currency: {word}").format(word=clean_line(code, 40)))
        return code

    def _bought(self, field: str, value: Any) -> str:
        if (kind := _typed(str, field, value)) not in KINDS:
            raise RecordError(field, _("none of {words}").format(words=", ".join(KINDS)))
        return kind

    def _shown(self, field: str, value: Any) -> str:
        if (shown := _typed(str, field, value)) not in SHOWN:
            raise RecordError(field, _("none of {words}").format(words=", ".join(SHOWN)))
        return shown

    def _time(self, field: str, value: Any) -> datetime | None:
        return self._cleaned(field, value, None) if (moment := self._moment(field, value)) is None else moment

    def _required_time(self, field: str, value: Any) -> datetime:
        if (moment := self._moment(field, value)) is None:
            raise RecordError(field, _("a time before 1990 or in the future"))
        return moment

    def _moment(self, field: str, value: Any) -> datetime | None:
        """``value``, in UTC if its zone is of the plugin's own making; None when it is out of range."""
        moment = _typed(datetime, field, value)
        if type(moment.tzinfo) is not timezone:
            try:
                if moment.utcoffset() is None:
                    raise RecordError(field, _("a time without a zone"))
                moment = moment.astimezone(UTC)
            except OverflowError:
                return None
        return moment if EARLIEST <= moment <= self.latest else None

    def _metrics(self, field: str, value: Any) -> dict[str, int | Count]:
        metrics = _typed(dict, field, value)
        if len(metrics) > MAX_METRICS:
            raise RecordError(field, _("more than {limit} metrics").format(limit=MAX_METRICS))
        for name, count in metrics.items():
            if type(name) is not str or name not in _known_words:
                _learn(field, _typed(str, field, name))
            if type(count) is not int:
                count = _counted(f"{field}.{name}", count)
            if not 0 <= count <= MAX_VALUE and not (_is_signed(name) and -MAX_VALUE <= count < 0):
                raise RecordError(f"{field}.{name}", _("an impossible number"))
        return metrics

    def _contacts(self, field: str, value: Any) -> tuple[Contact, ...]:
        contacts = _typed(tuple, field, value)
        kept = []
        for contact in contacts[:MAX_CONTACTS]:
            _typed(Contact, field, contact)
            channel = self._word(f"{field}.channel", contact.channel)
            if line := clean_line(_typed(str, f"{field}.value", contact.value)):
                kept.append(contact if line is contact.value else Contact(channel, line))
        unchanged = len(kept) == len(contacts) and all(a is b for a, b in zip(kept, contacts))
        return contacts if unchanged else self._cleaned(field, contacts, tuple(kept))

    def _cleaned(self, field: str, value: object, kept: T) -> T:
        if kept != value:
            self.cleaned[field] += 1
        return kept


_is_web_address = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE).fullmatch
_is_word = re.compile(r"[a-z][a-z0-9_]{0,39}").fullmatch
_known_words: set[str] = set()
_is_signed = re.compile(r"_(?:gained|change)(?:_|$)").search  # also of a period: followers_gained_day


def _learn(field: str, word: str) -> None:
    """Remember that ``word`` is one, so that the next million records needn't look again."""
    if not _is_word(word):
        raise RecordError(field, _("not a word of a-z, 0-9 and _: {word}").format(word=clean_line(word, 40)))
    if len(_known_words) < 1_000:
        _known_words.add(word)


def _counted(field: str, count: object) -> int:
    """The number that a ``Count`` holds, when its margin makes sense too."""
    if type(count) is not Count:
        return _typed(int, field, count)
    if not 0 <= _typed(int, field, count.plus_minus) <= MAX_VALUE:
        raise RecordError(field, _("an impossible margin"))
    return _typed(int, field, count.value)


def _typed(kind: type[T], field: str, value: object) -> T:
    """``value`` if it is of exactly this type: a subclass could lie about itself later on."""
    if type(value) is not kind:
        wanted, got = _TYPES[kind], _type_of(value)
        raise RecordError(field, _("needs {wanted}, not {got}").format(wanted=wanted, got=got))
    return value


def _type_of(value: object) -> str:
    return clean_line(type(value).__name__, 40)


_TYPES = {str: "text", int: "int", bool: "bool", dict: "dict", tuple: "tuple", datetime: "datetime", Contact: "Contact"}

Check = Callable[[Gate, str, Any], object]

_CHECKS: dict[str, Check] = {
    **dict.fromkeys(
        (
            *("uid", "account_uid", "post_uid", "follower_uid", "community_uid", "reply_to_uid"),
            *("actor_uid", "object_uid", "evidence_uid", "child_uid", "parent_uid", "visitor_uid", "participant_uid"),
            *("buyer_uid", "shop", "order_id", "line", "refund_id"),
        ),
        Gate._id,
    ),
    **dict.fromkeys(
        (
            *("handle", "name", "category", "region", "gender", "verified", "kind", "role"),
            *("code", "child_name", "parent_name", "device", "address", "payment"),
        ),
        Gate._line,
    ),
    **dict.fromkeys(("bio", "text"), Gate._text),
    **dict.fromkeys(("url", "avatar_url"), Gate._url),
    **dict.fromkeys(("is_bot", "is_staff", "gone", "mutual"), Gate._flag),
    **dict.fromkeys(("created_at", "published_at", "joined_at", "left_at"), Gate._time),
    # Counts without their moment would count as those of now.
    **dict.fromkeys(("sent_at", "at", "observed_at"), Gate._required_time),
    "campaign": Gate._id,
    "amount": Gate._amount,
    "currency": Gate._currency,
    "shown": Gate._shown,
    "title": Gate._title,
    "duration_s": Gate._seconds,
    "metrics": Gate._metrics,
    "contacts": Gate._contacts,
}
"""How a field is checked; a field of one name means the same in every record, but for ``_STRICTER``."""

Glance = Callable[[Gate, Sequence[Any]], bool]


def _are_addresses(gate: Gate, urls: Sequence[str]) -> bool:
    joined = " " + " ".join(urls)
    return (
        joined.isascii()
        and joined.isprintable()
        and joined.count(" ") == len(urls) == joined.count(" https://") + joined.count(" http://")
        and ":///" not in joined
        and len("https://") < min(map(len, urls))
        and max(map(len, urls)) <= MAX_URL
    )


def _are_times(gate: Gate, moments: Sequence[datetime]) -> bool:
    zones = {type(moment.tzinfo) for moment in moments}
    return zones == {timezone} and min(moments) >= EARLIEST and max(moments) <= gate.latest


def _are_counts(gate: Gate, told: Sequence[dict[str, Any]]) -> bool:
    names = list(chain.from_iterable(told))
    counts = list(chain.from_iterable(map(dict.values, told)))
    return (
        max(map(len, told)) <= MAX_METRICS
        and set(map(type, names)) <= {str}
        and set(map(type, counts)) <= {int}
        and _known_words.issuperset(names)
        and min(counts, default=0) >= 0
        and max(counts, default=0) <= MAX_VALUE
    )


_GLANCES: dict[Check, tuple[type, Glance]] = {
    Gate._id: (str, lambda gate, ids: all(ids) and are_lines(ids, MAX_ID)),
    Gate._word: (str, lambda gate, words: _known_words.issuperset(words)),
    Gate._line: (str, lambda gate, lines: all(lines) and are_lines(lines)),
    Gate._title: (str, lambda gate, titles: all(titles) and are_lines(titles, MAX_TITLE)),
    Gate._text: (str, lambda gate, texts: are_texts(texts)),
    Gate._url: (str, _are_addresses),
    Gate._flag: (bool, lambda gate, flags: True),
    Gate._amount: (int, lambda gate, amounts: min(amounts) >= 0 and max(amounts) <= money.LIMIT),
    Gate._paid_back: (int, lambda gate, amounts: min(amounts) > 0 and max(amounts) <= money.LIMIT),
    Gate._currency: (str, lambda gate, codes: money.EXPONENTS.keys() >= set(codes)),
    Gate._bought: (str, lambda gate, kinds: set(KINDS).issuperset(kinds)),
    Gate._shown: (str, lambda gate, words: set(SHOWN).issuperset(words)),
    Gate._seconds: (int, lambda gate, seconds: min(seconds) >= 0 and max(seconds) <= MAX_SECONDS),
    Gate._time: (datetime, _are_times),
    Gate._required_time: (datetime, _are_times),
    Gate._metrics: (dict, _are_counts),
    Gate._contacts: (tuple, lambda gate, contacts: not any(contacts)),
}
"""Of each check: the type of what it passes, and whether it would pass all of some values of that type unchanged.

A glance may say no where the check says yes, never the other way round.
"""

_STRICTER: dict[tuple[type, str], Check] = {
    (InteractionRecord, "kind"): Gate._word,
    (ConversionRecord, "kind"): Gate._bought,
    (RefundRecord, "amount"): Gate._paid_back,
}

_NEEDED = object()

_PLANS: dict[type, tuple[tuple[str, Check, object], ...]] = {
    record: tuple(
        (
            field.name,
            _STRICTER.get((record, field.name), _CHECKS[field.name]),
            _NEEDED if field.default is NODEFAULT else field.default,
        )
        for field in structs.fields(record)
    )
    for record in Record.__args__
}
"""Of each record: its fields, how each is checked, and the default that passes unchecked."""
