"""Watches sessions of requests-cache, and counts what cached answers of GitHub have saved of its budgets.

Each redirect hop is a look-up, as it is for the library. Requests for which the library does not ask its cache, such as
a POST or a forced refresh, are none. An answer that GitHub or another server had to confirm (304) is a miss.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import sys
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from otelmon import guard
from otelmon.hooks.caches.readers import weakly
from otelmon.hooks.caches.requests_cache_notes import FRESH, Note, note_answer, noted, taken
from otelmon.hooks.caches.subclass import observe_as, subclass_of
from otelmon.hooks.github.hosts import GitHubHosts
from otelmon.hooks.late_patching import when_imported
from otelmon.hooks.patching import patch, undo_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import CacheBook, HookRegistry

_SITE = guard.site("hooks.requests_cache")
MOST_HOSTS = 1000
_COUNTS = ("stale_hits", "saved_points")


def subject(cache: object) -> object | None:
    """Returns a session as it is; None for anything else."""
    library = sys.modules.get("requests_cache.session")
    return cache if library is not None and isinstance(cache, library.CacheMixin) else None


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a session from now on; returns the name under which it is reported, and what undoes it."""
    used, book = registry.watch_cache(name, _size_of(cache), counts=_COUNTS)
    return used, _observe(cache, _Watch(book, GitHubHosts(registry.settings.github_hosts)))


class RequestsCacheHook:
    """Watches every session of requests-cache under the name of its cache."""

    name = "requests_cache"
    requires = "requests-cache>=1,<2"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the making of sessions once requests-cache is imported; returns what undoes it."""
        sessions = _Sessions(registry)

        def patch_sessions(module: Any) -> Callable[[], None]:
            prepare = module.CacheMixin.__init__

            def __init__(self: Any, *args: Any, **more: Any) -> None:  # noqa: N807 - as the library has it
                prepare(self, *args, **more)
                guard.call(_SITE, sessions.made, self)

            return patch(module.CacheMixin, "__init__", __init__)

        return when_imported(_SITE, "requests_cache.session", patch_sessions)


class _Sessions:
    """Gives all sessions with a cache of one name one book."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._hosts = GitHubHosts(registry.settings.github_hosts)
        self._watches: dict[str, _Watch] = {}

    def made(self, session: Any) -> None:
        """Watches a session under the last part of its cache's name, which may be a path."""
        name = f"requests_cache.{PurePath(str(session.cache.cache_name)).name}"
        if name not in self._watches:
            _, book = self._registry.watch_cache(name, _size_of(session), counts=_COUNTS)
            self._watches[name] = _Watch(book, self._hosts)
        self._registry.observed_caches.keep_quietly(session, _observe(session, self._watches[name]))


def _size_of(session: Any) -> Callable[[], int | None]:
    """Returns what counts the entries of a cache in memory; others would have to be read from disk or network."""
    library = sys.modules.get("requests_cache.backends.base")
    responses = session.cache.responses
    if library is None or not isinstance(responses, library.DictStorage):
        return lambda: None
    alive = weakly(responses)
    return lambda: len(found) if isinstance(found := alive(), library.DictStorage) else None


def _observe(session: Any, watch: _Watch) -> Callable[[], None]:
    cache = session.cache
    return undo_all(
        (observe_as(session, watch.session_class(type(session))), observe_as(cache, watch.cache_class(type(cache))))
    )


class _Watch:
    """Turns what sessions with one book do into its counts."""

    def __init__(self, book: CacheBook, hosts: GitHubHosts) -> None:
        self._book = book
        self._hosts = hosts
        self._classes: dict[type, type] = {}
        self._known_hosts: dict[str, bool] = {}

    def session_class(self, genuine: Any) -> type:
        """Returns the subclass that watches ``send``."""
        send, hit, saved_point, hosts = genuine.send, self._book.hit, self._book.saved_point, self._known_hosts
        cached = sys.modules["requests_cache.models.response"].CachedResponse
        seen, note, clock = noted.get, noted.set, time.perf_counter_ns

        def watched_send(session: Any, request: Any, *args: Any, **more: Any) -> Any:
            began = clock()
            response = None
            try:
                response = send(session, request, *args, **more)
            finally:
                if response is None:
                    guard.call(_SITE, self._sent, began, request, None)
            if seen() is not FRESH or type(response) is not cached or response.revalidated:
                guard.call(_SITE, self._sent, began, request, response)
                return response
            # Nearly every hit: nothing here can fail, so it is not behind the guard.
            note(None)
            hit()
            host = request.url.partition("//")[2].partition("/")[0]
            known = hosts.get(host)
            if known is None:
                known = guard.call(_SITE, self._learn, host, request.url)
            if known:
                saved_point()
            return response

        return self._class(genuine, {"send": watched_send})

    def cache_class(self, genuine: Any) -> type:
        """Returns the subclass that watches ``get_response``."""
        find, seen, note = genuine.get_response, noted.get, noted.set

        def get_response(cache: Any, key: Any, default: Any = None) -> Any:
            response = find(cache, key, default)
            if response is not None and getattr(response, "expires", 0) is None and seen() is None:
                note(FRESH)
            else:
                guard.call(_SITE, note_answer, key, response)
            return response

        return self._class(genuine, {"get_response": get_response})

    def _class(self, genuine: type, members: dict[str, object]) -> type:
        if genuine not in self._classes:
            self._classes[genuine] = subclass_of(genuine, members)
        return self._classes[genuine]

    def _sent(self, began: int, request: Any, response: Any) -> None:
        """Counts a request that was sent by what was noted of it since it began."""
        asked = taken(began)
        if asked is None:
            return
        from_cache = asked.found and getattr(response, "from_cache", False)
        if from_cache and not getattr(response, "revalidated", False):
            self._answered(asked, request.url)
            return
        self._missed(asked)
        if response is not None and (asked.found or not getattr(response, "from_cache", False)):
            self._book.loaded(time.perf_counter_ns() - began)
            self._book.keys.stored(asked.key, None)

    def _answered(self, asked: Note, url: str) -> None:
        if not asked.fresh:
            # A request was made after all, in the background or in vain.
            self._book.stale_hit()
            return
        self._book.hit()
        if self._learn(url.partition("//")[2].partition("/")[0], url):
            self._book.saved_point()

    def _learn(self, host: str, url: str) -> bool:
        """Tells whether a URL leads to GitHub; URLs are taken apart once for each host."""
        known = self._known_hosts.get(host)
        if known is None:
            address = urlsplit(url)
            known = (address.hostname or "", address.port) in self._hosts
            if len(self._known_hosts) < MOST_HOSTS:
                self._known_hosts[host] = known
        return known

    def _missed(self, asked: Note) -> None:
        if asked.found:
            self._book.missed_because(None if asked.fresh else "expired")
        else:
            # What this process has stored is gone by a way that is not watched.
            cause = self._book.keys.cause(asked.key, 0.0)
            self._book.missed_because(cause if cause == "absent" else None)


hook = RequestsCacheHook()
