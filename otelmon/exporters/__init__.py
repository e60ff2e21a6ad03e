"""What leaves the process, and the booking of its delivery."""
