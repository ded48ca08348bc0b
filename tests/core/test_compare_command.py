"""``python -m core compare``: differences with intervals, verdicts, chance, and bad files."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.reporting.audit_comparison import compare_audits
from core.reporting.audit_differences import compared, difference, holm_corrected, p_value
from tests.core.worlds import frame


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A plain audit, another seed, another learner, and one by another column."""
    folder = tmp_path_factory.mktemp("audits")
    world = folder / "world.csv"
    frame(600).to_csv(world, index=False)
    parts = ["audit", "--data", str(world), "--target", "paid", "--favourable", "yes"]
    parts += ["--explain", "0"]
    found = {}
    for name, words in {
        "plain": ["--sensitive", "sex"],
        "seed": ["--sensitive", "sex", "--seed", "1"],
        "forest": ["--sensitive", "sex", "--learner", "decision_tree"],
        "city": ["--sensitive", "sex,city"],
    }.items():
        assert main([*parts, *words, "--out", str(folder / name)]) == 0
        found[name] = json.loads((folder / name / "audit.json").read_text())
    return found


def write_audits(folder: Path, **audits: Any) -> list[str]:
    paths = []
    for name, audit in audits.items():
        path = folder / f"{name}.json"
        path.write_text(audit if isinstance(audit, str) else json.dumps(audit))
        paths.append(str(path))
    return paths


def changed(audit: dict[str, Any], *path: str, value: Any) -> dict[str, Any]:
    found = deepcopy(audit)
    part = found
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return found


def test_the_interval_is_that_of_zou_and_donner_by_hand() -> None:
    # Newcombe (1998, Statistics in Medicine 17, table II, method 10): 56/70 against 48/80 with
    # Wilson intervals 0.6923 to 0.8768 and 0.4904 to 0.7002 (by hand) give 0.0524 to 0.3339.
    def wilson(hits: int, n: int) -> Figure:
        z = 1.959964
        middle, half = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
        return Figure(hits / n, (middle - half) / (n + z * z), (middle + half) / (n + z * z))

    found = difference(wilson(48, 80), wilson(56, 70))
    assert found.estimate == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)
    # Lopsided ends: down √(0.2² + 0.1²), up √(0.1² + 0.3²).
    lopsided = difference(Figure(0.4, 0.1, 0.5), Figure(0.6, 0.4, 0.7))
    assert lopsided.low == pytest.approx(0.2 - math.sqrt(0.05))
    assert lopsided.high == pytest.approx(0.2 + math.sqrt(0.10))
    # Symmetric: 3, 4 and 5.
    plain = difference(Figure(0.50, 0.47, 0.53), Figure(0.60, 0.56, 0.64))
    assert (plain.low, plain.high) == (pytest.approx(0.05), pytest.approx(0.15))
    assert p_value(plain) == pytest.approx(math.erfc(2 * 1.959964 / math.sqrt(2)))


shares = st.floats(0, 1)


@st.composite
def measured(draw: st.DrawFn) -> Figure:
    low, value, high = sorted(draw(st.tuples(shares, shares, shares)))
    return Figure(value, low, high)


@given(measured(), measured(), st.sampled_from(METRICS.names()))
def test_swapping_a_and_b_negates(a: Figure, b: Figure, name: str) -> None:
    one, other = difference(a, b), difference(b, a)
    assert one.estimate == -other.estimate
    assert one.low == -other.high
    assert one.high == -other.low
    assert one.low <= one.estimate <= one.high
    # Square and add is never wider than adding.
    assert b.low - a.high - 1e-9 <= one.low
    assert one.high <= b.high - a.low + 1e-9
    p = p_value(one)
    assert p == p_value(other)
    if abs(p - 0.05) > 1e-9 and one.low != 0 and one.high != 0:
        assert (p < 0.05) == (not one.low <= 0 <= one.high)
    swap = str.maketrans("AB", "BA")
    there, back = compared("rate", name, a, b), compared("rate", name, b, a)
    assert there.verdict.translate(swap) == back.verdict


LESS, MORE = Figure(0.2, 0.15, 0.25), Figure(0.8, 0.75, 0.85)


@pytest.mark.parametrize(
    ("kind", "name", "favourable", "verdict"),
    [
        ("performance", "roc_auc", True, "B better"),
        ("performance", "brier", True, "A better"),
        ("performance", "true_positive_rate", True, "B higher"),
        ("disparity", "equalized_odds_difference", True, "A better"),
        ("disparity", "demographic_parity_ratio", True, "B better"),
        ("disparity", "prevalence_difference", True, "B higher"),
        ("rate", "selection_rate", True, "B better"),
        ("rate", "selection_rate", False, "A better"),
        ("rate", "selection_rate", None, "B higher"),
        ("rate", "false_discovery_rate", True, "A better"),
        ("rate", "prevalence", True, "B higher"),
    ],
)
def test_the_verdict_goes_by_the_direction_of_the_figure(
    kind: Any, name: str, favourable: bool | None, verdict: str
) -> None:
    found = compared(kind, name, LESS, MORE, positive_is_favourable=favourable)
    assert found.verdict == verdict
    assert found.differs
    same = compared(kind, name, LESS, LESS, positive_is_favourable=favourable)
    assert (same.verdict, same.differs) == ("not significant", False)


def test_what_is_not_defined_says_why_and_where() -> None:
    gone = Figure(None, reason="no positive labels in this group")
    bare = Figure(0.5, reason="no interval: one row")
    one = compared("rate", "accuracy", gone, MORE)
    assert (one.verdict, one.difference.estimate, one.p_value) == ("not defined", None, None)
    assert one.difference.reason == "in A, no positive labels in this group"
    both = compared("rate", "accuracy", gone, gone)
    assert both.difference.reason == "in both, no positive labels in this group"
    without = compared("rate", "accuracy", MORE, bare)
    assert without.verdict == "no interval"
    assert without.difference.estimate == pytest.approx(-0.3)
    assert "in B, no interval" in (without.difference.reason or "")
    assert [item.after_holm for item in holm_corrected([one, without])] == [None, None]


def test_many_figures_are_corrected_for_each_other() -> None:
    # p is 0.04 alone: with 9 others Holm asks 0.005 of the smallest.
    z = 2.0537489
    half = 0.1 / z * 1.959964 / math.sqrt(2)
    a, b = (Figure(value, value - half, value + half) for value in (0.4, 0.5))
    near = compared("rate", "accuracy", a, b)
    assert near.p_value == pytest.approx(0.04, abs=1e-6)
    same = compared("rate", "accuracy", LESS, LESS)
    far = compared("rate", "accuracy", LESS, MORE)
    assert [item.after_holm for item in holm_corrected([near])] == [True]
    result = holm_corrected([near, *[same] * 8, far])
    assert [item.after_holm for item in result] == [False] + [False] * 8 + [True]


def test_the_same_audit_twice_differs_in_nothing(
    audits: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = write_audits(tmp_path, a=audits["city"], b=audits["city"])
    out = tmp_path / "out.json"
    assert main(["compare", a, b, "--out", str(out)]) == 0
    record = json.loads(out.read_text())
    assert record["plan"] == []
    assert (record["people"]["data"], record["people"]["test"]) == (True, True)
    assert {f["difference"]["estimate"] for f in record["figures"]} <= {0.0, None}
    verdicts = {f["verdict"] for f in record["figures"]}
    assert verdicts <= {"not significant", "not defined", "no interval"}
    assert not any(f["after_holm"] for f in record["figures"])
    assert record["findings"] == {"only_a": [], "only_b": []}
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "The plans are the same." in text
    assert "Compare models" in text
    assert "better" not in "".join(line for line in text.splitlines() if " to " in line)


def test_every_figure_of_both_files_is_compared(audits: dict[str, Any]) -> None:
    a, b = audits["plain"], audits["forest"]
    found = compare_audits(a, b)
    figures = {(f.kind, f.by, f.group, f.name): f for f in found.figures}
    assert len(figures) == len(found.figures)
    groups = a["fairness"]["by_group"]
    metrics = sum(name in METRICS for name in a["performance"])
    rates = sum(name in METRICS for name in groups[0])
    assert len(figures) == metrics + len(DISPARITIES.names()) + len(groups) * rates
    accuracy = figures["performance", "", "", "accuracy"]
    assert accuracy.a.estimate == a["performance"]["accuracy"]
    assert [accuracy.b.low, accuracy.b.high] == b["performance"]["intervals"]["accuracy"]
    gap = figures["disparity", "sex", "", "equalized_odds_difference"]
    record = b["fairness"]["by_attribute"]["sex"]["disparities"]["equalized_odds_difference"]
    assert (gap.b.estimate, gap.b.low, gap.b.high) == (
        record["estimate"],
        record["low"],
        record["high"],
    )
    for group in groups:
        rate = figures["rate", "sex", group["group"]["sex"], "selection_rate"]
        assert rate.a.estimate == group["selection_rate"]
    judged = sum(f.p_value is not None for f in found.figures)
    assert found.multiplicity.startswith(f"{judged} figures are compared")
    assert f"about {0.05 * judged:.1f} would by chance" in found.multiplicity
    assert [item.entry for item in found.plan] == ["Model"]
    json.dumps(found.to_json(), allow_nan=False)


def test_it_says_whether_people_are_the_same_and_how_that_is_known(audits: dict[str, Any]) -> None:
    def people(b: dict[str, Any]) -> tuple[bool | None, bool | None, str]:
        found = compare_audits(audits["plain"], b).people
        return found.data, found.test, " ".join(found.sentences)

    data, test, result = people(audits["forest"])
    assert (data, test) == (True, True)
    assert "too wide" in result
    data, test, result = people(audits["seed"])
    assert (data, test) == (True, False)
    assert "seed" in result
    # Other roles make another fingerprint, and the rows are the same all the same.
    data, test, result = people(audits["city"])
    assert (data, test) == (True, True)
    assert "only roles differ" in result
    hash_split = changed(audits["plain"], "plan", "split_kind", value="by lot")
    assert people(hash_split)[:2] == (True, False)
    result = [
        people(hash_split)[2],
        *(f.b for f in compare_audits(audits["plain"], hash_split).plan),
    ]
    assert all("randomised" in text and "by lot" not in text for text in result)
    # A file from before the kind of split was written down tells it by its noise.
    private = changed(audits["plain"], "plan", "noise", value="fresh")
    del private["plan"]["split_kind"]
    assert people(private)[:2] == (True, False)
    other = changed(audits["city"], "dataset", "sha256", value="0" * 64)
    assert people(other)[:2] == (None, None)
    dropped = changed(audits["city"], "dataset", "rows_used", value=599)
    assert people(dropped)[:2] == (None, None)
    existing = changed(audits["plain"], "plan", "learner", value=None)
    assert people(existing)[:2] == (True, False)


def test_common_groups_are_compared_and_others_are_listed(audits: dict[str, Any]) -> None:
    found = compare_audits(audits["plain"], audits["city"])
    assert found.lone_attributes == ((), ("city", "sex × city"))
    assert {f.by for f in found.figures} == {"", "sex"}
    fewer = deepcopy(audits["plain"])
    fewer["fairness"]["by_attribute"]["sex"]["by_group"][0]["group"]["sex"] = "other"
    lone = compare_audits(audits["plain"], fewer)
    gone = audits["plain"]["fairness"]["by_attribute"]["sex"]["by_group"][0]["group"]["sex"]
    assert [(g.only_a, g.only_b) for g in lone.lone_groups] == [((gone,), ("other",))]
    assert {f.group for f in lone.figures if f.kind == "rate"} == {"f", "m"} - {gone}
    gaps = [f for f in lone.figures if f.kind == "disparity" and f.a.estimate is not None]
    assert gaps
    for gap in gaps:
        assert gap.verdict == "not defined"
        assert "other groups" in (gap.difference.reason or "")


def test_findings_privacy_and_the_plan(audits: dict[str, Any]) -> None:
    finding = {"code": "X-01", "severity": "high", "title": "Bad", "evidence": "", "remedy": ""}
    charge = {
        "what": "m", "epsilon": 1.0, "delta": 1e-6, "neighbouring": "replace-one", "unit": "row",
        "when": "", "audit": "",
    }  # fmt: skip
    b = changed(audits["plain"], "findings", value=[*audits["plain"]["findings"], finding])
    b["privacy"] |= {
        "epsilon": 1.0, "delta": 1e-6, "noise": "fresh", "ledger": [charge, charge],
        "cap": {"epsilon": 4.0, "delta": 1e-5, "composition": "basic"},
    }  # fmt: skip
    b["plan"] |= {"epsilon": 1.0, "strength": 0.5, "mitigation": "reweighing"}
    b["plan"]["roles"]["features"] = ["income", "age"]
    found = compare_audits(audits["plain"], b)
    assert (found.findings_a, found.findings_b) == ((), ("X-01 Bad (high)",))
    assert found.privacy_a == "no privacy guarantee"
    assert found.privacy_b.startswith("ε = 1, δ = 1e-06; charged to its data set by then ε = 2")
    assert "cap ε = 4" in found.privacy_b
    plan = {item.entry: (item.a, item.b) for item in found.plan}
    assert plan["ε"] == ("none", "1")
    assert plan["Strength of the mitigation"] == ("none", "0.5")
    assert plan["Features"] == ("3, alone city", "2")


def test_names_from_a_file_do_not_steer_the_terminal(
    audits: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = deepcopy(audits["plain"])
    a["fairness"]["by_attribute"]["sex"]["by_group"][0]["group"]["sex"] = "\x1b[31m" + "x" * 300
    paths = write_audits(tmp_path, a=a, b=a)
    assert main(["compare", *paths]) == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_audits_of_other_targets_are_refused(audits: dict[str, Any], tmp_path: Path) -> None:
    for name, value in (("target", "other"), ("positive_label", "no")):
        b = changed(audits["plain"], "plan", "roles", name, value=value)
        with pytest.raises(InputError, match="different"):
            compare_audits(audits["plain"], b)
        assert main(["compare", *write_audits(tmp_path, a=audits["plain"], b=b)]) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read"),
        ("not json", "isn't a JSON file"),
        ("[1, 2]", "no audit.json"),
        ('{"attributes": []}', "no audit.json"),
        ('{"x": NaN}', "isn't a JSON file"),
        ("[" * 100_000, "isn't a JSON file"),
        ("version", "written by version '9.9'"),
        ("part", "isn't a whole audit.json"),
        ("figure", "isn't a whole audit.json"),
        ("ledger", "isn't a whole audit.json"),
        ("huge", "isn't a whole audit.json"),
        ("truncated", "isn't a whole audit.json: an entry named"),
        ("shortened", "isn't a whole audit.json"),
    ],
)
def test_bad_files_are_named(
    audits: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    says: str,
) -> None:
    plain = audits["plain"]
    made = {
        "version": changed(plain, "equipoise", "version", value="9.9"),
        "part": changed(plain, "fairness", "by_attribute", value=3),
        "figure": changed(plain, "performance", "accuracy", value="high"),
        "ledger": changed(plain, "privacy", "ledger", value=[{"epsilon": -5}]),
        "huge": changed(plain, "performance", "accuracy", value=10**400),
        "truncated": changed(plain, "fairness", value={}),
        "shortened": changed(plain, "dataset", value={}),
    }
    (good,) = write_audits(tmp_path, good=plain)
    bad = str(tmp_path / "bad.json")
    if content is not None:
        write_audits(tmp_path, bad=made.get(content, content))
    for paths in ([bad, good], [good, bad]):
        assert main(["compare", *paths]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert len(output.err.splitlines()) == 1
        assert "bad.json" in output.err
        assert says in output.err
        assert "Error(" not in output.err


def test_a_place_that_cannot_be_written_is_named(
    audits: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write_audits(tmp_path, a=audits["plain"], b=audits["seed"])
    assert main(["compare", *paths, "--out", str(tmp_path / "no" / "x.json")]) == 2
    assert "can't be written" in capsys.readouterr().err
