"""Formats of models' files: how they are told by their first bytes, and what each needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from core.errors import InputError
from core.external_models.refused_formats import refused_format
from core.registry import Registry


@dataclass(frozen=True)
class ModelFormat:
    """A format that can be opened, or that is told and refused.

    Attributes
    ----------
    name : str
    sentence : str
        What it is, in plain words.
    limits : str
        What can't be read of it, a sentence.
    endings : tuple of str
        Ends of file names that say this format.
    package : str
        The library that opens it, by the name under which it is imported.
    extra : str or None
        The extra of Equipoise that brings the library; None where it comes by itself.
    told : callable
        Whether the bytes of a file are of this format.
    cells : int
        Most cells of one request: what the two processes share stays small, and so does each wait.
    """

    name: str
    sentence: str
    limits: str
    endings: tuple[str, ...]
    package: str
    extra: str | None
    told: Callable[[bytes], bool]
    cells: int = 2_000_000


MODEL_FORMATS: Registry[ModelFormat] = Registry("format of models")

_HEAD = 4096


def _is_onnx(data: bytes) -> bool:
    # A protocol buffer has no mark of its own: its first field is a version, its second a text or
    # another number.
    second = bytes(number << 3 | 2 for number in (2, 3, 4, 6, 7, 8)) + bytes([5 << 3])
    return len(data) > 2 and data[0] == 1 << 3 and data[1] < 0x40 and data[2] in second


def _is_xgboost(data: bytes) -> bool:
    head = data[:_HEAD]
    as_json = head.lstrip()[:1] == b"{" and b'"learner"' in head
    return as_json or (head[:1] == b"{" and b"learner" in head[:32] and b'"' not in head[:32])


def _is_pmml(data: bytes) -> bool:
    # It may be in UTF-16, and after a long comment.
    head = data[: 1 << 16].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith(b"<") and re.search(rb"<(?:[\w.-]+:)?PMML[\s>/]", head) is not None


for _format in (
    ModelFormat(
        "onnx",
        "ONNX, which scikit-learn, the boosting libraries and most others can export",
        "Weights in files beside it, and operators of other makers, are refused.",
        (".onnx",),
        "onnxruntime",
        None,
        _is_onnx,
    ),
    ModelFormat(
        "skops",
        "skops, a scikit-learn model without pickle",
        "Types that are not among the reviewed ones have to be accepted by a named person.",
        (".skops",),
        "skops",
        None,
        lambda data: data.startswith(b"PK\x03\x04") and b"schema.json" in data,
    ),
    ModelFormat(
        "xgboost",
        "XGBoost's own format, JSON or UBJSON",
        "The old binary format (.deprecated, .bin of XGBoost before 2.1) is refused.",
        (".ubj", ".ubjson"),
        "xgboost",
        "boosters",
        _is_xgboost,
    ),
    ModelFormat(
        "lightgbm",
        "LightGBM's own format, a text",
        "JSON dumps are refused.",
        (".lgb", ".lgbm"),
        "lightgbm",
        "boosters",
        lambda data: data.startswith((b"tree\n", b"tree\r\n")) and b"version=" in data[:64],
    ),
    ModelFormat(
        "catboost",
        "CatBoost's own format, .cbm",
        "Text and embedding features are refused.",
        (".cbm",),
        "catboost",
        "catboost",
        lambda data: data.startswith(b"CBM1"),
    ),
    ModelFormat(
        "pmml",
        "PMML, the XML of R, KNIME, SAS, SPSS, scikit-learn (sklearn2pmml) and others",
        "It needs Java; clusters, associations, dates, texts and several targets are refused.",
        (".pmml",),
        "jpmml_evaluator",
        "pmml",
        _is_pmml,
        cells=200_000,
    ),
):
    MODEL_FORMATS.add(_format)


def format_of(data: bytes, where: str, wanted: str | None = None) -> ModelFormat:
    """Tell the format of a model's file by its bytes.

    Parameters
    ----------
    data : bytes
    where : str
        Name of the file; its end must not say another format.
    wanted : str, optional
        Name of the format that somebody said it is; the name of the file says nothing then.

    Raises
    ------
    InputError
        If it is of no format that can be opened, or of another one than said.
    """
    if wanted is not None:
        MODEL_FORMATS[wanted]
    if not data:
        raise InputError("the file is empty", where=where, remedy="Save the model again")
    refusal = refused_format(data)
    if refusal is not None:
        raise InputError(refusal[0], where=where, remedy=refusal[1])
    found = next((entry for entry in MODEL_FORMATS if entry.told(data)), None)
    if found is None:
        raise InputError(
            "by its content it is no model of a format that can be opened",
            where=where,
            remedy=f"Give one of: {', '.join(MODEL_FORMATS.names())}",
        )
    end = PurePath(where.lower()).suffix
    said = wanted or next((entry.name for entry in MODEL_FORMATS if end in entry.endings), None)
    if said is not None and said != found.name:
        by = "it was said to be" if wanted else f"its name ({end}) says"
        raise InputError(
            f"by its content the file is {found.name}, {by} {said}",
            where=where,
            remedy="Rename it to what it is, or choose its format",
        )
    return found
