"""Sample scenarios: the published facts, and domains that hold every value."""

import hashlib
import json

import numpy as np
import pytest

from core.data.assign import assign
from core.data.domains import CategoryDomain
from core.data.samples import FOLDER, NAMES, SAMPLES, load_sample, sample_for
from core.data.table import MISSING
from core.errors import InputError


@pytest.fixture(scope="module")
def tables():
    return {name: load_sample(name) for name in NAMES}


@pytest.fixture(scope="module")
def datasets(tables):
    return {name: assign(tables[name], SAMPLES[name].roles) for name in NAMES}


@pytest.mark.parametrize(
    ("name", "shape", "rate"),
    [
        ("german_credit", (1000, 22), 0.700),
        ("heart_disease", (920, 15), 0.553),
        ("student_performance", (649, 33), 0.846),
        ("adult", (48_842, 15), 0.2393),
        ("compas", (7214, 14), 0.451),
    ],
)
def test_rows_and_base_rates(tables, datasets, name, shape, rate):
    assert tables[name].frame.shape == shape
    assert tables[name].repairs == ()
    assert len(datasets[name]) == shape[0]
    parts = [repair.what for repair in datasets[name].repairs]
    together = "Asian (32 rows) and Native American (18 rows) are counted as 'Other'."
    assert parts == ([together] if name == "compas" else [])
    assert datasets[name].target.mean() == pytest.approx(rate, abs=5e-4 if rate < 0.3 else 1e-3)


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("adult", {"Male": 0.3038, "Female": 0.1093}),
        ("heart_disease", {"Female": 0.258, "Male": 0.632}),
        ("student_performance", {"F": 0.870, "M": 0.812}),
    ],
)
def test_base_rates_by_sex(datasets, name, rates):
    data = datasets[name]
    for value, rate in rates.items():
        members = (data.sensitive["sex"] == value).to_numpy()
        assert data.target[members].mean() == pytest.approx(rate, abs=6e-4)


def test_compas_error_rates(datasets):
    """ProPublica (2016), all 7214 rows."""
    data = datasets["compas"]
    assert data.roles.positive_is_favourable is False
    for race, false_positive, false_negative in (
        ("African-American", 0.4485, 0.2799),
        ("Caucasian", 0.2345, 0.4772),
    ):
        members = (data.sensitive["race"] == race).to_numpy()
        label, decision = data.target[members], data.predictions[members]
        assert np.mean(decision[~label]) == pytest.approx(false_positive, abs=5e-5)
        assert np.mean(~decision[label]) == pytest.approx(false_negative, abs=5e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_value_lies_in_its_declared_domain(tables, name):
    sample, table = SAMPLES[name], tables[name]
    domains = {domain.name: domain for domain in sample.domains.items}
    assert sample.domains.origin == "declared"
    assert set(domains) == {column.name for column in table.columns} - {sample.roles.target}
    outcome = sample.roles.target or sample.roles.prediction
    features = tuple(name for name in domains if name != outcome)
    everything = assign(
        table,
        type(sample.roles)(
            target=outcome,
            positive_label=sample.roles.positive_label,
            sensitive=sample.roles.sensitive,
            features=features,
            edges=sample.roles.edges,
        ),
    )
    assert set(everything.features) == set(features)
    for column in features:
        domain, values = domains[column], everything.features[column]
        if isinstance(domain, CategoryDomain):
            assert column in everything.categories
            assert len(set(domain.categories)) == len(domain.categories)
            assert set(values) <= set(domain.categories)
            assert (MISSING in domain.categories) >= bool((values == MISSING).any())
        else:
            assert column in everything.numbers
            assert domain.low < domain.high
            assert values.dropna().between(domain.low, domain.high).all()


@pytest.mark.parametrize("name", NAMES)
def test_sample_is_complete(datasets, name):
    sample = SAMPLES[name]
    data = (FOLDER / sample.file).read_bytes()
    assert sample.sha256 == hashlib.sha256(data).hexdigest()
    assert sample_for(sample.sha256) is sample
    assert sample.caveats
    assert sample.licence
    assert sample.citation
    assert sample.sentence.endswith(".")
    assert not set(sample.roles.features) & set(sample.roles.sensitive)
    assert json.loads((FOLDER / f"{name}.json").read_text())["name"] == name
    assert datasets[name].provenance.source == "sample"
    assert datasets[name].roles.features == sample.roles.features


def test_columns_left_out_of_features():
    assert not {"G1", "G2"} & set(SAMPLES["student_performance"].roles.features)
    assert not {"fnlwgt", "education"} & set(SAMPLES["adult"].roles.features)
    assert "personal_status" not in SAMPLES["german_credit"].roles.features
    assert SAMPLES["compas"].roles.features == ()


def test_caveats_are_true(tables):
    german = tables["german_credit"].frame
    only = german[german["personal_status"] == "divorced/separated/married"]
    assert set(only["sex"]) == {"female"}
    heart = tables["heart_disease"].frame
    assert (heart["sex"] == "Female").sum() == 194
    assert heart.loc[heart["site"] == "Switzerland", "chol"].isna().all()
    assert heart.loc[heart["site"] != "Cleveland", "ca"].notna().sum() < 20
    students = tables["student_performance"].frame
    assert (students["class"] == "Low").sum() == 100
    assert (students["age"] > 18).sum() == 41
    adult = tables["adult"].frame
    assert (adult.groupby("education")["education-num"].nunique() == 1).all()
    assert adult["education"].nunique() == adult["education-num"].nunique()
    husbands = adult.loc[adult["relationship"] == "Husband", "sex"]
    assert (husbands == "Male").mean() > 0.999
    compas = tables["compas"].frame
    assert (compas.loc[compas["two_year_recid"] == 1, "is_recid"] == 1).all()


def test_samples_that_are_not_there(monkeypatch, tmp_path):
    assert sample_for("0" * 64) is None
    with pytest.raises(InputError, match=r"no sample.*Choose one of: german_credit"):
        load_sample("titanic")
    monkeypatch.setattr("core.data.samples.FOLDER", tmp_path)
    with pytest.raises(InputError, match="the sample's file is gone"):
        load_sample("adult")


def test_a_small_upload_limit_does_not_hide_the_samples(monkeypatch):
    monkeypatch.setenv("EQUIPOISE_MAX_UPLOAD_MB", "0.001")
    assert len(load_sample("compas").frame) == 7214


def test_what_one_caller_changes_in_a_sample_no_other_sees() -> None:
    changed = load_sample("german_credit").frame
    before = changed.iloc[0, 0]
    changed.iloc[0, 0] = changed.iloc[1, 0]
    changed["new"] = 1
    assert changed.iloc[0, 0] != before
    again = load_sample("german_credit").frame
    assert again.iloc[0, 0] == before
    assert "new" not in again
