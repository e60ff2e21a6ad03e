"""Says, for the audit of the guard, which calls need no guard around them, and why."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The application's or library's own function, under the name that a wrapper has for it: its errors are the
# application's and have to pass.
ITS_OWN = _words(
    """original original.__get__ original.__get__(None,cls) method func query_method connect_method request end asking
    rows find find_many find_dict find_or_set read read_chunked get getitem setitem delitem popitem clear expire missing
    execute run make_pipeline send set_up make made prepare plain.__len__ genuine.__reduce_ex__ genuine.__copy__ on_end
    shutdown self._delegate.on_start self._delegate.on_end self._delegate.shutdown self._delegate.force_flush
    self._export self._close self._queue.emit plain traced"""
)
# Ours, and behind the guard within; or a context manager of which each step is.
GUARDED_WITHIN = _words(
    """observed _run _open call.of_task body.take _tell book.missed book.stored book.removed book.evicted marked
    self._marked opening.done _Opening _Return _Synchronizing _Refusal Page Poll pause resume
    self._asked"""
)
# Steps on dictionaries, sets, texts and flags, and makers of plain values, which do not fail for what they are given.
PLAIN = _words(
    """nullcontext closing aclosing cast options.get more.get kwargs.get kwargs.pop found.get table.get values.get
    hosts.get given.items signals.items seen.items self.__dict__.get self.__dict__.pop root.__dict__.pop
    response.__dict__.pop name.startswith key.startswith record.name.partition request.url.partition
    request.url.partition('//')[2].partition getattr(cursor,'__dict__',{}).get (kwargs.get('headers')or{}).get ','.join
    SpanContext SamplingResult NoOpMeterProvider CountingAtMost PoolState CacheState given is_on reference alive _name
    counts_here limited is_inherited trace.get_current_span subclass_of asking.get _connecting.get _connecting.set
    has_rows is_exhausted clock seen note hit saved_point self._clock request.pool.creating.add
    request.pool.creating.discard _set_type self._woken.set this watches.append"""
)
# Undo what an installation did; ``deactivate`` runs each behind ``launch.undo``.
UNDOING = frozenset({"undo", "restore", "switch_off", "remove", "stop", "silence"})

# By file and entry; a star is every entry of a file.
EXCEPTIONS = {
    ("exporters/bounded_answer.py", "*"): "stands below requests, which has to see its errors; all within an export",
    ("calls/leaf_span.py", "LeafSpan.book"): "additions to the ledger, under its own lock",
    ("calls/leaf_span.py", "LeafSpan.__del__"): "an addition to the ledger; a finalizer's error is printed, not raised",
    ("calls/leaf_span.py", "LeafSpan.__getattr__"): "runs in processors of others, which read what any span has",
    ("calls/leaf_span.py", "LeafSpan.to_json"): "runs in exporters of others, within the SDK's own handler of errors",
    ("calls/pending_span.py", "PendingSpan.__init__"): "runs behind hooks.requests.begin",
    ("calls/pending_span.py", "PendingSpan.started"): "each caller of it is behind calls.pending_span or hooks.<name>",
    ("calls/pending_span.py", "PendingSpan.finish"): "runs behind hooks.requests.finish",
    ("calls/recorder.py", "CallRecorder.show_fast_calls.of_notable_calls"): "runs behind calls.finish",
    ("diagnostics/running.py", "RunningCalls._question.ask"): "runs as a task behind diagnostics.work",
    ("exporters/booking.py", "BookingSpanExporter.export"): "the SDK's processor handles what an exporter raises",
    ("exporters/session.py", "DeliverySession.__init__"): "runs behind launch.configure",
    ("exporters/session.py", "DeliverySession.after_fork"): "runs behind launch.after_fork",
    (
        "exporters/session.py",
        "DeliverySession.sending",
    ): "runs within an export, whose errors the SDK's processor handles",
    ("exporters/session.py", "DeliverySession.request"): "has to raise: by that the SDK's exporter knows of a loss",
    ("gauges/github.py", "_budgets.source"): "runs behind gauges.<name>",
    ("hooks/aiohttp.py", "_AiohttpWatch.came.header"): "runs behind hooks.aiohttp.response",
    ("hooks/caches/cachelib_cache.py", "FlaskCachingHook.install.made"): "runs behind hooks.flask_caching",
    ("hooks/caches/cachelib_cache.py", "FlaskCachingHook.install.patch_extension"): "runs behind hooks.flask_caching",
    ("hooks/caches/django_cache.py", "DjangoCacheHook.install.patch_handler"): "runs behind hooks.django_cache",
    (
        "hooks/caches/requests_cache_session.py",
        "RequestsCacheHook.install.patch_sessions",
    ): "behind hooks.requests_cache",
    ("hooks/caches/readers.py", "_info_reader.read"): "a reader, run behind registry.cache_reader.<name>",
    ("hooks/late_hook.py", "LateHook.install.patch"): "runs behind hooks.<name>.install",
    ("hooks/late_hook.py", "LateHook.install.take_over"): "runs behind hooks.<name>.install",
    ("hooks/requests/entry.py", "RequestsHook.install.take_over"): "runs behind hooks.requests.install",
    ("hooks/psycopg/connections.py", "patches.opened"): "runs behind hooks.psycopg.opened",
    ("hooks/psycopg/watch.py", "PsycopgWatch.two_phase.begin"): "runs behind hooks.psycopg.begin",
    ("hooks/psycopg2_pool.py", "_reader.read"): "a reader, run behind registry.pool_reader.<name>",
    (
        "hooks/sqlalchemy_pool/pools.py",
        "Taken.__init__.collected",
    ): "its one call is behind hooks.sqlalchemy_pool.return",
    ("launch/configure.py", "configure.marking"): "runs behind launch.configure",
    ("launch/figures.py", "deliver_figures.beat"): "runs behind gauges.otelmon.heartbeat",
}
