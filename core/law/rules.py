"""Rules that figures map to, read from one file of facts."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from core.errors import InputError

FACTS = Path(__file__).parent / "rules.toml"

Mark = Literal["P", "S", "1"]


@dataclass(frozen=True)
class Rule:
    """What is known of one rule, and what may be said of it.

    Attributes
    ----------
    id, title, citation, jurisdiction, status, binds : str
    applies_from : str
        ISO date; empty where it was not looked up.
    figures, records, not_required : tuple of str
        What it asks to be computed, what to be recorded, and what is often thought to be asked.
    source : str
        Where the facts were read.
    mark : {"P", "S", "1"}
        Primary text read; two or more secondary sources; one source only.
    checked_on : str
        ISO date.
    says, warns : str
        Sentences for a person; ``warns`` is empty where there is nothing to warn of.
    """

    id: str
    title: str
    citation: str
    jurisdiction: str
    status: str
    applies_from: str
    binds: str
    figures: tuple[str, ...]
    records: tuple[str, ...]
    not_required: tuple[str, ...]
    source: str
    mark: Mark
    checked_on: str
    says: str
    warns: str

    @property
    def sentence(self) -> str:
        """What may be said of it, with its warning and the day on which it was checked."""
        text = " ".join(part for part in (self.says, self.warns) if part)
        return f"{text} (Checked {self.checked_on}.)"

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return asdict(self) | {
            name: list(getattr(self, name)) for name in ("figures", "records", "not_required")
        }


@cache
def rules() -> dict[str, Rule]:
    """All rules by their id."""
    told = tomllib.loads(FACTS.read_text("utf-8"))["rule"]
    found = {}
    for item in told:
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in item.items()
        }
        found[str(item["id"])] = Rule(**facts)
    return found


def rule(name: str) -> Rule:
    """One rule by its id.

    Raises
    ------
    InputError
        If there is none of that id.
    """
    if name not in rules():
        raise InputError(
            "no such rule is known", where=name, remedy=f"Choose one of: {', '.join(rules())}"
        )
    return rules()[name]


GROUP_CUT_OFFS = "us-title-vii-cut-offs"
"""The rule on thresholds set by group."""
FOUR_FIFTHS = "us-uniform-guidelines"
"""The rule that describes four fifths."""
