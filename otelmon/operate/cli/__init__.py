"""The command ``otelmon``."""
