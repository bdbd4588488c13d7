"""The template's adapter and server, for tests to spoil, and a way to run the kit on what comes of it."""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kolbench.testing import AdapterConformance, template


def module(part: str, name: str) -> ModuleType:
    """A part of the template as a module of that name."""
    made = ModuleType(name)
    sys.modules[name] = made
    exec(template.filled(part, "fanboard"), vars(made))
    return made


ADAPTER = module("adapter", "kolbench_fanboard")
TESTS = module("tests", "test_kolbench_fanboard")
Fanboard: Any = ADAPTER.Fanboard
Careful: Any = TESTS.TestFanboard


def kit(adapter: object, **more: Any) -> type[AdapterConformance]:
    """The kit for an adapter that reads the template's server."""
    made: type[AdapterConformance] = type("TestOther", (Careful,), {"adapter": adapter, **more})
    return made


def complaints(tests: type[AdapterConformance], name: str) -> list[str]:
    """What one test of the kit has to say, with every feed and parameter; nothing when it is content."""
    test = getattr(tests, f"test_{name}")
    found = []
    for arguments in _arguments(tests, test):
        with tempfile.TemporaryDirectory() as folder:
            if "tmp_path" in inspect.signature(test).parameters:
                arguments["tmp_path"] = Path(folder)
            try:
                test(tests(), **arguments)
            except pytest.fail.Exception as failed:
                found.append(str(failed))
            except pytest.skip.Exception:
                continue
    return found


def names() -> list[str]:
    """The tests of the kit."""
    return sorted(name.removeprefix("test_") for name in dir(AdapterConformance) if name.startswith("test_"))


def _arguments(tests: type[AdapterConformance], test: Any) -> Iterator[dict[str, Any]]:
    values: dict[str, list[Any]] = {}
    if "feed" in inspect.signature(test).parameters:
        values["feed"] = list(tests.adapter.feeds)
    for mark in getattr(test, "pytestmark", ()):
        values[mark.args[0]] = list(mark.args[1])
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen))
