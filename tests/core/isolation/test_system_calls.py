"""What a process that opens an untrusted file may not do, asked of a child that tries."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINUX = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
# The first is Python's own, which the audit hook sees; the second goes by the C library past it.
TRIES = {
    "a socket": ("socket.socket()", "libc.socket(2, 1, 0)"),
    "a program": ("os.system('true')", "libc.execv(b'/bin/true', None)"),
    "a process": ("os.fork()", "libc.fork()"),
    "a file": ("open(sys.argv[1] + '/made', 'w')", "libc.open(made, 0o101, 0o600)"),
    "a folder": ("os.mkdir(sys.argv[1] + '/made')", "libc.mkdir(made, 0o700)"),
    "a removal": ("os.remove(sys.argv[1] + '/there')", "libc.unlink(there)"),
    "a new name": (
        "os.rename(sys.argv[1] + '/there', sys.argv[1] + '/made')", "libc.rename(there, made)",
    ),
    "a signal": ("os.kill(os.getppid(), 0)", "libc.kill(os.getppid(), 0)"),
}  # fmt: skip
HEAD = """
import ctypes, os, socket, sys
from core.isolation.system_calls import refuse_system_calls
libc = ctypes.CDLL(None, use_errno=True)
made, there = (f"{sys.argv[1]}/{name}".encode() for name in ("made", "there"))
filtered = refuse_system_calls()
"""


def run(lines: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HEAD + lines, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("what", list(TRIES))
def test_python_is_refused(what: str, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    tried = f"try:\n    {TRIES[what][0]}\nexcept PermissionError as error:\n    print(error)"
    assert "not allowed in the process of an untrusted file" in run(tried, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.skipif(not LINUX, reason="the filter of system calls is Linux's")
@pytest.mark.parametrize("what", list(TRIES))
def test_native_code_is_refused(what: str, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    tried = f"print(filtered, {TRIES[what][1]}, os.strerror(ctypes.get_errno()))"
    assert run(tried, tmp_path) == "True -1 Operation not permitted"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_reading_threads_and_open_files_work_on(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("words")
    lines = """
import threading
answers = []
thread = threading.Thread(target=lambda: answers.append(open(there).read()))
thread.start(); thread.join()
print(answers[0])
"""
    assert run(lines, tmp_path) == "words"
