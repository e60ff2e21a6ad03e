"""Variables of Collectors that other machines reach or that reach other machines: TLS, tokens, gateways, Kafka."""

from __future__ import annotations

from otelmon.operate.collector.variable import CollectorVariable

VARIABLES: tuple[CollectorVariable, ...] = (
    CollectorVariable(
        "OTELMON_COLLECTOR_CERTIFICATE_FILE",
        "file",
        "/etc/otelmon/tls.crt",
        "",
        "Certificate that receivers show off loopback, with its chain, PEM; read again every 30 s.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KEY_FILE",
        "file",
        "/etc/otelmon/tls.key",
        "",
        "Key of that certificate, PEM; read again every 30 s.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_TOKEN_FILE",
        "file",
        "/etc/otelmon/receiver.tokens",
        "",
        "Tokens that senders may show, one a line; watched.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_CLIENT_CA_FILE",
        "file",
        "/etc/otelmon/client-ca.crt",
        "",
        "Authorities whose certificates senders may show instead of a token (05-mutual-tls.yaml), PEM; watched.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_GATEWAY_ENDPOINT",
        "url",
        "https://127.0.0.1:4318",
        "",
        "Base address of the gateway that the profile agent sends to.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_GATEWAY_CA_FILE",
        "file",
        "/etc/otelmon/ca.crt",
        "",
        "Authority that signed the gateway's certificate, PEM; read again every 30 s.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_GATEWAY_TOKEN_FILE",
        "file",
        "/etc/otelmon/gateway.token",
        "",
        "Token that the profile agent shows to its gateway; watched.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_BROKERS",
        "addresses",
        "127.0.0.1:9092",
        "",
        "Brokers that agents write to and gateways read from, in the profiles kafka and kafka-gateway.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_TRACES_TOPIC",
        "topic",
        "otelmon-traces",
        "",
        "Topic of spans, keyed by trace id; make it with at least as many partitions as there will be gateways.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_LOGS_TOPIC",
        "topic",
        "otelmon-logs",
        "",
        "Topic of log records.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_METRICS_TOPIC",
        "topic",
        "otelmon-metrics",
        "",
        "Topic of metrics, keyed by resource.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_GROUP",
        "topic",
        "otelmon-gateways",
        "",
        "Consumer group of the gateways, which share the partitions among them.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_CA_FILE",
        "file",
        "/etc/otelmon/kafka-ca.crt",
        "",
        "Authority that signed the brokers' certificates (07- and 81-kafka-…-secured.yaml), PEM.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_USER",
        "name",
        "otelmon",
        "",
        "User that agents and gateways are to brokers that demand a password.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_KAFKA_PASSWORD",
        "secret",
        "",
        "",
        "Password of that user.",
    ),
)
