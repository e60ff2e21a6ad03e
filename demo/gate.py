"""A network that can be cut: passes HTTP on to one address until it is told not to.

``python -m demo.gate --port 8004 --to http://127.0.0.1:4318``; ``PUT /gate`` says how it behaves:

- ``{"cut": true}`` hangs up on everybody;
- ``{"refuse": "/v1/traces"}`` answers 401 below that path, ``{"swallow": "/v1/traces"}`` 200, and passes nothing on;
- ``{"delay": 8}`` lets each request wait 8 s;
- ``{}`` passes everything on again.
"""

from __future__ import annotations

import argparse
import http.client
import time
import urllib.parse
from http import HTTPStatus

from flask import Flask, Response, abort, jsonify, request

from demo.server import serve_until_terminated

SECONDS_TO_ANSWER = 30
PASSED_ON = ("content-type", "content-encoding", "user-agent")


def create_app(to: str) -> Flask:
    """Returns the gate in front of an address."""
    app = Flask("gate")
    told: dict[str, object] = {}
    target = urllib.parse.urlsplit(to)

    @app.put("/gate")
    def behave() -> Response:
        """Replaces how the gate behaves."""
        told.clear()
        told.update(request.get_json())
        return jsonify(told)

    @app.get("/gate")
    def behavior() -> Response:
        """Shows how the gate behaves."""
        return jsonify(told)

    @app.post("/<path:path>")
    def post(path: str) -> Response:
        """Passes a request on, unless told otherwise."""
        body = request.get_data(cache=False)
        if told.get("cut"):
            hang_up()
        if is_below(path, told.get("refuse")):
            abort(HTTPStatus.UNAUTHORIZED)
        if is_below(path, told.get("swallow")):
            return Response(b"", HTTPStatus.OK, content_type="application/x-protobuf")
        time.sleep(float(str(told.get("delay", 0))))
        return passed_on(target.netloc, f"/{path}", body)

    return app


def is_below(path: str, chosen: object) -> bool:
    """Tells whether a path lies below one that was chosen; none does where nothing was."""
    return bool(chosen) and f"/{path}".startswith(str(chosen))


def passed_on(netloc: str, path: str, body: bytes) -> Response:
    """Sends a request on and returns the answer; 502 where there is none."""
    connection = http.client.HTTPConnection(netloc, timeout=SECONDS_TO_ANSWER)
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return Response(answer.read(), answer.status, content_type=answer.headers.get("content-type", ""))
    except OSError:
        return Response(b"", HTTPStatus.BAD_GATEWAY)
    finally:
        connection.close()


def hang_up() -> None:
    """Ends the connection without a word, as a cut cable looks from here once the kernel has noticed."""
    request.environ["werkzeug.socket"].close()
    raise ConnectionAbortedError


def main() -> None:
    """Reads the command line and serves until terminated."""
    parser = argparse.ArgumentParser(prog="python -m demo.gate", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", required=True)
    given = parser.parse_args()
    serve_until_terminated(create_app(given.to), given.port)


if __name__ == "__main__":
    main()
