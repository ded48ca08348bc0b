"""Who adopted which policy when, and whether results were known by then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError
from core.governance.adopted_policy import adopt_policy, mark_seen, policy_record
from core.policy.policy_toml import digest
from core.policy.presets import PRESETS
from core.storage.workspace import Workspace

DEFAULT, OTHER = PRESETS["default"].policy, PRESETS["four-fifths"].policy


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Workspace, str]:
    workspace = Workspace(tmp_path)
    return workspace, workspace.create("an audit").id


def test_nothing_is_adopted_at_first(begun) -> None:
    found = policy_record(*begun)
    assert (found.current, found.seen, found.to_json()) == (None, "", None)
    assert found.sentence == "No policy is adopted"


@pytest.mark.parametrize(("name", "reason"), [("", "they are ours"), ("Ada", " \n")])
def test_a_policy_needs_a_person_and_a_reason(begun, name: str, reason: str) -> None:
    with pytest.raises(InputError, match="kept with its"):
        adopt_policy(*begun, DEFAULT, name=name, reason=reason)
    assert policy_record(*begun).current is None


def test_what_is_adopted_is_read_back_with_its_hash(begun) -> None:
    made = adopt_policy(*begun, DEFAULT, name=" Ada  L ", reason="they are ours")
    found = policy_record(*begun)
    assert found.current == made
    assert (made.policy, made.sha256, made.name) == (DEFAULT, digest(DEFAULT), "Ada L")
    assert "by Ada L, before any result of this audit was seen" in found.sentence
    record = found.to_json()
    assert record["adoptions"][0]["after_results_were_seen"] is False
    assert record["results_first_seen"] is None


def test_a_policy_that_follows_results_says_so(begun) -> None:
    mark_seen(*begun, "the page Fairness")
    made = adopt_policy(*begun, DEFAULT, name="Ada", reason="they are ours")
    found = policy_record(*begun)
    assert made.seen == found.seen != ""
    assert "after results were seen" in found.sentence
    assert found.to_json()["seen_in"] == "the page Fairness"


def test_a_change_after_results_is_said_as_such_and_the_first_stays(begun) -> None:
    adopt_policy(*begun, DEFAULT, name="Ada", reason="they are ours")
    mark_seen(*begun, "the report")
    adopt_policy(*begun, OTHER, name="Bo", reason="too strict")
    found = policy_record(*begun)
    assert [item.policy.name for item in found.adoptions] == ["default", "four-fifths"]
    assert [bool(item.seen) for item in found.adoptions] == [False, True]
    first, changed = found.sentence.split("; ")
    assert first.endswith("before any result of this audit was seen")
    assert changed.startswith("changed to “four-fifths”, version 1, on ")
    assert "by Bo, after results were seen (first on " in changed


def test_only_the_first_look_is_noted(begun) -> None:
    mark_seen(*begun, "first")
    first = policy_record(*begun)
    mark_seen(*begun, "second")
    assert policy_record(*begun) == first
    assert first.where == "first"


def test_a_policy_adopted_in_the_meantime_is_not_replaced_unseen(begun) -> None:
    adopt_policy(*begun, DEFAULT, name="Ada", reason="they are ours", seen=0)
    with pytest.raises(InputError, match="Ada adopted another policy in the meantime"):
        adopt_policy(*begun, OTHER, name="Bo", reason="mine", seen=0)
    assert policy_record(*begun).current.policy == DEFAULT
    adopt_policy(*begun, OTHER, name="Bo", reason="mine", seen=1)


def edit(workspace: Workspace, audit: str, change) -> None:
    """Change the chain on disk, as someone with an editor would."""
    for path in (workspace.root / "audits" / audit / "results").glob("*.json"):
        record = json.loads(path.read_text())
        record["value"]["chain"] = change(record["value"]["chain"])
        path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("Ada", "Eve"),
        lambda text: text.replace("at_most = 0.05", "at_most = 0.5"),
        lambda text: text.split("\n", 1)[1],
        lambda text: "\n".join(reversed(text.strip().split("\n"))) + "\n",
    ],
    ids=["name", "limit", "first line gone", "order"],
)
def test_an_edit_is_noticed_and_nothing_is_written_over_it(begun, change) -> None:
    mark_seen(*begun, "the report")
    adopt_policy(*begun, DEFAULT, name="Ada", reason="they are ours")
    edit(*begun, change)
    for read in (
        lambda: policy_record(*begun),
        lambda: adopt_policy(*begun, OTHER, name="Bo", reason="mine"),
    ):
        with pytest.raises(InputError, match="isn't as Equipoise wrote it"):
            read()
    mark_seen(*begun, "a page still opens")


def test_another_audit_s_record_does_not_hold_here(begun, tmp_path: Path) -> None:
    workspace, first = begun
    second = workspace.create("another").id
    adopt_policy(workspace, first, DEFAULT, name="Ada", reason="they are ours")
    folder = workspace.root / "audits"
    (source,) = (folder / first / "results").glob("*.json")
    (folder / second / "results").mkdir(exist_ok=True)
    (folder / second / "results" / source.name).write_bytes(source.read_bytes())
    with pytest.raises(InputError, match="isn't as Equipoise wrote it"):
        policy_record(workspace, second)


def test_the_hash_changes_with_the_criteria(begun) -> None:
    (first, *rest) = DEFAULT.criteria
    changed = replace(DEFAULT, criteria=(replace(first, at_least=0.7), *rest))
    one = adopt_policy(*begun, DEFAULT, name="Ada", reason="they are ours")
    two = adopt_policy(*begun, changed, name="Ada", reason="they are ours")
    assert one.sha256 != two.sha256
    three = adopt_policy(*begun, changed, name="Bo", reason="still ours")
    assert three.sha256 == two.sha256
    assert "adopted again as it was" in policy_record(*begun).sentence
