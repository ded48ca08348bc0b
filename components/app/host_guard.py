"""What the server asks of every request before Streamlit sees it, and adds to every answer.

A browser that was led to another site can be made to send requests to this server (DNS rebinding):
they carry that site's host name. Streamlit compares names for its WebSocket only, so the page, its
files and uploads would still be answered. Here every request with a foreign name is refused.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL = ("localhost", "127.0.0.1", "[::1]")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    # Streamlit frames parts of its own pages; no other site may frame any.
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"x-frame-options", b"SAMEORIGIN"),
    # The address of a page names its audit.
    (b"referrer-policy", b"same-origin"),
)
_PORT = re.compile(r":\d*$")


class HostGuard:
    """An ASGI application that answers to its own host names only.

    Parameters
    ----------
    app : ASGI application
    names : iterable of str
        Host names without a port, beside those of this machine.
    first_page : str
        Path of the first page, which Streamlit serves at the root alone; it is led there.
    """

    def __init__(self, app: App, names: Iterable[str] = (), first_page: str = "/start"):
        self._app = app
        self._names = {name.lower() for name in (*LOCAL, *names)}
        self._first_page = first_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not self._is_own(scope):
            await _refuse(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].rstrip("/") == self._first_page:
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            await _answer(send, 307, b"", (b"location", b"/" + query))
        elif scope["type"] == "http":
            await self._app(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        parts = [value for name, value in scope["headers"] if name == b"host"]
        if len(parts) != 1:
            return False
        return _PORT.sub("", parts[0].decode("latin-1").lower()).rstrip(".") in self._names


def _with_headers(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            added = [item for item in HEADERS if item[0] not in there]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        # Before it is accepted: answered with status 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    text = (
        b"This server does not answer to that host name. Whoever runs it lists the names it is "
        b"reached by in EQUIPOISE_HOSTS.\n"
    )
    await _answer(send, 421, text, (b"content-type", b"text/plain; charset=utf-8"))


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    start = {"type": "http.response.start", "status": status, "headers": [*headers, length]}
    await _with_headers(send)(start)
    await send({"type": "http.response.body", "body": body})
