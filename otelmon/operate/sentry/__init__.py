"""Monitors and alerts in Sentry as files, and what Sentry would drop of what it is sent."""
