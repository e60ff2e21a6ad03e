"""One observed database call, shared by all database hooks: timing, error, histogram entry, leaf span, event."""
