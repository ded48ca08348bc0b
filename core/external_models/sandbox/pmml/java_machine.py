"""A Java machine inside this process: no program and no socket of its own is needed.

It is started after the process gave up its network, its writing and its memory, so that all of its
threads are bound as well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jpype

from core.errors import InputError

_OLDEST = 11
_MOST = 2 << 30
"""Bytes of Java's heap where the process has no limit of its own."""

_SHOWN = 160
_KINDS = {"StackOverflowError": "its parts are nested too deep, or ask for themselves"}

_WANTED = (
    "Install Java 17 or later (on Debian and Ubuntu: apt install default-jre-headless); where it "
    "lies in a place of its own, say so by the variable JAVA_HOME"
)


def found_java() -> str | None:
    """Return where Java's library lies; asked before limits, since macOS asks a program for it."""
    try:
        return str(jpype.getDefaultJVMPath())
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException, OSError):
        return None


def start_java(library: str | None, package: str, threads: int) -> None:
    """Start Java with the archives that a package brings.

    Parameters
    ----------
    library : str or None
        As :func:`found_java` returned it.
    package : str
        A package with archives (.jar) in its folders.
    threads : int
        How many Java may take for computing, its compiler and its garbage each.

    Raises
    ------
    InputError
        If Java is missing, too old, or can't start.
    """
    if library is None:
        raise InputError("it takes Java, which isn't found on this computer", remedy=_WANTED)
    spec = find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    archives = sorted(str(path) for folder in folders for path in Path(folder).glob("*/*.jar"))
    try:
        if not jpype.isJVMStarted():
            jpype.startJVM(
                f"-Xmx{_heap() >> 20}m",
                f"-XX:ActiveProcessorCount={threads}",
                "-XX:+UseSerialGC",
                # What Java reserves without need of it counts as memory of the process.
                "-XX:CompressedClassSpaceSize=128m",
                "-XX:ReservedCodeCacheSize=96m",
                # Files for other programs to watch it by, a socket for them, our signals.
                "-XX:-UsePerfData",
                "-XX:+DisableAttachMechanism",
                "-Xrs",
                jvmpath=library,
                classpath=archives,
                convertStrings=False,
            )
    except (OSError, RuntimeError, jpype.JVMNotSupportedException, jpype.JException) as error:
        raise InputError(
            f"Java doesn't start ({plain_words(str(error))})", remedy=_WANTED
        ) from None
    said = str(java_class("java.lang.System").getProperty("java.specification.version"))
    if not said.isdigit() or int(said) < _OLDEST:
        raise InputError(
            f"it takes Java {_OLDEST} or later, and this is Java {said}", remedy=_WANTED
        )


def java_class(name: str) -> Any:
    """Return a class of Java by its full name."""
    return jpype.JClass(name)


@contextmanager
def java_in_words(where: str) -> Iterator[None]:
    """Say in a sentence what Java throws.

    Parameters
    ----------
    where : str
        What it can't do, such as "JPMML-Evaluator can't use it".
    """
    try:
        yield
    except jpype.JException as error:
        kind = str(error.getClass().getSimpleName())
        if kind == "OutOfMemoryError":
            raise MemoryError from None
        why = _KINDS.get(kind, plain_words(str(error)))
        raise InputError(f"{where} ({why})", remedy="Export the model again, or as ONNX") from None


def plain_words(message: str) -> str:
    """Return what Java says without the full names of its classes."""
    words = " ".join(message.split())
    head, colon, rest = words.partition(": ")
    if colon and " " not in head:
        words = rest
    return words[:_SHOWN].rstrip(". ")


def _heap() -> int:
    """Half of what the process may have; Java takes as much again for itself."""
    if sys.platform != "linux":
        return _MOST
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY:
        return _MOST
    with open("/proc/self/statm") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    return max(16 << 20, (most - now) // 2)
