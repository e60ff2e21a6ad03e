"""No planted value leaves in an envelope of sentry-sdk, whatever part of an event it stands in."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from demo.sentry_stand_in.app import create_app
from demo.server import LoopbackServer
from otelmon.hooks.sentry import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from tests.unit.rules.planted import ERRORS, STATEMENTS, TEXTS, URLS, leaked, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Words of planted sentences that also are words of PostgreSQL, names of fields, or of this file's source lines.
ORDINARY = frozenset(("quote", "first", "second", "value"))
# What sentry-sdk or the interpreter makes up, which can hold any digits: fields by name, and addresses of objects.
GENERATED = frozenset(
    ("event_id", "trace_id", "span_id", "parent_span_id", "timestamp", "start_timestamp", "thread.id")
)
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]+(?=>)")
SECRET = "ghp_planted0123456789abcdefghijABCDEFGHIJ01"


def leaves(thing: Any) -> Iterator[str]:
    """Yields every text in a document, names included; numbers and generated ids can be anything."""
    if isinstance(thing, dict):
        for name, value in thing.items():
            yield str(name)
            if name not in GENERATED:
                yield from leaves(value)
    elif isinstance(thing, list):
        for each in thing:
            yield from leaves(each)
    elif isinstance(thing, str) and thing.startswith('{"version"'):
        # A container of log records, which the stand-in shows as it came.
        yield from leaves(json.loads(thing))
    elif isinstance(thing, str):
        yield ADDRESS.sub(" ", thing)


class Reports:
    """Sends with a client of its own and shows what has arrived."""

    def __init__(self, store: Any, client: sentry_sdk.Client) -> None:
        self.store, self.client = store, client

    def keep_up(self, position: int) -> None:
        """Lets the transport send, now and then: it holds a hundred envelopes and drops what comes after."""
        if position % 10 == 0:
            self.client.flush(10)

    def sent(self) -> list[dict[str, Any]]:
        """Returns all items, after everything that waits was sent."""
        self.client.flush(10)
        return list(self.store.items)


@pytest.fixture
def installed() -> Iterator[HookRegistry]:
    """Yields a registry with the hook installed."""
    registry = HookRegistry(Settings())
    undo = hook.install(registry)
    yield registry
    undo()


@pytest.fixture
def start(installed: HookRegistry) -> Iterator[Callable[..., Reports]]:
    """Yields what starts a client as an application does, with everything on that shows values."""
    app = create_app(project="1", public_key="key")
    with LoopbackServer(app) as server, sentry_sdk.new_scope() as scope:

        def begin(**options: Any) -> Reports:
            assert installed.failed_calls.is_wanted
            client = sentry_sdk.Client(
                f"http://key@127.0.0.1:{server.port}/1",
                default_integrations=False,
                integrations=[LoggingIntegration(), ArgvIntegration()],
                enable_logs=True,
                include_local_variables=True,
                traces_sample_rate=1.0,
                # By default the commit of the working directory, whose digits can be any.
                release="application@1",
                **options,
            )
            scope.set_client(client)
            return Reports(app.extensions["store"], client)

        yield begin
        scope.client.close(timeout=5)


def error_class(name: str) -> type[Exception]:
    """Returns a class of the given module and name."""
    module, _, bare = name.rpartition(".")
    return type(bare, (Exception,), {"__module__": module or "builtins"})


def raise_with(error: Exception, statement: str) -> None:
    """Raises with a statement in a local variable."""
    local = {"statement": statement, "rows": [statement]}
    assert local
    raise error


def test_no_planted_value_leaves(start: Callable[..., Reports]) -> None:
    """Statements, errors, URLs and texts: in variables, breadcrumbs, messages, extras, requests, spans and logs."""
    reports = start()
    values: list[str] = []
    logger = logging.getLogger("application")
    for position, marked in enumerate(STATEMENTS):
        kind, message = ERRORS[position % len(ERRORS)]
        (statement, first), (message, second) = split(marked), split(message)
        values += (*first, *second)
        sentry_sdk.add_breadcrumb(category="query", message=statement, data={"db.query.text": statement})
        try:
            raise_with(error_class(kind)(message), statement)
        except Exception as error:  # noqa: BLE001 - any class of the table
            with sentry_sdk.new_scope() as scope:
                scope.set_extra("sql", statement)
                sentry_sdk.capture_exception(error)
        reports.keep_up(position)
    for position, marked in enumerate(TEXTS):
        (text, first), (url, second) = split(marked), split(URLS[position % len(URLS)])
        values += (*first, *second)
        sentry_sdk.add_breadcrumb(category="httplib", message=text, data={"url.full": url, "http.url": url})
        sentry_sdk.capture_message(text)
        logger.error("%s", text, extra={"note": text})
        sentry_sdk.logger.error("{text}", text=text, attributes={"note": text, "url.full": url})
        with sentry_sdk.start_transaction(name="page", op="http.server") as transaction:
            transaction.set_data("url.full", url)
            with transaction.start_child(op="db", name=f"SELECT '{SECRET}'"):
                pass
        reports.keep_up(position)
    sent = reports.sent()
    assert {"event", "transaction", "log"} <= {each["type"] for each in sent}
    assert len(sent) >= len(STATEMENTS) + 2 * len(TEXTS)
    shown = "\n".join(leaves([each["payload"] for each in sent]))
    assert set(leaked(shown, (*values, SECRET))) - ORDINARY == set()


def test_the_gate_is_the_last_to_see_an_event(start: Callable[..., Reports]) -> None:
    """What the application's own before_send adds, or keeps back, is treated like anything else."""
    seen: list[str] = []

    def before_send(event: Any, _: Any) -> Any:
        seen.append(event["message"])
        return None if event["message"] == "unwanted" else {**event, "extra": {"token": SECRET}}

    reports = start(before_send=before_send)
    for message in ("wanted", "unwanted"):
        sentry_sdk.capture_message(message)
    (event,) = [each["payload"] for each in reports.sent() if each["type"] == "event"]
    assert (seen, event["message"]) == (["wanted", "unwanted"], "wanted")
    assert SECRET not in str(event)


def test_an_event_that_cannot_be_cleaned_is_sent_bare(
    start: Callable[..., Reports], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing rule costs information: type and trace arrive, the message does not."""
    from otelmon import guard
    from otelmon.hooks.sentry import gate

    def fail(_: Any) -> None:
        raise RuntimeError

    guard.set_strict(False)
    monkeypatch.setitem(gate._OPTIONS, "before_send", (fail, gate._OPTIONS["before_send"][1]))
    reports = start()
    try:
        raise_with(ValueError(SECRET), SECRET)
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    (event,) = [each["payload"] for each in reports.sent() if each["type"] == "event"]
    guard.set_strict(True)
    guard.reset()
    assert [each["type"] for each in event["exception"]["values"]] == ["ValueError"]
    assert len(event["contexts"]["trace"]["trace_id"]) == 32
    assert SECRET not in str(event)


def test_after_the_undoing_events_are_as_they_were(start: Callable[..., Reports], installed: HookRegistry) -> None:
    """A client that has its gates still lets variables pass once otelmon is off."""
    reports = start()
    undo = hook.install(HookRegistry(Settings()))
    undo()
    assert installed.failed_calls.is_wanted
    sentry_sdk.capture_message("still cleaned ghp_0123456789abcdefghijABCDEFGHIJ012345")
    (event,) = [each["payload"] for each in reports.sent() if each["type"] == "event"]
    assert "ghp_" not in str(event)


def test_a_statement_is_reported_once_a_process(installed: HookRegistry, start: Callable[..., Reports]) -> None:
    """Of many slow calls of one statement one event leaves, and of many statements no more than ten a minute."""
    reports = start()
    span = type("Span", (), {"trace_id": 7, "span_id": 8, "trace_flags": 1})()
    assert installed.on_slow is not None
    for number in range(40):
        for _ in range(3):
            installed.on_slow({"db.operation.name": "SELECT", "otelmon.db.query.fingerprint": f"f{number}"}, span)
    events = [each["payload"] for each in reports.sent() if each["type"] == "event"]
    assert [each["fingerprint"] for each in events] == [["otelmon.db.slow", "", "", f"f{n}"] for n in range(10)]
    assert {each["contexts"]["trace"]["trace_id"] for each in events} == {f"{7:032x}"}
