"""What a team keeps an eye on, read from every source at once: `otelmon status` and `otelmon page` show it."""
