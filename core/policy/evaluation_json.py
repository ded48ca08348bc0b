"""Read an evaluation back from the JSON that it was written as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.policy.evaluation import CriterionResult, Evaluation, Outcome, PartResult
from core.policy.policy import Criterion
from core.policy.policy_toml import digest, policy_from_dict


def evaluation_from_json(record: Mapping[str, Any], where: str) -> Evaluation:
    """Read an evaluation.

    Parameters
    ----------
    record : mapping
        Of :meth:`core.policy.evaluation.Evaluation.to_json`.
    where : str
        The file, for the message.

    Raises
    ------
    InputError
        If it is no such JSON, or its criteria aren't those that its SHA-256 is of.
    """
    try:
        policy = policy_from_dict(
            {
                **{key: record[key] for key in ("name", "version", "description")},
                "criteria": [
                    {f.name: item[f.name] for f in fields(Criterion)} for item in record["criteria"]
                ],
            }
        )
        results = tuple(
            CriterionResult(criterion, tuple(map(_part, item["parts"])))
            for criterion, item in zip(policy.criteria, record["criteria"], strict=True)
        )
        holds = record["sha256"] == digest(policy) and all(result.parts for result in results)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        holds = False
    if not holds:
        raise InputError(
            "what it says of its policy is not as Equipoise wrote it",
            where=where,
            remedy="Make the audit again",
        )
    return Evaluation(policy, results)


def _part(record: Mapping[str, Any]) -> PartResult:
    if record["outcome"] not in get_args(Outcome):
        raise ValueError(record["outcome"])
    figure = record["figure"]
    return PartResult(
        tuple(record["attributes"]),
        record["outcome"],
        Figure(figure["estimate"], figure["low"], figure["high"], figure.get("reason")),
        because=record["because"] or "",
        rate=record["rate"] or "",
        worse=record["worse"] or "",
        better=record["better"] or "",
        worse_rate=record["worse_rate"],
        better_rate=record["better_rate"],
        pair=record["pair"],
        p_value=record["p_value"],
        adjusted=record["adjusted_p_value"],
        left_out=tuple(record["left_out"]),
        unknown=record["unknown"],
        detectable=record["detectable"],
        rows_needed=record["rows_needed"],
        sentence=record["sentence"],
    )
