"""Measures what health answers in while all else hangs, and what a flood on it costs the application."""
