"""Formats of models' files that are told by their bytes and not opened, and the way out of each."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib

_HEAD = 4096
_RUNS = "opening it would run whatever program the file holds, so it is never opened"
_SAFE = (
    "Export it as ONNX (skl2onnx.to_onnx, onnxmltools), as skops (skops.io.dump), or in the "
    "library's own format (save_model)"
)
_OLD_PICKLES = (b"ccopy_reg\n", b"c__builtin__\n", b"c__main__\n", b"(dp", b"(lp")
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"(\xb5/\xfd", b"\x04\x22\x4d\x18")


def refused_format(data: bytes) -> tuple[str, str] | None:
    """Return what is wrong with a file of a known format that isn't opened, and what to do.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    tuple of str, or None
        Problem and remedy; None where it is of no such format.
    """
    head = data[:_HEAD]
    if _is_pickle(data):
        return f"it is a pickle or joblib file: {_RUNS}", _SAFE
    if _is_pickle(_unpacked_head(data)):
        return f"it is a compressed pickle or joblib file: {_RUNS}", _SAFE
    if data.startswith(b"PK\x03\x04") and b"schema.json" not in data:
        if b".pkl" in data or b".pickle" in data or b".joblib" in data:
            return f"it is a zip archive with a pickle in it: {_RUNS}", _SAFE
        if not zipfile.is_zipfile(io.BytesIO(data)):
            return "it is a zip archive that was cut off", "Save or download the file again"
        problem = "it is a zip archive that holds no model of a known format"
        return problem, "Give the model's file alone"
    if data.startswith(b"\x89HDF"):
        return "it is an HDF5 file, as Keras writes it", "Export the model as ONNX (tf2onnx)"
    if head.lstrip()[:1] == b"{":
        return _refused_json(data)
    if data.startswith(b"binf"):
        return "it is in XGBoost's old binary format", 'Save it by: save_model("model.json")'
    if data.startswith(_COMPRESSED):
        return "it is compressed", "Unpack it and give the model's file"
    return None


def _refused_json(data: bytes) -> tuple[str, str] | None:
    if b'"oblivious_trees"' in data or b'"features_info"' in data:
        problem = "it is a CatBoost model as JSON, which isn't opened"
        return problem, 'Save it by: save_model("model.cbm")'
    if b'"tree_info"' in data and b'"learner"' not in data:
        problem = "it is LightGBM's JSON dump, which LightGBM itself can't open"
        return problem, 'Save it by: save_model("model.txt")'
    return None


def _is_pickle(data: bytes) -> bool:
    binary = data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    return binary or data.startswith(_OLD_PICKLES)


def _unpacked_head(data: bytes) -> bytes:
    """Return the first bytes of what a compressed file holds; none where it isn't one."""
    try:
        if data[:1] == b"\x78":
            return zlib.decompressobj().decompress(data[:_HEAD], 64)
        if data[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(data[:_HEAD], 64)
        if data[:3] == b"BZh":
            return bz2.BZ2Decompressor().decompress(data[: 1 << 20], 64)
        if data[:6] == b"\xfd7zXZ\x00" or data[:3] == b"\x5d\x00\x00":
            # The header says how much memory the decoder takes.
            return lzma.LZMADecompressor(memlimit=1 << 28).decompress(data[: 1 << 20], 64)
    except (zlib.error, OSError, EOFError, lzma.LZMAError):
        return b""
    return b""
