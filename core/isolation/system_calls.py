"""What a child process may not ask of the system: a network, other programs, changes to files.

On Linux (x86-64 and ARM) a filter of the kernel refuses the calls, to native code as well as to
Python. Everywhere an audit hook refuses them to Python. Neither can be taken back.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from typing import Any

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# socket connect accept sendto sendmsg bind listen socketpair accept4 | ptrace kill
# process_vm_readv process_vm_writev | mount setns unshare bpf perf_event_open userfaultfd
# add_key request_key keyctl io_uring_setup pidfd_open pidfd_getfd pidfd_send_signal | execve
# execveat fork vfork | truncate, and what makes, removes, renames, links or re-owns files
_REFUSED = {
    "x86_64": (
        *(41, 42, 43, 44, 46, 49, 50, 53, 288),
        *(101, 62, 310, 311, 165, 308, 272, 321, 298, 323, 248, 249, 250, 425, 434, 438, 424),
        *(59, 322, 57, 58),
        *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 133),
        *(258, 259, 260, 263, 264, 265, 266, 268, 316, 188, 189, 190),
    ),
    "aarch64": (
        *(198, 203, 202, 206, 211, 200, 201, 199, 242),
        *(117, 129, 270, 271, 40, 268, 97, 280, 241, 282, 217, 218, 219, 425, 434, 438, 424),
        *(221, 281),
        *(45, 33, 34, 35, 36, 37, 38, 52, 53, 54, 55, 276, 5, 6, 7),
    ),
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_OPENING = {"x86_64": ((257, 32), (2, 24)), "aarch64": ((56, 32),)}  # And where the flags are.
_CLONE3, _OPENAT2 = 435, 437  # Their arguments lie in memory, where a filter can't look.
_CLONE_THREAD = 0x10000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_ALLOW, _PERMISSION, _UNKNOWN_CALL, _KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000
_HOOKED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn",
           "os.spawn", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
           "os.truncate", "os.chmod", "os.chown", "os.kill", "shutil.", "ftplib.", "urllib.",
           "http.client.", "smtplib.", "webbrowser.")  # fmt: skip


def refuse_system_calls() -> bool:
    """Refuse this process a network, other programs and changes to files, from here on.

    What is open for writing stays so. Threads may be started.

    Returns
    -------
    bool
        Whether the kernel refuses them; else only Python does.
    """
    filtered = _filter()
    sys.addaudithook(_hook)
    return filtered


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_HOOKED) or (event == "open" and _writes(arguments)):
        raise PermissionError(f"{event} is not allowed in the process of an untrusted file")


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    return bool(flags & _WRITING) if isinstance(flags, int) else str(mode).strip("bt") != "r"


def _statement(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)


def _unless(value: int, skip: int, *, code: int = 0x15) -> bytes:
    """Skip statements where the loaded word isn't a value (or, with 0x45, has none of its bits)."""
    return struct.pack("HBBI", code, 0, skip, value)


def _program(machine: str) -> bytes:
    load, give = 0x20, 0x06
    refused = _statement(give, _PERMISSION)
    parts = [
        _statement(load, 4),
        struct.pack("HBBI", 0x15, 1, 0, _ARCHITECTURES[machine]),
        _statement(give, _KILL),
        _statement(load, 0),
    ]
    if machine == "x86_64":  # Numbers from here on are the same calls in another binary interface.
        parts += [struct.pack("HBBI", 0x35, 0, 1, 0x40000000), refused]
    for number in _REFUSED[machine]:
        parts += [_unless(number, 1), refused]
    for number in (_CLONE3, _OPENAT2):
        parts += [_unless(number, 1), _statement(give, _UNKNOWN_CALL)]
    allowed = _statement(give, _ALLOW)
    parts += [_unless(_CLONE[machine], 4), _statement(load, 16)]
    parts += [_unless(_CLONE_THREAD, 1, code=0x45), allowed, refused]
    for number, argument in _OPENING[machine]:
        parts += [_unless(number, 4), _statement(load, argument)]
        parts += [_unless(_WRITING, 1, code=0x45), refused, allowed]
    return b"".join([*parts, allowed])


def _filter() -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES or struct.calcsize("P") != 8:
        return False
    program = _program(machine)
    held = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("statements", ctypes.c_void_p))

    whole = Filter(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    no_new_privileges, seccomp, by_filter = 38, 22, 2
    if prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(seccomp, by_filter, ctypes.byref(whole), 0, 0) == 0)
