"""What runs inside the environments of the peers: only the standard library and what each environment holds."""
