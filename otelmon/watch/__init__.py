"""The one thread of otelmon in the application: leaks, heartbeat, shutdown."""
