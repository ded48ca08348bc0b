"""``impact-ratios`` from file to file: plain tables, the median, and Local Law 144."""

import csv
import json

import pytest

from core.__main__ import main

HIRING = "tests/cases/hiring_decisions.csv"
DECIDED = ["--prediction", "selected", "--favourable", "1"]
PRESET = ["--preset", "local-law-144", "--sex", "sex", "--race", "race"]
NATIVE = ["--category", "race=Native American or Alaska Native:NatAm"]


def run(*words):
    return main(["impact-ratios", "--data", HIRING, *words])


def test_the_table_by_race_tells_both_references(tmp_path, capsys):
    out = tmp_path / "ratios.json"
    assert run(*DECIDED, "--sensitive", "race", "--out", str(out)) == 0
    shown = capsys.readouterr().out
    assert "Reference: the group with the highest rate, Asian (55 rows)." in shown
    (black,) = [line for line in shown.split("\n") if line.startswith("Black")]
    assert "0.774 (0.690 to 0.869)" in black
    assert "−4.61" in black
    assert "< 0.0001" in black
    assert "0.0000" not in shown
    assert "describes, where in force" in shown
    table = json.loads(out.read_text())["tables"][0]["impact_ratios"]
    assert table["largest"] == "White"
    rows = {row["group"]: row for row in table["groups"]}
    assert rows["Black"]["to_reference"]["selections_to_four_fifths"] == 27


def test_scores_alone_are_cut_at_their_median(capsys):
    assert run("--score", "score", "--sensitive", "sex") == 0
    found = capsys.readouterr()
    assert "strictly above the median, 44.78, of all 2,379 rows with a score" in found.err
    (female,) = [line for line in found.out.split("\n") if line.startswith("Female")]
    assert female.split()[1:4] == ["1083", "459", "0.4238"]
    assert "0.752" in female


def test_small_groups_and_the_reference_are_as_asked(capsys):
    words = ["--smallest-share", "0.02", "--share-reason", "too few", "--impact-reference", "rest"]
    assert run(*DECIDED, "--sensitive", "sex,race", *words) == 0
    shown = capsys.readouterr().out
    assert shown.count("Reference: everyone else") == 3
    assert "left out by the auditor" in shown
    assert "Reason given: too few." in shown
    assert run(*DECIDED, "--sensitive", "sex", "--smallest-share", "0.02") == 2
    assert "only for a reason" in capsys.readouterr().err


def test_the_preset_gives_the_rules_table(tmp_path, capsys):
    out, sheet = tmp_path / "audit.json", tmp_path / "audit.csv"
    small = ["--smallest-share", "0.02", "--share-reason", "too few"]
    words = [*DECIDED, "--score", "score", *PRESET, *NATIVE, *small]
    assert run(*words, "--out", str(out)) == 0
    assert "Self-computed, not a bias audit" in capsys.readouterr().out
    record = json.loads(out.read_text())
    families = {f["family"]: f for f in record["selection"][0]["families"]}
    assert families["Sex"]["unknown"] == 60
    both = {c["category"]: c for c in families["Sex × race or ethnicity"]["categories"]}
    female = both["Female · Black or African American"]
    assert female["impact_ratio"] == pytest.approx(0.647, abs=5e-4)
    assert both["Male · Asian"]["left_out"]
    assert record["scoring"][0]["median"] == 44.78
    assert record["rule"]["checked_on"]
    assert run(*words, "--out", str(sheet)) == 0
    rows = list(csv.reader(sheet.read_text().split("\n")))
    assert ["Selected: 1", "Sex", "Female", "1083", "475", "43.9%", "0.91", ""] in rows


def test_with_an_auditor_it_is_theirs(capsys):
    who = ["--auditor", "A. Person", "--organisation", "Audits Ltd", "--independence", "none of it"]
    assert run(*DECIDED, *PRESET, *NATIVE, *who, "--distribution-date", "2026-01-31") == 0
    shown = capsys.readouterr().out
    assert "Figures of the bias audit by A. Person, Audits Ltd" in shown
    assert "Self-computed" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*DECIDED, *PRESET], "no category is declared for 'NatAm'"),
        ([*DECIDED, "--preset", "local-law-144", "--sex", "sex"], "--race"),
        ([*DECIDED, *PRESET, *NATIVE, "--impact-reference", "rest"], "highest rate"),
        ([*DECIDED, *PRESET, "--category", "race=NatAm"], "race=Asian:3,4"),
        ([*DECIDED, *PRESET, *NATIVE, "--category", "score=Asian:3"], "neither --sex nor --race"),
        ([*PRESET, *NATIVE, "--prediction", "selected"], "Name one of: 0, 1"),
        (["--sensitive", "sex"], "decisions or of scores"),
        ([*DECIDED, "--sensitive", "sex", "--impact-reference", "Martian"], "Martian"),
        ([*DECIDED, "--score", "sex", *PRESET, *NATIVE], "no numbers"),
        (["--score", "score", "--threshold", "high", "--sensitive", "sex"], "it is no number"),
    ],
)
def test_what_cannot_be_used_is_refused(words, said, capsys):
    assert run(*words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("word", ["Unknown", ""])
def test_rows_of_unknown_group_are_no_reference(tmp_path, capsys, word):
    path, name = tmp_path / "rows.csv", word or "(missing)"
    lines = [("F", 1)] * 30 + [("F", 0)] * 30 + [("M", 1)] * 40 + [("M", 0)] * 20
    lines += [(word, 1)] * 20 + [(word, 0)] * 20
    path.write_text("sex,hired\n" + "".join(f"{sex},{hired}\n" for sex, hired in lines))
    roles = ["--prediction", "hired", "--favourable", "1", "--sensitive", "sex"]
    asked = ["--impact-reference", name]
    commands = {
        "impact-ratios": ["--data", str(path), "--out", str(tmp_path / "i.json")],
        "fairness": ["--predictions", str(path), "--out", str(tmp_path / "f.json")],
        "audit": ["--data", str(path), "--out", str(tmp_path / "audit")],
    }
    for command, where in commands.items():
        assert main([command, *where, *roles, *asked]) == 2
        said = capsys.readouterr().err
        assert name in said
        assert "in no ratio, so it can't be the reference" in said
        assert "--compare-unknown" in said
        assert main([command, *where, *roles, *asked, "--compare-unknown"]) == 0
        assert main([command, *where, *roles, "--impact-reference", "F"]) == 0
        capsys.readouterr()
    found = json.loads((tmp_path / "i.json").read_text())["tables"][0]["impact_ratios"]
    assert found["reference"] == {"kind": "group", "group": "F"}


def test_a_group_that_is_left_out_is_no_reference(capsys):
    small = ["--smallest-share", "0.03", "--share-reason", "too few"]
    asked = [*DECIDED, "--sensitive", "race", "--impact-reference", "Asian"]
    assert run(*asked, *small) == 2
    assert "smaller than the smallest share and in no ratio" in capsys.readouterr().err
    assert run(*asked) == 0
    assert "Asian (55 rows), chosen" in capsys.readouterr().out
    together = [*DECIDED, "--sensitive", "sex,race", "--impact-reference"]
    assert run(*together, "Female · Black") == 0
    assert run(*together, "Female · Martian") == 2


def test_fairness_and_audit_take_the_median_too(tmp_path, capsys):
    out = tmp_path / "f.json"
    words = ["--score", "score", "--favourable", "1", "--sensitive", "sex"]
    assert (
        main(["fairness", "--predictions", HIRING, *words, "--threshold", "median",
              "--out", str(out)])
        == 0
    )  # fmt: skip
    record = json.loads(out.read_text())
    rates = {g["group"]["sex"]: g["selection_rate"] for g in record["by_group"]}
    assert rates["Female"] == pytest.approx(0.4238, abs=5e-5)
    assert "strictly above the median, 44.78" in record["repairs"][0]["what"]
    folder = tmp_path / "audit"
    assert (
        main(["audit", "--data", HIRING, *words, "--threshold", "median", "--out", str(folder)])
        == 0
    )
    audit = json.loads((folder / "audit.json").read_text())
    assert audit["plan"]["roles"]["threshold"] == 44.8
    assert any("strictly above the median" in r["what"] for r in audit["dataset"]["repairs"])


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ([*DECIDED, "--sensitive", "race", "--race", "race"], "--race"),
        ([*DECIDED, "--sensitive", "race", *NATIVE], "--category"),
        ([*DECIDED, "--sensitive", "race", "--audit-date", "2026-01-01"], "--audit-date"),
        ([*DECIDED, *PRESET, *NATIVE, "--sensitive", "race"], "--sensitive"),
        ([*DECIDED, *PRESET, *NATIVE, "--threshold", "5"], "--threshold"),
    ],
)
def test_what_only_the_other_table_uses_is_refused(words, flag, capsys):
    assert run(*words) == 2
    found = capsys.readouterr()
    assert f"{flag}: with" in found.err
    assert not found.out


@pytest.mark.parametrize(
    ("rows", "words", "said"),
    [
        ("F,White,,1\nM,White,,2\n", ["--prediction", "d", "--favourable", "1"], "column 'd': it"),
        ("F,White,,1\nM,White,,2\n", ["--prediction", "d"], "column 'd': it holds no value"),
        ("F,White,1,\nM,White,0,\n", ["--score", "s"], "column 's': it holds no value"),
        (
            "F,White,1,\nM,White,,2\n",
            ["--prediction", "d", "--favourable", "1", "--score", "s"],
            "no row has both a decision and a score",
        ),
    ],
)
def test_the_preset_without_any_decision_says_so(tmp_path, capsys, rows, words, said):
    path = tmp_path / "t.csv"
    path.write_text(f"sex,race,d,s\n{rows}", encoding="utf-8")
    assert main(["impact-ratios", "--data", str(path), *words, *PRESET]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert ": ." not in error
