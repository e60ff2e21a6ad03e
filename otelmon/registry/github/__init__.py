"""Holds what answers of the GitHub API have told."""

from __future__ import annotations

from otelmon.registry.github.book import GitHubBook

__all__ = ["GitHubBook"]
