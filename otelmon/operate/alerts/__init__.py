"""Alert rules, routes and links, rendered from operators' thresholds."""
