"""Wires the rooms together: the only place that knows all of them."""
