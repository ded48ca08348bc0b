"""An audit judged by a policy, as ``equipoise gate`` does for a build."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from os import PathLike, fspath
from typing import Any

import pandas as pd

from core.audit.result import AuditResult
from core.errors import InputError
from core.policy.evaluate import evaluate
from core.policy.evaluation import Evaluation
from core.policy.gate import FAILURES, exit_status, failures_named
from core.policy.presets import find_policy
from core.reporting.gate_report import gate_lines, gate_markdown
from core.reporting.report import to_json
from equipoise import _frames


class GateResult:
    """What an audit shows of a policy: one outcome for each criterion, and one for all.

    Attributes
    ----------
    outcome : {"met", "not met", "not enough evidence"}
        Of the whole policy; what was not measured never passes.
    exit_status : int
        That of ``equipoise gate``: 0 where a build may go on, 3 where a criterion is not met,
        4 where one could not be judged.
    """

    def __init__(self, evaluation: Evaluation, fail_on: tuple[str, ...] = FAILURES):
        self._found = evaluation.to_json()
        self.outcome: str = evaluation.verdict
        self.exit_status = exit_status(evaluation, fail_on)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each criterion.

        Returns
        -------
        DataFrame
            ``criterion``, ``concern``, ``severity``, ``outcome`` and ``told``.
        """
        rows = [
            (item["id"], item["concern"], item["severity"], item["outcome"], item["sentence"])
            for item in self._found["criteria"]
        ]
        return pd.DataFrame(rows, columns=["criterion", "concern", "severity", "outcome", "told"])

    def to_markdown(self) -> str:
        """Return the Markdown that ``equipoise gate --markdown`` writes."""
        return gate_markdown(self._found)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, texts and numbers."""
        return copy.deepcopy(self._found)

    def to_json(self) -> str:
        """Return everything as JSON."""
        return to_json(self._found)

    def __repr__(self) -> str:
        return "\n".join(gate_lines(self._found))

    def _repr_html_(self) -> str:
        found = self._found
        told = f"{found['told'][0].upper()}{found['told'][1:]}."
        return _frames.page(
            f"Policy {found['name']}, version {found['version']}: {self.outcome}",
            _frames.paragraphs([told, f"SHA-256 of the policy: {found['sha256']}"]),
            _frames.table(
                ("criterion", "concern", "severity", "outcome", "what was found"),
                self.to_frame().itertuples(index=False),
            ),
        )


def judged(
    result: AuditResult, policy: str | PathLike[str], fail_on: str | Sequence[str] | None
) -> GateResult:
    """Judge an audit by a preset or a policy's file.

    Raises
    ------
    InputError
        If there is no such policy, or nothing of that name could fail a build.
    """
    if not isinstance(policy, str | PathLike) or not fspath(policy):
        raise InputError(
            "there is no policy to judge by",
            where=f"policy {policy!r}",
            remedy="Name a preset, such as 'default', or a policy's file",
        )
    found = find_policy(fspath(policy))
    names = (fail_on,) if isinstance(fail_on, str) else fail_on
    return GateResult(
        evaluate(found, result), FAILURES if names is None else failures_named(names, "fail_on")
    )
