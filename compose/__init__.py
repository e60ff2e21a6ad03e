"""What docker-compose.yml needs beside its images."""
