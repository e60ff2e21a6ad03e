"""Installs, checks and uses the schema ``otelmon`` of a PostgreSQL database."""
