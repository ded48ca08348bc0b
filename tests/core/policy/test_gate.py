"""The gate: exit status, files for a build service, and that every telling says the same."""

from __future__ import annotations

import html
import json
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.audit_state import state as audits
from core.data.roles.roles import Roles
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.governance.adopted_policy import adopt_policy, policy_record
from core.policy.evaluate import evaluate
from core.policy.evaluation import OUTCOMES, CriterionResult, Evaluation, PartResult
from core.policy.evaluation_json import evaluation_from_json
from core.policy.gate import FAILURES, exit_status, failure_of, failures_told
from core.policy.policy import Criterion, Policy
from core.policy.policy_toml import format_policy
from core.reporting.audit_json import audit_json
from core.reporting.gate_report import gate_markdown, junit_xml
from core.reporting.policy_json import policy_json
from core.reporting.report import render
from core.storage.workspace import Workspace, default_root
from tests.core.policy.tables import audit_of, decisions

GAP = Criterion("gap", "fairness", "selection_rate_difference", at_most=0.1)
HOUSE = Policy("house", "1", "Ours.", (GAP,))


def evaluation(*outcomes: str, required: bool = False) -> Evaluation:
    """An evaluation with these outcomes, whatever the figures."""
    criteria = tuple(
        Criterion(f"c{i}", "data", "missing_share", at_most=0.1, required=required)
        for i in range(len(outcomes))
    )
    return Evaluation(
        Policy("p", "1", "", criteria),
        tuple(
            CriterionResult(c, (PartResult((), outcome, Figure(0.0, 0.0, 0.0), sentence="so"),))
            for c, outcome in zip(criteria, outcomes, strict=True)
        ),
    )


@pytest.mark.parametrize(
    ("outcomes", "required", "status"),
    [
        (("met",), False, 0),
        (("met", "not applicable"), False, 0),
        (("met", "not applicable"), True, 4),
        (("not applicable",), False, 4),
        (("met", "not enough evidence"), False, 4),
        (("met", "not run"), False, 4),
        (("met", "not met"), False, 3),
        (("not run", "not met", "not enough evidence"), False, 3),
    ],
)
def test_exit_status(outcomes: tuple[str, ...], required: bool, status: int) -> None:
    found = evaluation(*outcomes, required=required)
    assert exit_status(found) == status
    assert {0: "met", 3: "not met", 4: "not enough evidence"}[status] == found.verdict


@pytest.mark.parametrize(
    ("outcome", "fails_on"),
    [
        ("not met", "not-met"),
        ("not enough evidence", "not-enough-evidence"),
        ("not run", "not-run"),
    ],
)
def test_only_what_is_named_fails(outcome: str, fails_on: str) -> None:
    found = evaluation("met", outcome)
    assert failure_of(found.results[1]) == fails_on
    for name in FAILURES:
        assert (exit_status(found, (name,)) != 0) == (name == fails_on)


def test_failures_are_read_and_others_refused() -> None:
    assert failures_told(None) == FAILURES
    assert failures_told(" not-run, not-met,not-run") == ("not-run", "not-met")
    for text in ("", ",", "not met", "met"):
        with pytest.raises(InputError, match="--fail-on"):
            failures_told(text)


def test_junit_counts_what_it_holds() -> None:
    found = evaluation("met", "not met", "not run", "not applicable", "not enough evidence")
    record = found.to_json()
    record["criteria"][0]["sentence"] = "a < b & \x00"
    failing = {r.criterion.id: failure_of(r) for r in found.results}
    failing["c4"] = None  # Not asked to fail on.
    suite = ElementTree.fromstring(junit_xml(record, failing)).find("testsuite")
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 5, "failures": 2, "errors": 0, "skipped": 2}
    cases = suite.findall("testcase")
    assert [len(case.findall("failure")) for case in cases] == [0, 1, 1, 0, 0]
    assert [len(case.findall("skipped")) for case in cases] == [0, 0, 0, 1, 1]
    assert cases[1].find("failure").get("type") == "not met"
    assert cases[0].find("system-out").text == "a < b & \N{REPLACEMENT CHARACTER}"


def test_names_of_groups_are_no_markup() -> None:
    data = decisions({"a|b <i>*x*": (10, 100), "m": (60, 100)})
    record = evaluate(HOUSE, audit_of(data)).to_json()
    row = next(line for line in gate_markdown(record).split("\n") if line.startswith("| gap"))
    assert row.replace("\\|", "").count("|") == 6
    assert "\\<i\\>\\*x\\*" in row


def written(path: Path, data: pd.DataFrame, policy: Policy) -> tuple[str, str]:
    """A table and a policy as files."""
    data.to_csv(path / "table.csv", index=False)
    (path / "policy.toml").write_text(format_policy(policy), encoding="utf-8")
    return str(path / "table.csv"), str(path / "policy.toml")


ASKED = ["--prediction", "decision", "--favourable", "yes", "--sensitive", "sex"]


@pytest.mark.parametrize(
    ("hits", "status"), [((2500, 2500), 0), ((500, 2500), 3), ((2250, 2500), 4)]
)
def test_a_table_is_judged_by_exit_status(tmp_path, capsys, hits, status) -> None:
    data = decisions({"f": (hits[0], 5000), "m": (hits[1], 5000)})
    if status == 4:
        data = decisions({"f": (40, 100), "m": (50, 100)})
    table, policy = written(tmp_path, data, HOUSE)
    files = ["--junit", str(tmp_path / "j.xml"), "--markdown", str(tmp_path / "m.md")]
    assert main(["gate", "--data", table, *ASKED, "--policy", policy, *files]) == status
    verdict = {0: "met", 3: "not met", 4: "not enough evidence"}[status]
    out = capsys.readouterr().out.strip().split("\n")
    assert out[-1].startswith(f"{verdict}: 1 criterion")
    assert f": {verdict}\n" in (tmp_path / "m.md").read_text()
    suite = ElementTree.parse(tmp_path / "j.xml").find("testsuite")
    assert suite.get("failures") == str(int(status != 0))
    if status == 4:
        lenient = ["--fail-on", "not-met,not-run"]
        assert main(["gate", "--data", table, *ASKED, "--policy", policy, *lenient]) == 0


def test_a_folder_is_judged_by_the_policy_it_was_audited_with(tmp_path, capsys) -> None:
    data = decisions({"f": (500, 5000), "m": (2500, 5000)})
    table, policy = written(tmp_path, data, HOUSE)
    audit = ["audit", "--data", table, *ASKED]
    plain, judged = str(tmp_path / "plain"), str(tmp_path / "judged")
    assert main([*audit, "--out", plain]) == 0
    assert main([*audit, "--policy", policy, "--out", judged]) == 0
    capsys.readouterr()
    assert main(["gate", judged, "--policy", policy]) == 3
    assert main(["gate", judged]) == 3
    assert main(["gate", str(Path(judged) / "audit.json")]) == 3
    assert main(["gate", plain, "--policy", policy]) == 2
    assert "says nothing of a policy" in capsys.readouterr().err
    assert main(["gate", judged, "--policy", "default"]) == 2
    assert "was judged by policy 'house'" in capsys.readouterr().err
    assert main(["gate", judged, "--sensitive", "sex"]) == 2
    assert "would be ignored" in capsys.readouterr().err
    path = Path(judged) / "audit.json"
    record = json.loads(path.read_text())
    record["policy"]["criteria"][0]["at_most"] = 0.5
    path.write_text(json.dumps(record))
    assert main(["gate", judged]) == 2
    assert "not as Equipoise wrote it" in capsys.readouterr().err
    path.write_text("[]")
    assert main(["gate", judged]) == 2


def test_an_audit_of_the_workspace_is_judged_by_what_was_adopted(capsys) -> None:
    workspace = Workspace(default_root())
    data = decisions({"f": (500, 5000), "m": (2500, 5000)})
    state = audits.begin_bytes(workspace, data.to_csv(index=False).encode(), "table.csv")
    assert main(["gate", state.id, "--policy", "default"]) == 2
    assert "no roles yet" in capsys.readouterr().err
    roles = Roles(None, "yes", ("sex",), prediction="decision")
    audits.update_state(workspace, state, roles=roles)
    assert main(["gate", state.id]) == 2
    assert "no policy to judge by" in capsys.readouterr().err
    adopt_policy(workspace, state.id, HOUSE, name="Ada", reason="ours")
    assert policy_record(workspace, state.id).seen == ""
    assert main(["gate", state.name]) == 3
    out = capsys.readouterr().out
    assert "was adopted on" in out
    assert "before any result of this audit was seen" in out
    assert policy_record(workspace, state.id).where == "the gate on the command line"
    assert main(["gate", "nobody", "--policy", "default"]) == 2
    assert "there is no such audit" in capsys.readouterr().err


def test_a_private_model_is_charged_once_it_was_said_and_finished_free(tmp_path, capsys) -> None:
    _, policy = written(tmp_path, decisions({"f": (1, 2), "m": (1, 2)}), HOUSE)
    gate = [
        "gate", "--data", "german_credit", "--learner", "dp_logistic_regression", "--epsilon",
        "1", "--policy", policy,
    ]  # fmt: skip
    nowhere = str(tmp_path / "no" / "policy.xml")
    assert main([*gate, "--junit", nowhere]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "trains a private model, which charges ε = 1, δ = " in said.err
    # The result could not be handed over: the same call finishes it at that charge.
    assert main(gate) in (3, 4)
    assert "was paid for is finished, at no further charge" in capsys.readouterr().err
    # It was handed over; once more is another model, which the cap refuses.
    assert main(gate) == 2
    refused = capsys.readouterr().err
    assert "which charges ε = 1" in refused
    assert "already spent are ε = 1" in refused


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["gate"], "none is named"),
        (["gate", ""], "AUDIT: it is empty"),
        (["gate", "a", "--data", "b.csv"], "both an audit and data are named"),
        (["gate", "--data", "german_credit"], "no policy to judge by"),
        (["gate", "--data", "german_credit", "--policy", "none"], "no policy of that name"),
        (["policy", "show"], "no policy is named"),
        (["policy", "list", "default"], "would be ignored"),
    ],
)
def test_what_is_missing_is_said(words: list[str], text: str, capsys) -> None:
    assert main(words) == 2
    assert text in capsys.readouterr().err


def test_policies_are_listed_shown_and_checked(tmp_path, capsys) -> None:
    assert main(["policy", "list"]) == 0
    assert "local-law-144\t" in capsys.readouterr().out
    assert main(["policy", "show", "default"]) == 0
    path = tmp_path / "copy.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["policy", "check", str(path)]) == 0
    copied = capsys.readouterr().out
    assert main(["policy", "check", "default"]) == 0
    assert capsys.readouterr().out == copied
    path.write_text("name = 3", encoding="utf-8")
    assert main(["policy", "check", str(path)]) == 2


LIMITS = {
    "selection_rate_ratio": "at_least",
    "selection_rate_difference": "at_most",
    "equalized_odds_difference": "at_most",
    "prevalence_difference": "at_most",
    "accuracy": "at_least",
    "roc_auc": "at_least",
    "epsilon": "at_most",
    "membership_advantage": "at_most",
    "missing_share": "at_most",
    "unknown_share": "at_most",
}
criteria = st.tuples(
    st.sampled_from(sorted(LIMITS)),
    st.sampled_from(["beyond_limit", "significant", "recorded"]),
    st.sampled_from(["each", "intersections", "both"]),
    st.floats(0, 1),
    st.booleans(),
    st.integers(2, 60),
)
groups = st.tuples(*[st.integers(0, 60)] * 4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(criteria, min_size=1, max_size=3), st.lists(groups, min_size=2, max_size=4))
def test_page_json_report_and_gate_say_the_same(asked, counts) -> None:
    rows = [
        {"sex": f"g{g}", "age": "ab"[i % 2], "outcome": outcome, "decision": decision}
        for g, cells in enumerate(counts)
        for (outcome, decision), size in zip(
            (("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")), cells, strict=True
        )
        for i in range(size + 1)
    ]
    chosen = []
    for number, (figure, evidence, among, limit, required, least) in enumerate(asked):
        compared = "difference" in figure or "ratio" in figure
        evidence = evidence if compared or evidence != "significant" else "beyond_limit"
        bound = {} if evidence == "recorded" else {LIMITS[figure]: limit}
        chosen.append(
            Criterion(
                f"c{number}", "fairness", figure, among, evidence=evidence, required=required,
                minimum_count=least, **bound,
            )
        )  # fmt: skip
    policy = Policy("any", "1", "", tuple(chosen))
    result = audit_of(pd.DataFrame(rows), ("sex", "age"), target="outcome")
    found = evaluate(policy, result)
    record = policy_json(policy, result)
    file = json.loads(json.dumps(audit_json(result, policy=record), allow_nan=False))
    again = evaluation_from_json(file["policy"], "audit.json")
    assert again == found
    status = exit_status(found)
    assert status == exit_status(again)
    assert file["policy"]["verdict"] == {0: "met", 3: "not met", 4: "not enough evidence"}[status]
    report = html.unescape(render(file))
    junit = junit_xml(record, {r.criterion.id: failure_of(r) for r in found.results})
    failures = int(ElementTree.fromstring(junit).get("failures"))
    assert (failures > 0) <= (status != 0)
    for criterion_result, item in zip(found.results, file["policy"]["criteria"], strict=True):
        assert item["outcome"] == criterion_result.outcome in OUTCOMES
        assert f"<td>{item['outcome']}</td>" in report
        for part in criterion_result.parts:
            assert part.sentence in report
            assert part.sentence.lower().startswith(part.outcome)
            if part.outcome == "met":
                # What was not measured never passes.
                assert part.figure.estimate is not None
            if part.outcome in ("not met", "met") and criterion_result.criterion.limit is not None:
                assert part.figure.low is not None or part.outcome == "not met"
    assert f"“any”, version 1: {found.verdict}." in report
