"""COL=VALUE of --trained-on, and the value as the table has it."""

from __future__ import annotations

import pandas as pd
import pytest

from core.cli.model_inputs_options import column_value, input_columns
from core.data.frames import table_of
from core.errors import InputError
from core.external_models.marked_rows import marked_rows

TABLE = table_of(
    pd.DataFrame({"part": [0, 1], "old": [True, False], "a=b": ["x", "y"], "when": ["Old", "old"]}),
    "f",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("part=1", ("part", "1")),
        ("part=1.0", ("part", "1")),
        ("old=True", ("old", "true")),
        ("old=FALSE", ("old", "false")),
        ("a=b=x", ("a=b", "x")),
        ("when=old", ("when", "old")),
    ],
)
def test_a_value_is_found_as_anybody_writes_it(text: str, found: tuple[str, str]) -> None:
    given = column_value(text, "--trained-on", TABLE)
    assert marked_rows(TABLE, given, "--trained-on") == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("part", "it is written COL=VALUE"),
        ("=1", "it is written COL=VALUE"),
        ("part=", "it is written COL=VALUE"),
        ("parts=1", "Perhaps 'part' was meant"),
        ("part=2", "Choose one of: '0', '1'"),
        # Two labels differ by case alone, so neither is meant by a third way to write it.
        ("when=OLD", "no label 'OLD'"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        marked_rows(TABLE, column_value(text, "--trained-on", TABLE), "--trained-on")


def test_an_input_is_named_once_and_may_hold_an_equals_sign() -> None:
    names = ("age", "sex=male", "sex")
    said = ["age=years", "sex=male=gender", "sex=a=b"]
    assert input_columns(said, names) == {"age": "years", "sex=male": "gender", "sex": "a=b"}
    assert input_columns(["age=", "x=y=z"]) == {"age": None, "x": "y=z"}
    with pytest.raises(InputError, match=r"input 'age' .* was given two\. Name one"):
        input_columns(["age=years", "age=months"], names)
    for wrong in ("age", "=years"):
        with pytest.raises(InputError, match="it is written INPUT=COL"):
            input_columns([wrong])
