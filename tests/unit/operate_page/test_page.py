"""The page itself: what is away is said, what is hostile is shown as text, nothing is invented."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace

import httpx
import pytest

from otelmon.operate.overview.addresses import Addresses
from otelmon.operate.overview.queries import SECTIONS
from otelmon.operate.overview.values import Alert, Figure, Overview, Row, Section, SlowSpan, Source
from otelmon.operate.page.app import Page
from otelmon.operate.page.board import board
from otelmon.operate.page.gate import Gate
from otelmon.operate.page.reading import Reader
from otelmon.operate.page.snapshot import Snapshot, merged
from otelmon.operate.page.traces import page_of_jaeger

NOWHERE = "http://127.0.0.1:9"
ADDRESSES = Addresses(NOWHERE, NOWHERE, NOWHERE, NOWHERE, ())
POOL = {"service_name": "shop", "db_client_connection_pool_name": "db:5432/shop#1"}
HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "{{ 7 * 7 }}{% raw %}",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "\u202egnp.exe",
    "x" * 1_000_000,
]


def overview(read_at: float, away: tuple[str, ...] = (), **sections: Section) -> Overview:
    """Returns an overview with some sections; sources that are away have a reason."""
    names = ("metrics", "alertmanager", "jaeger")
    sources = tuple(Source(name, NOWHERE, "no answer within 3 s" if name in away else "", 0.1) for name in names)
    gone = "no answer within 3 s" if "metrics" in away else ""
    every = {name: Section(name, (), gone) for name in SECTIONS}
    return Overview(read_at, sources, (), (), every | sections, ())


def pools(used: float, most: float = 10.0) -> Section:
    """Returns one pool, measured four seconds before it was read."""
    figures = {"used": Figure(used, age=4.0), "max": Figure(most, age=4.0), "leaked": Figure(2.0, age=4.0)}
    return Section("pools", (Row(POOL, figures),))


def html(snapshot: Snapshot | None, path: str = "/") -> str:
    """Returns the page that is made of a snapshot."""
    reader = Reader(ADDRESSES, 10.0)
    reader.newest = snapshot
    return ask(path, reader=reader).text


def ask(
    path: str, method: str = "GET", reader: Reader | None = None, gate: Gate | None = None, **headers: str
) -> httpx.Response:
    """Returns the answer of a page; where no reader is given, of one whose sources are all away."""

    async def once() -> httpx.Response:
        app = Page(reader or Reader(ADDRESSES, 10.0)).app(gate or Gate("127.0.0.1", 0))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


def words(page: str) -> str:
    """Returns the text of a page on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_before_the_first_reading_nothing_is_claimed() -> None:
    """The page answers at once, and says that it does not know yet."""
    assert "Reading the sources for the first time" in html(None)


def test_figures_stand_with_their_ages() -> None:
    """Age is that of the measurement: the reading's and what has passed since."""
    made = board(merged(None, Snapshot(overview(1000.0, pools=pools(9.0)), {})), 1010.0)
    tile = next(each for each in made.tiles if each.anchor == "pools")
    assert (tile.text, tile.age) == ("90 %", "measured 14 s ago")
    assert "9 of 10" in tile.more
    assert "2 leaked" in tile.more


def test_a_source_that_is_away_keeps_what_it_said_and_says_so() -> None:
    """The newest known figures stay, with their true age; the other sources are fresh."""
    first = merged(None, Snapshot(overview(1000.0, pools=pools(9.0)), {}))
    second = merged(first, Snapshot(overview(1300.0, away=("metrics",)), {}))
    made = board(second, 1310.0)
    block = next(each for each in made.blocks if each.anchor == "pools")
    assert "no answer within 3 s" in block.away
    assert "5 min 10 s old" in block.away
    row = block.tables[0].rows[0]
    assert row[1].text == "9 of 10"
    assert (row[-1].text, row[-1].more) == ("5 min 14 s", "late")
    assert made.verdict.startswith("Not known")
    again = merged(second, Snapshot(overview(1400.0, pools=pools(1.0)), {}))
    block = next(each for each in board(again, 1400.0).blocks if each.anchor == "pools")
    assert (block.away, block.tables[0].rows[0][1].text) == ("", "1 of 10")


def test_a_view_that_can_be_read_again_is_not_told_of() -> None:
    """Of two points of a view, which differ in their reason, the newer one is true."""
    view = {"server_address": "db", "server_port": "5432", "otelmon_view": "locks"}
    gone = Row({**view, "otelmon_reason": "timeout"}, {"up": Figure(0.0, age=40.0)})
    back = Row({**view, "otelmon_reason": "ok"}, {"up": Figure(1.0, age=3.0)})
    for rows, told in (((gone, back), 0), ((back, gone), 0), ((gone,), 1)):
        seen = overview(1000.0, views=Section("views", rows))
        block = next(
            each for each in board(merged(None, Snapshot(seen, {})), 1001.0).blocks if each.anchor == "pipeline"
        )
        table = next(each for each in block.tables if each.caption == "What observers cannot see")
        assert len(table.rows) == told


def test_nothing_was_ever_read() -> None:
    """Unknown is written as unknown, and none is good news."""
    away = ("metrics", "alertmanager", "jaeger")
    made = board(merged(None, Snapshot(overview(1000.0, away), {})), 1003.0)
    assert {tile.text for tile in made.tiles} == {"unknown"}
    assert "good" not in {tile.tone for tile in made.tiles}
    assert made.tone == "warn"
    assert all("away" in made.verdict and block.away for block in made.blocks)
    assert not any("No " in table.empty for block in made.blocks for table in block.tables if table.rows == ())


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "ansi", "template", "attribute", "scheme", "bidi", "megabyte"])
def test_hostile_names_are_only_text(text: str) -> None:
    """Whatever a label holds, the page gains no element, no attribute, no control character and little length."""
    labels = dict.fromkeys(("service_name", "db_client_connection_pool_name", "cache_name", "owner", "resource"), text)
    row = Row(labels, {"used": Figure(1.0, age=1.0), "look-ups": Figure(5.0, age=1.0), "limit": Figure(9.0, age=1.0)})
    sections = {name: Section(name, (row,)) for name in SECTIONS}
    seen = overview(time.time(), **sections)
    alert = Alert(text, text, "active", 5.0, labels, {"summary": text, "runbook_url": text})
    span = SlowSpan(text, text, text, text, text, 1.0, 2.0, text, text)
    page = html(merged(None, Snapshot(replace(seen, alerts=(alert,), slow=(span,)), {})))
    assert len(page) < 200_000
    assert "<script" not in page
    assert "onmouseover=" not in re.sub(r">[^<]*<", "><", page).replace("&#34;", "")
    assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', page))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page)
    assert "49" not in words(page) or "{{ 7 * 7 }}" in words(page)


def test_refresh_is_a_choice() -> None:
    """Who reads slowly can stop it; nonsense is the default."""
    snapshot = merged(None, Snapshot(overview(time.time()), {}))
    assert '<meta http-equiv="refresh" content="10">' in html(snapshot, "/?refresh=nonsense")
    assert "http-equiv" not in html(snapshot, "/?refresh=off")


def test_a_browser_may_do_nothing_but_show() -> None:
    """Every answer forbids scripts, frames and foreign content; nothing can be posted."""
    for path in ("/", "/static/page.css", "/nowhere", "/trace/zz", "/livez"):
        headers = ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert ask("/", "POST").status_code == 405


def test_inline_styles_and_scripts_are_absent() -> None:
    """The policy would stop them; so there are none."""
    page = html(merged(None, Snapshot(overview(time.time(), pools=pools(1.0)), {})))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("path", ["/trace/zz", "/trace/..%2f..%2fetc", "/trace/" + "a" * 33, "/static/..%2fapp.py"])
def test_addresses_that_mean_nothing(path: str) -> None:
    """They are not found, and ask nobody."""
    assert ask(path).status_code == 404


def test_the_token_is_asked_for_first(tmp_path) -> None:
    """Without it nothing is shown but whether the process lives."""
    (tmp_path / "token").write_text("planted-token-of-enough-length")
    gate = Gate("127.0.0.1", 0, str(tmp_path / "token"))
    for path in ("/", "/traces", "/trace/ab", "/static/page.css"):
        refused = ask(path, gate=gate)
        assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "Basic")
    assert ask("/livez", gate=gate).status_code == 200
    assert ask("/", gate=gate, authorization="Bearer planted-token-of-enough-length").status_code == 200


@pytest.mark.parametrize(
    ("shown", "wanted"), [("", NOWHERE), ("https://traces.example.org", "https://traces.example.org")]
)
def test_links_lead_to_jaeger_as_a_browser_reaches_it(shown: str, wanted: str) -> None:
    """Where the page reaches Jaeger by a name that browsers do not know, OTELMON_JAEGER_PAGE_URL says theirs."""
    jaeger = httpx.MockTransport(lambda _: httpx.Response(200, text='<div id="jaeger-ui-root">'))

    async def found() -> str:
        async with httpx.AsyncClient(transport=jaeger) as client:
            return await page_of_jaeger(client, replace(ADDRESSES, jaeger_page=shown))

    assert asyncio.run(found()) == wanted
