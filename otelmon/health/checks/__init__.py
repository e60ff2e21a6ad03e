"""What is looked at for health, one topic a file: figures of the process, and what in them is bad."""
