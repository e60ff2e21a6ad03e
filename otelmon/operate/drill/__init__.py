"""Proves alert rules by faults: what is injected must be told in time, and nothing else may be."""
