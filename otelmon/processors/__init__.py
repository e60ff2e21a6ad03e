"""Span processors: what happens to a span when it ends."""
