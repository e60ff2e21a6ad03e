"""Measures what reading PostgreSQL's own view costs: ``make bench-sql``."""
