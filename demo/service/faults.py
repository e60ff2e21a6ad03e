"""Pages with the faults that monitoring has to find, each written the way it comes about in real services."""

from __future__ import annotations

from http import HTTPStatus

import psycopg2.errors
from flask import Blueprint, Response, jsonify, request

from demo.service import queries
from demo.service.pages import database, github

DEFAULT_REPOSITORIES = 20

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


@faults.get("/leak")
def leak() -> Response:
    """Takes a connection from the pool and forgets to return it on its early way out."""
    connection = database().pool.getconn()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM repositories WHERE stars > %s", (1_000_000,))
        popular = cursor.fetchall()
    if not popular:
        return jsonify(popular=[])
    database().pool.putconn(connection)
    return jsonify(popular=popular)
