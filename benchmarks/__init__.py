"""Measures what otelmon costs, beside the same work bare and under plain OpenTelemetry."""
