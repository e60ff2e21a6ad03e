"""Judges indexes, tables and settings of a PostgreSQL database, with the evidence for every finding."""
