"""The GitHub stand-in keeps GitHub's documented rules.

Source of every rule: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and
https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.github_stand_in.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

NOON = 1_800_000_000.0
TOKEN = {"authorization": "Bearer a-token"}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = NOON

    def __call__(self) -> float:
        """Returns unix seconds."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """Returns a clock that stands still."""
    return Clock()


@pytest.fixture
def client(clock: Clock) -> FlaskClient:
    """Returns a client of a stand-in without delay."""
    return create_app(clock).test_client()


def limits(response: TestResponse) -> tuple[str, ...]:
    """Returns limit, remaining, used, seconds to the reset, and resource."""
    headers = response.headers
    seconds = int(headers["x-ratelimit-reset"]) - int(NOON)
    names = ("limit", "remaining", "used")
    return (*(headers[f"x-ratelimit-{name}"] for name in names), str(seconds), headers["x-ratelimit-resource"])


def spend(client: FlaskClient, resource: str, limit: int, used: int, credential: str = "a-token") -> None:
    """Sets a budget through the control interface."""
    budget = {"credential": credential, "resource": resource, "limit": limit, "used": used, "seconds": 3600}
    assert client.put("/stand-in/budget", json=budget).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        pytest.param("/repos/o/r", TOKEN, ("5000", "4999", "1", "3600", "core"), id="core with a token"),
        pytest.param("/repos/o/r", {}, ("60", "59", "1", "3600", "core"), id="core without one"),
        pytest.param("/search/users?q=a", TOKEN, ("30", "29", "1", "60", "search"), id="search with a token"),
        pytest.param("/search/users?q=a", {}, ("10", "9", "1", "60", "search"), id="search without one"),
        pytest.param("/repos/o/missing", TOKEN, ("5000", "4999", "1", "3600", "core"), id="not found counts too"),
    ],
)
def test_each_answer_tells_its_budget(
    client: FlaskClient, path: str, headers: dict[str, str], expected: tuple[str, ...]
) -> None:
    """Every answer carries the five headers of the budget that it spent."""
    assert limits(client.get(path, headers=headers)) == expected


def test_each_credential_has_a_budget_of_its_own(client: FlaskClient) -> None:
    """One token's requests leave another token's budget alone."""
    client.get("/repos/o/r", headers=TOKEN)
    other = client.get("/repos/o/r", headers={"authorization": "token another"})
    assert other.headers["x-ratelimit-used"] == "1"


def test_a_token_in_the_query_is_no_credential(client: FlaskClient) -> None:
    """GitHub stopped reading ``access_token`` from the query."""
    assert client.get("/repos/o/r?access_token=a-token").headers["x-ratelimit-limit"] == "60"


@pytest.mark.parametrize("status", [403, 429])
def test_an_exhausted_budget_refuses_with_nothing_remaining(client: FlaskClient, status: int) -> None:
    """An exhausted primary limit answers 403 or 429 with ``x-ratelimit-remaining`` 0 and no ``retry-after``."""
    client.put("/stand-in/primary", json={"status": status})
    spend(client, "core", limit=5000, used=5000)
    refused = client.get("/repos/o/r", headers=TOKEN)
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (status, "0")
    assert "retry-after" not in refused.headers


def test_a_budget_is_whole_again_at_its_reset(client: FlaskClient, clock: Clock) -> None:
    """At the reset time a new window begins with its first request."""
    spend(client, "core", limit=5000, used=5000)
    clock.seconds += 3600
    renewed = client.get("/repos/o/r", headers=TOKEN)
    assert (renewed.status_code, renewed.headers["x-ratelimit-used"]) == (200, "1")


def test_a_matching_entity_tag_is_free_with_a_token(client: FlaskClient) -> None:
    """A conditional request answered 304 does not count when it was authorized."""
    tag = client.get("/repos/o/r", headers=TOKEN).headers["etag"]
    unchanged = client.get("/repos/o/r", headers={**TOKEN, "if-none-match": tag})
    assert (unchanged.status_code, unchanged.data, unchanged.headers["x-ratelimit-used"]) == (304, b"", "1")


def test_a_matching_entity_tag_counts_without_a_token(client: FlaskClient) -> None:
    """A conditional request answered 304 counts when it was not authorized."""
    tag = client.get("/repos/o/r").headers["etag"]
    unchanged = client.get("/repos/o/r", headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.headers["x-ratelimit-used"]) == (304, "2")


def test_another_entity_tag_gets_the_body(client: FlaskClient) -> None:
    """A conditional request whose tag is old is a usual one."""
    changed = client.get("/repos/o/r", headers={**TOKEN, "if-none-match": 'W/"old"'})
    assert (changed.status_code, changed.get_json()["full_name"]) == (200, "o/r")


def test_a_renamed_repository_redirects_and_both_hops_count(client: FlaskClient) -> None:
    """A renamed repository answers 301 with its address by number; each hop spends one request."""
    moved = client.get("/repos/o/r-renamed", headers=TOKEN)
    found = client.get(moved.headers["location"], headers=TOKEN)
    assert (moved.status_code, moved.headers["x-ratelimit-used"]) == (301, "1")
    assert (found.get_json()["full_name"], found.headers["x-ratelimit-used"]) == ("o/r", "2")


def test_rate_limit_shows_all_budgets_and_spends_none(client: FlaskClient) -> None:
    """``/rate_limit`` is free of the primary limit."""
    client.get("/search/users?q=a", headers=TOKEN)
    client.get("/rate_limit", headers=TOKEN)
    shown = client.get("/rate_limit", headers=TOKEN).get_json()["resources"]
    assert (shown["core"]["used"], shown["search"]["used"]) == (0, 1)


@pytest.mark.parametrize(("status", "wait"), [(403, None), (403, 30), (429, 60)])
def test_a_planned_refusal_looks_like_a_secondary_limit(client: FlaskClient, status: int, wait: int | None) -> None:
    """A secondary limit answers 403 or 429, perhaps with ``retry-after``, while the primary budget is not empty."""
    client.post("/stand-in/secondary", json={"status": status, "retry_after": wait})
    refused = client.get("/repos/o/r", headers=TOKEN)
    assert (refused.status_code, refused.headers.get("retry-after")) == (status, None if wait is None else str(wait))
    assert int(refused.headers["x-ratelimit-remaining"]) > 0
    assert client.get("/repos/o/r", headers=TOKEN).status_code == 200


def test_the_901st_point_of_a_minute_is_refused(client: FlaskClient, clock: Clock) -> None:
    """More than 900 points a minute meet the secondary limit, which says how long to wait; then it is over."""
    statuses = [client.get("/rate_limit", headers=TOKEN).status_code for _ in range(900)]
    refused = client.get("/rate_limit", headers=TOKEN)
    clock.seconds += int(refused.headers["retry-after"])
    assert (set(statuses), refused.status_code) == ({200}, 403)
    assert client.get("/rate_limit", headers=TOKEN).status_code == 200


def test_the_81st_write_of_a_minute_is_refused(client: FlaskClient) -> None:
    """More than 80 writes a minute meet the secondary limit."""
    statuses = [client.post("/repos/o/r", headers=TOKEN).status_code for _ in range(81)]
    assert (set(statuses[:80]), statuses[80]) == ({405}, 403)


LABELS = "labels(first: 60) { totalCount }"
ISSUES = f"issues(last: 50) {{ edges {{ node {{ {LABELS} }} }} }}"
NESTED = f"query {{ viewer {{ repositories(first: 100) {{ edges {{ node {{ {ISSUES} }} }} }} }} }}"


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        pytest.param("query { viewer { login } }", 1, id="at least one point"),
        # 1 for repositories, 100 for their issues, 5,000 for their labels; the documentation's own example.
        pytest.param(NESTED, 51, id="nested connections"),
        pytest.param(
            "{ a(first: 100) { b(first: 1) { x } } c(first: 100) { d(first: 1) { x } } }", 2, id="side by side"
        ),
    ],
)
def test_a_graphql_call_costs_what_its_connections_ask_for(client: FlaskClient, query: str, cost: int) -> None:
    """The cost of a query is the requests that fill its connections, by hundreds, and is spent from its own budget."""
    answer = client.post("/graphql", json={"query": query}, headers=TOKEN)
    assert limits(answer) == ("5000", str(5000 - cost), str(cost), "3600", "graphql")


def test_graphql_tells_its_budget_when_asked(client: FlaskClient) -> None:
    """The ``rateLimit`` object has the cost of the call and the state after it."""
    shown = client.post("/graphql", json={"query": "{ rateLimit { cost } }"}, headers=TOKEN).get_json()["data"]
    known = {name: shown["rateLimit"][name] for name in ("cost", "used", "remaining", "limit")}
    assert known == {"cost": 1, "used": 1, "remaining": 4999, "limit": 5000}


def test_an_exhausted_graphql_budget_is_an_error_with_status_200(client: FlaskClient) -> None:
    """With no point left the status stays 200; the body and ``x-ratelimit-remaining`` tell."""
    spend(client, "graphql", limit=5000, used=5000)
    refused = client.post("/graphql", json={"query": "{ viewer { login } }"}, headers=TOKEN)
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (200, "0")
    assert refused.get_json()["errors"][0]["type"] == "RATE_LIMITED"


def test_graphql_needs_a_token(client: FlaskClient) -> None:
    """Without a token GraphQL answers 401."""
    assert client.post("/graphql", json={"query": "{ viewer { login } }"}).status_code == 401


def test_graphql_queries_are_no_writes(client: FlaskClient) -> None:
    """A query is a POST and yet costs one secondary point; a mutation costs five and counts as a write."""
    read, write = {"query": "{ viewer { login } }"}, {"query": "mutation { addStar { clientMutationId } }"}
    reads = {client.post("/graphql", json=read, headers=TOKEN).status_code for _ in range(100)}
    writes = [client.post("/graphql", json=write, headers=TOKEN).status_code for _ in range(81)]
    assert (reads, set(writes[:80]), writes[80]) == ({200}, {200}, 403)


def test_a_wrong_token_is_unauthorized(client: FlaskClient) -> None:
    """A token that GitHub does not know answers 401 with the headers of an anonymous budget."""
    refused = client.get("/repos/o/r", headers={"authorization": "Bearer invalid-1"})
    assert (refused.status_code, refused.headers["x-ratelimit-limit"]) == (401, "60")


def test_answers_take_the_chosen_time(client: FlaskClient) -> None:
    """The delay that was chosen passes before an answer."""
    client.put("/stand-in/delay", json={"milliseconds": 30})
    response = client.get("/repos/o/r", headers=TOKEN)
    assert response.status_code == 200
