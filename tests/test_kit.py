"""The kit for authors of adapters: a careful one passes, and each careless one is caught."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

import kit
from kit import ADAPTER, Careful, Fanboard, complaints
from kolbench import (
    AccountRecord,
    Denied,
    Finding,
    Gone,
    Page,
    PostRecord,
    Pull,
    RateLimited,
    Setting,
    SourceError,
    Transient,
)
from kolbench.adapters.answers import decode
from kolbench.sync import http
from kolbench.testing import AdapterConformance, template
from kolbench.testing.server import response

if TYPE_CHECKING:
    from commands import Commands

TOLD = {"authorization": "Bearer s3cret-token"}
FAULTS: list[tuple[type, str, str]] = []


def caught(by: str, saying: str) -> Any:
    """Mark a careless adapter with the test that has to catch it, and with what it has to say."""

    def mark(careless: type) -> type:
        FAULTS.append((careless, by, saying))
        return careless

    return mark


class Posts(Fanboard):
    """Reads posts in a way that can be spoilt: ``answers`` are the server's pages."""

    __module__ = ADAPTER.__name__

    def pull(self, pull: Pull) -> Iterator[Page]:
        return self._profile(pull) if pull.feed == "profiles" else self._posts(pull)

    def _profile(self, pull: Pull) -> Iterator[Page]:
        return ADAPTER.profile(pull, f"people/{pull.target}")  # type: ignore[no-any-return]

    def _get(self, pull: Pull, path: str, **params: str) -> httpx.Response:
        return ADAPTER.get(pull, path, **params)  # type: ignore[no-any-return]

    def _posts(self, pull: Pull) -> Iterator[Page]:
        after = pull.cursor or "0"
        for answer in self.answers(pull, after):
            yield Page(self.records(answer), answer.last)

    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        more = True
        while more:
            answer = self.ask(pull, after)
            yield answer
            more, after = answer.more and answer.last != after, answer.last

    def ask(self, pull: Pull, after: str) -> Any:
        return decode(self._get(pull, f"people/{pull.target}/posts", after=after), ADAPTER.Posts)

    def records(self, answer: Any) -> list[PostRecord]:
        return [ADAPTER.record(msgspec.json.decode(item, type=ADAPTER.Post)) for item in answer.items]


# The ten that a kit is for ----------------------------------------------------------------------------------


@caught("it_goes_on_from_every_cursor", "records are missing")
class ChecksBeforeItsRecords(Posts):
    def _posts(self, pull: Pull) -> Iterator[Page]:
        for answer in self.answers(pull, pull.cursor or "0"):
            yield Page([], answer.last)
            yield Page(self.records(answer), answer.last)


@caught("it_goes_on_after_a_failure", "are lost")
class ChecksOnePageAhead(Posts):
    def _posts(self, pull: Pull) -> Iterator[Page]:
        before = None
        for answer in self.answers(pull, pull.cursor or "0"):
            if before:
                yield Page(before, answer.last)
            before = self.records(answer)
        yield Page(before or [], answer.last)


@caught("a_second_reading_knows_the_same_records", "other keys the second time")
class MakesUpIds(Posts):
    number = 0

    def records(self, answer: Any) -> list[PostRecord]:
        MakesUpIds.number += 1
        return [msgspec.structs.replace(post, uid=f"{post.uid}-{self.number}") for post in super().records(answer)]


@caught("times_have_a_zone", "PostRecord.published_at has no zone")
class IsNaive(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        naive = [(post, post.published_at.replace(tzinfo=None)) for post in super().records(answer)]
        return [msgspec.structs.replace(post, published_at=at) for post, at in naive]


@caught("it_never_sleeps", "time.sleep(1)")
class Sleeps(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        time.sleep(1)
        return super().ask(pull, after)


@caught("it_never_sleeps", "time.sleep(2)")
class SleepsAfterAFailure(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except Transient:
            sleep(2)
            raise


@caught("it_prints_nothing", "it prints 'debug")
class Prints(Posts):
    def pull(self, pull: Pull) -> Iterator[Page]:
        print("debug", pull.feed)
        return super().pull(pull)


@caught("it_never_sleeps", "threading.Event.wait(3)")
class SleepsInDisguise(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        threading.Event().wait(3)
        return super().ask(pull, after)


@caught("it_does_not_try_again_by_itself", "it asked again: GET https://api.example.com/api/people/ann/posts")
class TriesAgain(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except Transient:
            return super().ask(pull, after)


@caught("it_leaves_429_to_the_host", "let RateLimited pass")
class IgnoresRetryAfter(Posts):
    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        try:
            yield from super().answers(pull, after)
        except RateLimited:
            pull.warn("the server is busy")


@caught("it_leaves_429_to_the_host", "the error that left says None")
class ForgetsRetryAfter(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except RateLimited as error:
            raise RateLimited("later") from error


@caught("it_tells_no_secret", "token stands in the message of SourceError")
class TellsTheToken(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        answer = self._get(pull, f"people/{pull.target}/posts", after=after)
        try:
            return msgspec.json.decode(answer.content, type=ADAPTER.Posts)
        except msgspec.DecodeError as error:
            raise SourceError(f"{answer.request.headers} {answer.text}: {error}") from error


@caught("it_tells_no_secret", "token stands in a warning")
class WarnsOfTheToken(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except SourceError:
            pull.warn(f"it does not work with {dict(pull.settings)}")
            raise


@caught("it_tells_no_secret", "token stands in a cursor")
class KeepsTheToken(Posts):
    def _posts(self, pull: Pull) -> Iterator[Page]:
        _token, _bar, after = (pull.cursor or "|0").partition("|")
        for answer in self.answers(pull, after):
            yield Page(self.records(answer), f"{pull.settings['token']}|{answer.last}")


@caught("a_redirect_takes_no_secret_elsewhere", "a connection of its own to")
class FollowsRedirects(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except SourceError as error:
            if error.status != 302:
                raise
        try:
            httpx.get("https://elsewhere.example/api", headers={"Authorization": f"Bearer {pull.settings['token']}"})
        except httpx.HTTPError as error:
            raise SourceError("not there either") from error


def linked(self: Any, request: httpx.Request) -> Any:
    """The template's server, which names the address of the next page."""
    answer = Careful.server(self, request)
    if isinstance(answer, dict) and "more" in answer:
        answer["next"] = str(request.url.copy_set_param("after", answer["last"])) if answer["more"] else None
    return answer


@caught("a_link_takes_no_secret_elsewhere", "sends a secret to elsewhere.example")
class FollowsLinks(Posts):
    server = linked

    def _posts(self, pull: Pull) -> Iterator[Page]:
        assert pull.http
        url = pull.cursor or f"{pull.settings['url']}/api/people/{pull.target}/posts?after=0"
        while url:
            answer = pull.http.get(url, headers={"Authorization": f"Bearer {pull.settings['token']}"})
            found = decode(answer, Linked)
            url, before = found.next or "", url
            yield Page(self.records(found), url or before)


class Linked(msgspec.Struct):
    items: list[msgspec.Raw]
    last: str
    next: str | None


@caught("paging_ends", "it asked more than 500 times")
class PagesForEver(Posts):
    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        more = True
        while more:
            answer = self.ask(pull, after)
            yield answer
            more, after = answer.more, answer.last


def numbered(self: Any, request: httpx.Request) -> Any:
    """The template's server by pages with numbers, of which the fixture knows few."""
    number = request.url.params.get("page", "0")
    after = {"0": "0", "1": "11", "2": "13", "3": "99"}.get(number)
    return after and Careful.server(
        self, httpx.Request("GET", request.url.copy_set_param("after", after), headers=TOLD)
    )


@caught("paging_ends", "it asked more than 500 times")
class CountsForEver(Posts):
    server = numbered

    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        for number in count():
            found = decode(self._get(pull, f"people/{pull.target}/posts", page=str(number)), ADAPTER.Posts)
            if not found.items:
                return
            yield found


@caught("a_field_that_is_wrong_is_contained", "token stands in the message of SourceError")
class TellsTheTokenAtAField(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        try:
            return super().records(answer)
        except msgspec.ValidationError as error:
            raise SourceError(f"{error}, asked with {TOLD}") from error


@caught("a_feed_yields_what_it_claims", "no FollowRecord, but AccountRecord")
class ClaimsTooMuch(Fanboard):
    feeds = ("profiles", "followers", "posts")
    expected = {"profiles": 2, "followers": 2, "posts": 7}

    def pull(self, pull: Pull) -> Iterator[Page]:
        return super().pull(replace(pull, feed="profiles" if pull.feed == "followers" else pull.feed))


@caught("everything_arrives", "members: 0 different MembershipRecords arrived, and the server has 3")
class ClaimsWhatIsNotThere(Fanboard):
    feeds = ("members",)
    expected = {"members": 3}

    def pull(self, pull: Pull) -> Iterator[Page]:
        yield from ()


@caught("everything_arrives", "posts: 4 different PostRecords arrived, and the server has 7")
class DropsTheLastPage(Posts):
    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        for answer in super().answers(pull, after):
            if answer.more:
                yield answer


@caught("what_is_new_arrives_the_next_time", "posts: 7 of 8 are known after the next sync")
class MissesWhatIsNew(Posts):
    def _posts(self, pull: Pull) -> Iterator[Page]:
        for answer in self.answers(pull, pull.cursor or "0"):
            yield Page(self.records(answer), answer.last if answer.more else str(int(answer.last) + 1))


# And others -------------------------------------------------------------------------------------------------


@caught("it_goes_on_from_every_cursor", "records are missing")
class SkipsOnItsWay(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        return super().ask(pull, str(int(after) + 1) if after == pull.cursor else after)


@caught("401_leaves_it", "the reading ended as if all were well")
class HidesWrongCredentials(Posts):
    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        try:
            yield from super().answers(pull, after)
        except SourceError as error:
            if isinstance(error, Transient) or error.status != 401:
                raise


@caught("it_leaves_5xx_to_the_host", "let Transient pass")
class MakesAFailureFinal(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except Transient as error:
            raise SourceError("it is broken") from error


@caught("what_is_closed_or_gone_is_contained", "let Gone and Denied pass as they are")
class EndsWithOneThatIsGone(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            return super().ask(pull, after)
        except (Gone, Denied) as error:
            raise SourceError("it is not there") from error


@caught("it_says_what_its_credentials_do_not_allow", "test(pull) was answered 403, and it finds nothing wrong")
class IsEasilyPleased(Posts):
    def test(self, pull: Pull) -> Iterator[Finding]:
        with suppress(SourceError):
            self._get(pull, "me")
        yield Finding(True, "It works.")


@caught("an_answer_that_cannot_be_read_is_told", "a page of HTML, 5 records are lost, and nobody heard of it")
class TakesHtmlForTheEnd(Posts):
    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        try:
            yield from super().answers(pull, after)
        except Transient as error:
            if error.status:
                raise


@caught("a_field_that_is_wrong_is_contained", "missing: items in the answer to GET https://api.example.com")
class TrustsEveryField(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        data = self._get(pull, f"people/{pull.target}/posts", after=after).json()
        data["items"] = [msgspec.Raw(msgspec.json.encode(item)) for item in data["items"]]
        return msgspec.convert(data, ADAPTER.Posts)


@caught("empty_lists_are_contained", "IndexError")
class TrustsLists(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        found = super().records(answer)
        return [found[0], *found[1:]]


@caught("an_answer_of_another_shape_is_contained", "TypeError")
class TrustsShapes(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        data = self._get(pull, f"people/{pull.target}/posts", after=after).json()
        return decode(httpx.Response(200, json={"last": "0", **data}, request=httpx.Request("GET", "/")), ADAPTER.Posts)


@caught("fields_that_are_new_are_passed_over", "a field was added to every object")
class ForbidsNewFields(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        return [ADAPTER.record(msgspec.json.decode(item, type=Strict)) for item in answer.items]


class Strict(ADAPTER.Post, forbid_unknown_fields=True):  # type: ignore[misc,name-defined]
    pass


@caught("readings_do_not_mix", "keep nothing in the adapter but the cursor")
class RemembersInItself(Posts):
    after = "0"

    def answers(self, pull: Pull, after: str) -> Iterator[Any]:
        self.after = after
        more = True
        while more:
            answer = self.ask(pull, self.after)
            more, self.after = answer.more and self.after != answer.last, answer.last
            yield answer


@caught("it_ends_when_it_is_closed", "GeneratorExit")
class GoesOnWhenClosed(Posts):
    def _posts(self, pull: Pull) -> Iterator[Page]:
        try:
            yield from super()._posts(pull)
        finally:
            yield Page([], pull.cursor or "0")


@caught("it_opens_no_connection_of_its_own", "use pull.http")
class ConnectsByItself(Posts):
    def ask(self, pull: Pull, after: str) -> Any:
        try:
            httpx.get("https://statistics.example.com")
        except httpx.HTTPError:
            pull.warn("no statistics")
        return super().ask(pull, after)


@caught("it_leaves_no_thread_behind", "the thread left-behind")
class LeavesAThread(Posts):
    end = threading.Event()

    def ask(self, pull: Pull, after: str) -> Any:
        threading.Thread(target=self.end.wait, name="left-behind", daemon=True).start()
        return super().ask(pull, after)


@caught("records_are_valid", "PostRecord.uid")
class YieldsWhatIsNotValid(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        return [PostRecord(uid="", account_uid=post.account_uid) for post in super().records(answer)]


@caught("pages_are_not_too_large", "5001")
class YieldsTooMuch(Posts):
    def _profile(self, pull: Pull) -> Iterator[Page]:
        yield Page([AccountRecord(uid=str(number)) for number in range(5_001)], "1")


@caught("pages_have_cursors", "[1, 1]")
class NumbersItsCursors(Posts):
    def _profile(self, pull: Pull) -> Iterator[Page]:
        yield Page([AccountRecord(uid="1")], 1)  # type: ignore[arg-type]


@caught("it_yields_pages", "list")
class YieldsLists(Posts):
    def _profile(self, pull: Pull) -> Iterator[Any]:
        yield [AccountRecord(uid="1")]


@caught("since_loses_nothing_newer", "records are missing")
class MistakesSince(Posts):
    def records(self, answer: Any) -> list[PostRecord]:
        return super().records(answer)

    def _posts(self, pull: Pull) -> Iterator[Page]:
        for page in super()._posts(pull):
            kept = [post for post in page.records if pull.since is None or post.published_at < pull.since]
            yield replace(page, records=kept)


@caught("it_protects_the_tokens_it_is_given", "call pull.protect with what it sends as authorization")
class LeavesItsSessionOpen(Posts):
    def _get(self, pull: Pull, path: str, **params: str) -> httpx.Response:
        pull = replace(pull, settings={**pull.settings, "token": "session-" + "0123456789"})
        return super()._get(pull, path, **params)  # type: ignore[no-any-return]

    def server(self, request: httpx.Request) -> Any:
        return Careful.server(self, httpx.Request("GET", request.url, headers={"authorization": "Bearer s3cret-token"}))


@caught("it_is_declared_soundly", "required settings have an example: without one: city")
class GivesNoExample(Fanboard):
    settings = (*Fanboard.settings, Setting("city", "where", required=True))


@caught("it_is_declared_soundly", "secrets have no default: with one: token")
class TellsASecret(Fanboard):
    settings = (Setting("token", "who", secret=True, default="letmein-123"),)


@caught("it_is_found_as_a_plugin", "registers fanboard, but not other")
class IsNotRegistered(Fanboard):
    __module__ = ADAPTER.__name__
    name = "other"


@caught("the_fixture_says_how_much_there_is", "missing: ['posts']")
class IsNotDescribed(Fanboard):
    expected = {"profiles": 2}


@caught("it_reads_the_fixture", "the fixture has no answer to GET https://api.example.com/api/strangers")
class AsksForMore(Posts):
    def _profile(self, pull: Pull) -> Iterator[Page]:
        self._get(pull, "strangers")
        yield from super()._profile(pull)

    def server(self, request: httpx.Request) -> Any:
        return None if request.url.path.endswith("strangers") else Careful.server(self, request)


@caught("a_store_keeps_it_once", "posts: uid")
class IsRefusedByTheStore(YieldsWhatIsNotValid):
    pass


@caught("a_store_keeps_it_once", "new and")
class IsNewEachTime(MakesUpIds):
    pass


@caught("a_sync_that_is_interrupted_goes_on", "new and")
class LosesWhatWasInterrupted(ChecksOnePageAhead):
    pass


@caught("it_says_what_its_credentials_allow", "found nothing")
class HasNoFindings(Fanboard):
    def test(self, pull: Pull) -> Any:
        return []


@pytest.mark.parametrize(("careless", "by", "saying"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_careless_adapter_is_caught(careless: Any, by: str, saying: str) -> None:
    fixture = {name: vars(careless)[name] for name in ("expected", "server") if name in vars(careless)}
    found = complaints(kit.kit(careless(), **fixture), by)
    assert any(saying in complaint for complaint in found), found


@pytest.mark.parametrize("name", kit.names())
@pytest.mark.parametrize("careful", [Fanboard, Posts])
def test_a_careful_adapter_is_not(careful: Any, name: str) -> None:
    assert complaints(kit.kit(careful), name) == []


# What an author gets ----------------------------------------------------------------------------------------


def test_a_new_adapter_is_clean_and_can_be_checked_at_once(kolbench: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    ran = kolbench("adapter", "new", "9-lives", "--dir", folder, "--json")
    assert ran.code == 0
    assert set(ran.json["files"]) >= {"pyproject.toml", "src/kolbench_9_lives/__init__.py", "tests/test_9_lives.py"}
    # Its own tests and mypy take long: tests/e2e/test_template.py
    for command in (("ruff", "check", "--no-cache", "."), ("ruff", "format", "--no-cache", "--check", ".")):
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    checked = kolbench("--plugin-dir", folder / "src", "plugins", "check", "--offline")
    assert checked.code == 0
    assert "kolbench_9_lives" in checked.out


@pytest.mark.parametrize("name", ["Fan Board", "fan_board", "-", "", "a" * 41, "../x"])
def test_a_name_that_would_not_do_is_refused(kolbench: Commands, tmp_path: Path, name: str) -> None:
    assert kolbench("adapter", "new", f"kolbench-{name}", "--dir", tmp_path / "made").code == 2
    assert not (tmp_path / "made").exists()


def test_a_name_that_an_adapter_has_is_refused(kolbench: Commands, tmp_path: Path) -> None:
    ran = kolbench("adapter", "new", "bluesky", "--dir", tmp_path / "made")
    assert (ran.code, "an adapter 'bluesky' already" in ran.err) == (2, True)
    assert not (tmp_path / "made").exists()


def test_nothing_is_written_over(kolbench: Commands, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ran = kolbench("adapter", "new", "fanboard", "--dir", tmp_path)
    assert (ran.code, [path.name for path in tmp_path.iterdir() if path.suffix]) == (2, ["notes.txt"])


def test_a_fixture_that_fails_is_told_from_an_adapter_that_does() -> None:
    def server(self: object, request: httpx.Request) -> Any:
        raise KeyError("people")

    (first, *_rest) = complaints(kit.kit(Fanboard, server=server), "it_reads_the_fixture")
    assert "the fixture failed at GET https://api.example.com/api/people/ann with KeyError: 'people'" in first
    assert complaints(kit.kit(Fanboard, server=server), "it_never_sleeps") == []


def test_a_test_can_be_left_out_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from kit import Careful\n"
        "class TestIt(Careful):\n"
        "    exempt = {'paging_ends': 'it numbers its pages', 'its_mood': 'unknown'}\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-p",
            "no:cacheprovider",
            "-k",
            "paging_ends or fixture_says",
            ".",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "it numbers its pages" in done.stdout
    assert "exempt speaks of ['its_mood'], which are no tests of the kit" in done.stdout
    assert "1 failed" in done.stdout


def test_a_server_may_remember_who_has_logged_in() -> None:
    class Forgetful:
        def __init__(self) -> None:
            self.asked = 0

        def __call__(self, request: httpx.Request) -> Any:
            self.asked += 1
            return Careful.server(None, request) if self.asked <= 10 else None

    assert complaints(kit.kit(Fanboard, server=Forgetful), "it_reads_the_fixture") == []
    assert complaints(kit.kit(Fanboard, server=Forgetful), "a_second_reading_knows_the_same_records") == []


def test_the_kit_has_some_forty_tests() -> None:
    assert len(kit.names()) >= 35


def test_answers_are_recorded_without_secrets_and_played_again(
    kolbench: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in template.files("fanboard").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(http, "Network", lambda: httpx.MockTransport(lambda request: response(asked(request))))
    monkeypatch.setenv("KOLBENCH_FANBOARD_TOKEN", "true-token/+=1")

    def asked(request: httpx.Request) -> Any:
        assert request.headers["authorization"] == "Bearer true-token/+=1"
        answer = Careful.server(None, httpx.Request("GET", request.url, headers=TOLD))
        return {**answer, "echo": "true-token/+=1"} if isinstance(answer, dict) else answer

    file = tmp_path / "fanboard.json"
    settings = ("--set", "url=https://fanboard.example.com", "--set", "people=ann ben zoe")
    ran = kolbench("--plugin-dir", tmp_path / "src", "adapter", "record", "fanboard", file, *settings, "--json")
    assert ran.json == {"file": str(file), "answers": 9, "expected": {"profiles": 3, "posts": 7}}, ran.err
    assert "true-token" not in file.read_text()
    played = {
        "settings": {"url": "https://fanboard.example.com", "people": "ann ben zoe"},
        "expected": ran.json["expected"],
        "cassette": file,
        "server": AdapterConformance.server,
    }
    for name in ("it_reads_the_fixture", "everything_arrives", "it_goes_on_from_every_cursor", "it_tells_no_secret"):
        assert complaints(kit.kit(Fanboard, **played), name) == []
    played["settings"] = {"url": "https://fanboard.example.com", "people": "cat"}
    (first, *_rest) = complaints(kit.kit(Fanboard, **played), "it_reads_the_fixture")
    assert "the fixture has no answer to GET https://fanboard.example.com/api/people/cat" in first


def test_a_dict_of_answers_is_a_server() -> None:
    answers = {
        "GET https://api.example.com/api/people/ann": {"id": 1, "login": "ann", "fans": 5},
        "https://api.example.com/api/people/ann/posts?after=0&size=100": {"items": [], "last": "0"},
    }
    given = {"answers": answers, "server": AdapterConformance.server, "expected": {"profiles": 1, "posts": 0}}
    tests = kit.kit(Fanboard, settings={"people": "ann"}, **given)
    assert complaints(tests, "everything_arrives") == []
    assert complaints(tests, "it_reads_the_fixture") == []


def test_commands_need_no_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; from kolbench.testing import cassette, storing, template"
    subprocess.run([sys.executable, "-c", code], check=True)
