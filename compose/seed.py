"""Fills the database of docker-compose.yml once: ``python -m compose.seed``; DATABASE_URL says which."""

from __future__ import annotations

import os

import psycopg2

from demo.seed import seed


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


if __name__ == "__main__":
    database_url = os.environ["DATABASE_URL"]
    if is_empty(database_url):
        seed(database_url)
