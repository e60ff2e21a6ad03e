"""Seams into caches."""
