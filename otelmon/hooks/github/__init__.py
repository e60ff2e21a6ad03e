"""Reads what GitHub answers, whichever HTTP client asked."""
