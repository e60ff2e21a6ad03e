"""The page that a team keeps open: what is going on now, made from a snapshot, and each trace as a waterfall."""
