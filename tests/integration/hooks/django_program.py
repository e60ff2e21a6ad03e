"""A Django application that keeps its connection: serves requests, waits, and says what otelmon has found.

argv: ``psycopg2`` or ``psycopg``, host, port, database, user, password, ``0`` or the seconds of ``CONN_MAX_AGE``.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Runs it."""
    driver, host, port, name, user, password, age = sys.argv[1:8]
    import otelmon

    otelmon.instrument(leak_after_ms=300)
    from django.conf import settings

    if driver == "psycopg2":
        # Django takes psycopg 3 where it finds it.
        sys.modules["psycopg"] = None
    database = {"ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": port, "NAME": name}
    database |= {"USER": user, "PASSWORD": password, "CONN_MAX_AGE": int(age)}
    settings.configure(DATABASES={"default": database})
    import django
    from django.core.signals import request_finished, request_started
    from django.db import connection, transaction

    django.setup()
    pids = set()
    for _ in range(5):
        request_started.send(sender=None)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.add(cursor.fetchone()[0])
        request_finished.send(sender=None)
        time.sleep(0.4)
    time.sleep(1.0)
    from otelmon.launch.activate import active

    registry = active().registry
    print(
        json.dumps(
            {
                "driver": type(connection.connection or 0).__module__.partition(".")[0],
                "connections": len(pids),
                "counted": sum(registry.connections.checkouts().values()),
                "names": sorted(registry.connections.checkouts()),
                "leaked": sum(registry.connections.leaked().values()),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
