"""Prepares the database of docker-compose.yml: ``python -m compose.seed``; DATABASE_URL says which.

Fills it once, brings the schema otelmon up to date, and lets otelmon_reader log in with READER_PASSWORD.
"""

from __future__ import annotations

import os

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from demo.seed import seed
from otelmon.operate.sql.install import install

READER = "otelmon_reader"


def is_empty(url: str) -> bool:
    """Returns whether the schema of the reference service is missing."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('contributions') IS NULL")
            row = cursor.fetchone()
            return bool(row and row[0])
    finally:
        connection.close()


def let_reader_in(url: str, password: str) -> None:
    """Installs the schema and gives the reader a password, of which the server sees the verifier only."""
    install(url)
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            verifier = sql.Literal(encrypt_password(password, READER, connection, "scram-sha-256"))
            cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), verifier))
    finally:
        connection.close()


if __name__ == "__main__":
    database_url = os.environ["DATABASE_URL"]
    if is_empty(database_url):
        seed(database_url)
    let_reader_in(database_url, os.environ["READER_PASSWORD"])
