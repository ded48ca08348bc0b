"""A time after which a connection is cut, however little of an answer keeps coming.

A socket's own timeout begins anew with each byte, and a status line, a header, or one "continue"
after the other may go on without end.
"""

from __future__ import annotations

import socket
import urllib.request
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from threading import Timer
from types import TracebackType
from typing import Any


class Deadline:
    """Cuts the connections of an opener after some seconds.

    Parameters
    ----------
    seconds : float

    Attributes
    ----------
    passed : bool
        Whether it cut.
    """

    def __init__(self, seconds: float):
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def opener(self, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
        """Return what opens an address by connections that are cut."""
        return urllib.request.build_opener(_Plain(self), _Encrypted(self), *handlers)

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection too, at once where it is too late."""
        self._sockets.append(connected)
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        for connected in self._sockets:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


class _WatchedPlain(HTTPConnection):
    def __init__(self, *given: Any, deadline: Deadline, **named: Any):
        super().__init__(*given, **named)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        self._deadline.watch(self.sock)


class _WatchedEncrypted(_WatchedPlain, HTTPSConnection):
    """Watched once it is encrypted: to connect is then :class:`HTTPSConnection`'s own way."""


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline):
        super().__init__()
        self._made = partial(_WatchedPlain, deadline=deadline)

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._made, req)


class _Encrypted(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline):
        super().__init__()
        self._made = partial(_WatchedEncrypted, deadline=deadline)

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._made, req)
