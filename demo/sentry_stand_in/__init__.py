"""A server that takes what Sentry takes, keeps it, and shows it again."""
