"""Values that rooms pass to one another: frozen, slotted, standard library only.

``None`` in a numeric field always means "unknown", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

KeepReason = Literal["error", "throttled", "slow_db", "slow_http", "leak"]
RefusalKind = Literal["primary", "secondary", "permission", "saml"]
BudgetLevel = Literal["warning", "critical"]
SecondaryRule = Literal[
    "concurrent", "rest_points", "graphql_points", "writes_a_minute", "writes_an_hour", "cpu", "graphql_cpu"
]
# ``abandoned``: only the pool still refers to it.
ConnectionUse = Literal["idle", "in_transaction", "busy", "closed", "abandoned"]
MissCause = Literal["absent", "expired", "evicted"]
LeakKind = Literal["idle", "in_transaction", "closed", "abandoned", "unknown"]


@dataclass(frozen=True, slots=True)
class PoolState:
    """Holds what one connection pool looks like at one moment, in connections (``pending``: in requests)."""

    idle: int | None = None
    used: int | None = None
    max: int | None = None
    min: int | None = None
    pending: int | None = None


@dataclass(frozen=True, slots=True)
class CacheState:
    """Holds the running totals of one cache since its creation, and its size now, in entries.

    ``hits`` are look-ups answered by a fresh entry, ``stale_hits`` by one whose time was over. ``absent``, ``expired``
    and ``evicted`` are those of the ``misses`` whose cause is known. ``loads`` are entries made anew after a miss, in
    ``load_ns`` nanoseconds altogether; ``saved_ns`` is what the hits saved by that measure, and ``saved_points`` the
    points of GitHub's budgets that they did not cost.
    """

    hits: int | None = None
    misses: int | None = None
    evictions: int | None = None
    size: int | None = None
    stale_hits: int | None = None
    absent: int | None = None
    expired: int | None = None
    evicted: int | None = None
    loads: int | None = None
    load_ns: int | None = None
    saved_ns: int | None = None
    saved_points: int | None = None


class RateLimit(NamedTuple):
    """Holds what one GitHub answer says about its rate limit, and what all answers of a window say together.

    ``limit``, ``remaining`` and ``used`` are requests, for GraphQL points; ``reset`` is unix seconds of GitHub's
    clock. A tuple, because one is made for every answer. Source: the ``x-ratelimit-*`` headers of
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
    """

    limit: int | None = None
    remaining: int | None = None
    used: int | None = None
    reset: int | None = None
    resource: str | None = None


class GitHubCall(NamedTuple):
    """Holds what is kept of one request to the GitHub API; nothing of it is secret.

    ``owner`` names the budget's owner, ``credential`` the credential, both hashed; ``address`` is a hash of the URL
    with what the answer varies by, None where a conditional request cannot help; ``began_ns`` is monotonic;
    ``installation`` is the number of the one that a token is asked for; ``is_mutation`` is False where unknown.
    """

    owner: str
    route: str
    method: str = "GET"
    credential: str = ""
    host: str = ""
    is_conditional: bool = False
    address: int | None = None
    began_ns: int = 0
    installation: str | None = None
    is_mutation: bool = False


class GitHubAnswer(NamedTuple):
    """Holds one answer of the GitHub API; ``retry_after`` in seconds, ``etag`` hashed, ``line`` the calling one."""

    status: int
    rate_limit: RateLimit
    refusal: RefusalKind | None = None
    retry_after: int | None = None
    etag: int | None = None
    line: tuple[str, str, int] | None = None


class Forecast(NamedTuple):
    """Holds when a budget will be spent if its recent use goes on, in seconds from now, with a 95 % interval.

    ``latest`` is None where the use might as well die down.
    """

    estimate: float
    earliest: float
    latest: float | None


@dataclass(frozen=True, slots=True)
class Budget:
    """Holds the best known state of one GitHub budget: one owner, one resource, one reset window.

    ``resource`` is None where GitHub did not name it. ``reset`` is unix seconds of GitHub's clock; ``reset_in`` is in
    seconds, as ``age``: ``used`` lacks nothing counted before. ``expected_used`` adds what the pace has spent since.
    """

    owner: str
    resource: str | None
    limit: int | None = None
    remaining: int | None = None
    used: int | None = None
    reset: int | None = None
    reset_in: float | None = None
    age: float | None = None
    forecast: Forecast | None = None
    level: BudgetLevel | None = None
    below_reserve: bool | None = None
    expected_used: int | None = None


class SecondaryUse(NamedTuple):
    """Holds how much of one documented secondary limit an owner has used, estimated; 1.0 is the limit.

    ``pace`` is what a minute at the pace of the last ten seconds would use.
    """

    owner: str
    rule: SecondaryRule
    ratio: float
    route: str | None = None
    pace: float = 0.0


class SpanIdentity(Protocol):
    """Names a span; OpenTelemetry's ``SpanContext`` is one."""

    @property
    def trace_id(self) -> int:
        """Returns the trace's id, 0 where there is none."""
        ...

    @property
    def span_id(self) -> int:
        """Returns the span's id, 0 where there is none."""
        ...

    @property
    def trace_flags(self) -> int:
        """Returns the flags of W3C Trace Context."""
        ...


class FinishedCall(NamedTuple):
    """Holds one database call that is over, for an event of its own; ``ended_ns`` is unix time in nanoseconds.

    ``attributes`` are scalars without literals, in parts of which later ones win; ``error`` holds the exception's class
    and its redacted message.
    """

    attributes: tuple[Mapping[str, str | int | float | bool], ...]
    elapsed_ns: int
    ended_ns: int
    error: tuple[str, str] | None = None


class PooledConnection(Protocol):
    """Stands for a connection of a pool without keeping it alive."""

    def use(self) -> ConnectionUse | None:
        """Returns what the connection is doing now, without waiting; None where that cannot be known."""
        ...


# Code objects with the offset of the instruction, never frames: a frame keeps every local variable alive.
Stack = tuple[tuple[CodeType, int], ...]


class Checkout(NamedTuple):
    """Holds one connection taken from a pool and not yet returned, or one request that a pool refused.

    ``since_ns`` is monotonic; ``span`` was current at the time; ``stack`` begins with the application's calling line
    and goes outwards. A tuple, because one is made for every checkout and frozen dataclasses are slow to make.
    """

    pool_name: str
    since_ns: int
    span: SpanIdentity | None = None
    stack: Stack = ()
    connection: PooledConnection | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """Holds a checkout that has lasted for too long, or whose connection is lost; ``held_ns`` is its age."""

    checkout: Checkout
    kind: LeakKind
    held_ns: int


@dataclass(frozen=True, slots=True)
class LateReturn:
    """Holds a connection that came back after it had been reported; ``held_ns`` is how long it was out."""

    leak: Leak
    held_ns: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Holds who had a connection of an exhausted pool, for how long, and what the connection was doing."""

    checkout: Checkout
    held_ns: int
    use: ConnectionUse | None


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """Holds one episode in which a pool had no connection to give.

    ``asked`` is the first request that was refused or had to wait, ``holders`` the oldest checkouts at that moment,
    oldest first; ``refused`` counts the requests until now, and ``waiting`` those that wait now.
    """

    asked: Checkout
    state: PoolState
    holders: tuple[Holder, ...]
    refused: int
    waiting: int = 0
