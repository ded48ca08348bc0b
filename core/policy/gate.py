"""From an evaluation to a build that goes on or stops: outcomes, exit status, what fails it."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import InputError
from core.policy.evaluation import CriterionResult, Evaluation, is_lacking

MET, NOT_MET, LACKING = 0, 3, 4
"""Exit statuses; 2 is bad input, as of every command."""
FAILURES = ("not-met", "not-enough-evidence", "not-run")
"""What may fail a build; all of them do where nothing is said."""


def failures_told(text: str | None) -> tuple[str, ...]:
    """Read what fails a build from one text, "not-met,not-run".

    Raises
    ------
    InputError
        If it names anything else, or nothing.
    """
    if text is None:
        return FAILURES
    return failures_named(text.split(","), f"--fail-on {text}")


def failures_named(given: Iterable[str], where: str) -> tuple[str, ...]:
    """Take the names of what fails a build, each once; InputError as for one text."""
    names = tuple(dict.fromkeys(name.strip() for name in given if name.strip()))
    unknown = [name for name in names if name not in FAILURES]
    if unknown or not names:
        raise InputError(
            "there is nothing of that name that could fail a build" if unknown else "it is empty",
            where=where,
            remedy=f"Name some of: {', '.join(FAILURES)}",
        )
    return names


def failure_of(result: CriterionResult) -> str | None:
    """Name what a criterion's outcome would fail a build with; None where it passes.

    A criterion that is required and does not apply counts as lacking evidence.
    """
    if result.outcome == "not met":
        return "not-met"
    if result.outcome == "not run":
        return "not-run"
    return "not-enough-evidence" if is_lacking(result) else None


def exit_status(evaluation: Evaluation, fail_on: tuple[str, ...] = FAILURES) -> int:
    """Return 0 where a build may go on, 3 where a criterion is not met, 4 where one is not judged.

    Where no criterion applies nothing is met, which counts as lacking evidence.

    Parameters
    ----------
    evaluation : Evaluation
    fail_on : tuple of str
        Some of :data:`FAILURES`.
    """
    found = {failure_of(result) for result in evaluation.results} - {None}
    if all(result.outcome == "not applicable" for result in evaluation.results):
        found.add("not-enough-evidence")
    failed = found & set(fail_on)
    if "not-met" in failed:
        return NOT_MET
    return LACKING if failed else MET
