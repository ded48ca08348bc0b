import numpy as np
import pandas as pd
import pytest

from core.data.frames import table_of
from core.data.roles.outcome_rows import OutcomeColumns
from core.data.roles.roles import Roles
from core.data.table import MISSING, Kind
from core.errors import InputError
from core.external_models.bring import NO_WISHES, Wishes, bring, settled, with_wishes
from core.external_models.candidates import candidates_for_outcomes, candidates_of
from core.external_models.matching import InputMatch, Matching, model_inputs, unknown_values
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.opened import forget_all, scorer_of
from core.external_models.proposals import propose

FEATURES = pd.DataFrame(
    {
        "age": [30.0, np.nan, 50.0],
        "Sex": pd.Series(["male", "female", MISSING], dtype=object),
        "owns": pd.Series(["true", "false", "true"], dtype=object),
        "city": pd.Series(["Bonn", "Köln", "bonn"], dtype=object),
    }
)


def facts(*inputs: ModelInput, **more: object) -> ModelFacts:
    told = {
        "format": "onnx", "title": "", "library": "", "version": "", "sha256": "0" * 64,
        "size": 1, "task": "binary", "inputs": inputs, "classes": ("no", "yes"),
        "output": "probability",
    }  # fmt: skip
    return ModelFacts(**(told | more))


def number(name: str, **more: object) -> ModelInput:
    return ModelInput(name, "number", "float32", **more)


def category(name: str, *values: str, **more: object) -> ModelInput:
    return ModelInput(name, "category", "string", values or None, **more)


class Fixed:
    """A model that scores everybody alike."""

    def __init__(self, told: ModelFacts, score: float = 0.5):
        self.facts, self.answer, self.closed = told, score, False

    def score(self, columns: dict) -> np.ndarray:
        count = len(next(iter(columns.values())))
        return np.column_stack([np.full(count, 1 - self.answer), np.full(count, self.answer)])

    def close(self) -> None:
        self.closed = True


def matched(told: ModelFacts, features: pd.DataFrame = FEATURES) -> dict[str, InputMatch]:
    return {match.input: match for match in propose(told, features).matching.inputs}


def test_a_column_of_the_same_name_needs_nobody() -> None:
    told = facts(number("age"), category("Sex"))
    assert propose(told, FEATURES).matching.proposals == ()
    given = model_inputs(propose(told, FEATURES).matching, told, FEATURES)
    assert list(given) == ["age", "Sex"]
    assert np.array_equal(given["age"], [30, np.nan, 50], equal_nan=True)
    assert given["Sex"].tolist() == ["male", "female", None]


@pytest.mark.parametrize("name", ["AGE", "a_g_e", "Age "])
def test_another_writing_of_a_name_is_a_proposal(name: str) -> None:
    assert matched(facts(number(name)))[name] == InputMatch(name, "age", "renamed")


def test_a_name_that_two_columns_could_mean_is_left_open() -> None:
    features = pd.DataFrame({"a b": [1.0], "a-b": [2.0]})
    assert propose(facts(number("a_b")), features).unmatched == ("a_b",)


def test_a_column_of_a_one_hot_encoder_is_one_value_of_a_column() -> None:
    told = facts(number("Sex_male"), number("sex_female"))
    given = model_inputs(propose(told, FEATURES).matching, told, FEATURES)
    assert given["Sex_male"].tolist() == [1, 0, 0]
    assert given["sex_female"].tolist() == [0, 1, 0]


def test_a_value_that_does_not_occur_is_no_one_hot_column() -> None:
    assert propose(facts(number("Sex_other")), FEATURES).unmatched == ("Sex_other",)


def test_true_and_false_become_one_and_zero_when_accepted() -> None:
    told = facts(number("owns"))
    match = matched(told)["owns"]
    assert match.how == "recoded"
    assert model_inputs(Matching((match,)), told, FEATURES)["owns"].tolist() == [1, 0, 1]


def test_a_word_where_a_number_is_taken_is_named() -> None:
    told = facts(number("city"))
    with pytest.raises(InputError, match=r"city.*Bonn|Bonn.*city"):
        model_inputs(propose(told, FEATURES).matching, told, FEATURES)


def test_a_category_in_another_case_is_a_proposal_and_an_ambiguous_one_is_not() -> None:
    match = matched(facts(category("city", "Bonn", "Köln")))["city"]
    assert match.recode == (("bonn", "Bonn"),)
    assert matched(facts(category("city", "BONN", "bONN", "Köln")))["city"].recode == ()


@pytest.mark.parametrize("word", ["nan", ""])
def test_what_is_missing_is_given_by_the_models_own_word_for_it(word: str) -> None:
    told = facts(category("Sex", "male", "female", word, "missing", missing_as=word))
    given = model_inputs(propose(told, FEATURES).matching, told, FEATURES)
    assert given["Sex"].tolist() == ["male", "female", word]


@pytest.mark.parametrize(
    ("categories", "missing", "proposed"),
    [
        (("male", "female", "missing"), "refused", ((MISSING, "missing"),)),
        (("male", "female", "Missing value"), "unknown", ((MISSING, "Missing value"),)),
        (("male", "female", "missing"), "allowed", ()),
        (("male", "female", "missing", "nan"), "refused", ()),
        # A value that people may mean by itself says nothing of blanks.
        (("male", "female", "none"), "refused", ()),
        (("male", "female", "unknown"), "refused", ()),
    ],
)
def test_a_category_that_says_missing_is_proposed_for_blanks_where_the_model_takes_none(
    categories: tuple[str, ...], missing: str, proposed: tuple
) -> None:
    assert matched(facts(category("Sex", *categories, missing=missing)))["Sex"].recode == proposed


def test_a_word_for_missing_that_the_column_holds_too_is_not_read_into_blanks() -> None:
    both = pd.DataFrame({"Sex": pd.Series(["male", "missing", MISSING], dtype=object)})
    told = facts(category("Sex", "male", "missing", missing="refused"))
    assert matched(told, both)["Sex"].recode == ()


def test_inputs_without_names_go_by_position_only_where_the_number_fits() -> None:
    named = [number(f"input {i}") for i in (1, 2)]
    two = pd.DataFrame({"b": [1.0], "a": [2.0]})
    found = matched(facts(*named, named_inputs=False), two)
    assert [(m.column, m.how) for m in found.values()] == [
        ("b", "by position"),
        ("a", "by position"),
    ]
    assert len(propose(facts(*named, named_inputs=False), FEATURES).unmatched) == 2


def test_unknown_values_are_counted_by_value_and_group() -> None:
    told = facts(category("city", "Bonn", missing="refused"), number("age", missing="refused"))
    groups = pd.Series(["m", "f", "f"])
    matching = Matching((InputMatch("city", "city"), InputMatch("age", "age")))
    unknown, rows = unknown_values(matching, told, FEATURES, groups)
    found = {item.input: item for item in unknown}
    assert dict(found["city"].values) == {"Köln": 1, "bonn": 1}
    assert found["city"].by_group == {"f": 2}
    assert found["age"].values == ((MISSING, 1),)
    assert found["age"].count == 1
    strange = ~FEATURES["city"].eq("Bonn") | FEATURES["age"].isna()
    assert rows.tolist() == strange.tolist()


def test_missing_values_that_a_model_takes_are_not_unknown() -> None:
    told = facts(number("age", missing="allowed"))
    matching = propose(told, FEATURES).matching
    unknown, rows = unknown_values(matching, told, FEATURES, FEATURES["Sex"])
    assert (unknown, rows.any()) == ((), False)


@pytest.mark.parametrize("takes", ["unknown", "refused", "allowed"])
def test_an_input_left_missing_for_everybody_is_counted_unless_the_model_takes_it(
    takes: str,
) -> None:
    told = facts(number("income", missing=takes))
    matching = Matching((InputMatch("income", None, "missing"),))
    unknown, rows = unknown_values(matching, told, FEATURES, pd.Series(["m", "f", "f"]))
    if takes == "allowed":
        assert (unknown, rows.any()) == ((), False)
        return
    (found,) = unknown
    assert (found.input, found.column, found.values) == ("income", None, ((MISSING, 3),))
    assert found.by_group == {"m": 1, "f": 2}
    assert found.where == "income without a column"
    assert rows.all()


@pytest.mark.parametrize(("value", "strange"), [("Bonn", False), ("Rome", True)])
def test_one_category_for_everybody_is_counted_where_the_model_does_not_know_it(
    value: str, strange: bool
) -> None:
    told = facts(category("city", "Bonn"))
    matching = Matching((InputMatch("city", None, "constant", constant=value),))
    unknown, rows = unknown_values(matching, told, FEATURES, FEATURES["Sex"])
    assert [item.values for item in unknown] == ([((value, 3),)] if strange else [])
    assert rows.tolist() == [strange] * 3


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e400"])
def test_what_can_be_read_as_a_number_and_is_none_is_refused(value: str) -> None:
    told = facts(number("age"), number("owns"))
    for match in (
        InputMatch("age", None, "constant", constant=value),
        InputMatch("owns", "owns", "recoded", (("true", value), ("false", "0"))),
    ):
        with pytest.raises(InputError, match=f"value '{value}'.*takes numbers"):
            model_inputs(Matching((match,)), told, FEATURES)
    largest = Matching((InputMatch("age", None, "constant", constant="1e308"),))
    assert (model_inputs(largest, told, FEATURES)["age"] == 1e308).all()


def test_nothing_proposed_is_taken_before_somebody_accepts_it() -> None:
    told = facts(number("AGE"))
    with pytest.raises(InputError, match="proposed"):
        bring(Fixed(told), "m.onnx", FEATURES, "yes")
    spec = bring(Fixed(told), "m.onnx", FEATURES, "yes", Wishes({}, accept=True))
    assert spec.matching.columns == ("age",)
    assert bring(Fixed(told), "m.onnx", FEATURES, "yes", Wishes({"AGE": "age"})) == spec


def test_an_input_without_a_column_is_named_with_the_columns_that_are_left() -> None:
    told = facts(number("age"), number("height"))
    with pytest.raises(InputError, match=r"'height'.*'city'"):
        settled(propose(told, FEATURES), told, "m.onnx", NO_WISHES)
    spec = bring(Fixed(told), "m", FEATURES, "yes", Wishes({"height": None}))
    given = model_inputs(spec.matching, told, FEATURES)
    assert np.isnan(given["height"]).all()


@pytest.mark.parametrize(
    ("columns", "said"), [({"heigth": "age"}, "no such input"), ({"age": "Age"}, "no feature")]
)
def test_a_name_that_is_not_there_is_refused(columns: dict, said: str) -> None:
    told = facts(number("age"), number("height"))
    with pytest.raises(InputError, match=said):
        with_wishes(propose(told, FEATURES), told, FEATURES, Wishes(columns))


def test_which_class_is_positive_is_never_guessed() -> None:
    told = facts(number("age"), classes=("0", "1"))
    with pytest.raises(InputError, match="positive label 'yes'"):
        bring(Fixed(told), "m", FEATURES, "yes")
    assert bring(Fixed(told), "m", FEATURES, "1").positive_class == "1"
    with pytest.raises(InputError, match="only numbers"):
        bring(Fixed(facts(number("age"), classes=("0", "1"), named_classes=False)), "m", FEATURES,
              "1")  # fmt: skip
    wish = Wishes({}, positive_class="0")
    assert bring(Fixed(told), "m", FEATURES, "yes", wish).positive_class == "0"
    with pytest.raises(InputError, match="none of the model's classes"):
        bring(Fixed(told), "m", FEATURES, "yes", Wishes({}, positive_class="2"))


@pytest.mark.parametrize("more", [{"task": "regression"}, {"output": "margin"}])
def test_a_model_without_probabilities_is_refused(more: dict) -> None:
    with pytest.raises(InputError, match=r"amounts|margins"):
        bring(Fixed(facts(number("age"), **more)), "m", FEATURES, "yes")


def test_a_model_that_nobody_has_at_hand_says_so_and_the_oldest_of_many_is_closed() -> None:
    forget_all()
    specs, models = [], []
    for i in range(6):
        models.append(Fixed(facts(number("age"), sha256=f"{i:064d}")))
        specs.append(bring(models[-1], f"m{i}", FEATURES, "yes"))
        assert scorer_of(specs[-1]) is models[-1]
    assert [model.closed for model in models] == [True, True, False, False, False, False]
    forget_all()
    assert models[5].closed
    with pytest.raises(InputError, match="not at hand"):
        scorer_of(specs[0])


def test_truth_values_are_the_same_on_both_sides_and_words_for_them_are_a_proposal() -> None:
    told = facts(ModelInput("owns", "flag", "bool"))
    assert propose(told, FEATURES).matching.proposals == ()
    given = model_inputs(propose(told, FEATURES).matching, told, FEATURES)
    assert given["owns"].tolist() == [1, 0, 1]
    words = pd.DataFrame({"owns": pd.Series(["yes", "no"], dtype=object)})
    assert [m.how for m in propose(told, words).matching.proposals] == ["recoded"]


@pytest.mark.parametrize(
    ("known", "said", "recode"),
    [
        (("no", "yes"), [0.0, 1.0, np.nan], (("0", "no"), ("1", "yes"))),
        (("no", "yes"), ["true", "false"], (("false", "no"), ("true", "yes"))),
        (("N", "Y", "missing"), ["yes", "no"], (("no", "N"), ("yes", "Y"))),
        (("0", "1"), ["yes", "no"], (("no", "0"), ("yes", "1"))),
        # Not where a value is neither, where one is known as it is, or the list says other things.
        (("no", "yes"), [0.0, 1.0, 2.0], ()),
        (("no", "yes"), ["yes", "n"], ()),
        (("female", "male"), [0.0, 1.0], ()),
        (("no", "yes", "often"), [0.0, 1.0], ()),
    ],
)
def test_truth_values_are_proposed_as_the_list_writes_them(
    known: tuple[str, ...], said: list, recode: tuple
) -> None:
    table = pd.DataFrame({"owns": pd.Series(said, dtype=object if "yes" in said else None)})
    found = matched(facts(category("owns", *known)), table)["owns"]
    assert found.recode == recode
    assert found.how == ("recoded" if recode else "same")


def test_a_model_offered_again_under_one_name_takes_the_place_of_the_first() -> None:
    first, second = Fixed(facts(number("age"))), Fixed(facts(number("age")), 0.9)
    spec = bring(first, "m", FEATURES, "yes")
    assert scorer_of(spec) is first
    assert bring(second, "m", FEATURES, "yes") == spec
    assert scorer_of(spec) is second


def test_numbers_are_the_same_value_only_where_they_are_equal() -> None:
    features = pd.DataFrame(
        {
            "rating": [1.0, 10.0, 15.0],
            "size": pd.Series(["<10", "10", ">=10"], dtype=object),
        }
    )
    told = facts(
        number("rating_1.0"), number("rating_10.0"), number("size_<10"), number("size_10.0"),
        category("rating", "1.0", "1.5", "10.0", "15.0"), number("rating_100"), number("size_-10"),
    )  # fmt: skip
    found = matched(told, features)
    one_hot = {name: match.recode for name, match in found.items() if match.otherwise == "0"}
    assert one_hot == {
        "rating_1.0": (("1", "1"),), "rating_10.0": (("10", "1"),),
        "size_<10": (("<10", "1"),), "size_10.0": (("10", "1"),),
    }  # fmt: skip
    assert found["rating"].recode == (("1", "1.0"), ("10", "10.0"), ("15", "15.0"))
    assert {"rating_100", "size_-10"}.isdisjoint(found)


@pytest.mark.parametrize(("said", "given"), [("true", "1"), ("no", "0"), ("7", "7")])
def test_one_value_for_everybody_is_written_as_the_input_takes_it(said: str, given: str) -> None:
    told = facts(number("owner"), category("kind", "1.0", "7.0"))
    found = propose(told, FEATURES, {"owner": said, "kind": "7"}).matching
    assert [match.constant for match in found.inputs] == [given, "7.0"]
    assert (model_inputs(found, told, FEATURES)["owner"] == float(given)).all()


def test_a_text_for_everybody_is_refused_by_an_input_of_numbers() -> None:
    told = facts(number("owner"))
    found = propose(told, FEATURES, {"owner": "abc"}).matching
    with pytest.raises(InputError, match="column 'owner', value 'abc'"):
        model_inputs(found, told, FEATURES)


def test_truth_values_are_proposed_as_python_writes_them_where_a_file_keeps_no_list() -> None:
    kept = ModelInput("owns", "category", "string", None, missing="refused", unseen="own_way")
    found = propose(facts(kept), FEATURES).matching
    assert found.inputs[0].recode == (("false", "False"), ("true", "True"))
    assert [match.input for match in found.proposals] == ["owns"]
    assert list(model_inputs(found, facts(kept), FEATURES)["owns"]) == ["True", "False", "True"]
    assert matched(facts(category("owns", "true", "false")))["owns"].how == "same"


def test_free_text_is_no_candidate_and_one_value_among_the_rows_that_count_is_kept() -> None:
    rows = 40
    frame = pd.DataFrame(
        {
            "sex": ["f", "m"] * (rows // 2),
            "income": range(rows),
            "note": [f"{'long words about row ' * 4}{i}" for i in range(rows)],
            "site": ["north"] * (rows - 2) + ["south"] * 2,
            "paid": [*(["yes", "no"] * (rows // 2 - 1)), None, None],
        }
    )
    table = table_of(frame, "t")
    assert table.column("note").kind is Kind.TEXT
    found = candidates_of(table, Roles("paid", "yes", ("sex",)))
    assert list(found.features) == ["sex", "income"]
    # All rows with an outcome are of the north: that is no missing value.
    assert found.constants == {"site": "north"}
    of_amounts = candidates_for_outcomes(table, OutcomeColumns("income", "", ("sex",)))
    assert list(of_amounts.features) == ["sex", "site", "paid"]
    assert of_amounts.constants == {}
