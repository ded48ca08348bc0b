"""Limits of a child process that opens an untrusted file. It imports little, to start quickly."""

from __future__ import annotations

import io
import os
import sys


def bare_environment(threads: int = 1) -> dict[str, str]:
    """Return the environment of a child: where programs lie, none of ours.

    Parameters
    ----------
    threads : int
        How many numerical libraries may use.
    """
    number = str(threads)
    return {
        **{name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ},
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": number,
        "OPENBLAS_NUM_THREADS": number,
        "TZ": "UTC",
    }


def limit_process(memory: int, seconds: int, written: int | None = None) -> None:
    """Limit this process from here on; where the system has no such limits, the parent's clock.

    Parameters
    ----------
    memory : int
        Bytes of address space beyond what there is now.
    seconds : int
        Of CPU time, beyond what was used already.
    written : int, optional
        Largest file it may write; as much as ``memory`` if not given.
    """
    try:
        import resource
    except ImportError:
        return
    with open("/proc/self/statm") if sys.platform == "linux" else io.StringIO("0") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, now + memory),
        (resource.RLIMIT_FSIZE, memory if written is None else written),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue
    limit_seconds(seconds)


def limit_seconds(seconds: int) -> None:
    """Let this process use some CPU time beyond what it has used, whatever it was let before."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    except (ValueError, OSError):
        return
