"""The HTTP side of the page: addresses, templates, and the headers that keep a browser from doing anything else."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from otelmon.operate.overview import asking
from otelmon.operate.page import figures
from otelmon.operate.page.board import board
from otelmon.operate.page.guarding import Guarding
from otelmon.operate.page.results import results
from otelmon.operate.page.runbook import runbook
from otelmon.operate.page.sparkline import HEIGHT, WIDTH
from otelmon.operate.page.traces import LOOK_BACKS, Wanted, one_trace, search, services
from otelmon.operate.page.waterfall import SCALE, waterfall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpx
    from starlette.requests import Request

    from otelmon.operate.page.gate import Gate
    from otelmon.operate.page.reading import Reader

TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")
STATIC = {"page.css": "text/css", "good.svg": "image/svg+xml", "warn.svg": "image/svg+xml", "bad.svg": "image/svg+xml"}
REFRESH = ("10", "30", "off")
STUCK_AFTER_SECONDS = 60.0
KEEPS = ("error", "throttled", "slow_db", "slow_http", "leak")
MOST_QUESTIONS = 4
LONGEST_FIELD = 200


class Page:
    """Answers requests from the reader's newest snapshot; only traces are asked for while somebody waits."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._client: httpx.AsyncClient | None = None
        self._questions = asyncio.Semaphore(MOST_QUESTIONS)
        folder = files("otelmon.operate.page") / "static"
        self._static = {name: (folder / name).read_bytes() for name in STATIC}
        self._templates = Environment(
            loader=PackageLoader("otelmon.operate.page"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals.update(WIDTH=WIDTH, HEIGHT=HEIGHT, SCALE=SCALE)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Reads in the background as long as the page is served."""
        async with asking.client() as self._client:
            reading = asyncio.create_task(self._reader.go_on())
            yield
            reading.cancel()

    def app(self, gate: Gate) -> Starlette:
        """Returns the application."""
        routes = [
            Route("/", self.now),
            Route("/trace/{trace_id}", self.trace),
            Route("/traces", self.traces),
            Route("/runbook/{name}", self.runbook),
            Route("/static/{name}", self.static),
            Route("/livez", self.livez),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guarding, gate=gate)], lifespan=self.lifespan)

    async def now(self, request: Request) -> Response:
        """Shows what goes on."""
        snapshot = self._reader.newest
        chosen = request.query_params.get("refresh", REFRESH[0])
        refresh = chosen if chosen in REFRESH else REFRESH[0]
        made = board(snapshot, time.time()) if snapshot else None
        return self._html("now.html", board=made, refresh=refresh, every=REFRESH, every_read=self._reader.every)

    async def trace(self, request: Request) -> Response:
        """Shows a trace, or leads to Jaeger's page where it has one."""
        trace_id = request.path_params["trace_id"]
        if not TRACE_ID.fullmatch(trace_id):
            return self._problem("A trace id has up to 32 hexadecimal digits.", 404)
        snapshot = self._reader.newest
        if snapshot and snapshot.jaeger_page and "here" not in request.query_params:
            return RedirectResponse(f"{snapshot.jaeger_page}/trace/{trace_id}", 302)
        async with self._questions:
            found = await one_trace(self._asking(), self._reader.addresses.jaeger, trace_id)
        if found.reason:
            return self._problem(f"Jaeger does not answer: {figures.shown(found.reason)}.", 502)
        if not found.traces:
            return self._problem(f"Jaeger has no trace {trace_id}. It may be too old, or was not sampled.", 404)
        drawn = await asyncio.to_thread(waterfall, found.traces[0])
        began = figures.clock(drawn.began), figures.machine_time(drawn.began)
        return self._html("trace.html", trace=drawn, began=began)

    async def traces(self, request: Request) -> Response:
        """Searches for traces."""
        wanted = wanted_of(request.query_params)
        jaeger = self._reader.addresses.jaeger
        async with self._questions:
            known = await services(self._asking(), jaeger)
            found = await search(self._asking(), jaeger, wanted) if wanted.service else None
        rows = await asyncio.to_thread(results, found.traces, time.time()) if found else ()
        reason = figures.shown(found.reason) if found else "" if known else "no answer, or no trace yet"
        return self._html(
            "traces.html", wanted=wanted, services=known, rows=rows, reason=reason, searched=found is not None,
            keeps=KEEPS, look_backs=tuple(LOOK_BACKS),
        )  # fmt: skip

    async def runbook(self, request: Request) -> Response:
        """Shows what an alert means and what to do."""
        name = request.path_params["name"]
        text = await asyncio.to_thread(runbook, name)
        return (
            self._html("runbook.html", name=name, text=text) if text else self._problem("There is no such page.", 404)
        )

    async def static(self, request: Request) -> Response:
        """Hands out the style sheet and the icons."""
        name = request.path_params["name"]
        if name not in self._static:
            return self._problem("There is no such file.", 404)
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(self._static[name], media_type=STATIC[name], headers=headers)

    async def livez(self, _: Request) -> Response:
        """Tells whether reading in the background goes on."""
        behind = self._reader.behind(time.time())
        alive = behind < STUCK_AFTER_SECONDS + self._reader.every
        document = {"status": "pass" if alive else "fail", "age_seconds": round(behind, 1)}
        return JSONResponse(document, 200 if alive else 503, media_type="application/health+json")

    def _asking(self) -> httpx.AsyncClient:
        if self._client is None:
            raise RuntimeError("the page is asked before it was started")
        return self._client

    def _html(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def _problem(self, said: str, status: int) -> HTMLResponse:
        return self._html("problem.html", status, said=said)


def wanted_of(fields: Mapping[str, str]) -> Wanted:
    """Returns what a form asks for; what it cannot mean is left out."""
    least, keep, since = (fields.get(name, "") for name in ("longer", "keep", "since"))
    return Wanted(
        service=fields.get("service", "")[:LONGEST_FIELD],
        operation=fields.get("operation", "").strip()[:LONGEST_FIELD],
        keep=keep if keep in KEEPS else "",
        longer_than_ms=int(least) if least.isascii() and least.isdigit() and len(least) < 8 else 0,  # noqa: PLR2004 - below 3 hours
        look_back=since if since in LOOK_BACKS else "1h",
    )
