"""A plugin for suites that use a name of pytest that pytest 9 writes otherwise."""

from __future__ import annotations

from _pytest import monkeypatch

if not hasattr(monkeypatch, "notset"):
    monkeypatch.notset = monkeypatch.NOTSET
