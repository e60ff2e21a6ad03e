"""The application's diagnostics connection: what its slow calls wait for, their query ids and their plans."""
