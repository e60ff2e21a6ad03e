"""Pages with the faults that monitoring has to find, each written the way it comes about in real services."""

from __future__ import annotations

import ctypes
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import psycopg2.errors
from flask import Blueprint, Response, current_app, jsonify, request
from psycopg2.pool import PoolError

from demo.service import queries
from demo.service.pages import database, github

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its class in lower case

    from demo.service.caches import AnswerCache

DEFAULT_REPOSITORIES = 20

# What a leak forgets is known to nobody but the pool; this list is for taking it back.
_forgotten: list[Connection] = []
faults = Blueprint("faults", __name__, url_prefix="/faults")


@faults.get("/slow-query")
def slow_query() -> Response:
    """Runs a report that takes longer than half a second, with a literal in its text."""
    with database().transaction() as connection:
        compared = request.args.get("repositories", DEFAULT_REPOSITORIES, int)
        found = queries.collaborators(connection, compared, request.args.get("email", ""))
    return jsonify(collaborators=found)


@faults.post("/contributors")
def add_contributor() -> tuple[Response, int]:
    """Adds a contributor; a taken login or address makes the query fail and PostgreSQL repeat the value."""
    try:
        with database().transaction() as connection:
            identity = queries.add_contributor(connection, request.form["login"], request.form["email"])
    except psycopg2.errors.UniqueViolation:
        return jsonify(error="login or address is taken"), HTTPStatus.CONFLICT
    return jsonify(id=identity), HTTPStatus.CREATED


@faults.get("/search")
def search() -> tuple[Response, int]:
    """Searches users at GitHub and hands its refusal on; a token given here travels in the URL."""
    answer = github().search_users(request.args.get("q", ""), request.args.get("access_token", ""))
    if answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return jsonify(error="GitHub asks to wait"), HTTPStatus.SERVICE_UNAVAILABLE
    answer.raise_for_status()
    return jsonify(answer.json()), HTTPStatus.OK


@faults.get("/wait")
def wait() -> Response:
    """Runs a statement that waits inside the server for ``seconds``, as one that waits for a disk does."""
    with database().transaction() as connection:
        queries.wait(connection, request.args.get("seconds", 0.6, float))
    return jsonify(waited=True)


@faults.get("/failing-query")
def failing_query() -> tuple[Response, int]:
    """Divides by zero in SQL, which the application handles as an input that it does not take."""
    try:
        with database().transaction() as connection:
            queries.failing(connection)
    except psycopg2.errors.DivisionByZero:
        return jsonify(error="this cannot be computed"), HTTPStatus.UNPROCESSABLE_ENTITY
    return jsonify(computed=True), HTTPStatus.OK


@faults.get("/unavailable")
def unavailable() -> tuple[Response, int]:
    """Answers 503, as a page does whose parts are away."""
    return jsonify(error="come back later"), HTTPStatus.SERVICE_UNAVAILABLE


@faults.get("/hold")
def hold() -> Response:
    """Keeps ``connections`` of the pool for ``seconds``, none of them long; counts what a pool then refuses to others.

    Each second the oldest goes back and another is taken, so that none counts as leaked; then one more is asked for.
    """
    pool, refused = database().pool, 0
    until = time.monotonic() + request.args.get("seconds", 20.0, float)
    held = [pool.getconn() for _ in range(request.args.get("connections", 8, int))]
    try:
        while time.monotonic() < until:
            time.sleep(1)
            pool.putconn(held.pop(0))
            held.append(pool.getconn())
            refused += request.args.get("more", 0, int) and _is_refused()
    finally:
        for connection in held:
            pool.putconn(connection)
    return jsonify(refused=refused)


def _is_refused() -> int:
    try:
        database().pool.putconn(database().pool.getconn())
    except PoolError:
        return 1
    return 0


@faults.put("/cache")
def break_cache() -> Response:
    """Makes the cache of GitHub's answers forget at once, as a lifetime of zero does, or work again."""
    answers: AnswerCache = current_app.extensions["answers"]
    answers.forgetful = request.args.get("forgetful", 0, int) == 1
    return jsonify(forgetful=answers.forgetful)


@faults.delete("/watcher")
def end_watcher() -> Response:
    """Ends the watch thread of otelmon in this process, as a defect in it would."""
    ended = 0
    for thread in threading.enumerate():
        if thread.name == "otelmon-watch" and thread.ident is not None:
            ended += ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
            )
    return jsonify(ended=ended)


@faults.get("/leak")
def leak() -> Response:
    """Takes a connection from the pool and forgets to return it on its early way out."""
    connection = database().pool.getconn()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM repositories WHERE stars > %s", (1_000_000,))
        popular = cursor.fetchall()
    if not popular:
        _forgotten.append(connection)
        return jsonify(popular=[])
    database().pool.putconn(connection)
    return jsonify(popular=popular)


@faults.delete("/leak")
def end_leak() -> Response:
    """Returns what was forgotten."""
    returned = 0
    while _forgotten:
        database().pool.putconn(_forgotten.pop())
        returned += 1
    return jsonify(returned=returned)
