"""What a file is, by its name and by its first bytes."""

from __future__ import annotations

from pathlib import PurePath

from core.errors import InputError

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xls",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
}
"""Form of a file by the end of its name; ".gz" may follow those of text."""

_MAGIC = (
    (b"PAR1", "a Parquet file", ("parquet",)),
    (b"ARROW1", "a Feather file", ("feather",)),
    (b"FEA1", "a Feather file of the old version 1", ()),
    (b"PK\x03\x04", "an Excel workbook or another zip archive", ("xlsx",)),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", ("xls",)),
    (b"\x1f\x8b", "compressed with gzip", ()),
    (b"%PDF", "a PDF document", ()),
    (b"\x89PNG", "a picture", ()),
    (b"\xff\xd8\xff", "a picture", ()),
)
_CONTROLS = frozenset(chr(code) for code in range(32)) - frozenset("\t\n\r\f\v\x1a\x1c\x1d\x1e\x1f")


def form_of(name: str) -> tuple[str, bool]:
    """Tell a file's form by the end of its name, and whether it is packed with gzip.

    Raises
    ------
    InputError
        If the end is not one of ``FORMATS``.
    """
    lower = name.lower()
    packed = lower.endswith(".gz")
    form = FORMATS.get(PurePath(lower.removesuffix(".gz")).suffix)
    if form is None or (packed and form not in ("csv", "tsv")):
        raise InputError(
            "the end of the file's name tells of no format that can be read",
            where=name,
            remedy="Use .csv, .tsv, .csv.gz, .xlsx, .xls, .parquet or .feather",
        )
    return form, packed


def check_magic(content: bytes, form: str, where: str) -> None:
    """Refuse a file whose first bytes show that it is not what its name says."""
    for magic, what, forms in _MAGIC:
        if content.startswith(magic) and form not in forms:
            raise InputError(
                f"by its content the file is {what}, by its name it is not",
                where=where,
                remedy="Rename it to what it is, or save the table as CSV",
            )
    expected = {"parquet": b"PAR1", "feather": b"ARROW1", "xlsx": b"PK", "xls": b"\xd0\xcf"}
    if form in expected and not content.startswith(expected[form]):
        raise InputError(
            f"by its content the file is not {form}",
            where=where,
            remedy="Save it again from the program it came from, or save the table as CSV",
        )


def check_text(text: str, where: str) -> None:
    """Refuse text with NUL characters or more than a few other control characters."""
    nul = text.find("\0")
    if nul >= 0:
        raise InputError(
            f"line {text.count(chr(10), 0, nul) + 1} holds a NUL character, which no text has",
            where=where,
            remedy="Save the table again as CSV, or choose its encoding",
        )
    controls = sum(character in _CONTROLS for character in text[:20_000])
    if controls > 0.02 * min(len(text), 20_000):
        raise InputError(
            "the file is not text",
            where=where,
            remedy="Save the table as CSV, or give the file the ending of its format",
        )
