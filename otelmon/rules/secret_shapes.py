"""Recognizes credentials by their shape."""

from __future__ import annotations

import re

# Prefixes that issuers give to their credentials so that scanners find them, such as
# https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
SHAPE = (
    r"(?<![A-Za-z0-9])(?:gh[pousr]_\w{6,}|github_pat_\w{6,}|glpat-[\w-]{6,}|xox[a-z]-[\w-]{6,}|xapp-[\w-]{6,}"
    r"|sk-[\w-]{6,}|[srp]k_(?:live|test)_\w{6,}|whsec_\w{6,}|(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{8,}|AIza[\w-]{16,}"
    r"|ya29\.[\w.-]{6,}|npm_\w{16,}|pypi-[\w-]{16,}|hf_\w{16,}|dop_v1_\w{16,}|sntrys_[\w=+/.-]{8,}|SG\.[\w-]{8,}[\w.-]*"
    r"|eyJ[\w-]{8,}(?:\.[\w-]*){0,4})"
)
_TOKEN = re.compile(SHAPE)
_LONG = re.compile(r"[A-Za-z0-9_~+=.:-]{32,}")
_DENSE = re.compile(r"[A-Za-z0-9]{20,}")
_WORDS = re.compile(r"[A-Za-z]?[a-z]{0,20}(?:[-_.+:][A-Za-z]?[a-z]{0,20})+")
_SHORTEST = 16


def has_secret_shape(word: str) -> bool:
    """Tells whether a word looks like a credential: a known prefix, or 32 characters that are not words.

    Runs of 20 letters and digits count as well if they mix lower case, upper case and digits.
    """
    if len(word) < _SHORTEST and "_" not in word and "-" not in word:
        return False
    if _TOKEN.search(word):
        return True
    if _LONG.search(word) and not _WORDS.fullmatch(word):
        return True
    return any(_is_mixed(run) for run in _DENSE.findall(word))


def _is_mixed(run: str) -> bool:
    return not run.islower() and not run.isupper() and not run.isalpha() and not run.isdigit()
