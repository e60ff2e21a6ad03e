"""Notices statements that are executed again and again within one request, and attempts that had failed before.

The common case is one step of a dictionary. From the third execution on the calling line and a digest of the values
are compared; the digest's key is made for each process, and neither leaves it.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.rules.n_plus_one import LOOKED_AT_FROM, MANY, kind_of, written_down
from otelmon.rules.retryable_error import is_retryable

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span, SpanContext

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.failure import Failure
    from otelmon.registry.operations import Operations
    from otelmon.registry.requests import Request
    from otelmon.rules.n_plus_one import Kind

    Line = tuple[str, str, int]
    Attributes = dict[str, str | int]
    Emit = Callable[..., None]

N_PLUS_ONE = "otelmon.n_plus_one"
MOST_STATEMENTS = 200
MOST_SITES = 32
MOST_ATTEMPTS = 64
# By then it is known what a repetition is; it is only counted from there on.
LOOKED_AT_UNTIL = 12
# A request that does not end is told of when a statement has been executed as often.
TOLD_OF_AT = 1000
_REPEATED = guard.site("calls.n_plus_one")


class Site:
    """Holds what is known of one statement at one line of the application, in one request."""

    __slots__ = ("connection", "digests", "equal", "first", "is_told", "line", "statement")

    def __init__(self, line: Line, call: DatabaseCall, first: bytes) -> None:
        self.line = line
        self.statement = call.statement
        self.connection = call.connection
        self.first = first
        self.digests: set[bytes] = set()
        self.equal = 0
        self.is_told = False

    def add(self, digest: bytes) -> None:
        """Compares the values of one more execution."""
        self.equal += digest == self.first
        if len(self.digests) < MANY:
            self.digests.add(digest)

    @property
    def kind(self) -> Kind | None:
        """Returns what the executions are, None while too little is known."""
        return kind_of(self.statement.repetition, len(self.digests), self.equal)

    def attributes(self, kind: Kind, count: int) -> Attributes:
        """Returns the attributes of the event; ``count`` is executions of the statement in the request."""
        function, path, number = self.line
        return {
            **self.connection.attributes,
            **self.statement.attributes,
            "otelmon.db.query.fingerprint": self.statement.fingerprint,
            f"{N_PLUS_ONE}.kind": kind,
            f"{N_PLUS_ONE}.count": count,
            "code.function.name": function,
            "code.file.path": path,
            "code.line.number": number,
        }

    def marks(self, kind: Kind, count: int) -> Attributes:
        """Returns the attributes of the request's span."""
        _, path, number = self.line
        return {
            f"{N_PLUS_ONE}.kind": kind,
            f"{N_PLUS_ONE}.count": count,
            f"{N_PLUS_ONE}.fingerprint": self.statement.fingerprint,
            f"{N_PLUS_ONE}.line": f"{path}:{number}",
        }


class RepeatedStatements:
    """Compares the calls of each request.

    Args:
        operations: counts them.
        emit: takes an event's name, attributes, trace id and span id.
        calling_line: returns function, file and line of the application that called.
    """

    def __init__(self, operations: Operations, emit: Emit, calling_line: Callable[[], Line | None]) -> None:
        self._emit = emit
        self._calling_line = calling_line
        self._key = os.urandom(16)
        self._operations = operations

    def compare(self, instead: Callable[[], None] | None) -> None:
        """Compares values and lines from now on, or calls something else instead; executions are counted."""
        self.__dict__.pop("_repeated", None)
        if instead is not None:
            self.__dict__["_repeated"] = lambda *_: instead()

    def ended(self, call: DatabaseCall, request: Request, within: SpanContext, failure: Failure | None) -> int:
        """Notes the end of a call; returns how many attempts of its statement had failed before in the same span."""
        if failure is not None or request.attempts:
            retries = guard.call(_REPEATED, _attempted, request, call, within, failure) or 0
            if failure is not None:
                return retries
        else:
            retries = 0
        statement = call.statement
        if statement.repetition != "never" and call.batch_size == 0:
            fingerprint, counts = statement.fingerprint, request.counts
            count = counts[fingerprint] = counts.get(fingerprint, 0) + 1
            if count >= LOOKED_AT_FROM and (count <= LOOKED_AT_UNTIL or count == TOLD_OF_AT):
                guard.call(_REPEATED, self._repeated, request, call, count)
            elif count == 1 and len(counts) > MOST_STATEMENTS:
                del counts[fingerprint]
        return retries

    def _repeated(self, request: Request, call: DatabaseCall, count: int) -> None:
        statement = call.statement
        if count == TOLD_OF_AT:
            self._report(request, statement.fingerprint)
            return
        written = written_down(call.parameters)
        line = self._calling_line() if call.context is None else None
        if written is None or statement.literals is None or line is None:
            return
        digest = blake2b(statement.literals.to_bytes(8, "little", signed=True) + written, key=self._key, digest_size=8)
        key = (statement.fingerprint, line)
        site = request.sites.get(key)
        if site is None:
            if len(request.sites) >= MOST_SITES:
                return
            site = request.sites[key] = Site(line, call, digest.digest())
        site.add(digest.digest())
        if not request.is_watched and site.kind is not None:
            self._watch_end(request)

    def _watch_end(self, request: Request) -> None:
        """Stands in front of the end of the request's span: once it has ended nothing can be added to it."""
        root = request.root()
        if root is None:
            return
        request.is_watched = True
        end = root.end

        def reporting_end(*args: Any, **options: Any) -> None:  # noqa: ANN401 - the span's own signature
            root.__dict__.pop("end", None)
            guard.call(_REPEATED, self._report, request)
            end(*args, **options)

        root.__dict__["end"] = reporting_end

    def _report(self, request: Request, only: str = "") -> None:
        """Tells of each site once, and marks the request's span with the one of most executions."""
        root = request.root()
        if root is None:
            return
        most = 0
        for (fingerprint, _), site in tuple(request.sites.items()):
            kind, count = site.kind, request.counts.get(fingerprint, 0)
            if kind is None or (only and only != fingerprint):
                continue
            if count > most:
                most = count
                root.set_attributes(site.marks(kind, count))
            if not site.is_told:
                site.is_told = True
                self._tell(site, root, kind, count)

    def _tell(self, site: Site, root: Span, kind: Kind, count: int) -> None:
        attributes, context = site.attributes(kind, count), root.get_span_context()
        statement = site.statement
        self._operations.was_repeated(kind, statement.operation, statement.collection, site.connection.namespace)
        self._emit(N_PLUS_ONE, attributes, trace_id=context.trace_id, span_id=context.span_id)


def _attempted(request: Request, call: DatabaseCall, within: SpanContext, failure: Failure | None) -> int:
    """Counts a failed attempt, or ends the count where one has succeeded; returns how many had failed before."""
    key = (within.span_id, call.statement.fingerprint or call.statement.summary)
    failed = request.attempts.pop(key, 0)
    if failure is not None and is_retryable(failure.sqlstate):
        if len(request.attempts) < MOST_ATTEMPTS:
            request.attempts[key] = failed + 1
        # What is done again from here on was asked for once.
        request.counts.clear()
        for name in [name for name, site in request.sites.items() if not site.is_told]:
            request.sites.pop(name, None)
    return failed
