"""Texts of people in Markdown: every sign of theirs stands for itself."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

_MARKUP = re.compile(r"([\\`*{}\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_]))")
"""Signs of markup; an underscore inside a word is none."""
_SPACE = re.compile(r"\s+")
_BLOCK = re.compile(r"^(\s?)(?:([-+=:])|(\d+)([.)])(?=\s|$))")
"""What would begin a list, a heading or a rule at the beginning of a line."""
_LINK = re.compile(r"(?i)(\bwww)(\.)|(\b[a-z][a-z0-9+.]*)(:)(?=//)|(\w)(@)(?=\w)")
"""What GitHub and the Hub make links of by themselves."""


def escape(text: str) -> str:
    """Write a text as Markdown that shows it as it is, on one line."""
    line = _MARKUP.sub(r"\\\1", _SPACE.sub(" ", text))
    line = _LINK.sub(lambda m: "\\".join(part for part in m.groups() if part), line)
    return _BLOCK.sub(
        lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}",
        line,
    )


def finalize(value: Any) -> Markup:
    """Escape what a template writes, but for what a macro of it has written already."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))
