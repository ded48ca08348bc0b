"""Files that are cut off, renamed, of another format or too large end in a sentence each."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import pickle
import zipfile
import zlib

import joblib
import pytest
from sklearn.naive_bayes import GaussianNB

from core.errors import InputError
from core.external_models.model_formats import MODEL_FORMATS, format_of
from core.external_models.sandbox.model_process import Limits, open_model
from tests.core.external_models.onnx_files import matrix_file
from tests.core.external_models.tables import german_credit


def onnx_of_a_model() -> bytes:
    table = german_credit()
    X = table.features[list(table.numbers)].to_numpy()
    return matrix_file(GaussianNB().fit(X, table.labels), X.shape[1])


def joblib_of(compress: int | tuple[str, int]) -> bytes:
    made = io.BytesIO()
    joblib.dump({"a": 1}, made, compress=compress)
    return made.getvalue()


def zip_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


PICKLE = pickle.dumps({"a": 1})
REFUSED = {
    "empty": (b"", "the file is empty"),
    "pickle": (PICKLE, "it is a pickle or joblib file: .*never opened.*Export it as ONNX"),
    "first pickle": (pickle.dumps({"a": 1}, protocol=0), "it is a pickle or joblib file"),
    "joblib": (joblib_of(0), "it is a pickle or joblib file"),
    "joblib zlib": (joblib_of(3), "it is a compressed pickle or joblib file"),
    "joblib gzip": (joblib_of(("gzip", 3)), "it is a compressed pickle or joblib file"),
    "joblib bz2": (joblib_of(("bz2", 3)), "it is a compressed pickle or joblib file"),
    "joblib xz": (joblib_of(("xz", 3)), "it is a compressed pickle or joblib file"),
    "joblib lzma": (joblib_of(("lzma", 3)), "it is a compressed pickle or joblib file"),
    "zip with pickle": (zip_of(model_pkl=PICKLE), "it is a zip archive with a pickle in it"),
    "zip": (zip_of(a_txt=b"a"), "a zip archive that holds no model"),
    "zip cut off": (zip_of(a_txt=b"a")[:-10], "it is a zip archive that was cut off"),
    "gzip": (gzip.compress(b"tree\nversion=v4\n"), "it is compressed. Unpack it"),
    "bz2": (bz2.compress(b"tree"), "it is compressed"),
    "xz": (lzma.compress(b"tree"), "it is compressed"),
    "zlib": (zlib.compress(b"tree"), "no model of a format that can be opened"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(50), "HDF5 file, as Keras writes it"),
    "LightGBM dump": (b'{"name":"tree","tree_info":[]}', "LightGBM's JSON dump"),
    "CatBoost JSON": (b'{"features_info":{},"oblivious_trees":[]}', "CatBoost model as JSON"),
    "old XGBoost": (b"binf" + bytes(20), "XGBoost's old binary format"),
    "table": (b"a,b\n1,2\n", "no model of a format that can be opened"),
    "JSON": (b'{"a": 1}', "no model of a format that can be opened"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(30), "no model of a format that can be opened"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_is_no_model_is_refused_in_a_sentence(case: str) -> None:
    data, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence) as refused:
        open_model(data, "given.bin")
    assert "given.bin" in str(refused.value)
    assert refused.value.remedy


def test_a_name_or_a_choice_that_says_another_format_is_refused() -> None:
    data = onnx_of_a_model()
    assert format_of(data, "model.onnx").name == "onnx"
    assert format_of(data, "model").name == "onnx"
    assert format_of(data, "model.skops", "onnx").name == "onnx"
    with pytest.raises(InputError, match=r"is onnx, its name \(.cbm\) says catboost"):
        format_of(data, "model.cbm")
    with pytest.raises(InputError, match="is onnx, it was said to be lightgbm"):
        format_of(data, "model.onnx", "lightgbm")
    with pytest.raises(InputError, match="there is no format of models of that name"):
        format_of(data, "model.onnx", "pickle")


@pytest.mark.parametrize("left", [3, 20, 200, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(left: float) -> None:
    data = onnx_of_a_model()
    cut = data[: left if left >= 1 else int(len(data) * left)]
    with pytest.raises(InputError) as refused:
        open_model(cut, "m.onnx")
    assert refused.value.remedy


def test_bytes_changed_in_the_middle_never_end_in_a_traceback() -> None:
    data = bytearray(onnx_of_a_model())
    for at in range(5, len(data), len(data) // 6):
        changed = bytes([*data[:at], data[at] ^ 0xFF, *data[at + 1 :]])
        with contextlib.suppress(InputError):
            open_model(changed, "m.onnx").close()


def test_a_header_that_claims_a_huge_graph_is_refused() -> None:
    huge = b"\x08\x09\x3a\xff\xff\xff\xff\x7f" + bytes(100)
    with pytest.raises(InputError, match="damaged or was cut off"):
        open_model(huge, "m.onnx")


def test_a_file_beyond_the_limit_is_refused_unopened() -> None:
    with pytest.raises(InputError, match=r"the file has .* MB, more than the 0\.0 MB"):
        open_model(onnx_of_a_model(), "m.onnx", limits=Limits(file=1000))


def test_every_format_says_what_it_cannot_do() -> None:
    assert MODEL_FORMATS.names() == (
        "onnx",
        "skops",
        "xgboost",
        "lightgbm",
        "catboost",
        "pmml",
    )
    for entry in MODEL_FORMATS:
        assert entry.sentence
        assert entry.limits.endswith(".")


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "core.external_models.sandbox.model_process.find_spec", lambda package: None
    )
    with pytest.raises(InputError, match=r"needs the library lightgbm.*'equipoise\[boosters\]'"):
        open_model(b"tree\nversion=v4\n", "m.txt")
