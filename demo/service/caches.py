"""The two caches of the service: answers of GitHub kept by entity tag, and pictures computed from a login."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """Holds the body of an answer and the entity tag that it can be revalidated with."""

    etag: str
    body: dict[str, object]


class AnswerCache:
    """Keeps the answers used last, up to a fixed number, and counts what happens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[str, CachedAnswer] = OrderedDict()
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self.forgetful = False

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: str) -> CachedAnswer | None:
        """Returns a kept answer and makes it the youngest, or None."""
        with self._lock:
            answer = None if self.forgetful else self._answers.get(key)
            if answer is None:
                self.misses += 1
                return None
            self.hits += 1
            self._answers.move_to_end(key)
            return answer

    def put(self, key: str, answer: CachedAnswer) -> None:
        """Keeps an answer and drops the oldest one where there are too many."""
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
                self.evictions += 1


@lru_cache(maxsize=1024)
def identicon(login: str) -> str:
    """Returns a picture for a login: five rows of five cells, mirrored, as text."""
    bits = int.from_bytes(hashlib.sha256(login.encode()).digest()[:2], "big")
    rows = []
    for row in range(5):
        left = [bool(bits >> (row * 3 + column) & 1) for column in range(3)]
        rows.append("".join("#" if cell else "." for cell in (*left, left[1], left[0])))
    return "/".join(rows)
