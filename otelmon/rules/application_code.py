"""Decides whether a source file belongs to the application."""

from __future__ import annotations


def is_application_file(path: str, library_prefixes: tuple[str, ...]) -> bool:
    """Tells whether a code object's file is the application's own.

    Args:
        path: ``co_filename`` of a frame; ``<frozen importlib>`` and ``<string>`` are nobody's file.
        library_prefixes: folders of the standard library and of installed packages.
    """
    return bool(path) and not path.startswith("<") and not path.startswith(library_prefixes)
