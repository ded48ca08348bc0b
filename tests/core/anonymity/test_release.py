"""The released table, its recipe, pseudonyms, the attack, and the price."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core.anonymity.attack import composition, disclosure, second_release
from core.anonymity.price import auroc_change, price
from core.anonymity.pseudonymise import new_key
from core.anonymity.recipe import csv_of, left_as_they_are, recipe, repeat
from core.anonymity.release import anonymise, finished
from core.anonymity.spec import Anonymisation
from core.data.assign import assign
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from tests.core.anonymity.worlds import world

QUASI = ("age", "town", "job")


@pytest.fixture(scope="module")
def credit():
    table = load_sample("german_credit")
    spec = Anonymisation("lattice", ("age", "sex", "credit_amount", "job"), "credit_risk", k=5)
    return (
        table,
        assign(table, SAMPLES["german_credit"].roles),
        finished(anonymise(table.frame, spec)),
    )


@pytest.mark.parametrize("method", ["none", "mondrian", "lattice", "microaggregation"])
def test_a_recipe_repeats_to_the_same_bytes(method, credit):
    table = credit[0]
    key = new_key()
    spec = Anonymisation(
        method, ("age", "housing"), "credit_risk", left_out=("purpose",), pseudonyms=("telephone",)
    )
    made = finished(anonymise(table.frame, spec, key))
    result = recipe(made, table.provenance, key)
    assert key not in result.decode()
    again = repeat(table.frame, table.provenance, result, key)
    assert csv_of(again.frame)[0] == csv_of(made.frame)[0]
    assert (
        json.loads(result)["outcome"]["sha256"] == hashlib.sha256(csv_of(made.frame)[0]).hexdigest()
    )
    with pytest.raises(InputError, match="isn't the key"):
        repeat(table.frame, table.provenance, result, new_key())
    other = load_sample("heart_disease")
    with pytest.raises(InputError, match="another table"):
        repeat(other.frame, other.provenance, result, key)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 1, "table": {}}', b"\xff"])
def test_a_broken_recipe_is_refused(data, credit):
    with pytest.raises(InputError, match="the recipe"):
        repeat(credit[0].frame, credit[0].provenance, data)


def test_a_pseudonym_is_a_keyed_hash(credit):
    frame = pd.DataFrame({"name": ["Ann", "Bo", None, "Ann"], "q": [1, 1, 1, 1]})
    key = "ab" * 32
    made = finished(anonymise(frame, Anonymisation("none", ("q",), pseudonyms=("name",)), key))
    wanted = hmac.new(bytes.fromhex(key), b"name\0Ann", hashlib.sha256).hexdigest()[:32]
    assert made.frame["name"].tolist()[0] == wanted == made.frame["name"].tolist()[3]
    assert made.frame["name"].isna().tolist() == [False, False, True, False]
    other = finished(anonymise(frame, made.spec, new_key()))
    assert other.frame["name"].iloc[0] != wanted
    for bad in (None, "ab", "zz" * 32):
        with pytest.raises(InputError, match="key"):
            finished(anonymise(frame, made.spec, bad))


def test_no_spreadsheet_runs_what_is_downloaded():
    frame = pd.DataFrame(
        {"=name": ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "\0x", "fine", None], "n": range(-4, 5)}
    )
    data, repairs = csv_of(frame)
    read = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert read[0][0] == "'=name"
    assert [row[0] for row in read[1:]] == [
        *("'" + text for text in frame["=name"].tolist()[:7]), "fine", "",
    ]  # fmt: skip
    assert [int(row[1]) for row in read[1:]] == list(range(-4, 5))
    assert [(r.count, r.column) for r in repairs] == [(7, "=name")]


def test_the_attack_counts_what_looking_finds():
    for seed in range(2):
        frame = world(seed, 60).assign(pay=np.random.default_rng(seed).integers(0, 9, 60))
        frame = frame.drop(columns="note")
        first = finished(anonymise(frame, Anonymisation("lattice", QUASI, "ill", k=3)))
        second = finished(second_release(frame, first))
        assert second.after.k >= 3
        result = disclosure(frame, first, "ill")
        by_class: dict[tuple[str, ...], list[str]] = {}
        public = first.frame.astype(str).fillna("gone")
        for row in public.itertuples(index=False):
            by_class.setdefault((row.age, row.town, row.job), []).append(row.ill)
        alike = [rows for rows in by_class.values() if len(set(rows)) == 1]
        assert result.certain == sum(map(len, alike))
        assert result.one_step == sum(len(r) for r in by_class.values() if len(set(r)) == 2)
        found = composition(frame, first, second, "ill")
        learned = 0
        other = second.frame.astype(str).fillna("gone")
        positions = {int(row): i for i, row in enumerate(second.rows)}
        both = [int(row) for row in first.rows if int(row) in positions]
        counts = []
        for row in both:
            a = public.iloc[list(first.rows).index(row)]
            b = other.iloc[positions[row]]
            here = public[(public[list(QUASI)] == a[list(QUASI)]).all(axis=1)]
            there = other[(other[list(QUASI)] == b[list(QUASI)]).all(axis=1)]
            seen = {(r.ill, r.pay) for r in there.itertuples()}
            fits = [r.ill for r in here.itertuples() if (r.ill, r.pay) in seen]
            back = {(r.ill, r.pay) for r in here.itertuples()}
            fits_back = [r.ill for r in there.itertuples() if (r.ill, r.pay) in back]
            counts.append((len(fits), len(fits_back), len(here), len(there)))
            learned += len(set(fits)) == 1
            assert set(fits) == set(fits_back)
        # Candidates are listed from the release whose classes are smaller over all people.
        side = int(sum(c[2] for c in counts) > sum(c[3] for c in counts))
        alone = sum(c[side] == 1 for c in counts)
        fewer = sum(c[side] < 3 for c in counts)
        assert (found.people, found.alone, found.fewer, found.learned) == (
            len(both), alone, fewer, learned,
        )  # fmt: skip


def test_columns_left_as_they_are_are_named(credit):
    table, _, made = credit
    found = dict(left_as_they_are(table.frame, made))
    assert found["duration_months"] < 0.02
    assert "age" not in found
    assert "credit_risk" not in found


def test_the_price_is_that_of_training_twice(credit):
    _, dataset, made = credit
    result = finished_price(price(dataset, made, "logistic_regression"))
    assert result.changed == ("credit_amount", "job")
    assert result.test_rows == 200
    assert result.auroc_before.estimate is not None
    assert result.auroc_change.estimate == pytest.approx(
        result.auroc_after.estimate - result.auroc_before.estimate
    )
    assert result.auroc_change.low < result.auroc_change.estimate < result.auroc_change.high
    assert result.trained_on[0] - result.trained_on[1] + result.unknown_rows <= 14
    untouched = finished(
        anonymise(load_sample("german_credit").frame, Anonymisation("none", ("age",)))
    )
    same = finished_price(price(dataset, untouched, "logistic_regression"))
    assert same.auroc_change.estimate == 0
    with pytest.raises(InputError, match="so that no noise hides it"):
        finished_price(price(dataset, made, "dp_logistic_regression"))


def finished_price(work):
    return list(work)[-1][1]


def test_the_paired_interval_of_auroc_is_that_of_a_bootstrap():
    rng = np.random.default_rng(0)
    n = 600
    target = rng.random(n) < 0.3
    shared = rng.normal(size=n) + target
    before = np.round(shared + 0.3 * rng.normal(size=n), 1)
    after = np.round(shared + 0.8 * rng.normal(size=n), 1)
    found = auroc_change(target, before, after)
    wanted = roc_auc_score(target, after) - roc_auc_score(target, before)
    assert found.estimate == pytest.approx(wanted, abs=1e-12)
    draws = []
    for _ in range(200):
        rows = rng.integers(0, n, n)
        draws.append(
            roc_auc_score(target[rows], after[rows]) - roc_auc_score(target[rows], before[rows])
        )
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(np.std(draws), rel=0.2)
    doubled = auroc_change(target, before, after, np.full(n, 2.0))
    assert (doubled.low, doubled.high) == pytest.approx((found.low, found.high))
    assert auroc_change(np.array([True, False]), np.zeros(2), np.zeros(2)).estimate is None
