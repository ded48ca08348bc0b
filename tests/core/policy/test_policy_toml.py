"""Policies as TOML: what is written is read back, and what is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.policy.figures import FIGURES
from core.policy.policy import Criterion, Policy
from core.policy.policy_toml import digest, format_policy, parse_policy, read_policy
from core.policy.presets import PRESETS, find_policy

TEXT = """
name = "house rules"
version = "3"
description = "What we promise."

[[criteria]]
id = "rates"
concern = "fairness"
figure = "selection_rate_difference"
at_most = 0.1
"""


def test_what_is_left_out_has_its_default() -> None:
    (rates,) = parse_policy(TEXT).criteria
    assert rates == Criterion("rates", "fairness", "selection_rate_difference", at_most=0.1)
    assert (rates.groups, rates.evidence, rates.minimum_count) == ("both", "beyond_limit", 30)


@pytest.mark.parametrize("preset", list(PRESETS), ids=lambda preset: preset.name)
def test_presets_survive_being_written(preset) -> None:
    again = parse_policy(format_policy(preset.policy))
    assert again == preset.policy
    assert digest(again) == digest(preset.policy)


def test_comments_order_and_layout_do_not_change_the_hash() -> None:
    other = TEXT.replace("at_most = 0.1\n", "").replace(
        'id = "rates"', 'at_most=0.10 # ten\nid="rates"'
    )
    assert digest(parse_policy(other)) == digest(parse_policy(TEXT))
    assert digest(parse_policy(TEXT.replace("0.1", "0.11"))) != digest(parse_policy(TEXT))


def test_a_whole_limit_has_one_hash() -> None:
    whole = Policy("a", "1", "", (Criterion("e", "privacy", "epsilon", at_most=1),))
    assert digest(whole) == digest(parse_policy(format_policy(whole)))


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=50)


@given(texts, st.floats(0, 1), st.integers(2, 1000), st.booleans())
def test_any_text_and_number_is_read_back(
    description: str, limit: float, count: int, required: bool
) -> None:
    policy = Policy(
        'a "quoted" \\ name',
        "1",
        description.strip(),
        (
            Criterion(
                "c",
                "fairness",
                "selection_rate_ratio",
                at_least=limit,
                minimum_count=count,
                required=required,
            ),
        ),
    )
    assert parse_policy(format_policy(policy)) == policy


WRONG = [
    ("at_most = 0.1", "at_most = 1.5", "at_most = 1.5", "from 0 to 1"),
    ("at_most = 0.1", "at_most = -0.1", "at_most = -0.1", "from 0 to 1"),
    ("at_most = 0.1", "at_most = nan", "at_most = nan", "from 0 to 1"),
    ("at_most = 0.1", "at_most = true", "at_most = true", "a number"),
    ("at_most = 0.1", 'at_most = "0.1"', "at_most = '0.1'", "a number"),
    ("at_most = 0.1", "at_least = 0.1", "at_least = 0.1", "Write at_most"),
    ("at_most = 0.1", "", "at_most: ", "needs a limit"),
    ("at_most = 0.1", 'evidence = "recorded"\nat_most = 0.1', "at_most = 0.1", "only recorded"),
    ("at_most = 0.1", "at_mots = 0.1", "at_mots = 0.1", "no such key"),
    ("at_most = 0.1", "at_most = 0.1\nminimum_count = 1", "minimum_count = 1", "from 2"),
    ("at_most = 0.1", "at_most = 0.1\nminimum_count = 30.0", "minimum_count = 30.0", "whole"),
    ("at_most = 0.1", 'at_most = 0.1\nrequired = "yes"', "required = 'yes'", "true or false"),
    ("at_most = 0.1", "at_most = 0.1\ndemands_privacy = true", "demands_privacy = true", "private"),
    ("at_most = 0.1", 'at_most = 0.1\ngroups = "all"', "groups = 'all'", "each, intersections"),
    ("at_most = 0.1", 'at_most = 0.1\nseverity = "huge"', "severity = 'huge'", "high, medium"),
    ('concern = "fairness"', 'concern = "ethics"', "concern = 'ethics'", "privacy"),
    ('concern = "fairness"', "", "concern: ", "needed"),
    ("selection_rate_difference", "selection", "figure = 'selection'", "selection_rate_ratio"),
]


@pytest.mark.parametrize(("before", "after", "where", "text"), WRONG)
def test_what_is_wrong_is_named_with_criterion_key_and_value(
    before: str, after: str, where: str, text: str
) -> None:
    assert before in TEXT
    with pytest.raises(InputError) as refused:
        parse_policy(TEXT.replace(before, after))
    assert f"criterion 'rates', {where}" in str(refused.value)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = 'a'\nversion = '1'", "no criterion"),
        (TEXT + TEXT[TEXT.index("[[") :], "two criteria have this id"),
        (TEXT.replace('version = "3"', "version = 3"), "version = 3: it must be text"),
        (TEXT.replace('name = "house rules"', ""), "name = ''"),
        (TEXT.replace("name =", "nam ="), "no such key"),
        ("criteria = 3\nname = 'a'\nversion = '1'", "list of tables"),
        ("name = ", "can't be read as TOML"),
        (TEXT.replace('"rates"', '"Rates!"'), "an id is 1 to 64 small letters"),
        (TEXT.replace('"rates"', "7"), "criterion 'number 1', id = 7"),
    ],
)
def test_what_is_wrong_with_the_whole_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_policy(text)
    assert sentence in str(refused.value)


def test_bins_of_scores_have_no_test_of_a_pair() -> None:
    with pytest.raises(InputError, match="evidence = 'significant'"):
        Criterion("c", "fairness", "calibration_gap", at_most=0.1, evidence="significant")
    Criterion("c", "fairness", "calibration_gap", at_most=0.1)


@pytest.mark.parametrize("name", FIGURES.names())
def test_each_figure_takes_both_ends_of_its_range_and_nothing_beyond(name: str) -> None:
    figure = FIGURES[name]
    for value in (figure.lowest, figure.highest):
        Criterion("c", "data", name, **{figure.limit: value})
    for value in (figure.lowest - 0.01, figure.highest + 0.01):
        with pytest.raises(InputError):
            Criterion("c", "data", name, **{figure.limit: value})


def test_a_file_is_read_and_one_that_is_not_there_is_named(tmp_path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert read_policy(path) == find_policy(str(path)) == parse_policy(TEXT)
    with pytest.raises(InputError, match=r"none\.toml"):
        find_policy(str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match="default, four-fifths"):
        find_policy("defualt")
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(InputError, match="UTF-8"):
        read_policy(path)
