"""The policy of an audit: adopted by a named person, and whether results had been looked at before.

A criterion that is chosen after the figures are known proves little, so the order is kept in a
chain of signed lines (:mod:`core.storage.chain`) in the audit's folder: when results of the audit
were first shown or printed, and each adoption with its person, reason, date and the policy's text
and SHA-256. A line can't be edited, dropped or moved unnoticed; whoever puts back an older copy of
the whole folder puts back its past too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.policy.policy import Policy
from core.policy.policy_toml import digest, format_policy, parse_policy
from core.storage.canonical import key
from core.storage.chain import BrokenChainError, Line, extend, format_chain, parse_chain
from core.storage.record import now
from core.storage.sign_off import check_sign_off, readable
from core.storage.signed_pickle import secret
from core.storage.workspace import Workspace

_PLACE = key("", "adopted policy")
_WHAT = "the policy of this audit"


@dataclass(frozen=True)
class Adoption:
    """A policy that a person adopted.

    Attributes
    ----------
    policy : Policy
    sha256 : str
    name, reason : str
        Who adopted it, and why, in their own words.
    when : str
        UTC time, ISO 8601.
    seen : str
        UTC time at which results had first been shown; empty where none had been.
    """

    policy: Policy
    sha256: str
    name: str
    reason: str
    when: str
    seen: str


@dataclass(frozen=True)
class PolicyRecord:
    """All that is on record of an audit's policy.

    Attributes
    ----------
    adoptions : tuple of Adoption
        Oldest first; the last one counts. Empty where none was adopted.
    seen : str
        UTC time at which results of the audit were first shown or printed; empty where none were.
    where : str
        What showed them.
    """

    adoptions: tuple[Adoption, ...] = ()
    seen: str = ""
    where: str = ""

    @property
    def current(self) -> Adoption | None:
        """The policy that counts."""
        return self.adoptions[-1] if self.adoptions else None

    @property
    def sentence(self) -> str:
        """Who adopted what and when, and whether results were known by then."""
        if self.current is None:
            return "No policy is adopted"
        first = self.adoptions[0]
        parts = [
            f"Policy “{first.policy.name}” was adopted on {_day(first.when)} by {first.name}, "
            + _order(first)
        ]
        for before, after in zip(self.adoptions, self.adoptions[1:], strict=False):
            what = (
                "adopted again as it was"
                if after.sha256 == before.sha256
                else f"changed to “{after.policy.name}”, version {after.policy.version},"
            )
            parts.append(f"{what} on {_day(after.when)} by {after.name}, {_order(after)}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any] | None:
        """As it stands in audit.json; None where none was adopted."""
        if self.current is None:
            return None
        return {
            "told": self.sentence,
            "results_first_seen": self.seen or None,
            "seen_in": self.where or None,
            "adoptions": [
                {
                    "name": item.policy.name,
                    "version": item.policy.version,
                    "sha256": item.sha256,
                    "adopted_by": item.name,
                    "reason": item.reason,
                    "adopted_on": item.when,
                    "after_results_were_seen": bool(item.seen),
                }
                for item in self.adoptions
            ],
        }


def adopt_policy(
    workspace: Workspace,
    audit_id: str,
    policy: Policy,
    *,
    name: str,
    reason: str,
    seen: int | None = None,
) -> Adoption:
    """Adopt a policy for an audit, or change it; what was adopted before stays on record.

    Parameters
    ----------
    workspace : Workspace
    audit_id : str
    policy : Policy
    name, reason : str
        Needed, at most 200 and 2,000 letters.
    seen : int, optional
        How many earlier adoptions whoever adopts had seen.

    Raises
    ------
    InputError
        If there is no name or no reason, the record was edited, or another was adopted since.
    """
    check_sign_off(
        "a policy", reason, name, "Write down why these criteria are right, and who says so"
    )
    entry = {
        "what": "adopted",
        "when": now(),
        "name": " ".join(name.split()),
        "reason": reason.strip(),
        "sha256": digest(policy),
        "policy": format_policy(policy),
    }

    def add(lines: tuple[Line, ...]) -> dict[str, Any] | None:
        before = _record(lines).adoptions
        if seen is not None and len(before) > seen:
            raise InputError(
                f"{before[-1].name} adopted another policy in the meantime; nothing was saved",
                where=_WHAT,
                remedy="Look at it, and adopt yours again if it is to count instead",
            )
        return entry

    found = _append(workspace, audit_id, add).current
    assert found is not None
    return found


def mark_seen(workspace: Workspace, audit_id: str, where: str) -> None:
    """Note that results of an audit are about to be shown or printed, if they never were before.

    Whatever shows a figure of the audit calls it first. A record that was edited is left as it is:
    that is said where the policy is read.

    Parameters
    ----------
    where : str
        "the page Fairness", "the gate on the command line".
    """
    try:
        if policy_record(workspace, audit_id).seen:
            return
        entry = {"what": "seen", "when": now(), "where": where}
        _append(workspace, audit_id, lambda lines: None if _record(lines).seen else entry)
    except _EditedPolicyError:
        return


def policy_record(workspace: Workspace, audit_id: str) -> PolicyRecord:
    """Read what is on record of an audit's policy.

    Raises
    ------
    InputError
        If it was edited outside of Equipoise, or can't be read.
    """
    return _record(_lines(workspace, audit_id, workspace.get_record(audit_id, _PLACE)))


class _EditedPolicyError(InputError):
    """The record isn't as it was written."""


def _append(workspace: Workspace, audit_id: str, add: Any) -> PolicyRecord:
    """Add an entry to the chain as it is on disk at this moment, if there is one to add."""

    def change(told: Any) -> Any:
        lines = _lines(workspace, audit_id, told)
        entry = add(lines)
        if entry is None:
            return told
        lines = extend(lines, entry, secret(workspace.root), _belongs(audit_id))
        return {"chain": format_chain(lines).decode("utf-8")}

    told = workspace.revise_record(audit_id, _PLACE, change)
    return _record(_lines(workspace, audit_id, told))


def _belongs(audit_id: str) -> tuple[str, ...]:
    return audit_id, "adopted policy"


def _lines(workspace: Workspace, audit_id: str, record: Any) -> tuple[Line, ...]:
    if record is None:
        return ()
    with readable(_WHAT):
        content = record["chain"].encode("utf-8")
    try:
        return parse_chain(content, secret(workspace.root), _belongs(audit_id))
    except BrokenChainError as error:
        raise _EditedPolicyError(
            f"line {error.number} of its record isn't as Equipoise wrote it",
            where=_WHAT,
            remedy="Restore the audit's folder from a copy; nothing was changed",
        ) from None


def _record(lines: tuple[Line, ...]) -> PolicyRecord:
    adoptions: list[Adoption] = []
    seen = where = ""
    with readable(_WHAT):
        for entry in (line.entry for line in lines):
            if entry["what"] == "seen":
                seen, where = entry["when"], entry["where"]
                continue
            adoptions.append(
                Adoption(
                    parse_policy(entry["policy"]),
                    entry["sha256"],
                    entry["name"],
                    entry["reason"],
                    entry["when"],
                    seen,
                )
            )
    return PolicyRecord(tuple(adoptions), seen, where)


def _order(adoption: Adoption) -> str:
    if adoption.seen:
        return f"after results were seen (first on {_day(adoption.seen)})"
    return "before any result of this audit was seen"


def _day(when: str) -> str:
    return f"{when[:10]} {when[11:16]} UTC"
