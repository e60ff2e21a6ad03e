# Three images: `operate`, the commands of otelmon installed from its wheel; `demo`, the reference service on top of it;
# and `collector`. docker-compose.yml builds the last two; `docker build --target collector .` builds one.

FROM python:3.13.9-slim-bookworm AS wheel
WORKDIR /source
COPY requirements/build.txt requirements/build.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY otelmon otelmon
COPY sql sql
COPY collector collector
COPY alerts alerts
COPY dashboards dashboards
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel .

FROM python:3.13.9-slim-bookworm AS operate
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /service
COPY requirements/demo.txt requirements/demo.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps /wheel/*.whl
USER 10001:10001
ENTRYPOINT ["otelmon"]

FROM python:3.13.9-slim-bookworm AS demo
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /service
COPY requirements/demo.txt requirements/demo.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps /wheel/*.whl
COPY demo demo
COPY compose/__init__.py compose/seed.py compose/page.py compose/
USER 10001:10001
EXPOSE 8000
CMD ["opentelemetry-instrument", "gunicorn", "--bind=0.0.0.0:8000", "demo.service.app:create_app()"]

FROM golang:1.26.8-bookworm AS collector-build
WORKDIR /source
COPY collector/distribution/go.mod collector/distribution/go.sum ./
RUN go mod download
COPY collector/distribution ./
RUN CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags=-s -o /otelmon-collector .

FROM alpine:3.22.2 AS collector
COPY --from=collector-build /otelmon-collector /usr/local/bin/otelmon-collector
# The configuration travels with the image; docker-compose.yml mounts the folder over it.
COPY collector /etc/otelmon/collector
WORKDIR /etc/otelmon/collector
USER 65534:65534
EXPOSE 4317 4318
ENTRYPOINT ["/usr/local/bin/otelmon-collector"]
