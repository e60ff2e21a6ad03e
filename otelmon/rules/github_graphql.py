"""Tells what kind of operation a GraphQL request is, from the beginning of a body that is in memory anyway."""

from __future__ import annotations

import re

# A query stands at the beginning of its body, whatever library has written it; variables may be long.
LONGEST_READ = 4096
# White space, commas and comments, as JSON writes them, then the word or brace that begins the first definition.
_FIRST = re.compile(r'"query"\s*:\s*"(?:[\s,]|\\[nrt]|\\ufeff|#[^\\"]*(?:\\[^nr][^\\"]*)*\\[nr])*(\w+|\{)')


def is_mutation(body: object) -> bool:
    """Tells whether a body is known to hold a mutation; False for a query and where nothing is known.

    The first definition decides: of a document that begins with a fragment or holds several operations nothing more is
    read.

    Args:
        body: text or bytes of JSON with the member ``query``; anything else is not looked into.
    """
    if isinstance(body, (bytes, bytearray)):
        text = bytes(body[:LONGEST_READ]).decode("utf-8", "replace")
    elif isinstance(body, str):
        text = body[:LONGEST_READ]
    else:
        return False
    found = _FIRST.search(text)
    return found is not None and found.group(1) == "mutation"
