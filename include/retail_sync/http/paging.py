"""Following links to further pages, only to where we were already talking."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from retail_sync.errors import IncompleteReadError

_PORTS = {"http": 80, "https": 443}


def same_origin(base_url: str, link: str) -> bool:
    """Whether a link, once resolved, leads to the scheme, host and port of the base URL."""
    try:
        return _origin(urljoin(base_url, link)) == _origin(base_url)
    except ValueError:
        return False


def follow(base_url: str, link: str) -> str:
    """The whole URL of a next page.

    Args:
        base_url: Where this page came from.
        link: What it gave as the next one, whole or relative.

    Raises:
        IncompleteReadError: It leads elsewhere. Our credentials would go with the request.
    """
    if not same_origin(base_url, link):
        raise IncompleteReadError(
            "the link to the next page leads to another host",
            fix="Nothing was sent there. See whether the connection's host is the one that the vendor now uses.",
        )
    return urljoin(base_url, link)


def _origin(url: str) -> tuple[str, str | None, int | None, bool]:
    parts = urlsplit(url)
    named = parts.username is not None or parts.password is not None
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), named
