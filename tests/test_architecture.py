"""The shape of the code: imports run downwards, one package speaks SQLite, the doors stay light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "kolbench"


def test_imports_run_downwards_only() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kept, 0 broken" in done.stdout


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    ("statement", "too_heavy"),
    [
        ("import kolbench", {"pluggy", "msgspec", "httpx", "textual", "sqlite_utils", "sqlite3"}),
        ("import kolbench.__main__", {"msgspec", "httpx", "textual", "sqlite_utils", "sqlite3", "platformdirs"}),
        ("import kolbench.app", {"httpx", "tenacity", "sqlite_utils", "pluggy"}),
        ("import kolbench.sync.loop", {"textual", "sqlite_utils"}),
        ("import kolbench.store.connect", {"textual", "sqlite_utils", "httpx"}),
    ],
)
def test_a_door_loads_no_more_than_it_needs(statement: str, too_heavy: set[str]) -> None:
    assert loaded_by(statement) & too_heavy == set()


def test_the_command_line_answers_without_its_engines(tmp_path: Path) -> None:
    code = (
        "import sys, runpy; sys.argv = ['kolbench', '--help']\n"
        "try: runpy.run_module('kolbench', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded & {"textual", "httpx", "sqlite_utils", "sqlite3", "msgspec", "pluggy", "platformdirs"} == set()


def test_every_module_says_what_it_is_for_and_fits_a_reader() -> None:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        docstring = ast.get_docstring(ast.parse(text))
        name = path.relative_to(ROOT)
        assert docstring, f"{name} has no docstring"
        assert docstring.splitlines()[0].endswith((".", ":")), f"{name}: a sentence ends with a full stop"
        assert len(text.splitlines()) <= 400, f"{name} is longer than a reader's patience"


def test_screens_and_commands_hold_no_sql() -> None:
    statement = re.compile(r"\bSELECT |\bINSERT INTO |\bUPDATE \w+ SET |\bDELETE FROM ")
    for folder in ("screens", "widgets", "cli"):
        for path in (SOURCE / folder).rglob("*.py"):
            assert not statement.search(path.read_text("utf-8")), path.relative_to(ROOT)


def test_what_follows_from_an_act_is_written_below_screens_and_commands() -> None:
    for folder in ("screens", "cli"):
        for path in (SOURCE / folder).rglob("*.py"):
            follows = re.search(r"campaigns import .*\bfresh\b|\bpublishing\.refresh\(", path.read_text("utf-8"))
            assert follows is None, path.relative_to(ROOT)
