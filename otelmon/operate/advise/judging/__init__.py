"""Judges facts, one question a file; nothing here reads a database or a clock."""
