"""Groups put together, where rows are counted elsewhere, promised privacy, flipped or commanded."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.__main__ import main
from core.cli.sweep_plan import read_plan
from core.data.assign import assign, default_roles
from core.data.domains import CategoryDomain, Domains
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES, load_sample
from core.data.sources.locations import SourceLocation
from core.explanation.counterfactual.sensitive_flips import model_flips
from core.privacy.release.axis import CategoryAxis, declared_groups
from core.privacy.release.release import outcome_frame
from core.privacy.release.release_plan import FairnessPlan
from core.reporting.audit_plans import plan_differences
from core.reporting.count_command import count_command
from core.tradeoff.sweep.synthetic import synthetic_rows
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.fairness.test_engine import alike, in_engine, in_memory
from tests.core.worlds import DOMAINS, frame, table

TOGETHER = (("race", "Other", ("Asian", "Native")),)
RACES = ("Asian", "Black", "Native", "Other", "White", "nobody")
MERGED = ("Other", "Black", "White", "nobody")
GROUPED = Domains((*DOMAINS.items, CategoryDomain("race", RACES)))


def people(n: int = 1500) -> pd.DataFrame:
    race = np.random.default_rng(3).choice(RACES[:-1], n, p=[0.1, 0.3, 0.05, 0.15, 0.4])
    return frame(n).drop(columns="sex").assign(race=race)


def data(n: int = 1500, *, seen: bool = False, merged_groups=TOGETHER):
    read = table(people(n))
    seen_too = ("race",) if seen else ()
    roles, _ = default_roles(read, "paid", "yes", ("race",), keep_as_features=seen_too)
    return assign(read, replace(roles, merged_groups=merged_groups))


def by_hand(found):
    """The same rows, their groups merged after the fact."""
    apart = data(len(found), seen="race" in found.features, merged_groups=())
    merged = apart.sensitive.replace({"Asian": "Other", "Native": "Other"})
    return replace(apart, sensitive=merged)


@pytest.mark.parametrize("edges", [(), (("age", (25.0, 60.0)),)])
def test_an_engine_counts_the_same(tmp_path: Path, edges) -> None:
    rng = np.random.default_rng(0)
    n = 900
    arrow = pa.Table.from_pandas(
        pd.DataFrame(
            {"y": rng.choice(["yes", "no"], n), "p": rng.choice(["yes", "no"], n),
             "g": rng.choice(["a", "b", "c,=", None], n), "age": rng.integers(18, 80, n)}
        )
    )  # fmt: skip
    merged_groups = (("g", "a", ("c,=", "(missing)")),)
    merged_groups += (("age", "others", ("< 25", "≥ 60")),) if edges else ()
    roles = Roles("y", "yes", ("g", "age") if edges else ("g",), prediction="p", edges=edges,
                  merged_groups=merged_groups)  # fmt: skip
    theirs, kept = in_memory(arrow, roles)
    ours, counted = in_engine(arrow, roles, tmp_path)
    alike(ours, theirs)
    assert counted.roles.merged_groups == kept.roles.merged_groups
    assert {(r.what, r.count) for r in kept.repairs} == {(r.what, r.count) for r in counted.repairs}
    words = shlex.split(
        count_command(SourceLocation(str(tmp_path / "rows.parquet")), counted.roles)
    )
    out = tmp_path / "out.json"
    words[words.index("--out") + 1] = str(out)
    assert main(words[3:]) == 0
    record = json.loads(out.read_text())
    assert {(r["what"], r["count"]) for r in record.pop("repairs")} == {
        (r.what, r.count) for r in counted.repairs
    }
    assert record == json.loads(json.dumps(ours))


@pytest.mark.parametrize("mitigation", ["private_group_thresholds", "private_reweighing"])
def test_a_private_mitigation_counts_merged_groups(mitigation: str) -> None:
    ours = TrainingSpec(
        "dp_binned_regression", mitigation, epsilon=4.0, delta=1e-6, domains=GROUPED, noise="seeded"
    )
    merged = data()
    theirs = replace(ours, domains=Domains((*DOMAINS.items, CategoryDomain("race", MERGED))))
    one = train(merged, ours, with_baseline=False)
    two = train(by_hand(merged), theirs, with_baseline=False)
    assert np.array_equal(one.decisions, two.decisions)
    assert np.array_equal(one.scores, two.scores)


def test_a_release_counts_merged_groups() -> None:
    sample = replace(SAMPLES["german_credit"], domains=GROUPED)
    groups = declared_groups("race", {}, sample, TOGETHER)
    assert groups == MERGED
    merged = data()
    rng = np.random.default_rng(0)
    said = rng.random(len(merged)) < 0.5
    plan = FairnessPlan((CategoryAxis("race", groups),), 1.0)
    counts = plan.count(outcome_frame(merged.target, said, merged.sensitive, ["race"]))
    race = people()["race"].replace({"Asian": "Other", "Native": "Other"}).to_numpy()
    expected = [
        int(((race == group) & (merged.target == label) & (said == decision)).sum())
        for group in MERGED
        for label in (False, True)
        for decision in (False, True)
    ]
    assert counts.tolist() == [*expected, 0]
    bins = declared_groups("age", {"age": (20.0, 40.0)}, None, (("age", "≥ 40", ("< 20",)),))
    assert bins == ("≥ 40", "20 – 40")


def test_flips_to_a_merged_group_take_its_most_frequent_value() -> None:
    merged = data(seen=True)
    trained = train(merged, TrainingSpec("logistic_regression"), with_baseline=False)
    *_, (_, found) = model_flips(merged, trained, "race")
    rows = trained.split.test
    own = merged.sensitive["race"].to_numpy()[rows]
    seen = merged.features.iloc[rows].reset_index(drop=True)
    assert "Asian" in set(seen["race"])
    for name, value in (("Other", "Other"), ("Black", "Black"), ("White", "White")):
        after = trained.decider.predict(seen.assign(race=value), own)
        others = own != name
        assert found.gained[name] == int((after & ~trained.decisions & others).sum())
        assert found.lost[name] == int((~after & trained.decisions & others).sum())
    assert set(found.gained) == {"Other", "Black", "White"}


def test_synthetic_rows_have_merged_groups() -> None:
    rows = synthetic_rows(data(seen=True).roles, GROUPED, 4000)
    assert set(rows.sensitive["race"]) == set(MERGED)
    apart = rows.features["race"].replace({"Asian": "Other", "Native": "Other"})
    assert rows.sensitive["race"].tolist() == apart.tolist()
    assert (
        synthetic_rows(data(merged_groups=()).roles, GROUPED, 4000).fingerprint != rows.fingerprint
    )


def test_the_printed_command_repeats_it(tmp_path: Path) -> None:
    csv = tmp_path / "people.csv"
    people(900).assign(race=lambda t: t["race"].replace({"Native": 'Na,"ti=ve:'})).to_csv(
        csv, index=False
    )
    first, second = tmp_path / "a", tmp_path / "b"
    words = [
        "audit", "--data", str(csv), "--target", "paid", "--favourable", "yes", "--sensitive",
        "race", "--learner", "logistic_regression", "--explain", "0", "--merge-groups",
        'race=Other:Asian,"Na,""ti=ve:"', "--out", str(first),
    ]  # fmt: skip
    assert main(words) == 0
    one = json.loads((first / "audit.json").read_text())
    for name in ("merged_groups", "together"):
        assert one["plan"]["roles"][name] == {"race": {"Other": ["Asian", 'Na,"ti=ve:']}}
    assert "Merged groups in race" in (first / "report.html").read_text()
    again = shlex.split(one["plan"]["command"])
    again[again.index("--out") + 1] = str(second)
    assert main(again[3:]) == 0
    two = json.loads((second / "audit.json").read_text())
    for part in ("performance", "fairness", "findings"):
        assert one[part] == two[part]
    assert one["dataset"]["fingerprint"] == two["dataset"]["fingerprint"]
    two["plan"]["roles"].pop("merged_groups")
    assert plan_differences(one, two) == ()  # a file of a release ago has the old name only
    two["plan"]["roles"].pop("together")
    (differs,) = plan_differences(one, two)
    assert differs.entry == "Merged groups"


def test_a_scenario_puts_together_and_can_be_told_not_to(tmp_path: Path) -> None:
    def races(*words: str) -> tuple[dict[str, int], dict]:
        out = tmp_path / "out"
        assert main(["audit", "--data", "compas", "--explain", "0", *words, "--out", str(out)]) == 0
        found = json.loads((out / "audit.json").read_text())
        groups = found["fairness"]["by_attribute"]["race"]["by_group"]
        return {group["group"]["race"]: group["count"] for group in groups}, found

    counts, found = races("--sensitive", "race")
    frame = load_sample("compas").frame["race"].value_counts()
    assert counts["Other"] == frame["Other"] + frame["Asian"] + frame["Native American"]
    assert (frame["Asian"], frame["Native American"]) == (32, 18)
    assert len(counts) == 4
    assert any("Native American (18)" in caveat for caveat in found["dataset"]["caveats"])
    apart, found = races("--sensitive", "race", "--merge-groups", "race=")
    assert apart == frame.to_dict()
    # Its own command does the same.
    again = shlex.split(found["plan"]["command"])
    assert races(*(w for w in again[6:-2] if w not in ("--explain", "0")))[0] == apart


def test_a_command_and_a_plan_refuse_what_they_cannot_do(tmp_path: Path, capsys) -> None:
    words = ["audit", "--data", "compas", "--out", str(tmp_path)]
    for told, message in (
        ("race=Other:Asia,Native American", "'Asia' to be counted as 'Other'. Perhaps 'Asian'"),
        ("rac=Other:Asian", "Perhaps 'race' was meant"),
        ("race", "doesn't say which groups"),
        ("race=Other", "doesn't say which groups"),
        ('race="Other:Asian', "doesn't say which groups"),
    ):
        assert main([*words, "--merge-groups", told]) == 2
        assert message in capsys.readouterr().err
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[data]\ndata = "compas"\nmerge_groups = ["race=a:Asian,Other", "sex=x:Male,Female"]\n'
        '[sweep]\nlearners = ["naive_bayes"]\n[basis]\nkind = "public"\n'
    )
    assert read_plan(str(plan)).data.merge_groups == ["race=a:Asian,Other", "sex=x:Male,Female"]
