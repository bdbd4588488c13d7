#!/usr/bin/env python3
"""Set up KOLbench from a checkout and run it or its checks; needs nothing but Python 3.11 and pip.

python3 dev.py demo [ARG ...]    set up, then open the workbench on sample data
python3 dev.py test [ARG ...]    set up, then run linters, types and tests
python3 dev.py e2e [ARG ...]     set up, then run the tests against real servers, which it installs
python3 dev.py lint|bench|docs|lock|setup
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one is to read why it won't do
        return fail(f"KOLbench needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    command, *rest = arguments or ["help"]
    if command == "demo":
        setup("run")
        return run(BIN / "kolbench", "demo", *rest)
    if command not in COMMANDS:
        print(__doc__)
        return 0 if command in ("help", "-h", "--help") else 2
    setup("dev")
    return COMMANDS[command](rest)


def setup(kind: str) -> None:
    """Make the environment once, and again when a lock or pyproject.toml has changed."""
    wanted = hashlib.sha256(LOCKS[kind].read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f".set-up-{kind}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    print("Setting up in .venv …", flush=True)
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, OSError):
            sys.exit(fail("Python's venv module is incomplete here. On Debian or Ubuntu: apt install python3-venv"))
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input")
    for step in (
        (*pip, "install", "--require-hashes", "-r", LOCKS[kind]),
        (*pip, "install", "--no-deps", "--no-build-isolation", "--editable", ROOT),
    ):
        if code := run(*step):
            text = f"Setting up failed (exit code {code}); what pip said is above. Try again when it is mended."
            sys.exit(fail(text))
    stamp.write_text(wanted)


def test(rest: list[str]) -> int:
    """Everything that has to be green; arguments go to pytest."""
    return (0 if rest else lint([])) or run(PYTHON, "-m", "pytest", *(rest or ("-n", "auto", "--dist", "worksteal")))


def e2e(rest: list[str]) -> int:
    """The tests that install and start real servers; arguments go to pytest."""
    return run(PYTHON, "-m", "pytest", "-o", "testpaths=tests/e2e", "-v", "--durations=0", *rest)


def lint(rest: list[str]) -> int:
    return (
        run(PYTHON, "-m", "ruff", "check", ".")
        or run(PYTHON, "-m", "ruff", "format", "--check", ".")
        or run(PYTHON, "-m", "mypy")
    )


def bench(rest: list[str]) -> int:
    """One benchmark (its name), or all of them."""
    names = rest[:1] or sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    return max(run(PYTHON, ROOT / "bench" / f"{name}.py", *rest[1:]) for name in names)


def docs(rest: list[str]) -> int:
    """Make the generated pages, pictures and translations again."""
    return run(PYTHON, ROOT / "docs" / "make.py", *rest)


def lock(rest: list[str]) -> int:
    """Resolve the dependencies anew; needs uv."""
    resolve = ("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
    resolve += ("--no-emit-index-url", "--custom-compile-command", "python3 dev.py lock", "--upgrade", "pyproject.toml")
    runtime = ("--extra", "xlsx", "--group", "build")
    return run(*resolve, *runtime, "-o", LOCKS["run"].name) or run(
        *resolve, *runtime, "--group", "dev", "-o", LOCKS["dev"].name
    )


def run(*command: object) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


COMMANDS = {
    "setup": lambda rest: 0,
    "test": test,
    "e2e": e2e,
    "lint": lint,
    "bench": bench,
    "docs": docs,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
