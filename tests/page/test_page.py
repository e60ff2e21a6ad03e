"""The page in a real browser, before the real parts: its figures, its links, and that everybody can use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from tests.page.accessibility import complaints
from tests.page.scenario import FAILING, LEAKS, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.page.scenario import Scenario

pytestmark = pytest.mark.parts

SECONDS_TO_SHOW = 30.0
WIDTHS = (375, 768, 1280, 1600)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Returns a tab without JavaScript; an error in its console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def tile(page: Page, label: str) -> list[str]:
    """Returns figure, more and age of a tile."""
    found = page.locator(".tile", has=page.get_by_text(label, exact=True))
    return [found.locator(f".{each}").inner_text() for each in ("figure", "more", "age")]


def rows(page: Page, caption: str) -> list[list[str]]:
    """Returns the rows of a table by its caption, each cell's first line."""
    table = page.locator("table", has=page.locator("caption", has_text=caption)).first
    found = table.locator("tbody tr").all()
    return [[cell.inner_text().split("\n")[0] for cell in each.locator("th, td").all()] for each in found]


def shows(page: Page, url: str, look: Callable[[], object], expected: object) -> None:
    """Loads the page until a part of it is as expected: one reading on a busy machine can miss a source."""
    seen: object = None

    def as_expected() -> bool:
        nonlocal seen
        page.goto(f"{url}/?refresh=off")
        seen = look()
        return seen == expected

    assert wait_for(as_expected, SECONDS_TO_SHOW, between=2.0), seen


def test_tiles_show_what_happened(tab: Page, page_url: str, watched: Scenario) -> None:
    """The figures of the summary are those of the scenario, each with its age."""
    calls = sum(watched.by_kind().values())
    shows(tab, page_url, lambda: tile(tab, "Slow calls")[:2], [str(watched.slow()), f"of {calls} in 15 min"])
    assert tile(tab, "Fullest pool")[:2] == ["20 %", f"2 of 10, {LEAKS} leaked in 15 min"]
    assert tile(tab, "Blocked sessions")[0] == "0"
    assert tile(tab, "Spans lost")[0] == "0"
    ages = [tile(tab, label)[2] for label in ("Slow calls", "Fullest pool", "Blocked sessions", "Spans lost")]
    assert all(re.fullmatch(r"measured \d+ (s|min \d+ s|min) ago", each) for each in ages), ages


def test_tables_show_what_happened(tab: Page, page_url: str, watched: Scenario) -> None:
    """Statements, pools, budgets and delivery stand there with the numbers of the scenario."""
    expected = watched.by_kind()

    def kinds() -> dict[str, list[str]]:
        return {row[0]: row[2:5] for row in rows(tab, "Statements of the last 15 minutes")}

    selects = [str(watched.slow()), str(expected["SELECT", ""]), "0"]
    shows(tab, page_url, lambda: kinds().get("SELECT"), selects)
    assert kinds()["INSERT contributors"] == ["0", str(expected["INSERT", "contributors"]), str(FAILING)]
    slow = rows(tab, "Slowest calls of the last hour")
    assert len(slow) == watched.slow()
    assert all(row[0] == "SELECT contributions contributors" for row in slow)
    budgets = {row[0]: row for row in rows(tab, "Budgets of the GitHub API")}
    assert budgets["core"][1].endswith("%")
    assert rows(tab, "What observers cannot see") == [["Every view is read."]]


def test_holders_are_named(tab: Page, page_url: str) -> None:
    """The page of the application tells which line has the leaked connections."""
    shows(tab, page_url, lambda: len(rows(tab, "Holders of connections")), LEAKS)
    held = rows(tab, "Holders of connections")
    assert all(row[0].startswith("leak faults.py:") for row in held), held


def test_every_link_of_the_page_resolves(tab: Page, page_url: str, watched: Scenario) -> None:
    """Traces open as waterfalls here, since this Jaeger was built without a page; no link leads nowhere."""
    tab.goto(f"{page_url}/?refresh=off")
    targets = {each.get_attribute("href") for each in tab.locator("a[href]").all()}
    local = sorted(each for each in targets if each and each.startswith("/"))
    assert any(each.startswith("/trace/") for each in local)
    for each in local:
        assert tab.request.get(page_url + each).status == 200, each
    for each in (each for each in targets if each and each.startswith("#")):
        assert tab.locator(each).count() == 1, each
    assert watched.faults


def test_a_trace_is_drawn_as_it_was(tab: Page, page_url: str, watched: Scenario) -> None:
    """The waterfall has every span of the slow request, below its parent, with its time."""
    trace_id = watched.faults[0].trace_id
    spans = [each for each in watched.spans if each.trace_id == trace_id]
    tab.goto(f"{page_url}/trace/{trace_id}")
    assert tab.locator("h1").inner_text() == "GET /faults/slow-query"
    drawn = tab.locator("table.waterfall tbody tr")
    assert drawn.count() == len(spans)
    assert {each.get_attribute("id") for each in drawn.all()} == {f"s{span.span_id}" for span in spans}
    tab.get_by_text("SELECT contributions contributors").first.click()
    assert tab.get_by_text("otelmon.slow_threshold_ms").first.is_visible()


def test_traces_are_found(tab: Page, page_url: str, watched: Scenario) -> None:
    """The search that alerts link to finds the kept ones; what is not there is said so."""
    tab.goto(f"{page_url}/traces?service=contributors&keep=slow_db&since=1h")
    assert tab.locator("main tbody tr").count() == watched.slow()
    tab.get_by_label("Kept for").select_option("leak")
    tab.get_by_role("button", name="Search").click()
    assert tab.locator("main tbody tr").count() == LEAKS
    missing = tab.request.get(f"{page_url}/trace/{'0' * 31}1")
    assert (missing.status, "has no trace" in missing.text()) == (404, True)


def test_the_keyboard_reaches_everything(tab: Page, page_url: str) -> None:
    """The first stop skips to the content; every stop has a visible ring; Enter follows."""
    tab.goto(f"{page_url}/?refresh=off")
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "Skip to content"
    wanted = tab.locator("a[href], summary, .scroll").count()
    seen = set()
    for _ in range(wanted):
        focused = tab.locator(":focus")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        seen.add(focused.evaluate("e => e.outerHTML.slice(0, 200)"))
        tab.keyboard.press("Tab")
    assert len(seen) > wanted * 0.8
    tab.get_by_role("link", name="Traces").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/traces")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?refresh=off", "/traces?service=contributors", "trace"])
def test_everybody_can_read_it(browser: Browser, page_url: str, watched: Scenario, scheme: str, path: str) -> None:
    """Landmarks, headings, names, table heads and contrast of AA, light and dark, narrow and wide."""
    target = f"/trace/{watched.faults[0].trace_id}" if path == "trace" else path
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    page = context.new_page()
    page.goto(page_url + target)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        assert complaints(page) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")
    context.close()


def test_it_loads_itself_anew(tab: Page, page_url: str) -> None:
    """Every ten seconds unless it is told to stop, by a link that says so."""
    refresh = 'http-equiv="refresh"'
    assert f'{refresh} content="10"' in text_of(f"{page_url}/")
    tab.goto(f"{page_url}/?refresh=off")
    assert tab.get_by_label("Never reload").get_attribute("href") == "/?refresh=off"
    assert refresh not in tab.content()
