"""Reads back, through the interface of each back end, what arrived there."""
