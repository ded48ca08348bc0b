"""XML that nobody vouches for, checked before another library reads it."""

from __future__ import annotations

import codecs
import re
from xml.parsers import expat

from core.errors import InputError

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_KNOWN = frozenset(
    codecs.lookup(name).name
    for name in ("utf-8", "utf-16", "us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-15",
                 "windows-1250", "windows-1251", "windows-1252", "shift_jis", "gbk", "gb18030")
)  # fmt: skip
_DEEPEST = 2000
_AGAIN = "Export the model again"


def plain_xml(data: bytes, root: str) -> bytes:
    """Check a file of XML and return it in UTF-8, so that no reader can understand it otherwise.

    Parameters
    ----------
    data : bytes
    root : str
        Name of the element that holds all others.

    Raises
    ------
    InputError
        If it is no whole XML, nested without end, of another root, or declares a document type: by
        one a file asks for other files, or grows to any size.
    """
    text = _DECLARATION.sub("", _decoded(data), count=1)
    _Check(root).parse(text)
    return text.encode("utf-8")


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        said = _ENCODING.match(data.lstrip()[:400])
        encoding = said.group(1).decode() if said else "utf-8"
    try:
        known = codecs.lookup(encoding).name in _KNOWN or encoding == "utf-8-sig"
        if not known:
            raise LookupError
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise InputError(
            f"it is written in the encoding {encoding!r}, which isn't read",
            remedy=f"{_AGAIN} in UTF-8",
        ) from None
    except UnicodeError:
        raise InputError(
            f"it is damaged, or not in the encoding that it says ({encoding})",
            remedy=f"{_AGAIN} in UTF-8",
        ) from None


class _Check:
    def __init__(self, root: str) -> None:
        self._root = root
        self._depth = 0
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _doctype

    def parse(self, text: str) -> None:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            raise InputError(
                f"it is no whole XML: it was cut off or is damaged (line {error.lineno:,})",
                remedy=_AGAIN,
            ) from None

    def _begin(self, name: str, _: dict[str, str]) -> None:
        if self._depth == 0 and name.rpartition(":")[2] != self._root:
            raise InputError(f"its outermost element is no {self._root}", remedy=_AGAIN)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InputError(
                f"its elements are nested more than {_DEEPEST:,} deep",
                remedy="Export a smaller model, or score it elsewhere and bring its decisions",
            )

    def _end(self, _: str) -> None:
        self._depth -= 1


def _doctype(*_: object) -> None:
    raise InputError(
        "it declares a document type (DOCTYPE), by which a file can ask for other files or grow "
        "without end, and no model needs one",
        remedy="Remove the DOCTYPE, or export the model again without it",
    )
