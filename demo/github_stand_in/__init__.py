"""A server that behaves as GitHub documents its REST API to behave where limits are concerned."""
