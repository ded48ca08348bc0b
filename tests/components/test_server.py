"""The real server: what it listens on, to whom it answers, and with which headers."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.app.server import address_names, host_names, opened_at
from core.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def started(folder: Path, *words: str, **settings: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port and wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "components.app.server", "--server.port", str(port), *words],
        cwd=ROOT,
        env={**os.environ, "EQUIPOISE_WORKSPACE": str(folder), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(480):
        try:
            if asked(port, "/_stcore/health")[0] == 200:
                return process, port
        except OSError:
            time.sleep(0.25)
    process.kill()
    raise RuntimeError("the server did not start")


def asked(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Send one GET and return status, headers in lower case, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def listening(process: subprocess.Popen[bytes], port: int) -> set[str]:
    """Local addresses, as the kernel writes them, that listen on a port."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            for line in Path(table).read_text().splitlines()[1:]:
                address, number = line.split()[1].split(":")
                if int(number, 16) == port and line.split()[3] == "0A":
                    found.add(address)
    return found


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    process, port = started(tmp_path_factory.mktemp("w"), EQUIPOISE_HOSTS="audit.example.org")
    yield process, port
    process.terminate()
    process.wait(20)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no list of sockets here")
def test_it_listens_on_this_machine_alone(server) -> None:
    assert listening(*server) == {"0100007F"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no list of sockets here")
def test_another_address_is_listened_on_when_it_is_named(tmp_path: Path) -> None:
    process, port = started(tmp_path, EQUIPOISE_HOST="0.0.0.0")
    try:
        assert listening(process, port) & {"00000000", "0" * 32}
        assert asked(port, "/", Host=f"localhost:{port}")[0] == 200
        assert asked(port, "/", Host=f"0.0.0.0:{port}")[0] == 421
    finally:
        process.terminate()
        process.wait(20)


PATHS = ("/", "/train", "/_stcore/health", "/_stcore/host-config", "/start", "/no/such.js")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "localhost@evil"]
)
def test_a_foreign_host_name_gets_nothing(server, path: str, host: str) -> None:
    status, headers, body = asked(server[1], path, Host=host)
    assert status in (400, 421)  # A server may refuse an empty one before anybody sees it.
    assert "<script" not in body
    assert "location" not in headers


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:{port}", "127.0.0.1:{port}", "[::1]:{port}",
             "audit.example.org", "audit.example.org:443"]
)  # fmt: skip
def test_its_own_host_names_are_answered(server, host: str) -> None:
    assert asked(server[1], "/", Host=host.format(port=server[1]))[0] == 200


def shaken(port: int, host: str, origin: str) -> str:
    """Ask for the WebSocket and return the status line."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(
            (
                f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nOrigin: {origin}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        return link.recv(200).decode("latin-1").split("\r\n")[0]


def test_the_socket_answers_to_its_own_names_only(server) -> None:
    port = server[1]
    assert " 101 " in shaken(port, f"localhost:{port}", f"http://localhost:{port}")
    assert " 403 " in shaken(port, "evil.example", "http://evil.example")


@pytest.mark.parametrize("path", ["/", "/train", "/_stcore/health", "/favicon.png"])
def test_every_answer_forbids_sniffing_and_foreign_frames(server, path: str) -> None:
    _, headers, _ = asked(server[1], path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "to"), [("/start", "/"), ("/start/", "/"), ("/start?audit=abc", "/?audit=abc")]
)
def test_the_address_of_the_first_page_leads_there(server, path: str, to: str) -> None:
    status, headers, _ = asked(server[1], path)
    assert (status, headers["location"]) == (307, to)


@pytest.mark.parametrize("name", ["http://x.org", "x.org:80", "*.x.org", "x.org/y", "-", "a b"])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no host name"):
        host_names(name)


def test_host_names_are_read() -> None:
    assert host_names("") == ()
    assert host_names(" A.example.org, 10.0.0.5 ,::1,[fe80::1]") == (
        "a.example.org", "10.0.0.5", "[::1]", "[fe80::1]",
    )  # fmt: skip
    assert address_names("0.0.0.0") == address_names("::") == address_names(None) == ()
    assert address_names("10.0.0.5") == ("10.0.0.5",)


def test_a_wrong_setting_is_one_sentence() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "components.app.server"],
        cwd=ROOT,
        env={**os.environ, "EQUIPOISE_HOSTS": "http://x.org"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 1
    assert found.stderr.strip().count("\n") == 0
    assert "no host name" in found.stderr


def test_nothing_of_streamlits_own_lies_over_a_page_and_the_address_is_told() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["logger"]["hideWelcomeMessage"]
    assert opened_at(("127.0.0.1",), 8501) == "Equipoise is open at http://127.0.0.1:8501"
    assert opened_at((), 8600).endswith("http://localhost:8600")
