"""What a browser is told about every page: load nothing from elsewhere, guess no types, show it in Airflow only."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders  # noqa: TID253 - this module is the api-server's alone
from starlette.types import ASGIApp, Message, Receive, Scope, Send  # noqa: TID253

_EVERYWHERE = "default-src 'none'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
_OWN = f"{_EVERYWHERE}; style-src 'self'"
#: The pages that Great Expectations builds carry scripts and styles in themselves. They may draw, and call nobody.
_DOCS = (
    f"{_EVERYWHERE}; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; font-src 'self'; "
    "connect-src 'none'"
)


class SecurityHeaders:
    """Middleware that adds them to every answer, refusals included.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _DOCS if _is_docs(scope) else _OWN
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _is_docs(scope: Scope) -> bool:
    path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    return path.startswith("/docs/")
