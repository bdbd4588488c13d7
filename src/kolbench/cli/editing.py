"""What operators write in an editor, and what they are told of the version that comes of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli.output import answer, fields, warn
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from kolbench.store import briefs, sequences

_COMPLAINT = "# ! "
"""Begins the lines that say above the text what is wrong with it."""


def require_terminal(args: Namespace, otherwise: str) -> None:
    """Raises UsageError with what to do ``otherwise`` where there is nobody before whom an editor could be opened."""
    if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(otherwise)


def by_options() -> str:
    """What to do otherwise where options can say what changes."""
    return _("Say what to change: by options, or with --file. On a terminal, an editor opens without.")


def edited(text: str, save: Callable[[str], int]) -> int | None:
    """Let the operator edit ``text`` until ``save`` takes it; what that returned, or None when nothing was changed.

    What ``save`` complains of (UsageError) comes back above the text. Who leaves it so gets the complaint and the
    file in which the text is kept, as a UsageError; whatever else ends it, that file is named on stderr.
    """
    handle, name = tempfile.mkstemp(prefix="kolbench-", suffix=".toml")
    os.close(handle)
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    try:
        return _edited(path, text, save)
    except UsageError:
        raise
    except BaseException:
        warn(_kept(path))
        raise


def _edited(path: Path, text: str, save: Callable[[str], int]) -> int | None:
    complaint = ""
    while True:
        _run_editor(path, written=bool(complaint))
        after = path.read_text(encoding="utf-8", errors="replace")
        after = re.sub(rf"^{_COMPLAINT}.*\n?", "", after, flags=re.MULTILINE)
        if after == text:
            break
        text = after
        try:
            done = save(text)
        except UsageError as error:
            complaint = str(error)
            warn(complaint)
            above = "".join(f"{_COMPLAINT}{line}\n" for line in complaint.splitlines())
            path.write_text(above + text, encoding="utf-8")
        else:
            path.unlink()
            return done
    if complaint:
        raise UsageError(f"{complaint}\n{_kept(path)}")
    path.unlink()
    return None


def _kept(path: Path) -> str:
    return _("Nothing was saved. Your text is in {path}; --file reads it.").format(path=path)


def _run_editor(path: Path, *, written: bool) -> None:
    """Run the editor; what is ``written`` in the file stays there though it can't be started any more."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
    except (OSError, ValueError):
        text = _("The editor '{editor}' can't be started: name another one in EDITOR, or use the options.")
        text = text.format(editor=editor)
        if written:
            raise UsageError(f"{text}\n{_kept(path)}") from None
        path.unlink()
        raise UsageError(text) from None
    if code:
        text = _("The editor ended with {code}, and nothing was saved. Your text is in {path}; --file reads it.")
        raise UsageError(text.format(code=code, path=path))


def say_saved(args: Namespace, row: briefs.Row | sequences.Row, text: str, *, changed: bool) -> int:
    """Say by ``text`` (with ``name``, ``version``, ``id``) that a version was saved. Returns the exit code 0."""
    text = text if changed else _("{name}: nothing was changed.")
    return answer(args, {**fields(row), "changed": changed}, text.format(name=row.name, version=row.version, id=row.id))
