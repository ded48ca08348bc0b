"""The what-if scenarios that people kept in an audit, oldest first."""

from __future__ import annotations

from core.errors import InputError
from core.explanation.person.scenario import Scenario
from core.storage.canonical import key
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace

SCENARIOS = RecordKind(
    "what-if scenarios", tuple[Scenario, ...], what="the what-if scenarios of this audit"
)
_KEY = key("", "what-if scenarios")
MOST_SCENARIOS = 200


def list_scenarios(workspace: Workspace, audit_id: str) -> tuple[Scenario, ...]:
    """Return the scenarios of an audit, whichever model answered them.

    Raises
    ------
    InputError
        If their record can't be read.
    """
    found: tuple[Scenario, ...] | None = RecordStore(workspace, audit_id).load(SCENARIOS, _KEY)
    return found or ()


def keep_scenario(workspace: Workspace, audit_id: str, scenario: Scenario) -> None:
    """Add a scenario.

    Raises
    ------
    InputError
        If another one has its name, there are too many, or the record can't be read; nothing is
        kept then.
    """

    def add(before: tuple[Scenario, ...] | None) -> tuple[Scenario, ...]:
        before = before or ()
        if any(one.name == scenario.name for one in before):
            raise InputError(
                "another scenario of this audit has that name",
                where=f"scenario {scenario.name!r}",
                remedy="Type another name, or delete that one first",
            )
        if len(before) >= MOST_SCENARIOS:
            raise InputError(
                f"an audit keeps {MOST_SCENARIOS} at most",
                where=f"scenario {scenario.name!r}",
                remedy="Delete one first",
            )
        return (*before, scenario)

    RecordStore(workspace, audit_id).revise(SCENARIOS, _KEY, add)


def delete_scenario(workspace: Workspace, audit_id: str, name: str) -> None:
    """Delete the scenario of a name, if it is there."""

    def drop(before: tuple[Scenario, ...] | None) -> tuple[Scenario, ...]:
        return tuple(one for one in before or () if one.name != name)

    RecordStore(workspace, audit_id).revise(SCENARIOS, _KEY, drop)
