"""Servers on loopback that speak as MLflow's and Open Inference servers do, for tests."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Server:
    """What a server was asked, and what it answers.

    ``answer`` takes method, path and body and returns a status and what is sent: JSON, or bytes
    as they are.
    """

    answer: Callable[[str, str, Any], tuple[int, Any]]
    address: str = ""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str, str, Any], tuple[int, Any]]) -> Iterator[Server]:
    """Serve on a free port of loopback."""
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        def _do(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            server.asked.append((method, self.path, body))
            server.headers.append(dict(self.headers))
            status, found = server.answer(method, self.path, body)
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.address = f"http://127.0.0.1:{httpd.server_port}"
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@contextmanager
def dripping(begins: bytes, goes_on: bytes) -> Iterator[str]:
    """Answer on loopback with a beginning, and then with the same few bytes without end."""
    listening = socket.create_server(("127.0.0.1", 0))

    def drip(connected: socket.socket) -> None:
        with connected:
            try:
                connected.recv(1 << 16)
                connected.sendall(begins)
                while True:
                    connected.sendall(goes_on)
                    time.sleep(0.02)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connected, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connected,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
