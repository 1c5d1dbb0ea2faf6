"""The addresses under which hosted machines show a port of theirs to the browser.

Their proxy tells a server that it was asked as localhost, and leaves the page's own address in the header `Origin`,
so Jupyter and MLflow refuse what they must take for another site's, unless they are told that address.
"""
import os
import re
from urllib.parse import urlsplit


def find_origin(port: int) -> str:
    """Return the origin under which GitHub Codespaces or Gitpod show a port, or nothing on any other machine."""
    told = os.environ
    if name := told.get("CODESPACE_NAME"):
        domain = told.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or "app.github.dev"
        host = f"{name}-{port}.{domain}".lower()
    else:
        workspace = urlsplit(told.get("GITPOD_WORKSPACE_URL", "")).hostname
        host = f"{port}-{workspace}" if workspace else ""
    return f"https://{host}" if re.fullmatch(r"[a-z0-9.-]+", host) else ""  # MLflow takes a star for every name
