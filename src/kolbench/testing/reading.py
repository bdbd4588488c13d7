"""The tests of an adapter that is well served: what it declares and what it yields."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from kolbench.adapters import conformance, registry
from kolbench.adapters.conformance import Read
from kolbench.adapters.protocol import Page, Tester
from kolbench.domain.records import ConversionRecord, InteractionRecord, MessageRecord, PostRecord, Record
from kolbench.testing.bench import Bench, fails, holds
from kolbench.testing.trial import leaks

_TIMED = ("posts", "messages", "activities")


class Declared(Bench):
    """What can be seen before anything is read."""

    def test_it_is_declared_soundly(self) -> None:
        for check in conformance.declaration(self._adapter()):
            holds(check)

    def test_it_is_found_as_a_plugin(self) -> None:
        adapter = self._adapter()
        if any(home.partition(":")[0] == type(adapter).__module__ for home in registry.BUILT_IN.values()):
            return
        module = self._module()
        try:
            brought = registry.brought_by(module).adapters
        except registry.Unusable as error:
            fails(f"the module {module.__name__} is no plugin: {error}")
        if adapter.name not in brought:
            fails(f"the module {module.__name__} registers {', '.join(brought) or 'nothing'}, but not {adapter.name}")

    def test_its_package_names_the_entry_point(self) -> None:
        module = self._module()
        above = Path(getattr(module, "__file__", None) or "/").resolve().parents[:4]
        found = next((path for folder in above if (path := folder / "pyproject.toml").is_file()), None)
        project = tomllib.loads(found.read_text("utf-8")).get("project", {}) if found else {}
        if project.get("name") in (None, "kolbench"):
            pytest.skip("it is not packaged")
        values = project.get("entry-points", {}).get(registry.GROUP, {}).values()
        if not any(value.partition(":")[0] == module.__name__ for value in values):
            fails(f'{found} needs, under [project.entry-points.{registry.GROUP}]: NAME = "{module.__name__}"')

    def test_the_fixture_says_how_much_there_is(self) -> None:
        feeds = self._adapter().feeds
        if missing := [feed for feed in feeds if feed not in self.expected]:
            fails(f"say how many records the fixture has: expected = {{{missing[0]!r}: …}} (missing: {missing})")
        if unknown := [feed for feed in self.expected if feed not in feeds]:
            fails(f"expected speaks of {unknown}, which the adapter doesn't declare")
        tests = {name for name in dir(self) if name.startswith("test_")}
        if unknown := [name for name in self.exempt if name not in tests and f"test_{name}" not in tests]:
            fails(f"exempt speaks of {unknown}, which are no tests of the kit")

    def test_its_secrets_can_be_told_from_other_text(self) -> None:
        trial = self._trial()
        if short := [name for name, value in trial.secrets.items() if len(value) < 8]:
            fails(f"give secrets of 8 characters or more, so that they can be looked for: {short}")


class Reading(Bench):
    """What it yields while the server is well."""

    def test_it_reads_the_fixture(self, feed: str) -> None:
        outcome = self._once(f"read {feed}", lambda trial: trial.read(feed))
        if outcome.error is not None:
            target = f" of {outcome.target}" if outcome.target else ""
            error = outcome.error
            fails(f"{feed}{target} can't be read: {type(error).__name__}: {error}")
        if outcome.remarks and not self.expected.get(feed):
            fails(f"{feed}: {outcome.remarks[0]}")

    def test_it_names_targets_that_a_store_can_keep(self, feed: str) -> None:
        for target in self._read(feed).found:
            if not isinstance(target, str) or len(target) > 256 or not target.isprintable():
                fails(f"{target!r:.80} is no target: printable text of at most 256 characters is needed")

    def test_it_yields_pages(self, feed: str) -> None:
        holds(conformance.paged(feed, self._some(feed).found))

    def test_pages_have_cursors(self, feed: str) -> None:
        holds(conformance.addressed(feed, self._paged(feed)))

    def test_pages_are_not_too_large(self, feed: str) -> None:
        holds(conformance.sized(feed, self._paged(feed)))

    def test_records_are_valid(self, feed: str) -> None:
        holds(conformance.valid(feed, self._paged(feed)))

    def test_times_have_a_zone(self, feed: str) -> None:
        holds(conformance.zoned(feed, self._paged(feed)))

    def test_a_feed_yields_what_it_claims(self, feed: str) -> None:
        found = self._read(feed).found
        if not any(found.values()) and not self.expected.get(feed):
            pytest.skip("the fixture has nothing for this feed: whether it yields what it claims is not known")
        holds(conformance.claimed(self._adapter(), feed, found))

    def test_everything_arrives(self, feed: str) -> None:
        expected = self.expected.get(feed)
        if expected is None:
            pytest.skip("the fixture doesn't say how much there is")
        number = conformance.number_of(feed, self._read(feed).found)
        if number != expected:
            kind = conformance.KINDS[feed].__name__ if feed in conformance.KINDS else "record"
            fails(f"{feed}: {number} different {kind}s arrived, and the server has {expected}")

    def test_a_second_reading_knows_the_same_records(self, feed: str) -> None:
        found = self._paged(feed)
        again = self._once(f"again {feed}", lambda trial: trial.read(feed))
        holds(conformance.repeated(feed, found, again.found))

    def test_it_goes_on_from_every_cursor(self, feed: str) -> None:
        holds(self._trial().resumed(feed, self._paged(feed)))

    def test_the_last_cursor_begins_the_next_sync(self, feed: str) -> None:
        trial = self._trial()
        for target, pages in self._paged(feed).items():
            if pages:
                later = trial.read(feed, only=target, cursor=pages[-1].cursor)
                if later.error is not None:
                    fails(f"the next sync, from the cursor {pages[-1].cursor!r:.80}: {later.error}")

    def test_what_is_new_arrives_the_next_time(self, feed: str) -> None:
        expected = self.expected_later.get(feed)
        if expected is None:
            pytest.skip("the fixture doesn't say how much there is later: see expected_later")
        trial, known = replace(self._trial(), server=lambda: self.later), self._paged(feed)
        for target, pages in known.items():
            later = trial.read(feed, only=target, cursor=pages[-1].cursor if pages else None)
            if later.error is not None:
                fails(f"the next sync failed: {later.error}")
            known = {**known, target: [*pages, *later.found[target]]}
        if (number := conformance.number_of(feed, known)) != expected:
            fails(f"{feed}: {number} of {expected} are known after the next sync: the last cursor lies elsewhere")

    def test_since_loses_nothing_newer(self, feed: str) -> None:
        if feed not in _TIMED:
            pytest.skip("only posts, messages and activities are read since a moment")
        found = self._paged(feed)
        moments = sorted(moment for record in conformance.records(found) if (moment := _moment(record)))
        if not moments:
            pytest.skip("no record says when it was")
        since = moments[len(moments) // 2]
        later = self._trial().read(feed, since=since)
        newer = conformance.keys([_page(record for record in conformance.records(found) if _is_since(record, since))])
        if lost := newer - conformance.keys([page for pages in later.found.values() for page in pages]):
            fails(f"since {since}, {len(lost)} records are missing, such as {min(lost, key=repr)}")

    def test_readings_do_not_mix(self, feed: str) -> None:
        found = self._paged(feed)
        target = next(iter(found))
        for pages in self._trial().first_pages(feed, 2):
            if conformance.keys(pages) != conformance.keys(found[target]):
                fails("two readings that take turns disturb each other: keep nothing in the adapter but the cursor")

    def test_it_ends_when_it_is_closed(self, feed: str) -> None:
        outcome = self._trial().closed(feed, next(iter(self._paged(feed))))
        if outcome.error is not None:
            error = outcome.error
            fails(f"closed after a page, it raises {type(error).__name__}: {error}. Let GeneratorExit pass.")

    def test_it_says_what_its_credentials_allow(self) -> None:
        trial = self._trial()
        if not isinstance(trial.adapter, Tester):
            pytest.skip("it has no test(pull)")
        outcome = trial.test()
        if outcome.error is not None:
            fails(f"test(pull) failed: {type(outcome.error).__name__}: {outcome.error}")
        if not outcome.findings:
            fails("test(pull) found nothing: yield a Finding for each thing that works or doesn't")
        if len(outcome.sent) > 10:
            fails(f"test(pull) asked {len(outcome.sent)} times: one or two cheap calls are enough")
        if leaked := leaks(outcome, trial.secrets):
            fails(leaked[0])

    def _paged(self, feed: str) -> Read:
        found = self._some(feed).found
        if not conformance.paged(feed, found).kept:
            pytest.skip("it doesn't yield pages: see test_it_yields_pages")
        return found


def _moment(record: Record) -> datetime | None:
    moment = None
    if isinstance(record, PostRecord):
        moment = record.published_at
    elif isinstance(record, MessageRecord):
        moment = record.sent_at
    elif isinstance(record, InteractionRecord | ConversionRecord):
        moment = record.at
    return moment if isinstance(moment, datetime) and moment.utcoffset() is not None else None


def _is_since(record: Record, since: datetime) -> bool:
    moment = _moment(record)
    return moment is not None and moment >= since


def _page(told: Iterator[Record]) -> Page:
    return Page(list(told), "-")
