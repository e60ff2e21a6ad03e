"""Turns a GitHub API path into one of a bounded set of route templates."""

from __future__ import annotations

from typing import TypeAlias

OTHER = "other"
LONGEST_READ = 2048
_REPOSITORY = "/repos/{owner}/{repo}"
_UNDER_REPOSITORY = """
    actions/runs actions/runs/{run_id} actions/runs/{run_id}/jobs actions/workflows
    actions/workflows/{workflow_id}/runs assignees branches branches/{branch} check-runs/{check_run_id}
    collaborators comments commits commits/{ref} commits/{ref}/check-runs commits/{ref}/comments commits/{ref}/pulls
    commits/{ref}/status commits/{ref}/statuses compare/{basehead} contents contents/{path*} contributors deployments
    dispatches events forks git/blobs/{file_sha} git/commits/{commit_sha} git/ref/{ref*} git/refs git/refs/{ref*}
    git/trees/{tree_sha} hooks issues issues/comments issues/events issues/{issue_number}
    issues/{issue_number}/comments issues/{issue_number}/events issues/{issue_number}/labels
    issues/{issue_number}/reactions issues/{issue_number}/timeline keys labels labels/{name} languages license
    milestones
    notifications pulls pulls/comments pulls/{pull_number} pulls/{pull_number}/comments pulls/{pull_number}/commits
    pulls/{pull_number}/files pulls/{pull_number}/merge pulls/{pull_number}/requested_reviewers
    pulls/{pull_number}/reviews readme releases releases/latest releases/tags/{tag} releases/{release_id} stargazers
    stats/code_frequency stats/commit_activity stats/contributors stats/participation stats/punch_card statuses/{sha}
    subscribers tags teams topics traffic/clones traffic/popular/paths traffic/popular/referrers traffic/views
    zipball/{ref*} tarball/{ref*}
"""
_ELSEWHERE = """
    / /app /app/installations /app/installations/{installation_id} /app/installations/{installation_id}/access_tokens
    /emojis /events /gists /gists/{gist_id} /graphql /installation/repositories /issues /licenses /meta /notifications
    /orgs/{org} /orgs/{org}/events /orgs/{org}/issues /orgs/{org}/members /orgs/{org}/repos /orgs/{org}/teams
    /organizations /organizations/{organization_id}/repos /rate_limit /repositories /repositories/{repository_id}
    /repositories/{repository_id}/{listing} /search/code /search/commits /search/issues /search/labels
    /search/repositories /search/topics /search/users /user /user/emails /user/followers /user/following
    /user/installations /user/issues /user/orgs /user/repos /user/starred /user/subscriptions /user/{account_id}
    /user/{account_id}/{listing} /users /users/{username} /users/{username}/events /users/{username}/events/public
    /users/{username}/followers /users/{username}/following /users/{username}/gists /users/{username}/orgs
    /users/{username}/received_events /users/{username}/repos /users/{username}/starred /users/{username}/subscriptions
"""
_TEMPLATES = (*_ELSEWHERE.split(), _REPOSITORY, *(f"{_REPOSITORY}/{rest}" for rest in _UNDER_REPOSITORY.split()))

_Tree: TypeAlias = "dict[str, _Tree | str]"
_HERE = ""


def _grown() -> _Tree:
    """Arranges the templates by segment; ``{}`` stands for any segment, ``{*}`` for all that follow."""
    root: _Tree = {}
    for template in _TEMPLATES:
        node = root
        for segment in template.strip("/").split("/"):
            key = segment if segment[:1] != "{" else "{*}" if segment.endswith("*}") else "{}"
            child = node.setdefault(key, {})
            node = child if isinstance(child, dict) else {}
        node[_HERE] = template.replace("*}", "}")
    return root


_ROOT = _grown()


def route_template(path: str) -> str:
    """Returns the route of a path, such as ``/repos/{owner}/{repo}/contributors``; unknown shapes are ``other``.

    The number of answers is fixed, so that a route can be a label.

    Args:
        path: the request target; a query, a trailing slash and the ``/api/v3`` of GitHub Enterprise Server do not
            count.

    Source: https://docs.github.com/rest (paths of the REST API).
    """
    plain = path[:LONGEST_READ].partition("?")[0].partition("#")[0].strip("/")
    if plain == "api/graphql":
        return "/graphql"
    node = _ROOT
    for segment in plain.removeprefix("api/v3/").split("/"):
        child = node.get(segment) if segment != _HERE or node is _ROOT else None
        child = child or (node.get("{}") if segment else None)
        if isinstance(child, dict):
            node = child
            continue
        rest = node.get("{*}")
        return _template_at(rest) if segment and isinstance(rest, dict) else OTHER
    return _template_at(node)


def _template_at(node: _Tree) -> str:
    found = node.get(_HERE, OTHER)
    return found if isinstance(found, str) else OTHER
