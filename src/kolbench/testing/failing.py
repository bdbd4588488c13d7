"""The tests of an adapter whose server fails, lies, or leads it astray."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from json import JSONDecodeError

import httpx
import pytest
from msgspec import DecodeError

from kolbench.adapters import conformance
from kolbench.adapters.conformance import explained
from kolbench.adapters.protocol import Page, Targeted
from kolbench.domain.errors import Denied, Gone, KolbenchError, RateLimited, SourceError, Transient
from kolbench.testing import faults
from kolbench.testing.bench import Bench, fails
from kolbench.testing.faults import ELSEWHERE, RETRY_AFTER_S, Made
from kolbench.testing.server import Endless, named, response
from kolbench.testing.trial import Outcome, leaks, of_one_target, positions, same

_OURS = (KolbenchError, JSONDecodeError, DecodeError, httpx.InvalidURL)
"""What may leave an adapter: the host knows what an answer that can't be decoded means, and a link that is none."""

_CREDENTIAL = re.compile(r"(.*[-_])?(access|session|auth|bearer)[-_]?token|authorization|jwt", re.IGNORECASE)

LASTING: dict[str, Made] = {
    "429": faults.too_many(),
    "503": faults.status(503),
    "401": faults.status(401),
}
"""How a server can answer everything from one request on."""

UNREADABLE: dict[str, Made] = {
    "a page of HTML": faults.html,
    "half an answer": faults.truncated,
    "an empty answer": faults.empty,
    "an answer of ten gigabytes": faults.huge,
}
OTHERS: dict[str, Made] = {
    "null": faults.replaced(None),
    "a list": faults.replaced([1, "two", None]),
    "an empty object": faults.replaced({}),
    "a text": faults.replaced("maintenance"),
    "an error with status 200": faults.refused,
}
"""How one answer can be another than it should, so that it can't be read or so that it can."""


class Troubled(Bench):
    """Readings in which something is wrong; each is made once and looked at by several tests."""

    def _trouble(self, feed: str, number: int, name: str) -> Outcome:
        """The answer to the request of that number is wrong in one of the ways above."""
        if name in LASTING:
            change = faults.since(number, LASTING[name])
        else:
            change = faults.at(number, {**UNREADABLE, **OTHERS}[name])
        return self._once(f"{name} {feed} {number}", lambda trial: trial.read(feed, change))

    def _contained(self, outcome: Outcome, what: str) -> None:
        """End the test when anything but an error of ours has left the adapter, or a secret."""
        if outcome.error is not None and not isinstance(outcome.error, (*_OURS, Endless)):
            fails(f"{what}: {explained(outcome.error)}")
        if leaked := leaks(outcome, self._trial().secrets):
            fails(f"{what}: {leaked[0]}")

    def _troubles(self, feed: str, name: str) -> Iterator[tuple[int, Outcome]]:
        """The same for each request that is worth it, contained or else the test ends."""
        for number in positions(self._served(feed)):
            outcome = self._trouble(feed, number, name)
            self._contained(outcome, f"the server answered {name}")
            yield number, outcome


class Refused(Troubled):
    """What it does when the server answers with a status from 400 on."""

    def test_it_leaves_429_to_the_host(self, feed: str) -> None:
        for _number, outcome in self._troubles(feed, "429"):
            if not isinstance(outcome.error, RateLimited):
                fails(f"the server answered 429, and {_ended(outcome)}: let RateLimited pass, the host waits")
            if outcome.error.retry_after != RETRY_AFTER_S:
                fails(f"Retry-After said {RETRY_AFTER_S} s, and the error that left says {outcome.error.retry_after}")

    def test_it_leaves_5xx_to_the_host(self, feed: str) -> None:
        for _number, outcome in self._troubles(feed, "503"):
            if not isinstance(outcome.error, Transient):
                fails(f"the server answered 503, and {_ended(outcome)}: let Transient pass, the host tries again")

    def test_it_does_not_try_again_by_itself(self, feed: str) -> None:
        for made in ("503", "429"):
            for number, outcome in self._troubles(feed, made):
                failed, *later = map(same, outcome.served[number:])
                if failed in later:
                    fails(f"the server answered {made}, and it asked again: {named(outcome.served[number])}")

    def test_a_wait_that_the_server_asked_for_costs_nothing_but_time(self, feed: str) -> None:
        found = self._served(feed).found
        for number in positions(self._served(feed)):
            outcome = self._trial().read(feed, faults.at(number, faults.too_many()), attempts=2)
            if outcome.error is not None or not any(wait >= RETRY_AFTER_S for wait in outcome.waits):
                fails(f"one answer was 429, and {_ended(outcome)} after waiting {sum(outcome.waits):.0f} s")
            if conformance.keys(_pages(outcome)) != conformance.keys(_pages(self._read(feed))):
                fails(f"one answer was 429, and {len(conformance.records(found))} records became others")

    def test_401_leaves_it(self, feed: str) -> None:
        for _number, outcome in self._troubles(feed, "401"):
            if not isinstance(outcome.error, SourceError):
                fails(f"the server answered 401, and {_ended(outcome)}: the operator must hear of wrong credentials")
            if isinstance(outcome.error, Transient):
                fails("the server answered 401, and it says that this may pass by itself")

    @pytest.mark.parametrize("status", [401, 403])
    def test_it_says_what_its_credentials_do_not_allow(self, status: int) -> None:
        outcome = self._trial().test(faults.since(0, faults.status(status)))
        self._contained(outcome, f"test(pull) was answered {status}")
        if not outcome.served:
            pytest.skip("it has no test(pull), or one that asks no server")
        if outcome.error is None and all(finding.ok for finding in outcome.findings):
            fails(f"test(pull) was answered {status}, and it finds nothing wrong")

    @pytest.mark.parametrize("status", [403, 404, 410])
    def test_what_is_closed_or_gone_is_contained(self, feed: str, status: int) -> None:
        healthy = self._served(feed)
        own = of_one_target(healthy) if isinstance(self._adapter(), Targeted) else ()
        for number in positions(healthy):
            outcome = self._trial().read(feed, faults.at(number, faults.status(status)))
            self._contained(outcome, f"the server answered {status} once")
            ended = outcome.error is not None and not isinstance(outcome.error, (Gone, Denied))
            if ended and outcome.found and number in own:
                fails(f"one answer was {status}, and {_ended(outcome)}: let Gone and Denied pass as they are")

    def test_it_goes_on_after_a_failure(self, feed: str) -> None:
        healthy = self._served(feed)
        for _number, outcome in self._troubles(feed, "503"):
            if outcome.error is None or outcome.target not in outcome.found:
                continue
            target, cursor = outcome.target, outcome.last_cursor()
            later = self._trial().read(feed, only=target, cursor=cursor)
            came = conformance.keys([*outcome.found[target], *later.found[target]])
            if lost := conformance.keys(healthy.found[target]) - came:
                fails(
                    f"read on from {cursor!r:.80} after a failure: {len(lost)} records are lost: {min(lost, key=repr)}"
                )


class Garbled(Troubled):
    """What it does when an answer isn't what it should be."""

    @pytest.mark.parametrize("answer", UNREADABLE)
    def test_an_answer_that_cannot_be_read_is_told(self, feed: str, answer: str) -> None:
        for _number, outcome in self._troubles(feed, answer):
            lost = conformance.keys(_pages(self._read(feed))) - conformance.keys(_pages(outcome))
            if outcome.silent and lost:
                fails(f"the server answered {answer}, {len(lost)} records are lost, and nobody heard of it")

    @pytest.mark.parametrize("answer", OTHERS)
    def test_an_answer_of_another_shape_is_contained(self, feed: str, answer: str) -> None:
        for _number, _outcome in self._troubles(feed, answer):
            continue

    @pytest.mark.parametrize("way", faults.WAYS)
    def test_a_field_that_is_wrong_is_contained(self, feed: str, way: str) -> None:
        healthy, trial = self._served(feed), self._trial()
        server = trial.server()
        for number in positions(healthy)[:3]:
            request = healthy.served[number]
            true = response(server(request))
            for place in faults.places(true) if true else ():
                outcome = trial.read(feed, faults.at(number, faults.bent(place, way)), enough=number + 3)
                self._contained(outcome, f"{way}: {'.'.join(map(str, place))} in the answer to {named(request)}")

    def test_empty_lists_are_contained(self, feed: str) -> None:
        for number in positions(self._served(feed)):
            outcome = self._trial().read(feed, faults.at(number, faults.emptied))
            self._contained(outcome, "the lists in an answer were empty")

    def test_fields_that_are_new_are_passed_over(self, feed: str) -> None:
        healthy = self._served(feed)
        outcome = self._trial().read(feed, faults.since(0, faults.grown))
        if outcome.error is not None or len(outcome.rejects) > len(healthy.rejects):
            fails(f"a field was added to every object, and {_ended(outcome)}")
        if conformance.keys(_pages(outcome)) != conformance.keys(_pages(healthy)):
            fails("a field was added to every object, and other records arrived")

    def test_paging_ends(self, feed: str) -> None:
        self._served(feed)
        outcome = self._trial().read(feed, faults.echo())
        if isinstance(outcome.error, Endless):
            fails(f"the server gave one answer again and again, and {outcome.error}: end when a cursor comes back")
        self._contained(outcome, "the server gave one answer again and again")


class Careful(Troubled):
    """What it never does, whether the server is well or not."""

    def test_it_never_sleeps(self, feed: str) -> None:
        self._never(feed, "sleep", "the host waits where it has to")

    def test_it_opens_no_connection_of_its_own(self, feed: str) -> None:
        self._never(feed, "socket", "use pull.http")

    def test_it_prints_nothing(self, feed: str) -> None:
        self._never(feed, "print", "tell the operator by pull.warn, stdout is for what was asked for")

    def test_it_leaves_no_thread_behind(self, feed: str) -> None:
        self._never(feed, "thread", "the host runs adapters side by side, an adapter needs none")

    def test_it_tells_no_secret(self, feed: str) -> None:
        secrets = self._trial().secrets
        for outcome in self._troubled(feed):
            if leaked := leaks(outcome, secrets):
                fails(leaked[0])

    def test_it_protects_the_tokens_it_is_given(self, feed: str) -> None:
        outcome, trial = self._served(feed), self._trial()
        known = [*trial.settings.values(), *outcome.protected]
        for request in outcome.sent:
            for name, value in _credentials(request):
                if not any(secret in value for secret in known if len(secret) >= 4):
                    fails(f"call pull.protect with what it sends as {name}, before it does: {named(request)}")

    def test_a_redirect_takes_no_secret_elsewhere(self, feed: str) -> None:
        for number in positions(self._served(feed)):
            outcome = self._trial().read(feed, faults.at(number, faults.redirected))
            self._contained(outcome, "the server redirected to another host")
            self._sent_nothing_elsewhere(outcome, "after a redirect")

    def test_a_link_takes_no_secret_elsewhere(self, feed: str) -> None:
        self._served(feed)
        outcome = self._trial().read(feed, faults.since(0, faults.led_away))
        self._contained(outcome, "the links in the answers led to another host")
        self._sent_nothing_elsewhere(outcome, "after a link in an answer")

    def _sent_nothing_elsewhere(self, outcome: Outcome, when: str) -> None:
        secrets = [*self._trial().secrets.values(), *outcome.protected]
        for request in outcome.sent:
            told = f"{request.url} {request.headers.raw!r} {request.content!r}"
            held = any(secret in told for secret in secrets) or any(_credentials(request))
            if request.url.host == ELSEWHERE and held:
                fails(f"{when}, it sends a secret to {ELSEWHERE}: compare the host before you follow")
        if offence := next((sentence for kind, sentence in outcome.offences if kind == "socket"), None):
            fails(f"{when}: {offence}")

    def _never(self, feed: str, kind: str, instead: str) -> None:
        for outcome in self._troubled(feed):
            for found, sentence in outcome.offences:
                if found == kind:
                    fails(f"{sentence}: {instead}")

    def _troubled(self, feed: str) -> Iterator[Outcome]:
        """Readings of all kinds, most of which other tests have made already."""
        healthy = self._once(f"read {feed}", lambda trial: trial.read(feed))
        yield healthy
        for number in positions(healthy):
            for name in (*LASTING, *UNREADABLE, *OTHERS):
                yield self._trouble(feed, number, name)


def _ended(outcome: Outcome) -> str:
    if outcome.error is None:
        return "the reading ended as if all were well"
    return f"{type(outcome.error).__name__} left the adapter ({outcome.error})"


def _pages(outcome: Outcome) -> list[Page]:
    return [page for pages in outcome.found.values() for page in pages]


def _credentials(request: httpx.Request) -> Iterator[tuple[str, str]]:
    """Where a request carries what looks like a credential: the name of its place, and its value."""
    for name, value in [*request.headers.items(), *request.url.params.multi_items()]:
        if _CREDENTIAL.search(name) and value:
            yield name, b64decode(value[6:]).decode(errors="replace") if value.startswith("Basic ") else value
