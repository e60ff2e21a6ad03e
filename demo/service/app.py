"""Builds the application: ``opentelemetry-instrument gunicorn 'demo.service.app:create_app()'``."""

from __future__ import annotations

import os

from flask import Flask

import otelmon
from demo.service.caches import AnswerCache
from demo.service.database import Database
from demo.service.faults import faults
from demo.service.github import GitHub
from demo.service.pages import pages
from demo.service.settings import ServiceSettings
from demo.service.tracing import tell_trace


def create_app(settings: ServiceSettings | None = None) -> Flask:
    """Returns the application with its pool, its GitHub client and its caches.

    Args:
        settings: read from the environment where not given.
    """
    settings = settings or ServiceSettings.from_env(os.environ)
    answers = AnswerCache(settings.github_cache_size)
    app = Flask("contributors")
    app.extensions["database"] = Database(settings.database_url, settings.pool_min, settings.pool_max)
    app.extensions["answers"] = answers
    app.extensions["github"] = GitHub(settings.github_url, settings.github_token, answers)
    app.register_blueprint(pages)
    app.register_blueprint(faults)
    app.after_request(tell_trace)
    watch_cache(answers)
    return app


def watch_cache(answers: AnswerCache) -> None:
    """Lets otelmon read the cache that no library knows of."""

    def read() -> otelmon.CacheState:
        return otelmon.CacheState(answers.hits, answers.misses, answers.evictions, len(answers))

    otelmon.register_cache("github_answers", read)
