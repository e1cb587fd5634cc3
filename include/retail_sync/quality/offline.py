"""Pages of Data Docs made to stand by themselves: what they load from elsewhere comes from this package instead."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

_VENDOR = "static/vendor"

#: What each remote address of Great Expectations 1.24 stands for, as a path under `assets/`. The rest is dropped:
#: charting scripts that no page of ours needs, a logo that counts visits.
_ASSETS: tuple[tuple[str, str], ...] = (
    (r"/bootstrap-table@[^/]+/dist/bootstrap-table\.min\.css", "bootstrap-table/bootstrap-table.min.css"),
    (r"/bootstrap-table@[^/]+/dist/bootstrap-table\.min\.js", "bootstrap-table/bootstrap-table.min.js"),
    (
        r"/bootstrap-table@.*/bootstrap-table-filter-control(\.min)?\.css",
        "bootstrap-table/bootstrap-table-filter-control.min.css",
    ),
    (
        r"/bootstrap-table@.*/bootstrap-table-filter-control\.min\.js",
        "bootstrap-table/bootstrap-table-filter-control.min.js",
    ),
    (r"/bootstrap/4[^/]*/css/bootstrap\.min\.css", "bootstrap/bootstrap.min.css"),
    (r"/bootstrap/4[^/]*/js/bootstrap\.min\.js", "bootstrap/bootstrap.min.js"),
    (r"/bootstrap-datepicker\.min\.css", "bootstrap-datepicker/bootstrap-datepicker.min.css"),
    (r"/bootstrap-datepicker\.min\.js", "bootstrap-datepicker/bootstrap-datepicker.min.js"),
    (r"/bootstrap-prefers-dark\.css", "bootstrap-dark/bootstrap-prefers-dark.css"),
    (r"/font-awesome/[^/]+/css/all\.min\.css", "fontawesome/css/all.min.css"),
    (r"/jquery-3[^/]*\.min\.js", "jquery/jquery.min.js"),
    (r"/popper\.js/.*/popper\.min\.js", "popper/popper.min.js"),
)

_LOADING = re.compile(
    r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)\s*=\s*"([^"]*)"[^>]*>(?:\s*</script>)?""", re.DOTALL
)
_REMOTE = re.compile(r"(?:https?:)?//")
_INTEGRITY = re.compile(r"""\s(?:integrity|crossorigin)="[^"]*\"""")
_REMOTE_STYLE = re.compile(r"""url\(\s*['"]?(?:https?:)?//[^)]*\)""")
_FOOTER = re.compile(r"<footer>.*?</footer>", re.DOTALL)
_LOGO = re.compile(r"""<img\s[^>]*class="NO-CACHE"[^>]*>""", re.DOTALL)
_HOME = '<span class="font-weight-bold">Data quality</span>'


def make_offline(html: str, page: str) -> str:
    """A page that loads nothing from another host.

    Args:
        html: The page as Great Expectations built it.
        page: Its path on the site, such as `validations/…/orders.html`; links to assets are relative to it.

    Returns:
        The page. Every `script`, `link` and `img` that it still has is of this site.
    """
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    html = _FOOTER.sub("", _LOGO.sub(_HOME, html))
    html = _REMOTE_STYLE.sub("none", html)
    return _LOADING.sub(lambda found: _local(found, up), html)


def _local(found: re.Match[str], up: str) -> str:
    tag, address = found[0], found[1]
    if address.endswith("favicon.ico"):
        return ""
    if not _REMOTE.match(address):
        return tag
    for pattern, asset in _ASSETS:
        if re.search(pattern, address):
            return _INTEGRITY.sub("", tag.replace(address, f"{up}{_VENDOR}/{asset}"))
    return ""


def asset(path: str) -> Path | None:
    """The file that stands for `static/vendor/…` on the site, or None where there is none of ours."""
    root = Path(__file__).parent / "assets"
    wanted = PurePosixPath(path)
    if not wanted.is_relative_to(_VENDOR) or ".." in wanted.parts:
        return None
    file = root / wanted.relative_to(_VENDOR)
    return file if file.is_file() else None
