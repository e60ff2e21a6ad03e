"""Asks the GitHub API over one session, with conditional requests."""

from __future__ import annotations

from http import HTTPStatus

import requests

from demo.service.caches import AnswerCache, CachedAnswer

SECONDS_TO_WAIT = 10.0


class GitHub:
    """Reads repositories and searches users; one instance serves all threads of a process."""

    def __init__(self, url: str, token: str, answers: AnswerCache) -> None:
        self._url = url
        self._answers = answers
        self._session = requests.Session()
        self._session.headers["accept"] = "application/vnd.github+json"
        if token:
            self._session.headers["authorization"] = f"Bearer {token}"

    def repository(self, owner: str, name: str) -> dict[str, object] | None:
        """Returns what GitHub knows of a repository, or None when it knows none; follows a renamed one.

        Raises:
            requests.HTTPError: when GitHub refuses.
        """
        path = f"/repos/{owner}/{name}"
        kept = self._answers.get(path)
        headers = {"if-none-match": kept.etag} if kept else {}
        answer = self._session.get(self._url + path, headers=headers, timeout=SECONDS_TO_WAIT)
        if kept and answer.status_code == HTTPStatus.NOT_MODIFIED:
            return kept.body
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        answer.raise_for_status()
        body: dict[str, object] = answer.json()
        if "etag" in answer.headers:
            self._answers.put(path, CachedAnswer(answer.headers["etag"], body))
        return body

    def search_users(self, text: str, access_token: str = "") -> requests.Response:
        """Returns GitHub's answer to a search, as it came.

        Args:
            text: what to look for.
            access_token: sent in the query, a habit of old clients that GitHub no longer reads; it is here so that
                a secret in a URL can be shown not to leave the process.
        """
        parameters = {"q": text}
        if access_token:
            parameters["access_token"] = access_token
        return self._session.get(f"{self._url}/search/users", params=parameters, timeout=SECONDS_TO_WAIT)
