"""Observable instruments: they copy snapshots, and unknown is absent."""
