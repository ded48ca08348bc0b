"""Attributes that are put together, as one line of text: ``race=race_white,race_black``.

A name that holds a comma, an equals sign or a quote stands in double quotes, with a double quote in
it doubled, as in CSV.
"""

from __future__ import annotations

import csv
import io

from core.data.reading.one_hot import OneHot
from core.errors import InputError


def parse_one_hot(texts: list[str]) -> OneHot:
    """Read lines such as ``race=race_white,race_black``.

    Raises
    ------
    InputError
        If a line is not of this form, or two are of one name.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, rest = _name(text)
        columns = tuple(next(csv.reader([rest], skipinitialspace=True), []))
        if not name or len(columns) < 2 or not all(columns) or name in found:
            raise InputError(
                f"{name!r} is put together twice"
                if name in found
                else "it doesn't say which columns are one attribute",
                where=f"--one-hot {text}",
                remedy="Write name=column,column with two or more columns of 0 and 1",
            )
        found[name] = columns
    return tuple(found.items())


def format_one_hot(name: str, columns: tuple[str, ...]) -> str:
    """Write an attribute so that it is read back as it was."""
    return f"{_listed((name,))}={_listed(columns)}"


def _name(text: str) -> tuple[str, str]:
    """Part the name, which may stand in quotes, from the columns."""
    if not text.startswith('"'):
        name, _, rest = text.partition("=")
        return name.strip(), rest
    end = 1
    while end < len(text):
        if text[end] == '"' and text[end + 1 : end + 2] != '"':
            break
        end += 2 if text[end] == '"' else 1
    return text[1:end].replace('""', '"'), text[end + 1 :].removeprefix("=")


def _listed(names: tuple[str, ...]) -> str:
    out = io.StringIO()
    odd = any("=" in name or name != name.strip() for name in names)
    if odd:
        csv.writer(out, lineterminator="", quoting=csv.QUOTE_ALL).writerow(names)
    else:
        csv.writer(out, lineterminator="").writerow(names)
    return out.getvalue()
