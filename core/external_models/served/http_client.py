"""One request to a model's server: bounded in time and size, retried where that helps.

Redirects are not followed, so that rows and a token go to the address that a person named and
nowhere else. A token is read from the environment when a request is sent, and kept nowhere.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from core.errors import InputError
from core.external_models.served.deadline import Deadline

TOKEN = "EQUIPOISE_MODEL_TOKEN"
"""Environment variable of a bearer token for a served model."""

TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which the same request may succeed a little later."""

_SERVER = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
_PATH = re.compile(r"[!-~]*")

LARGEST_ANSWER = 256 << 20
"""Bytes of one answer."""
_DIGITS = 300
"""Of whole numbers that floats hold."""
_SAID = 2000
"""Bytes of an error that are read."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes
    ----------
    seconds : float
        For one answer.
    tries : int
        Of one request, 1 or more.
    wait : float
        Seconds before the second try, doubled before each further one.
    """

    seconds: float = 60.0
    tries: int = 4
    wait: float = 0.5


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: Message, newurl: str,
    ) -> None:  # fmt: skip
        return None


def check_address(address: str) -> str:
    """Return an address without a slash at its end.

    Raises
    ------
    InputError
        If it is no http address, or holds a user or a password.
    """
    wrong = InputError(
        "it is no address of a server",
        where=f"model {_without_user(address)!r}",
        remedy="Write it as http://host:port/…",
    )
    try:
        parts = urlsplit(address)
        named = parts.hostname and parts.port != 0
    except ValueError:  # brackets that don't close, a port that is none
        raise wrong from None
    if parts.scheme not in ("http", "https") or not named:
        raise wrong
    if "@" in parts.netloc:
        raise InputError(
            "it holds a user or a password, which would be kept with the audit",
            where=f"model at {parts.hostname}",
            remedy=f"Leave them out, and give a token by the environment variable {TOKEN}",
        )
    # What one reader of addresses takes for a host another might take for something else.
    if not _SERVER.fullmatch(parts.netloc) or not _PATH.fullmatch(parts.path):
        raise wrong
    if "?" in address or "#" in address:
        raise InputError(
            "it holds more than a server and a path",
            where=f"model at {parts.hostname}",
            remedy="Leave out what follows the “?” or “#”",
        )
    return address.rstrip("/")


def ask_json(
    address: str,
    body: Any | None,
    patience: Patience,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Any:
    """Send a request and read the JSON of the answer.

    Parameters
    ----------
    address : str
    body : JSON value or None
        What is posted; None asks by GET.
    patience : Patience
    sleep : callable
        Waits for so many seconds.

    Raises
    ------
    InputError
        If the server isn't there, refuses, takes too long, redirects, or answers anything but
        JSON.
    """
    data = None if body is None else json.dumps(body, allow_nan=False).encode()
    headers = {"Accept": "application/json"}
    if data is not None:
        headers["Content-Type"] = "application/json"
    if token := os.environ.get(TOKEN):
        headers["Authorization"] = f"Bearer {token}"
    where, problem = f"model at {address}", ""
    too_late = f"the server did not answer within {patience.seconds:g} seconds"
    for attempt in range(patience.tries):
        if attempt:
            sleep(patience.wait * 2 ** (attempt - 1))
        request = urllib.request.Request(address, data, headers)
        # Once for the answer to begin, once for all of it to come.
        with Deadline(2 * patience.seconds) as deadline:
            try:
                opener = deadline.opener(_NoRedirects())
                with opener.open(request, timeout=patience.seconds) as answer:
                    return _read(answer, where, time.monotonic() + patience.seconds)
            except urllib.error.HTTPError as error:
                with error:
                    said = _beginning(error).decode("utf-8", "replace")
                problem = f"the server answered {error.code} ({_short(said) or error.reason})"
                if error.code not in TRY_AGAIN:
                    raise InputError(problem, where=where, remedy=_remedy(error.code)) from None
            except TimeoutError:
                problem = too_late
            except (OSError, HTTPException, ValueError) as error:
                # A connection that is cut while it is read ends in whatever its reader makes of it.
                if isinstance(error, ValueError) and not deadline.passed:
                    raise
                reason = getattr(error, "reason", error)
                problem = too_late if deadline.passed else f"the server can't be reached ({reason})"
    raise InputError(
        f"{problem}, asked {patience.tries} times",
        where=where,
        remedy="See that the server runs and that the address is right, or ask it for fewer rows "
        "at a time",
    )


def _beginning(answer: Any) -> bytes:
    """Read what an error begins with, as far as it comes in time."""
    content = bytearray()
    # The status tells enough.
    with suppress(OSError, HTTPException, ValueError):
        while len(content) < _SAID and (part := answer.read1(_SAID)):
            content += part
    return bytes(content[:_SAID])


def _read(answer: Any, where: str, until: float) -> Any:
    content = bytearray()
    while part := answer.read1(1 << 20):
        content += part
        if len(content) > LARGEST_ANSWER:
            break
        if time.monotonic() > until:  # each part in time, and no end of them
            raise TimeoutError
    if len(content) > LARGEST_ANSWER:
        raise InputError(
            f"the answer is larger than {LARGEST_ANSWER >> 20} MB",
            where=where,
            remedy="Ask for fewer rows at a time",
        )
    try:
        return json.loads(content, parse_int=_whole)
    except (ValueError, RecursionError):  # lists within lists without end
        raise InputError(
            "the answer is no JSON", where=where, remedy="See that the address is a model's server"
        ) from None


def _whole(text: str) -> float:
    """Read a whole number; one that no float holds is infinite, as it is with an exponent."""
    return int(text) if len(text) < _DIGITS else float(text)


def _remedy(code: int) -> str:
    if code in (401, 403):
        return f"Give a token by the environment variable {TOKEN}"
    if code in (301, 302, 303, 307, 308):
        return "Name the address that it leads to: redirects are not followed"
    if code in (404, 405):
        return "See that the address, and the model's name in it, are right"
    return "See that the model takes these columns, and these types"


def _without_user(address: str) -> str:
    return address.rpartition("@")[2]


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
