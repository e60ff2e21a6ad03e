"""The pages that people use."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify

from demo.service import queries
from demo.service.caches import identicon

if TYPE_CHECKING:
    from demo.service.database import Database
    from demo.service.github import GitHub

pages = Blueprint("pages", __name__)


def database() -> Database:
    """Returns the database of the running application."""
    found: Database = current_app.extensions["database"]
    return found


def github() -> GitHub:
    """Returns the GitHub client of the running application."""
    found: GitHub = current_app.extensions["github"]
    return found


def not_found(what: str) -> tuple[Response, int]:
    """Answers 404 with a reason."""
    return jsonify(error=f"{what} is not known"), HTTPStatus.NOT_FOUND


@pages.get("/livez")
def livez() -> Response:
    """Answers without touching anything, for whoever waits for the service."""
    return jsonify(status="pass")


@pages.get("/")
def home() -> Response:
    """Shows how much there is, and the repositories with the most stars."""
    with database().transaction() as connection:
        repositories, contributors, contributions = queries.totals(connection)
        most = queries.repositories(connection, 10)
    return jsonify(repositories=repositories, contributors=contributors, contributions=contributions, most_stars=most)


@pages.get("/repositories/<owner>/<name>")
def repository(owner: str, name: str) -> Response | tuple[Response, int]:
    """Shows one repository with its contributors: the request of the reference kind, three queries and one GET."""
    with database().transaction() as connection:
        row = queries.repository(connection, owner, name)
        if row is None:
            return not_found("this repository")
        contributors = queries.top_contributors(connection, row["id"])
        months = queries.activity(connection, row["id"])
    for contributor in contributors:
        contributor["picture"] = identicon(str(contributor["login"]))
    return jsonify(repository=row, contributors=contributors, months=months, github=github().repository(owner, name))


@pages.get("/github/<owner>/<name>")
def github_repository(owner: str, name: str) -> Response | tuple[Response, int]:
    """Shows what GitHub says of a repository, under whatever name it has now."""
    body = github().repository(owner, name)
    return not_found("this repository") if body is None else jsonify(body)
