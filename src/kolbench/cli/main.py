"""The edge of the program: from the command line to a command, and from a failure to one line.

``argparse`` costs more than Python's own start, so it is left to the commands: what stands before one is few
options, read here.
"""

from __future__ import annotations

import errno
import os
import sys

from kolbench import __version__
from kolbench.cli.commands import commands, global_options
from kolbench.domain.errors import KolbenchError, UsageError, named
from kolbench.domain.lang import _, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = 1
INTERRUPTED = 130
BROKEN_PIPE = 141

LONGEST = 200
"""What somebody wrote is repeated to them up to so many characters."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and return its exit code.

    0: done; 1: failed, or done in part; 2: wrong usage or configuration, nothing was done; 130: interrupted.
    """
    asked = list(sys.argv[1:] if argv is None else argv)
    _prepare(asked)
    try:
        code = _run(asked)
        sys.stdout.flush()
    except KolbenchError as error:
        _complain(str(error), asked)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except UnicodeEncodeError as error:
        wrong = [text for text in asked if error.object[error.start] in text]
        if not wrong:
            return _unexpected(error, asked)
        shown = os.fsencode(wrong[0]).decode("utf-8", "backslashreplace")
        _complain(_("'{text}' is no text in UTF-8.").format(text=shown), asked)
        return UsageError.exit_code
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            _complain(_("{path}: {reason}").format(path=error.filename, reason=error.strerror), asked)
            return UsageError.exit_code
        if error.errno not in FULL or error.filename is not None:
            return _unexpected(error, asked)
        _complain(_("{path} can't be written: {reason}.").format(path="stdout", reason=error.strerror), asked)
        return FAILED
    except Exception as error:
        return _unexpected(error, asked)
    return code


def _unexpected(error: Exception, asked: list[str]) -> int:
    text = _("this should not have happened: {error}. Please report it, with what --debug shows.")
    _complain(text.format(error=named(error)), asked)
    return FAILED


def _run(asked: list[str]) -> int:
    before, at = _before_command(asked)
    named = [option for option, _value in before]
    if "--version" in named:
        sys.stdout.write(f"kolbench {__version__}\n")
        return 0
    if "--help" in named or "-h" in named:
        sys.stdout.write(_help())
        return 0
    if at < len(asked):
        return _run_command(asked[at], asked[:at] + asked[at + 1 :])
    if unknown := [option for option in named if option not in global_options()]:
        raise UsageError(_("There is no option '{name}'.").format(name=unknown[0]) + "\n" + _hint())
    from kolbench.cli.workbench import run

    values = dict(before)
    return run(values.get("--store"), [value for option, value in before if option == "--plugin-dir"])


def _before_command(asked: list[str]) -> tuple[list[tuple[str, str]], int]:
    """The options before the command, with their values, and the command's place."""
    options = global_options()
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(asked) and asked[at].startswith("-"):
        option, equals, value = asked[at].partition("=")
        at += 1
        if option in options and options[option][0] and not equals:
            if at == len(asked):
                raise UsageError(_("{option} needs a value.").format(option=option) + "\n" + _hint())
            value = asked[at]
            at += 1
        found.append((option, value))
    return found, at


def _run_command(name: str, rest: list[str]) -> int:
    if name not in commands():
        raise UsageError(_unknown(name))
    from importlib import import_module

    from kolbench.cli.parser import command_parser

    args = command_parser(name).read(rest)
    return int(import_module(commands()[name][0]).run(args))


def _help() -> str:
    about = _("A workbench for people who run key opinion leaders. Without a command it opens in the terminal.")
    usage = _("Usage: ") + _("kolbench [OPTIONS] [COMMAND …]")
    options = {f"{name} {value}".strip(): text for name, (value, text) in global_options().items()}
    options["--version"] = _("show the version and exit")
    return "\n".join(
        (
            f"{usage}\n\n{about}\n",
            _listing(_("Commands"), {name: text for name, (_module, text) in commands().items()}),
            _listing(_("Options (before or after the command)"), options),
            _("'kolbench COMMAND --help' says more about each.") + "\n",
        )
    )


def _listing(title: str, entries: dict[str, str]) -> str:
    width = max(map(len, entries))
    return f"{title}:\n" + "".join(f"  {name:{width}}  {text}\n" for name, text in entries.items())


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    text = _("There is no command '{name}'.").format(name=name)
    if near := get_close_matches(name, commands(), 1):
        text += " " + _("Did you mean '{name}'?").format(name=near[0])
    return text + "\n" + _hint()


def _hint() -> str:
    return _("Try '{command} --help'.").format(command="kolbench")


def _prepare(asked: list[str]) -> None:
    """Set the language and the plugins before either is used, and let no terminal's encoding stop the output."""
    for option, value in zip(asked, [*asked[1:], ""], strict=False):
        if option == "--lang" or option.startswith("--lang="):
            os.environ["KOLBENCH_LANG"] = option.partition("=")[2] or value
        if option == "--plugin-dir" or option.startswith("--plugin-dir="):
            folders = [os.environ.get("KOLBENCH_PLUGINS"), option.partition("=")[2] or value]
            os.environ["KOLBENCH_PLUGINS"] = os.pathsep.join(filter(None, folders))
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    if wrong := unknown():
        from kolbench.domain.text import clean_line

        sys.stderr.write(f"KOLBENCH_LANG: '{clean_line(wrong, LONGEST)}' is not known; en, zh\n")


def _complain(message: str, asked: list[str]) -> None:
    if "--debug" in asked:
        import traceback

        traceback.print_exc()
    from kolbench.domain.text import clean_line, clean_text

    for text in asked:
        for part in (text, text.partition("=")[2]):
            if len(part) > LONGEST:
                message = message.replace(part, clean_line(part, LONGEST))
    sys.stderr.write(f"kolbench: {clean_text(message)}\n")
