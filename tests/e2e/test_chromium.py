"""What is published and printed, in a real browser: by keyboard, for screen readers, on small and dark screens."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

import campaigning
import make
from chromium import SERVER, chromium
from kolbench.domain.campaigns import Target
from kolbench.programme import settling
from kolbench.programme.campaigns import document, posters
from kolbench.store.connect import Store
from servers import running
from workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chromium import Browser

MANY = 10_000
HOSTILE = '<img src="https://evil.example/x" onerror="document.title=1"> 王'


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running(SERVER) as server, chromium(server) as found:
        yield found


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A campaign of ten thousand people, each of whom has sold something."""
    workbench = Workbench.within(tmp_path_factory.mktemp("campaign"))
    store = Store.open(workbench.path)
    terms = {"positioning": "三杯好茶，一周喝出好状态", "benefit": "凭码立减 30 元", "time_zone": "Asia/Shanghai"}
    campaigning.campaign(store, colour="#ffd400", target=Target(amount=20_000), **terms)
    rare = random.Random(5)
    shown = ("full", "masked", "hidden")
    people = [
        campaigning.takes_part(f"p{n}", name=HOSTILE if n == 7 else f"王{n}", shown="full" if n == 7 else shown[n % 3])
        for n in range(MANY)
    ]
    orders = [campaigning.bought(f"o{n}", 9_900, 1 + n / MANY, f"P{n}") for n in range(MANY)]
    orders += [campaigning.bought(f"x{n}", 9_900, 3, f"P{rare.randrange(MANY)}") for n in range(2_000)]
    make.write(store, *people)
    make.write(store, *orders)
    settling.settle(store)
    store.close()
    return workbench


@pytest.fixture(scope="session")
def published(campaign: Workbench, browser: Browser) -> Browser:
    """The same, published where the browser sees it."""
    campaign("campaign", "publish", campaigning.TEA, browser.folder)
    return browser


def test_a_page_of_ten_thousand_ranks_fits_a_small_screen_and_asks_for_nothing(published: Browser) -> None:
    for address in ("index.html", "en.html"):
        for options in ({}, {"color_scheme": "dark"}, {"java_script_enabled": False}):
            with published.page(address, **options) as seen:
                rows = seen.page.locator("tbody tr")
                assert rows.count() == MANY
                assert seen.overflow == 0
                assert seen.asked == [f"{published.url}/{address}"]
                assert seen.said == []
                assert seen.page.locator("#find").is_visible() is options.get("java_script_enabled", True)


def test_a_screen_reader_finds_landmarks_headings_and_a_table(published: Browser) -> None:
    with published.page("en.html") as seen:
        told = seen.page.locator("body").aria_snapshot()
        for role in (
            'link "Skip to the leaderboard"', "banner", "main", "contentinfo", 'navigation "Language"',
            'heading "Tea" [level=1]', 'progressbar "Target: Orders"', 'searchbox "Find a name or a rank"',
            'table "Rank 1–', 'columnheader "Participant"', "rowheader",
        ):  # fmt: skip
            assert role in told, role


def test_the_keyboard_skips_to_the_board_and_finds_a_person(published: Browser) -> None:
    with published.page("index.html") as seen:
        keyboard = seen.page.keyboard
        keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className") == "skip"
        assert seen.page.locator(".skip").bounding_box()["y"] >= 0, "it is seen where it has the focus"
        keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "board"
        keyboard.press("Tab")
        keyboard.type("王4242")
        assert seen.page.locator("#found").inner_text() in ("找到 1 人", "找到 0 人")
        seen.page.locator("#find").fill("王3")
        shown = seen.page.locator("tbody tr:visible")
        names = seen.page.locator("tbody tr:visible th").all_text_contents()
        assert 0 < shown.count() < MANY
        assert all(name.startswith("王3") for name in names)
        seen.page.locator("#find").fill("")
        assert seen.page.locator("#found").inner_text() == ""


def test_a_name_is_text_and_the_policy_stops_whatever_gets_in(published: Browser) -> None:
    with published.page("index.html") as seen:
        seen.page.locator("#find").fill("evil")
        assert seen.page.locator("tbody tr:visible th").inner_text() == HOSTILE
        stopped = seen.page.evaluate(
            """() => new Promise((done) => {
              document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
              document.body.insertAdjacentHTML("beforeend", '<img src="https://evil.example/x">');
            })"""
        )
        assert stopped == "img-src"
        assert seen.failed == {"https://evil.example/x": "csp"}
        assert seen.page.title() != "1"


def test_the_languages_lead_to_each_other_and_ranks_can_be_jumped_to(published: Browser) -> None:
    with published.page("index.html") as seen:
        seen.page.get_by_role("link", name="English").click()
        assert seen.page.locator("html").get_attribute("lang") == "en"
        seen.page.get_by_role("link", name="5,001", exact=True).click()
        seen.page.wait_for_function("document.querySelector('#n5000').getBoundingClientRect().top < innerHeight")
        assert seen.page.url.endswith("#n5000")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_printed_on_the_paper_that_its_colours_were_chosen_for(published: Browser, scheme: str) -> None:
    with published.page("index.html", color_scheme=scheme) as seen:
        found = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        paper = document.LIGHT if scheme == "light" else document.DARK
        assert tuple(map(int, re.findall(r"\d+", found))) == tuple(paper)


def test_a_report_fits_a_small_screen_and_asks_for_nothing(published: Browser, campaign: Workbench) -> None:
    campaign("campaign", "report", campaigning.TEA, "--out", published.folder / "report.html")
    with published.page("report.html") as seen:
        assert seen.overflow == 0
        assert len(seen.asked) == 1
        assert seen.said == []
        told = seen.page.locator("body").aria_snapshot()
        assert 'img "conversions, added up from day to day' in told
        assert 'region "K by generation"' in told


@pytest.mark.parametrize(
    "text",
    [
        "三杯好茶，一周喝出好状态" * 9,
        "Wonderful MWMWMW tea " * 20,
        "👩🏽‍💻🇨🇳1️⃣" * 40,
        "<b>&amp;</b>" * 30,
        "Ünïcödé ﷽ ꧅ " * 9,
    ],
)
def test_whatever_a_poster_says_stays_on_it(browser: Browser, text: str) -> None:
    poster = posters.Poster(
        text, text, text, text, text, "TK5HW7R", "https://shop.example/tea", "#c2410c", text, text, text
    )
    (browser.folder / "poster.svg").write_text(posters.svg(poster), "utf-8")
    with browser.page("poster.svg", width=posters.WIDTH) as seen:
        assert seen.asked == [f"{browser.url}/poster.svg"]
        boxes = seen.page.evaluate(
            "Array.from(document.querySelectorAll('text'), (one) => { const box = one.getBBox();"
            " return [box.x, box.x + box.width, box.y, box.y + box.height]; })"
        )
        assert len(boxes) > 9
        for left, right, top, bottom in boxes:
            assert left >= 0
            assert right <= posters.WIDTH
            assert top >= 0
            assert bottom <= posters.HEIGHT
