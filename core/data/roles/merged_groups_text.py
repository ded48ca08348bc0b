"""Groups that are put together, as one line of text: ``race=Other:Asian,Native American``.

A part that holds ``=``, ``:``, ``,`` or a quote, or begins or ends with a space, stands in double
quotes, with a double quote in it doubled, as in CSV. ``race=`` keeps all values apart.
"""

from __future__ import annotations

from core.data.labels import near
from core.data.roles.merged_groups import MergedGroups
from core.errors import InputError

_SIGNS = '=:,"'


def parse_merged_groups(texts: list[str], sensitive: tuple[str, ...]) -> MergedGroups:
    """Read lines such as ``race=Other:Asian,Native American``.

    Parameters
    ----------
    texts : list of str
    sensitive : tuple of str
        Columns that may be named.

    Raises
    ------
    InputError
        If a line is not of this form, or names no sensitive column.
    """
    found = []
    for text in texts:
        column, at = _parse_word(text, 0, "=")
        if at == len(text):
            raise _unread(text)
        if column not in sensitive:
            raise InputError(
                "its groups are merged, but it is not a sensitive column",
                where=f"column {column!r}",
                remedy=near(column, sensitive),
            )
        if not text[at + 1 :].strip():
            continue
        name, at = _parse_word(text, at + 1, ":")
        values = []
        while at < len(text):
            value, at = _parse_word(text, at + 1, ",")
            values.append(value)
        if not values:
            raise _unread(text)
        found.append((column, name, tuple(values)))
    return tuple(found)


def format_merged_groups(column: str, name: str, values: tuple[str, ...]) -> str:
    """Write a group so that it is read back as it was."""
    return f"{_quoted(column)}={_quoted(name)}:{','.join(map(_quoted, values))}"


def kept_apart(column: str) -> str:
    """Write that no values of a column are put together, whatever a sample presets."""
    return f"{_quoted(column)}="


def _quoted(word: str) -> str:
    plain = word and word == word.strip() and not any(sign in word for sign in _SIGNS)
    return word if plain else '"' + word.replace('"', '""') + '"'


def _parse_word(text: str, at: int, stop: str) -> tuple[str, int]:
    """Read a word from a place on; return it with the place of the stop, or the text's end."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] != '"':
        end = text.find(stop, at)
        end = len(text) if end < 0 else end
        word = text[at:end].strip()
        if not word:
            raise _unread(text)
        return word, end
    parts = []
    while True:
        end = text.find('"', at + 1)
        if end < 0:
            raise _unread(text)
        parts.append(text[at + 1 : end])
        at = end + 1
        if text[at : at + 1] != '"':
            break
    while at < len(text) and text[at].isspace():
        at += 1
    if at < len(text) and text[at] != stop:
        raise _unread(text)
    return '"'.join(parts), at


def _unread(text: str) -> InputError:
    return InputError(
        "it doesn't say which groups are merged",
        where=f"--merge-groups {text}",
        remedy="Write column=group:value,value, and put a part that holds one of = : , in double "
        "quotes",
    )
