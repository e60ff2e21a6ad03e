"""Seams into libraries, one file or folder per library; each has ``name``, ``requires`` and ``install``."""
