"""The reference service does what its pages say, with or without anything that watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.service.app import create_app
from demo.service.caches import AnswerCache, CachedAnswer, identicon
from demo.service.settings import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from demo.parts.postgres import Postgres
    from demo.parts.stand_ins import GitHubStandIn


@pytest.fixture
def client(postgres: Postgres, github: GitHubStandIn) -> Iterator[FlaskClient]:
    """Returns a client of a service on a real database and the GitHub stand-in."""
    app = create_app(ServiceSettings(postgres.url, github.url, github.token, pool_min=1, pool_max=2))
    yield app.test_client()
    app.extensions["database"].close()


def test_a_repository_is_shown_with_contributors_and_github(client: FlaskClient) -> None:
    """The reference page joins what the database and GitHub know."""
    shown = client.get("/repositories/owner-01/project-1").get_json()
    assert shown["repository"]["name"] == "project-1"
    assert shown["github"]["full_name"] == "owner-01/project-1"
    assert 0 < len(shown["contributors"]) <= 25
    assert all(len(each["picture"]) == 29 for each in shown["contributors"])


def test_an_unchanged_answer_of_github_is_taken_from_the_cache(client: FlaskClient) -> None:
    """A second look revalidates by entity tag and shows the same."""
    answers = [client.get("/github/owner-01/project-1").get_json() for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ["/repositories/nobody/nothing", "/github/owner-01/missing"])
def test_what_is_not_known_is_404(client: FlaskClient, path: str) -> None:
    """An unknown repository is told, whoever does not know it."""
    assert client.get(path).status_code == 404


def test_home_counts(client: FlaskClient) -> None:
    """The first page shows how many rows there are."""
    shown = client.get("/").get_json()
    assert (shown["repositories"], shown["contributors"] >= 500, shown["contributions"]) == (200, True, 5000)


def test_a_taken_address_is_a_conflict_and_gives_the_connection_back(client: FlaskClient) -> None:
    """A unique violation is answered 409 as often as it happens; the pool of two would be empty otherwise."""
    form = {"login": "somebody", "email": "login-1@example.org"}
    assert [client.post("/faults/contributors", data=form).status_code for _ in range(4)] == [409] * 4


def test_the_leak_empties_the_pool(client: FlaskClient) -> None:
    """Each leak keeps a connection: with a pool of two, the third request has none."""
    client.application.testing = False
    assert [client.get("/faults/leak").status_code for _ in range(3)] == [200, 200, 500]


def test_the_report_runs(client: FlaskClient) -> None:
    """The slow report answers with at most ten contributors."""
    shown = client.get("/faults/slow-query?repositories=2&email=login-1@example.org").get_json()
    assert 0 < len(shown["collaborators"]) <= 10


def test_a_refusal_of_github_is_handed_on(client: FlaskClient, github: GitHubStandIn) -> None:
    """When GitHub asks to wait the page is not available; without a refusal it shows what was found."""
    found = client.get("/faults/search?q=octocat").get_json()
    github.control("POST", "secondary", {"status": 429, "retry_after": 1})
    assert (found["items"], client.get("/faults/search?q=octocat").status_code) == ([{"login": "octocat"}], 503)


def test_settings_that_are_missing_are_named() -> None:
    """A service without addresses ends with one line that names them."""
    with pytest.raises(SystemExit, match="contributors: DATABASE_URL and GITHUB_URL must be set"):
        ServiceSettings.from_env({})


def test_secrets_are_not_in_the_text_of_settings() -> None:
    """Neither the database's address nor the token appears where settings are printed."""
    settings = ServiceSettings.from_env(
        {"DATABASE_URL": "postgresql://a:hidden@h/d", "GITHUB_URL": "http://g/", "GITHUB_TOKEN": "hidden"}
    )
    assert ("hidden" in repr(settings), settings.github_url) == (False, "http://g")


def test_the_answer_cache_counts_and_drops_the_oldest() -> None:
    """Hits, misses and evictions are counted; what was used last stays."""
    cache = AnswerCache(2)
    answer = CachedAnswer("tag", {})
    for key in ("a", "b"):
        cache.put(key, answer)
    cache.get("a")
    cache.put("c", answer)
    assert (cache.get("a"), cache.get("b"), len(cache)) == (answer, None, 2)
    assert (cache.hits, cache.misses, cache.evictions) == (2, 1, 1)


def test_a_picture_depends_on_the_login_alone() -> None:
    """The same login has the same picture, mirrored in the middle."""
    assert identicon("octocat") == identicon("octocat") != identicon("login-1")
    assert all(row == row[::-1] for row in identicon("octocat").split("/"))
