"""What can be told without sending anything: versions, hooks, other tracers, limits, clocks, the database."""
