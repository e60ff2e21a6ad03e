"""Whose budget a credential spends: installations and users have several tokens, and one budget for all of them.

Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import itertools
import re

from demo.github_stand_in.budgets import ANONYMOUS

# A stand-in for tokens of a user: ``user-7-laptop`` and ``user-7-phone`` are both the seventh user's.
_USER = re.compile(r"user-(\d+)(?:-|$)")


class Identities:
    """Gives out tokens of installations and knows whom a token belongs to."""

    def __init__(self) -> None:
        self._installations: dict[str, str] = {}
        self._number = itertools.count(1)

    def new_token(self, installation: int) -> str:
        """Returns another token of an installation."""
        token = f"ghs_standin{next(self._number):08}"
        self._installations[token] = f"installation-{installation}"
        return token

    def owner(self, credential: str) -> str:
        """Returns whose budget a credential spends; its own where nothing more is known."""
        user = self.user(credential)
        return f"user-{user}" if user is not None else self._installations.get(credential, credential)

    def user(self, credential: str) -> int | None:
        """Returns the number of the user that a token belongs to."""
        found = None if credential == ANONYMOUS else _USER.match(credential)
        return None if found is None else int(found.group(1))
