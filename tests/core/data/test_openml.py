"""OpenML: what is fetched can be read again; without a network a sentence says what to do."""

import email.message
import urllib.error
import warnings

import pandas as pd
import pytest
from sklearn import datasets
from sklearn.utils import Bunch

from core.data.reading.openml import fetch_openml
from core.data.reading.reading import read_bytes
from core.data.table import Kind
from core.errors import InputError


def answer(monkeypatch, reply):
    asked = []

    def fetch(**wanted):
        asked.append(wanted)
        if isinstance(reply, Exception):
            raise reply
        warnings.warn("Multiple active versions of the dataset\nmatching the name", stacklevel=2)
        return reply

    monkeypatch.setattr(datasets, "fetch_openml", fetch)
    return asked


def bunch():
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(["f", "m", None]),
            "level": pd.Categorical(["1", "2", "1"]),
            "age": [20.0, None, 40.0],
            "mixed": pd.Series([1, "x", True], dtype=object),
            "class": pd.Categorical(["good", "bad", "good"]),
        }
    )
    return Bunch(frame=frame, details={"id": "31", "name": "credit-g", "version": "1"})


def test_fetched_tables_can_be_read_again(monkeypatch):
    asked = answer(monkeypatch, bunch())
    fetched = fetch_openml("credit-g", 1)
    assert asked == [
        {"as_frame": True, "parser": "auto", "name": "credit-g", "version": 1},
    ]
    assert fetched.title == "credit-g, version 1"
    assert fetched.file_name == "openml-31.parquet"
    table = fetched.table
    assert table.provenance.source == "openml"
    assert table.frame["sex"].tolist() == ["f", "m", None]
    assert table.frame["mixed"].tolist() == ["1", "x", "true"]
    assert table.column("level").kind is Kind.CATEGORY
    assert "Multiple active versions of the dataset matching" in table.repairs[0].what
    again = read_bytes(fetched.data, fetched.file_name, source="openml")
    pd.testing.assert_frame_equal(again.frame, table.frame)
    assert again.provenance == table.provenance
    assert fetch_openml(31).data == fetched.data
    assert asked[-1]["data_id"] == 31


def test_no_network(monkeypatch):
    answer(monkeypatch, urllib.error.URLError("no route"))
    with pytest.raises(InputError, match=r"'adult'.*could not be reached.*upload it"):
        fetch_openml("adult")
    answer(monkeypatch, TimeoutError())
    with pytest.raises(InputError, match="could not be reached"):
        fetch_openml("adult")


def test_openml_says_no(monkeypatch):
    error = urllib.error.HTTPError("https://x", 503, "busy", email.message.Message(), None)
    answer(monkeypatch, error)
    with pytest.raises(InputError, match="error 503"):
        fetch_openml(7)
    answer(monkeypatch, ValueError("Dataset with data_id 7 not found."))
    with pytest.raises(InputError, match=r"no such table .*data_id 7 not found"):
        fetch_openml("7")
    answer(monkeypatch, Bunch(frame=None, details={}))
    with pytest.raises(InputError, match="not a table"):
        fetch_openml("x")


def test_what_is_asked_for():
    with pytest.raises(InputError, match="no data set is named"):
        fetch_openml("  ")
    with pytest.raises(InputError, match="already says which version"):
        fetch_openml(31, 2)
