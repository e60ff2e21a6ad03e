"""Builds, validates and runs the OpenTelemetry Collector of this project."""
