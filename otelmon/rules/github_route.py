"""Turns a GitHub API path into one of a bounded set of route templates."""

from __future__ import annotations

OTHER = "other"


def route_template(path: str) -> str:
    """Returns the route of a path, such as ``/repos/{owner}/{repo}/contributors``; unknown shapes are ``other``."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts == ["graphql"] or parts == ["rate_limit"] or parts == ["user"]:
        return "/" + parts[0]
    if parts[0] == "users" and len(parts) == 2:
        return "/users/{username}"
    if parts[0] == "search" and len(parts) == 2 and parts[1] in ("repositories", "code", "issues", "users"):
        return "/search/" + parts[1]
    if parts[0] == "repos" and len(parts) == 3:
        return "/repos/{owner}/{repo}"
    if parts[0] == "repos" and len(parts) == 4 and parts[3] in ("contributors", "pulls", "issues", "commits"):
        return "/repos/{owner}/{repo}/" + parts[3]
    return OTHER
