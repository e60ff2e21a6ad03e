"""What a process says of its own health, for all workers at one address; imported only where an address is set."""
