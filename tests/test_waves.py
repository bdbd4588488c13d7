"""Starting waves: who is in, what each of them gets, and whether they have posted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

import make
from campaigning import came_by
from kolbench.domain import codes
from kolbench.domain.campaigns import parse
from kolbench.domain.clock import DAY, HOUR
from kolbench.domain.errors import UsageError
from kolbench.domain.records import ParticipantRecord, PostRecord
from kolbench.programme import follow_ups, timeline
from kolbench.programme.campaigns import fresh, waves
from kolbench.screens import telling, undoing
from kolbench.store import campaigns, changes, participants, refusals
from kolbench.store import waves as kept
from kolbench.store.sections import Only

if TYPE_CHECKING:
    from pathlib import Path

    from commands import Commands, Ran
    from kolbench.store.connect import Store

MOMENT = make.ms(101)

pytestmark = pytest.mark.usefixtures("noon_of_day_100")


def campaign(store: Store, **facts: Any) -> int:
    written = {"name": "Tea", "landing_url": "https://www.shop.example/tea", "time_zone": "Asia/Shanghai", **facts}
    return campaigns.save(store, parse(written), "me")


def asked(store: Store, at: int) -> list[tuple[str, str]]:
    follow_ups.evaluate(store, at)
    window = follow_ups.FollowUpWindow(store, None, only=Only(rule="wave-post"), at=at)
    return [(row.name, row.why) for row in window.rows(0, 99)]


# Who is in ---------------------------------------------------------------------------------------------------------


def test_everybody_in_a_wave_has_a_code_of_their_own_that_is_no_slip(store: Store) -> None:
    people = make.people(store, 30)
    done = waves.start(store, campaign(store), "eve", people)
    found = participants.listed(store.reader(), 1, done.wave_id)
    assert [one.creator_id for one in found] == people
    given = {one.code for one in found}
    assert len(given) == 30
    assert not any(code is None or codes.is_slip(code) for code in given)
    assert {one.shown for one in found} == {"hidden"}, "nobody has agreed to anything yet"


def test_who_wants_no_contact_or_takes_part_already_is_left_out_and_told(store: Store) -> None:
    ann, bob, cat = make.people(store, 3)
    refusals.refuse(store, bob, "asked us to stop", "eve")
    refusals.refuse(store, cat, "not by phone", "eve", scope="phone")
    tea = campaign(store)
    waves.start(store, tea, "eve", [ann])
    done = waves.start(store, tea, "eve", [ann, bob, cat, cat])
    assert [(one.creator_id, one.reason) for one in done.left] == [(ann, None), (bob, "asked us to stop")]
    assert [participants.get(store.reader(), one).creator_id for one in done.participants] == [cat]


def test_who_joins_a_wave_later_posts_when_the_others_do_unless_all_are_moved(store: Store) -> None:
    ann, bob, cat = make.people(store, 3)
    tea = campaign(store)
    waves.start(store, tea, "eve", [ann], moment_at=MOMENT)
    with pytest.raises(UsageError, match=r"Wave 1 was told to post at 2026-04-12 08:00\..* --move"):
        waves.start(store, tea, "eve", [bob], moment_at=MOMENT + DAY)
    waves.start(store, tea, "eve", [bob])
    waves.start(store, tea, "eve", [bob], moment_at=MOMENT)
    assert [why.count("2026-04-12 08:00") for _name, why in asked(store, MOMENT - DAY)] == [1, 1]
    waves.start(store, tea, "eve", [cat], moment_at=MOMENT + DAY, move=True)
    window = follow_ups.FollowUpWindow(store, None, only=Only(rule="wave-post"), at=MOMENT - DAY)
    assert [row.why.count("2026-04-13 08:00") for row in window.rows(0, 99)] == [1, 1, 1], "at once, of everybody"


def test_a_wave_is_taken_back_as_a_whole(store: Store) -> None:
    people = make.people(store, 3)
    tea = campaign(store)
    waves.start(store, tea, "eve", people, moment_at=MOMENT)
    assert changes.undo(store, "eve") is not None
    db = store.reader()
    for table in ("wave", "participant", "referral_code"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert asked(store, MOMENT) == []


def test_a_wave_is_taken_back_also_after_a_sync(store: Store) -> None:
    people = make.people(store, 3)
    tea = campaign(store)
    waves.start(store, tea, "eve", people)
    fresh.refresh(store)
    assert changes.undo(store, "eve") is not None
    assert store.reader().execute("SELECT count(*) FROM participant").fetchone() == (0,)


def test_a_wave_that_is_taken_back_on_the_screen_leaves_the_queue_at_once(store: Store) -> None:
    waves.start(store, campaign(store), changes.me(), make.people(store, 3), moment_at=MOMENT)
    queue = follow_ups.FollowUpWindow(store, None, only=Only(rule="wave-post"))
    assert queue.count() == 3
    assert undoing.attempt(store, None) is not None
    assert queue.count() == 0


def test_a_wave_can_be_begun_in_parts_and_its_moment_agreed_later(store: Store) -> None:
    ann, bob = make.people(store, 2)
    tea = campaign(store)
    first = waves.start(store, tea, "eve", [ann], name="Endorsers")
    second = waves.start(store, tea, "eve", [bob], moment_at=MOMENT)
    assert first.wave_id == second.wave_id
    assert campaigns.waves(store.reader(), tea) == [(first.wave_id, 1, "Endorsers", MOMENT)]


def test_an_archived_campaign_starts_no_wave(store: Store) -> None:
    people = make.people(store, 1)
    tea = campaign(store)
    campaigns.archive(store, tea, "eve")
    with pytest.raises(UsageError, match="archive"):
        waves.start(store, tea, "eve", people)


def test_a_campaign_whose_copy_is_no_script_starts_no_wave(store: Store) -> None:
    people = make.people(store, 1)
    tea = campaign(store, copy_first="{{ nmae }}")
    with pytest.raises(UsageError, match=r"copy_first: .*'name'"):
        waves.start(store, tea, "eve", people)
    assert participants.listed(store.reader(), tea) == []


# What they get -----------------------------------------------------------------------------------------------------


def test_each_link_tells_the_campaign_the_wave_and_the_code(store: Store) -> None:
    tea = campaign(store)
    (one,) = waves.start(store, tea, "eve", make.people(store, 1), no=2).participants
    found = participants.get(store.reader(), one)
    told = parse_qs(urlsplit(waves.link(waves.campaign(store, tea), found)).query)
    assert (told["ref"], told["utm_campaign"], told["utm_content"]) == ([found.code], ["Tea"], ["wave-2"])


def test_the_first_wave_and_everybody_else_are_told_different_things(store: Store) -> None:
    ann, bob = make.people(store, 2)
    tea = campaign(
        store,
        benefit="30 off",
        copy_first="{{ name }}: {{ campaign }} at {{ moment }}, {{ code }}, {{ link }}",
        copy_all="{{ name }}: {{ benefit }} with {{ code }}",
    )
    first = waves.start(store, tea, "eve", [ann], moment_at=MOMENT).participants[0]
    second = waves.start(store, tea, "eve", [bob], no=2).participants[0]
    found = waves.campaign(store, tea)
    one, other = (participants.get(store.reader(), who) for who in (first, second))
    told, other_told = waves.script(store, found, one), waves.script(store, found, other)
    assert told is not None
    assert told.to_send() == f"p1: Tea at 2026-04-12 08:00, {one.code}, {waves.link(found, one)}"
    assert other_told is not None
    assert other_told.to_send() == f"p2: 30 off with {other.code}"


def test_what_nobody_knows_keeps_a_script_from_being_sent(store: Store) -> None:
    tea = campaign(store, copy_first="{{ name }} in {{ city }}, {{ moment }}")
    (one,) = waves.start(store, tea, "eve", make.people(store, 1)).participants
    made = waves.script(store, waves.campaign(store, tea), participants.get(store.reader(), one))
    assert made is not None
    assert made.missing == ("city", "moment")


def test_a_participant_whom_nobody_knows_has_a_script_too(store: Store) -> None:
    tea = campaign(store, copy_all="{{ name }}: {{ code }}{% if city %} in {{ city }}{% endif %}")
    with changes.act(store, "eve", "participant") as act:
        one = participants.add(act, tea, "buyer-7", name="Ann")
        make.give_code(act, one, "TEA7")
    made = waves.script(store, waves.campaign(store, tea), participants.get(store.reader(), one))
    assert made is not None
    assert made.to_send() == "Ann: TEA7"


def test_a_poster_says_what_the_campaign_says_in_its_own_language(store: Store) -> None:
    tea = campaign(store, positioning="一周好状态", benefit="立减 30 元", starts="2026-06-01", ends="2026-06-14")
    (one,) = waves.start(store, tea, "eve", make.people(store, 1)).participants
    found, who = waves.campaign(store, tea), participants.get(store.reader(), one)
    poster = waves.poster(found, who)
    assert (poster.headline, poster.endorser, poster.code) == ("一周好状态", "p1", who.code)
    assert (poster.recommended, poster.small) == ("诚意推荐", "2026-06-01 至 2026-06-14")
    assert waves.poster(found, who, "en").small == "From 2026-06-01 to 2026-06-14"


def test_consent_is_kept_and_can_be_taken_back(store: Store) -> None:
    tea = campaign(store)
    ids = list(waves.start(store, tea, "eve", make.people(store, 3)).participants)
    assert kept.consent(store, ids[:2], "full", "eve") == 2
    assert kept.consent(store, ids, "full", "eve") == 1
    changes.undo(store, "eve")
    assert [one.shown for one in participants.listed(store.reader(), tea)] == ["full", "full", "hidden"]


def test_the_file_of_a_person_tells_in_which_wave_they_are(store: Store) -> None:
    (ann,) = make.people(store, 1)
    tea = campaign(store)
    (one,) = waves.start(store, tea, "eve", [ann]).participants
    code = participants.get(store.reader(), one).code
    (entry,) = timeline.page(store, ann, kinds=["campaign"]).entries
    assert (telling.told(entry), entry.author) == (f"takes part in 'Tea', Wave 1 with code {code}", "eve")


# Whether they have posted ------------------------------------------------------------------------------------------


def test_everybody_is_asked_about_after_the_agreed_moment_until_they_post(store: Store) -> None:
    ann, bob = make.people(store, 2)
    waves.start(store, campaign(store), "eve", [ann, bob], moment_at=MOMENT)
    before = asked(store, MOMENT - DAY)
    assert [why.partition(" with")[0] for _name, why in before] == [
        "'Tea', Wave 1: to post at 2026-04-12 08:00 (Asia/Shanghai)",
        "'Tea', Wave 1: to post at 2026-04-12 08:00 (Asia/Shanghai)",
    ]
    (code,) = (one.code for one in participants.listed(store.reader(), 1) if one.creator_id == ann)
    make.write(store, make.posted("p1", 101.1, f"with {str(code).lower()}"), make.posted("p2", 101.2, "my cat"))
    after = asked(store, MOMENT + 5 * HOUR)
    assert [name for name, _why in after] == ["p2"]
    assert "was to post at" in after[0][1]
    assert after[0][1].endswith("; 1 post since names neither")


@pytest.mark.parametrize("text", ["see www.SHOP.example/x", "the TEA campaign", "https://shop.example/tea?ref=1"])
def test_a_post_for_the_campaign_is_known_by_its_name_and_by_the_shop(store: Store, text: str) -> None:
    waves.start(store, campaign(store), "eve", make.people(store, 1), moment_at=MOMENT)
    late = PostRecord(uid="1", account_uid="p1", published_at=make.moment(100.9), text=text)
    make.write(store, late)
    assert asked(store, MOMENT) == []


def test_a_post_from_long_before_says_nothing(store: Store) -> None:
    waves.start(store, campaign(store), "eve", make.people(store, 1), moment_at=MOMENT)
    make.write(store, make.posted("p1", 99, "tea"))
    assert len(asked(store, MOMENT)) == 1


def test_a_click_on_their_link_tells_that_they_have_posted_and_their_own_does_not(store: Store) -> None:
    ann, bob = make.people(store, 2)
    ids = waves.start(store, campaign(store), "eve", [ann, bob], moment_at=MOMENT).participants
    with store.writing() as db:
        run = db.execute("SELECT min(id) FROM run").fetchone()[0]
        for one, visitor in zip(ids, ("v1", participants.creator_ref(bob)), strict=True):
            db.execute(
                "INSERT INTO touch (campaign_id, participant_id, visitor, at, run_id) VALUES (1, ?, ?, ?, ?)",
                (one, visitor, MOMENT + HOUR, run),
            )
    assert [name for name, _why in asked(store, MOMENT + 2 * HOUR)] == ["p2"]


def test_nobody_is_asked_about_for_ever(store: Store) -> None:
    waves.start(store, campaign(store), "eve", make.people(store, 1), moment_at=MOMENT)
    assert len(asked(store, MOMENT + 29 * DAY)) == 1
    assert asked(store, MOMENT + 31 * DAY) == []


# On the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def begun(kolbench: Commands, tmp_path: Path) -> Commands:
    """A campaign with three people in its first wave."""
    from kolbench.analysis import standing

    store = make.store(tmp_path)
    make.people(store, 4)
    standing.refresh(store)
    campaign(store, copy_first="{{ name }}: {{ code }}")
    store.close()
    assert kolbench("campaign", "start", "Tea", "p1", "p2", "p3", "--moment", "2026-06-03T20:00").code == 0
    return kolbench


def test_start_says_how_to_go_on_and_who_was_left_out(begun: Commands) -> None:
    ran = begun("campaign", "start", "Tea", "p3", "p4")
    assert ran.out == "1 person has a code now. See it: kolbench campaign codes 1 --wave 1\n"
    assert (ran.code, ran.err) == (1, "p3 was left out: takes part already.\n")
    assert "no moment" in begun("campaign", "start", "Tea", "p4", "--moment", "noon").err


def test_a_brief_fills_a_wave_with_whom_it_was_agreed(begun: Commands) -> None:
    begun("brief", "new", "Drinkers", "--purpose", "convert")
    begun("brief", "score", "Drinkers")
    assert begun("brief", "decide", "Drinkers", "agreed", "p4").code == 0
    told = begun("campaign", "start", "Tea", "--from-brief", "Drinkers", "--wave", "2", "--json").json
    assert (len(told["participants"]), told["left_out"]) == (1, [])
    assert begun("campaign", "codes", "Tea", "--wave", "2", "--json").json[0]["name"] == "p4"
    assert begun("campaign", "start", "Tea", "--from-brief", "Drinkers", "--state", "active").code == 2


def test_codes_are_listed_in_words_as_json_and_to_a_file(begun: Commands, tmp_path: Path) -> None:
    listed = begun("campaign", "codes", "Tea", "--json").json
    assert [(one["name"], one["wave"], one["shown"]) for one in listed] == [(f"p{n}", 1, "hidden") for n in (1, 2, 3)]
    assert listed[0]["code"] in begun("campaign", "codes", "Tea").out
    assert begun("campaign", "links", "Tea", tmp_path / "links.csv").code == 0
    assert listed[1]["link"] in (tmp_path / "links.csv").read_text("utf-8-sig")
    assert begun("campaign", "codes", "Tea", "--wave", "2").code == 2


def test_scripts_are_shown_for_those_who_are_named_in_any_way(begun: Commands) -> None:
    code = begun("campaign", "codes", "Tea", "--json").json[0]["code"]
    for name in ("p1", code, code.lower(), "creator:1", "demo:p1"):
        assert begun("campaign", "scripts", "Tea", name).out == f"── p1 ──\np1: {code}\n\n", name
    assert begun("campaign", "scripts", "Tea", "p1", "--json").json[0]["script"] == f"p1: {code}"


def test_a_mistyped_code_is_told_from_an_unknown_one(begun: Commands) -> None:
    code = begun("campaign", "codes", "Tea", "--json").json[0]["code"]
    slip = code[:2] + next(digit for digit in codes.DIGITS if digit != code[2]) + code[3:]
    assert "one of its signs is wrong" in begun("campaign", "qr", "Tea", slip).err
    assert "Nobody in this campaign" in begun("campaign", "qr", "Tea", "nobody").err


def test_qr_codes_and_posters_are_written_to_files(begun: Commands, tmp_path: Path) -> None:
    shown: Ran = begun("campaign", "qr", "Tea", "p1")
    link = begun("campaign", "codes", "Tea", "--json").json[0]["link"]
    assert shown.out.splitlines()[-1] == link
    assert "\x1b" not in shown.out
    for name in ("qr.png", "qr.svg"):
        assert begun("campaign", "qr", "Tea", "p1", "--out", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 300
    assert begun("campaign", "qr", "Tea", "p1", "--out", tmp_path / "qr.gif").code == 2
    files = begun("campaign", "poster", "Tea", "--out", tmp_path / "posters", "--json").json["files"]
    assert len(files) == 3
    assert json.dumps(files).count("-p") == 3


def test_without_anybody_posters_and_scripts_say_how_to_begin(store: Store, kolbench: Commands, tmp_path: Path) -> None:
    campaign(store, copy_first="{{ name }}: {{ code }}")
    ran = kolbench("campaign", "poster", "Tea", "--out", tmp_path / "posters")
    assert (ran.code, "Nobody takes part yet. Begin a wave: kolbench campaign start 1" in ran.err) == (2, True)
    assert not (tmp_path / "posters").exists()
    assert "Nobody takes part yet. Begin a wave:" in kolbench("campaign", "scripts", "Tea").out


def test_who_was_just_put_into_a_wave_stands_on_the_board_by_waves(begun: Commands) -> None:
    told = begun("campaign", "board", "Tea", "--by", "wave", "--json").json
    assert [one["participants"] for one in told if one["number"] == 1] == [3]


def test_whoever_wants_to_be_hidden_is_so_at_once(begun: Commands, tmp_path: Path) -> None:
    page = tmp_path / "www" / "index.html"
    assert begun("campaign", "publish", "Tea", page.parent).code == 0
    page.write_text(page.read_text("utf-8") + "<!-- before the wish -->", "utf-8")
    assert begun("campaign", "consent", "Tea", "hidden", "p1").code == 0
    assert "before the wish" not in page.read_text("utf-8")


def test_consent_is_noted_for_several_at_once(begun: Commands) -> None:
    assert begun("campaign", "consent", "Tea", "masked", "p1", "p2").out == "2 people: masked.\n"
    assert [one["shown"] for one in begun("campaign", "codes", "Tea", "--json").json] == ["masked", "masked", "hidden"]
    assert begun("campaign", "consent", "Tea", "loud", "p1").code == 2


@pytest.fixture
def joined(begun: Commands, tmp_path: Path) -> Commands:
    """The same, and somebody without a code who came by the first."""
    store = make.store(tmp_path)
    make.write(store, came_by("u1", "creator:1"))
    store.close()
    return begun


def test_posters_links_and_scripts_are_made_for_those_with_a_code_and_the_others_are_named(
    joined: Commands, tmp_path: Path
) -> None:
    ran = joined("campaign", "poster", "Tea", "--out", tmp_path / "posters")
    assert (ran.code, len(list((tmp_path / "posters").iterdir()))) == (0, 3)
    told = "1 person has no code in use (u1). Give them one: kolbench campaign codes 1 --give WHO\n"
    assert ran.err == told
    assert joined("campaign", "links", "Tea", tmp_path / "links.csv").err.endswith(told)
    assert joined("campaign", "scripts", "Tea").err == told
    alone = joined("campaign", "poster", "Tea", "u1", "--out", tmp_path / "posters")
    assert (alone.code, "u1 has no code in use" in alone.err) == (2, True)


def test_whoever_takes_part_without_a_code_is_shown_the_way_to_one(joined: Commands, tmp_path: Path) -> None:
    told = "{} was left out: takes part already, and has no code. Give them one: kolbench campaign codes 1 --give {}\n"
    ran = joined("campaign", "start", "Tea", "u1")
    assert (ran.code, ran.err.endswith(told.format("u1", "u1"))) == (2, True)
    store = make.store(tmp_path)
    make.write(store, ParticipantRecord(campaign="Tea", uid="u 4", account_uid="p4"))
    store.close()
    ran = joined("campaign", "start", "Tea", "p4")
    assert (ran.code, ran.err) == (1, told.format("p4", "'u 4'"))
    assert joined("campaign", "codes", "Tea", "--give", "u 4").out.startswith("u 4: ")


def test_whoever_came_by_a_referral_is_given_a_code_which_can_be_undone(joined: Commands, tmp_path: Path) -> None:
    ran = joined("campaign", "codes", "Tea", "--give", "u1")
    assert ran.out.startswith("u1: ")
    assert ran.out.endswith("1 person has a code now.\n")
    again = joined("campaign", "codes", "Tea", "--give", "u1", "p1")
    assert (again.out, again.err.count("already")) == ("0 people have codes now.\n", 2)
    store = make.store(tmp_path)
    assert changes.undo(store, changes.me()) is not None
    store.close()
    assert joined("campaign", "codes", "Tea", "u1", "--json").json[0]["code"] is None
    (given,) = joined("campaign", "codes", "Tea", "--give", "--json").json
    assert (given["ref"], codes.is_slip(given["code"])) == ("u1", False)


def test_a_moment_that_is_past_or_on_no_day_of_the_campaign_is_doubted(begun: Commands) -> None:
    assert "which is past" in begun("campaign", "start", "Tea", "p4", "--wave", 2, "--moment", "2020-01-01T20:00").err
    begun("campaign", "edit", "Tea", "--set", "starts=2030-05-01", "--set", "ends=2030-05-31")
    ran = begun("campaign", "start", "Tea", "p3", "--wave", 3, "--moment", "2030-06-01T00:00")
    assert "outside of the campaign's days (2030-05-01 – 2030-05-31)" in ran.err
    assert "outside" not in begun("campaign", "start", "Tea", "p3", "--wave", 4, "--moment", "2030-05-31T23:00").err


def test_the_target_is_told_of_days_and_people_and_the_first_wave_is_suggested_once(begun: Commands) -> None:
    edited = begun("campaign", "edit", "Tea", "--set", "target.amount=11", "--set", "starts=2026-06-01")
    assert "Begin its first wave" not in edited.out
    begun("campaign", "edit", "Tea", "--set", "ends=2026-06-05")
    n = len(begun("campaign", "codes", "Tea", "--json").json)
    shown = begun("campaign", "show", "Tea")
    assert "of it, each of 5 days: 2 – 3" in shown.out
    assert f"of it, each of {n} people in waves: {-(-11 // n)}" in shown.out
    told = begun("campaign", "show", "Tea", "--json").json
    assert sum(told["target_by_person"].values()) == sum(told["target_by_day"].values()) == 11


def test_days_are_told_as_they_were_asked_for_where_the_campaign_is(begun: Commands) -> None:
    told = begun("campaign", "board", "Tea", "--from", "2026-06-01", "--to", "2026-06-03").out
    assert told.startswith("Tea: own conversions, 2026-06-01 to 2026-06-03\n")
    told = begun("campaign", "board", "Tea", "--from", "2026-06-01T08:30", "--to", "2026-06-03").out
    assert told.startswith("Tea: own conversions, 2026-06-01 08:30 to 2026-06-04 00:00\n")


def test_a_wave_that_is_not_there_is_named(begun: Commands) -> None:
    ran = begun("campaign", "start", "Tea", "p4", "--wave", 9)
    assert ran.code == 2
    assert "There is no wave 9: the next one is 2." in ran.err
    ran = begun("campaign", "board", "Tea", "--wave", 9)
    assert (ran.code, ran.err) == (2, "kolbench: There is no wave 9. Those there are: 1\n")
    assert "is in a community that you know" in begun("campaign", "board", "Tea", "--by", "community").out
