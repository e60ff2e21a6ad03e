"""The reference service: who contributes to which repository, from PostgreSQL and the GitHub API."""
