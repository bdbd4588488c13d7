"""What the tests of the kit stand on: the author's fixture, and readings that several tests look at."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NoReturn

import httpx
import pytest

from kolbench.adapters.conformance import Check
from kolbench.adapters.protocol import Adapter
from kolbench.testing.cassette import cassette, stand_in
from kolbench.testing.server import Answer, Server
from kolbench.testing.trial import Outcome, Trial


class Bench:
    """The fixture that an author gives, and the readings made with it; see ``AdapterConformance``."""

    adapter: ClassVar[Any]
    settings: ClassVar[Mapping[str, str]] = {}
    expected: ClassVar[Mapping[str, int]] = {}
    expected_later: ClassVar[Mapping[str, int]] = {}
    cassette: ClassVar[Path | str | None] = None
    answers: ClassVar[Mapping[str, Answer]] = {}
    exempt: ClassVar[Mapping[str, str]] = {}
    _kept: ClassVar[dict[str, Outcome]]

    def server(self, request: httpx.Request) -> Answer:
        """What the platform answers; the same request always gets the same. None: there is no such thing here."""
        return self.answers.get(f"{request.method} {request.url}", self.answers.get(str(request.url)))

    def later(self, request: httpx.Request) -> Answer:
        """The same some days later: what was there still is, and something is new."""
        return self.server(request)

    @pytest.fixture(autouse=True)
    def _exempted(self, request: pytest.FixtureRequest) -> None:
        name = request.function.__name__
        if reason := self.exempt.get(name, self.exempt.get(name.removeprefix("test_"))):
            pytest.skip(reason)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that takes a ``feed`` for each that the adapter declares."""
        if "feed" in metafunc.fixturenames:
            metafunc.parametrize("feed", getattr(self._adapter(), "feeds", ()))

    def _adapter(self) -> Adapter:
        if not hasattr(self, "adapter"):
            pytest.fail(f"{type(self).__name__} needs an attribute: adapter = MyAdapter()", pytrace=False)
        adapter: Adapter = self.adapter() if isinstance(self.adapter, type) else self.adapter
        return adapter

    def _trial(self) -> Trial:
        adapter = self._adapter()
        settings: dict[str, str] = {}
        for each in adapter.settings:
            if each.secret:
                settings[each.name] = stand_in(each.name)
            elif value := each.default or (each.example if each.required else None):
                settings[each.name] = value
        return Trial(adapter, {**settings, **self.settings}, self._server)

    def _server(self) -> Server:
        if isinstance(self.server, type):
            made: Server = self.server()
            return made
        if self.cassette is None:
            return self.server
        path = Path(self.cassette)
        return cassette(path if path.is_absolute() else Path(inspect.getfile(type(self))).parent / path)

    def _read(self, feed: str) -> Outcome:
        """A reading of the feed while nothing is wrong; what fails then is one test's matter, and not all others'."""
        outcome = self._once(f"read {feed}", lambda trial: trial.read(feed))
        if outcome.error is not None:
            pytest.skip("the fixture can't be read: see test_it_reads_the_fixture")
        return outcome

    def _some(self, feed: str) -> Outcome:
        """The same, where it brings anything."""
        outcome = self._read(feed)
        if not any(outcome.found.values()):
            pytest.skip("the fixture has nothing for this feed")
        return outcome

    def _served(self, feed: str) -> Outcome:
        """The same, where a server is asked."""
        outcome = self._read(feed)
        if not outcome.served:
            pytest.skip("it asks no server for this feed")
        return outcome

    def _once(self, name: str, make: Callable[[Trial], Outcome]) -> Outcome:
        """A reading that is made once for all tests of the class."""
        cls = type(self)
        if "_kept" not in vars(cls):
            cls._kept = {}
        if name not in cls._kept:
            cls._kept[name] = make(self._trial())
        return cls._kept[name]

    def _module(self) -> ModuleType:
        """The plugin: the package, or the module, that the adapter's class lives in."""
        name = type(self._adapter()).__module__
        package = name.partition(".")[0]
        return sys.modules[name if package == "kolbench" else package]


def holds(check: Check) -> None:
    """End the test by what was found."""
    if check.kept is None:
        pytest.skip(f"{check.what}: {check.found}")
    if not check.kept:
        fails(f"{check.what}: {check.found}")


def fails(text: str) -> NoReturn:
    """End the test with a sentence for the author instead of a traceback through the kit."""
    pytest.fail(text, pytrace=False)
