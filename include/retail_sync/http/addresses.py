"""Which base URLs may be called at all, and how a call's own URL is made."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from retail_sync.errors import ConfigurationError
from retail_sync.http.paging import follow

_HOSTS = "Set the connection's host to the address that the vendor gave you, such as https://shop.centra.com."


def checked(base_url: str, *, plain_http: bool = False) -> str:
    """A base URL that may be called, without a slash at its end.

    Args:
        base_url: As the connection gives it.
        plain_http: Whether calls may go unencrypted to another machine. To this machine they may.

    Raises:
        ConfigurationError: It is no URL, holds credentials, or would send ours unencrypted.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError("the host is no http or https address", fix=_HOSTS)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("the host holds credentials", fix="Put them in the connection's login and password.")
    if parts.scheme == "http" and not plain_http and not is_this_machine(parts.hostname):
        raise ConfigurationError(f"calls to {parts.hostname} would go unencrypted", fix="Use https.")
    return base_url.rstrip("/")


def url_of(base_url: str, path: str, params: Mapping[str, Any]) -> str:
    """The whole URL of a call. None among the parameters is left out; true and false are written as JSON writes them.

    Raises:
        IncompleteReadError: The path is a URL of another origin.
    """
    url = f"{base_url}/{path.lstrip('/')}" if "://" not in path else follow(base_url, path)
    if not params:
        return url
    named = {name: _text(value) for name, value in params.items() if value is not None}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(named, doseq=True)}"


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def is_this_machine(host: str) -> bool:
    """Whether a host name stands for this machine, so that nobody else sees what is sent."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
