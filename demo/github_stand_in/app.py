"""The API of the stand-in: limits around every answer, conditional requests, redirects."""

from __future__ import annotations

import hashlib
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from demo.github_stand_in import graphql
from demo.github_stand_in.budgets import ANONYMOUS, AUTHENTICATED, Budget, Budgets
from demo.github_stand_in.catalog import Catalog, Repository
from demo.github_stand_in.control import Behavior, behavior, control
from demo.github_stand_in.secondary import (
    POINTS_A_MINUTE,
    POINTS_TO_READ,
    POINTS_TO_WRITE,
    Call,
    Refusal,
    SecondaryLimits,
    points,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BAD_CREDENTIAL = "invalid"
DOCUMENTATION = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
UNAUTHORIZED = {"message": "Bad credentials"}
GRAPHQL = "/graphql"
OUTSIDE_LIMITS = ("/stand-in/",)


def create_app(
    now: Callable[[], float] = time.time, delay_ms: int = 0, points_a_minute: int = POINTS_A_MINUTE
) -> Flask:
    """Returns the stand-in.

    Args:
        now: a clock in unix seconds; tests move it.
        delay_ms: how long each answer takes, until the control interface says otherwise.
        points_a_minute: the secondary limit; GitHub's own would stop a load test after 15 requests a second.
    """
    app = Flask("github")
    app.extensions["behavior"] = Behavior(Budgets(now), SecondaryLimits(now, points_a_minute), delay_ms)
    app.register_blueprint(control, url_prefix="/stand-in")
    app.before_request(admit)
    app.teardown_request(leave)
    add_routes(app, Catalog())
    add_account_routes(app)
    return app


def add_routes(app: Flask, catalog: Catalog) -> None:
    """Adds the addresses of the API."""

    @app.get("/repos/<owner>/<name>")
    def repository(owner: str, name: str) -> Response:
        """Answers with a repository; a renamed one is permanently moved to its number."""
        found = catalog.by_name(owner, name)
        if found and found.name != name:
            return moved(found)
        return shown(found)

    @app.get("/repositories/<int:identity>")
    def repository_by_identity(identity: int) -> Response:
        """Answers with the repository that a redirect points to."""
        return shown(catalog.by_identity(identity))

    @app.get("/search/users")
    def search_users() -> Response:
        """Answers a search with one user named like the text; it has a limit of its own."""
        text = request.args.get("q", "")
        return counted("search", {"total_count": 1, "incomplete_results": False, "items": [{"login": text[:39]}]})

    @app.post(GRAPHQL)
    def query() -> Response:
        """Answers a GraphQL query, which costs points; with none left it is an error with status 200."""
        if g.credential == ANONYMOUS:
            return answer(UNAUTHORIZED, behavior().budgets.look(ANONYMOUS, "core"), HTTPStatus.UNAUTHORIZED)
        text = query_of_body()
        cost = graphql.cost(text)
        allowed, budget = behavior().budgets.spend(g.credential, graphql.RESOURCE, cost)
        return answer(graphql.data(text, cost, budget) if allowed else graphql.exhausted(), budget)


def add_account_routes(app: Flask) -> None:
    """Adds the addresses that tell about credentials and their budgets."""

    @app.get("/user")
    def user() -> Response:
        """Answers with the user that a token belongs to."""
        identity = behavior().identities.user(g.token)
        if identity is None:
            return counted("core", {"message": "Not Found"}, HTTPStatus.NOT_FOUND)
        return counted("core", {"id": identity, "login": f"user-{identity}"})

    @app.post("/app/installations/<int:identity>/access_tokens")
    def access_tokens(identity: int) -> Response:
        """Answers with a new token of an installation; who asks is not looked at."""
        return counted("core", {"token": behavior().identities.new_token(identity)}, HTTPStatus.CREATED)

    @app.get("/rate_limit")
    def rate_limit() -> Response:
        """Shows every budget of the credential and spends none of them."""
        resources = {name: behavior().budgets.look(g.credential, name).document() for name in AUTHENTICATED}
        return answer(
            {"resources": resources, "rate": resources["core"]}, behavior().budgets.look(g.credential, "core")
        )


def admit() -> Response | None:
    """Lets a request in, or answers for it: a wrong credential, or a secondary limit."""
    g.admitted = None
    if request.path.startswith(OUTSIDE_LIMITS):
        return None
    behavior().seen.append(request.full_path)
    g.token = credential(request.headers.get("authorization", ""))
    g.credential = behavior().identities.owner(g.token)
    if g.credential.startswith(BAD_CREDENTIAL):
        return answer(UNAUTHORIZED, behavior().budgets.look(ANONYMOUS, "core"), HTTPStatus.UNAUTHORIZED)
    call = call_of(g.credential)
    refusal = behavior().secondary.enter(call)
    if refusal:
        return refused(refusal)
    g.admitted = call
    time.sleep(behavior().delay_ms / 1000)
    return None


def call_of(credential: str) -> Call:
    """Returns what the present request costs against the secondary limits."""
    if request.path != GRAPHQL:
        return Call(credential, points(request.method), endpoint=str(request.url_rule or request.path))
    writes = graphql.is_mutation(query_of_body())
    return Call(credential, POINTS_TO_WRITE if writes else POINTS_TO_READ, graphql=True)


def query_of_body() -> str:
    """Returns the GraphQL query of the present request, empty when there is none."""
    document = request.get_json(silent=True)
    return str(document.get("query", "")) if isinstance(document, dict) else ""


def refused(refusal: Refusal) -> Response:
    """Answers for a secondary limit."""
    body = {"message": "You have exceeded a secondary rate limit.", "documentation_url": DOCUMENTATION}
    response = answer(body, behavior().budgets.look(g.credential, resource_of(request.path)), refusal.status)
    if refusal.retry_after is not None:
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def leave(_error: BaseException | None) -> None:
    """Ends what ``admit`` began."""
    if g.get("admitted") is not None:
        behavior().secondary.leave(g.admitted)


def credential(authorization: str) -> str:
    """Returns the token of an ``authorization`` header, else the anonymous one; a token in the query is ignored."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "token") else ANONYMOUS


def resource_of(path: str) -> str:
    """Returns the resource whose budget a path spends."""
    if path == GRAPHQL:
        return graphql.RESOURCE
    return "search" if path.startswith("/search/") else "core"


def shown(repository: Repository | None) -> Response:
    """Answers with a repository or 404; both are counted."""
    if repository is None:
        return counted("core", {"message": "Not Found"}, HTTPStatus.NOT_FOUND)
    return counted("core", repository.document())


def moved(repository: Repository) -> Response:
    """Answers 301 with the address by number, as for renamed repositories; the hop is counted."""
    target = f"{request.host_url.rstrip('/')}/repositories/{repository.identity}"
    redirect = counted("core", {"message": "Moved Permanently", "url": target}, HTTPStatus.MOVED_PERMANENTLY)
    if redirect.status_code == HTTPStatus.MOVED_PERMANENTLY:
        redirect.headers["location"] = target
    return redirect


def counted(resource: str, body: Mapping[str, object], status: int = HTTPStatus.OK) -> Response:
    """Answers within the primary limit; one that matches an authorized client's entity tag is 304 and free."""
    tag = entity_tag(body)
    matches = status == HTTPStatus.OK and request.headers.get("if-none-match") == tag
    if matches and g.credential != ANONYMOUS:
        return answer(None, behavior().budgets.look(g.credential, resource), HTTPStatus.NOT_MODIFIED, tag)
    allowed, budget = behavior().budgets.spend(g.credential, resource)
    if not allowed:
        message = {"message": "API rate limit exceeded", "documentation_url": DOCUMENTATION}
        return answer(message, budget, behavior().primary_status)
    if matches:
        return answer(None, budget, HTTPStatus.NOT_MODIFIED, tag)
    return answer(body, budget, status, tag if status == HTTPStatus.OK else "")


def answer(body: Mapping[str, object] | None, budget: Budget, status: int = HTTPStatus.OK, tag: str = "") -> Response:
    """Puts an answer together with the headers of its budget."""
    text = "" if body is None else json.dumps(body)
    response = Response(text, status, budget.headers(), content_type="application/json; charset=utf-8")
    if tag:
        response.headers["etag"] = tag
    return response


def entity_tag(body: Mapping[str, object]) -> str:
    """Returns a weak entity tag for a body."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f'W/"{digest}"'
