"""``otelmon observe``: reads the views of one database on a schedule and tells them as metrics and events."""
