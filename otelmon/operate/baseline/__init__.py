"""Thresholds proposed from a system's own past, with the alarms that each would have raised."""
