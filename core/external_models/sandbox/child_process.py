"""The child process as the parent sees it: started, asked, waited for, ended."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.external_models.reviewed_types import UnreviewedTypesError
from core.external_models.sandbox.sent_columns import Sent
from core.installation import isolated_command
from core.isolation.limits import bare_environment

_CHILD = isolated_command(f"{__package__}.model_child")
_LINE = 64 << 20
"""Most bytes of an answer: a model may list many categories."""

_SHARED = Path("/dev/shm")
_ROOM = 256 << 20


@dataclass(frozen=True)
class Limits:
    """What a model's process may use.

    Attributes
    ----------
    memory : int
        Bytes of address space beyond what its libraries take.
    seconds : int
        CPU time of one request: to open the file, or to score one part of the rows.
    waiting : float
        Wall-clock seconds of one request.
    file : int
        Bytes of a model's file.
    """

    memory: int = 4 << 30
    seconds: int = 120
    waiting: float = 240.0
    file: int = 1 << 30


class ChildProcess:
    """A process that has opened a model, with a folder that both sides share.

    Attributes
    ----------
    told : dict
        What it says of the model.
    """

    def __init__(self, data: bytes, request: dict[str, Any], where: str, limits: Limits):
        self._where = where
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="equipoise-model-", dir=_shared_memory()))
        self._rows = self._folder / "rows"
        self._answers = self._folder / "answers"
        self._answers.touch(mode=0o600)
        model = self._folder / "model"
        model.write_bytes(data)
        self._process = subprocess.Popen(
            _CHILD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(request["threads"]),
            cwd=self._folder,
        )
        self._end = weakref.finalize(self, _end, self._process, self._folder)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(
            target=_follow, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        files = {"file": str(model), "answers": str(self._answers)}
        try:
            self.told = self._exchange({**request, **files, "memory": limits.memory})
        except InputError:
            self.end()
            raise
        model.unlink()

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it and remove the folder."""
        self._end()

    def ask(
        self, columns: Sequence[Sent], part: slice, shape: tuple[int, ...], what: str = "scores"
    ) -> Floats:
        """Ask for the scores of some rows, or for their "tree columns"."""
        rows = part.stop - part.start
        with open(self._rows, "wb") as file:
            for column in columns:
                taken = column.array[part]
                taken.tofile(file)
                file.write(bytes(-taken.nbytes % 8))
        with open(self._answers, "r+b") as file:
            file.truncate(8 * rows * max(1, *shape, 1))
        self._exchange(
            {
                "asked": what,
                "file": str(self._rows),
                "rows": rows,
                "shape": [rows, *shape],
                "columns": [column.described for column in columns],
            }
        )
        return np.fromfile(self._answers, np.float64).reshape(rows, *shape)

    def trees(self) -> tuple[dict[str, Any], bytes]:
        """Ask for the trees: what is told of them, and the bytes of their arrays."""
        told = self._exchange({"asked": "trees"})
        size = told.get("bytes")
        if type(size) is not int or not 0 < size <= self._limits.memory:
            raise self._died()
        with open(self._answers, "r+b") as file:
            file.truncate(size)
        self._exchange({"asked": "trees written"})
        return told, self._answers.read_bytes()

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        limits = self._limits
        line = json.dumps({**request, "seconds": limits.seconds}).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            answer = json.loads(self._lines.get(timeout=limits.waiting))
        except queue.Empty:
            self.end()
            raise InputError(
                f"the model took more than {limits.waiting:g} seconds",
                where=self._where,
                remedy=_SMALLER,
            ) from None
        except (OSError, ValueError, RecursionError):
            raise self._died() from None
        if not isinstance(answer, dict):
            raise self._died()
        refuse_if_told(answer, self._where)
        return answer

    def _died(self) -> InputError:
        deadline = time.monotonic() + 5
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        code = self._process.poll()
        self.end()
        problem = "the model's process died: the file is damaged or asks for more than it may have"
        if os.name == "posix" and code == -signal.SIGXCPU:
            problem = f"the model took more than {self._limits.seconds} seconds of computing"
        return InputError(problem, where=self._where, remedy=_SMALLER)


def refuse_if_told(answer: dict[str, Any], where: str) -> None:
    """Raise what the child says is wrong, if it does."""
    if "types" in answer:
        raise UnreviewedTypesError([str(name) for name in answer["types"]], where)
    if "problem" in answer:
        raise InputError(str(answer["problem"]), where=where, remedy=answer.get("remedy"))


_SMALLER = "Export a smaller model, or score it elsewhere and bring its decisions"


def _follow(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Pass the child's answers on; an empty one says that it has ended."""
    while True:
        try:
            line = stream.readline(_LINE)
        except (OSError, ValueError):
            line = b""
        lines.put(line)
        if not line:
            return


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
    shutil.rmtree(folder, ignore_errors=True)


def _shared_memory() -> str | None:
    """Return the folder in memory where there is one with room; else the usual one."""
    try:
        has_room = shutil.disk_usage(_SHARED).free > _ROOM and os.access(_SHARED, os.W_OK)
    except OSError:
        return None
    return str(_SHARED) if has_room else None
