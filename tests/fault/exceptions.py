"""Says, for the audit of the guard, which calls need no guard around them, and why."""

from __future__ import annotations

from typing import NamedTuple

_HERE = "tests/fault/test_guard_exceptions.py"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The application's or library's own function, under the name that a wrapper has for it: its errors are the
# application's and have to pass.
ITS_OWN = _words(
    """original original.__get__ original.__get__(None,cls) method func query_method connect_method request end asking
    rows find find_many find_dict find_or_set read read_chunked get getitem setitem delitem popitem clear expire missing
    execute run make_pipeline send set_up make made prepare plain.__len__ genuine.__reduce_ex__ genuine.__copy__ on_end
    shutdown self._delegate.on_start self._delegate.on_end self._delegate.shutdown self._delegate.force_flush
    self._export self._close self._queue.emit plain traced theirs start_response"""
)
# Ours, and behind the guard within; or a context manager of which each step is.
GUARDED_WITHIN = _words(
    """observed _run _open call.of_task body.take _tell book.missed book.removed book.evicted marked
    self._marked opening.done _Opening _Return _Synchronizing _Refusal Page Poll pause resume
    self._asked"""
)
# Steps on dictionaries, sets, texts and flags, and makers of plain values, which do not fail for what they are given.
PLAIN = _words(
    """nullcontext closing aclosing cast options.get more.get kwargs.get kwargs.pop found.get table.get values.get
    hosts.get given.items signals.items seen.items self.__dict__.get self.__dict__.pop root.__dict__.pop
    response.__dict__.pop name.startswith key.startswith record.name.partition request.url.partition
    request.url.partition('//')[2].partition getattr(cursor,'__dict__',{}).get (kwargs.get('headers')or{}).get ','.join
    self.__dict__.setdefault BoundedAttributes BoundedList MappingProxyType
    SpanContext SamplingResult NoOpMeterProvider CountingAtMost PoolState CacheState given is_on reference alive _name
    counts_here limited is_inherited trace.get_current_span subclass_of asking.get _connecting.get _connecting.set
    has_rows is_exhausted clock seen note hit saved_point self._clock request.pool.creating.add
    request.pool.creating.discard _set_type self._woken.set this watches.append"""
)
# Undo what an installation did; ``deactivate`` runs each behind ``launch.undo``.
UNDOING = frozenset({"undo", "restore", "switch_off", "remove", "stop", "silence"})


class Behind(NamedTuple):
    """Runs only behind a site, one of several; ``<name>`` stands for any name.

    A function of otelmon's, named as ``file:function``, stands for a site where an error in it ends an export: that is
    booked as a loss, and goes no further than the SDK's processor.
    """

    sites: tuple[str, ...]


class Held(NamedTuple):
    """May fail where it is, for the reason given, as a test shows."""

    why: str
    test: str


def _behind(*sites: str) -> Behind:
    return Behind(sites)


# By file and entry; a star is every entry of a file. test_guard_exceptions.py holds each against what happens.
EXCEPTIONS: dict[tuple[str, str], Behind | Held] = {
    ("exporters/bounded_answer.py", "*"): _behind(
        "exporters/session.py:request", "launch.configure", "launch.after_fork"
    ),
    ("calls/leaf_span.py", "LeafSpan.book"): _behind("calls.span", "hooks.requests.finish", "calls.server_span.end"),
    ("calls/leaf_span.py", "LeafSpan.__del__"): Held(
        "an error of a finalizer is printed, not raised", f"{_HERE}::test_finalizer_raises_into_nobody"
    ),
    ("calls/leaf_span.py", "LeafSpan.__getattr__"): Held(
        "runs in processors of others, which read what any span has", f"{_HERE}::test_others_read_what_a_span_has"
    ),
    ("calls/leaf_span.py", "LeafSpan.to_json"): Held(
        "runs in exporters of others", f"{_HERE}::test_others_read_what_a_span_has"
    ),
    ("calls/pending_span.py", "PendingSpan.__init__"): _behind("hooks.requests.begin"),
    ("calls/pending_span.py", "PendingSpan.started"): _behind("calls.pending_span", "hooks.<name>"),
    ("calls/pending_span.py", "PendingSpan.finish"): _behind("hooks.requests.finish"),
    ("calls/recorder.py", "CallRecorder.show_fast_calls.of_notable_calls"): _behind("calls.finish"),
    ("diagnostics/running.py", "RunningCalls._question.ask"): _behind("diagnostics.work"),
    ("exporters/booking.py", "BookingSpanExporter.export"): Held(
        "the SDK's processor handles what an exporter raises", f"{_HERE}::test_exporter_that_raises_harms_nobody"
    ),
    ("exporters/session.py", "DeliverySession.__init__"): _behind("launch.configure"),
    ("exporters/session.py", "DeliverySession.after_fork"): _behind("launch.after_fork"),
    ("exporters/session.py", "DeliverySession.sending"): _behind("exporters/booking.py:export"),
    ("exporters/session.py", "DeliverySession.request"): Held(
        "has to raise: by that the SDK's exporter knows of a loss",
        "tests/unit/exporters/test_booking.py::test_final_status_is_booked_as_a_loss_and_not_retried",
    ),
    ("gauges/github.py", "_budgets.source"): _behind("gauges.<name>"),
    ("hooks/aiohttp.py", "_AiohttpWatch.came.header"): _behind("hooks.aiohttp.response"),
    ("hooks/caches/cachelib_cache.py", "FlaskCachingHook.install.made"): _behind("hooks.flask_caching"),
    ("hooks/caches/cachelib_cache.py", "FlaskCachingHook.install.patch_extension"): _behind("hooks.flask_caching"),
    ("hooks/caches/django_cache.py", "DjangoCacheHook.install.patch_handler"): _behind("hooks.django_cache"),
    ("hooks/caches/requests_cache_session.py", "RequestsCacheHook.install.patch_sessions"): _behind(
        "hooks.requests_cache"
    ),
    ("hooks/caches/readers.py", "_info_reader.read"): _behind("registry.cache_reader.<name>"),
    ("hooks/late_hook.py", "LateHook.install.patch"): _behind("hooks.<name>.install"),
    ("hooks/late_hook.py", "LateHook.install.take_over"): _behind("hooks.<name>.install"),
    ("hooks/flask/entry.py", "FlaskHook.install.take_over"): _behind("hooks.flask.install"),
    ("hooks/requests/entry.py", "RequestsHook.install.take_over"): _behind("hooks.requests.install"),
    ("hooks/psycopg/connections.py", "patches.opened"): _behind("hooks.psycopg.opened"),
    ("hooks/psycopg/watch.py", "PsycopgWatch.two_phase.begin"): _behind("hooks.psycopg.begin"),
    ("hooks/psycopg2_pool.py", "_reader.read"): _behind("registry.pool_reader.<name>"),
    ("hooks/sqlalchemy_pool/pools.py", "Taken.__init__.collected"): Held(
        "an error of a weak reference's callback is printed, not raised", f"{_HERE}::test_finalizer_raises_into_nobody"
    ),
    ("launch/configure.py", "configure.marking"): _behind("launch.configure"),
    ("launch/figures.py", "deliver_figures.beat"): _behind("gauges.otelmon.heartbeat"),
}
