"""Checks of the data: rows left out, rows that repeat, what the model sees, what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from core.audit.checks import needs
from core.audit.checks.check import NotJudged
from core.audit.checks.registry import registered
from core.audit.finding import Finding, Severity
from core.data.content import cell_hashes
from core.data.repeats import copies, likely_persons, twins
from core.data.roles.past_decisions import past_decisions_told
from core.data.table import MISSING
from core.external_models.matching import UnknownValues
from core.learning.learners import LEARNERS
from core.training.external_split import TRAINING_ROWS_UNKNOWN, trained_on_is_known

if TYPE_CHECKING:
    from core.audit.result import AuditResult

SHARE_THAT_WEIGHS = 0.05
"""Share of rows above which rows left out, or seen in training, are of medium severity."""
SHARE_TOLD = 0.01
"""Share of rows from which copies, or test rows that training has seen, are told."""


@registered("DATA-01", "Rows that were dropped on the way.")
def _dropped(result: AuditResult) -> Iterable[Finding]:
    lost = len(result.table.frame) - len(result.dataset)
    if lost:
        share = lost / len(result.table.frame)
        yield Finding(
            "DATA-01",
            "medium" if share > SHARE_THAT_WEIGHS else "low",
            f"{lost} of {len(result.table.frame)} rows were dropped",
            "; ".join(
                f"{repair.what} ({repair.count}, {repair.column})"
                for repair in result.dataset.repairs
                if repair.what.startswith("Rows ")
            )
            or "They lack the target, a prediction or a score",
            "Check whether they are missing by chance or belong to one group",
        )


@registered("DATA-02", "What is known to be doubtful of the data's source.")
def _caveats(result: AuditResult) -> Iterable[Finding]:
    count = len(result.caveats)
    if count:
        yield Finding(
            "DATA-02",
            "info",
            f"{count} caveats of the data's source"
            if count > 1
            else "A caveat of the data's source",
            " ".join(result.caveats),
            "Weigh them when judging",
        )


@registered("DATA-03", "Sensitive columns that the model sees.", needs.model)
def _sensitive_features(result: AuditResult) -> Iterable[Finding]:
    seen = [c for c in result.dataset.roles.sensitive if c in result.dataset.roles.features]
    if seen:
        yield Finding(
            "DATA-03",
            "medium",
            "The model sees a sensitive attribute",
            f"Among its features: {', '.join(seen)}",
            "Leave it out of the features unless there is a reason to keep it",
        )


@registered(
    "DATA-04",
    "Rows that were left out so that one person counts for no more than the guarantee allows.",
    needs.model,
)
def _left_out(result: AuditResult) -> Iterable[Finding]:
    assert result.trained is not None
    for repair in result.trained.repairs:
        yield Finding(
            "DATA-04",
            "info",
            f"{repair.count} rows were left out of training and testing",
            f"{repair.what} ({repair.column})",
            "Keep more rows of each person, at the price of more noise for each",
        )


@registered("DATA-05", "A column that looks as if it named persons who have several rows.")
def _persons(result: AuditResult) -> Iterable[Finding]:
    for likely in likely_persons(result.table, result.dataset):
        shared = "" if result.trained is None else _shared_persons(result, likely.column)
        yield Finding(
            "DATA-05",
            "high" if shared else "medium",
            f"Rows seem to repeat persons: column {likely.column!r} looks like an identifier",
            f"It has {likely.values:,} values in {likely.rows:,} rows, and of those with several "
            f"rows {likely.agreeing:.0%} are of one group of {likely.group!r} throughout{shared}. "
            "Intervals take the rows of one person for several persons",
            "If it names persons, declare it an identifier: the rows of each then stay in one part",
        )


def _shared_persons(result: AuditResult, column: str) -> str:
    assert result.trained is not None
    if not trained_on_is_known(result.trained.spec):
        return ""
    says = cell_hashes(result.table.frame[column].iloc[result.dataset.rows])
    split = result.trained.split
    count = int(np.isin(says[split.test], says[split.train]).sum())
    if not count:
        return ""
    return (
        f". The value of {count:,} of {len(split.test):,} test rows is among the training rows "
        "too, so the model may know the persons that it is tested on"
    )


@registered("DATA-06", "Rows that are exact copies of others.")
def _copies(result: AuditResult) -> Iterable[Finding]:
    count, rows = copies(result.table), len(result.table.frame)
    if count >= SHARE_TOLD * rows:
        yield Finding(
            "DATA-06",
            "low",
            f"{count:,} of {rows:,} rows are exact copies of others",
            "They agree in every column with an earlier row. Where columns have few values some "
            "do by chance; copies that came with the data count the same person twice",
            "Find out where they come from, and leave copies out unless each is a person",
        )


@registered("DATA-07", "Test rows whose features a training row has too.", needs.model)
def _shared(result: AuditResult) -> Iterable[Finding | NotJudged]:
    trained = result.trained
    assert trained is not None
    if LEARNERS[trained.spec.learner].given:
        yield NotJudged("not applicable", "the model was not trained on these rows")
        return
    if not trained_on_is_known(trained.spec):
        yield NotJudged("not applicable", TRAINING_ROWS_UNKNOWN)
        return
    split, target = trained.split, result.dataset.target
    seen = twins(result.dataset.features, split.train, split.test)
    share = float(seen.mean())
    if share < SHARE_TOLD:
        return
    right = trained.decisions == target[split.test]
    evidence = (
        f"{int(seen.sum()):,} of {len(seen):,} test rows agree in every feature with a training row"
    )
    matters = bool(seen.all())
    if matters:
        evidence += ", so no row is new to the model"
    else:
        more, error = _difference(right[seen], right[~seen])
        matters = share >= SHARE_THAT_WEIGHS and more > 1.96 * error
        evidence += (
            f"; the model is right on {right[seen].mean():.1%} of them and on "
            f"{right[~seen].mean():.1%} of the others"
        )
    yield Finding(
        "DATA-07",
        "medium" if matters else "low",
        "Test rows that the model has seen in training",
        evidence,
        "If they are the same persons, declare the column that names them as an identifier; if "
        "columns have few values, some rows agree by chance",
    )


def _difference(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Difference of two shares and its standard error (Wald)."""
    p, q = float(first.mean()), float(second.mean())
    return p - q, float(np.sqrt(p * (1 - p) / len(first) + q * (1 - q) / len(second)))


@registered("DATA-08", "A target that records decisions, not what came true.", needs.outcome)
def _imitated(result: AuditResult) -> Iterable[Finding]:
    roles, external = result.dataset.roles, result.external is not None
    told = past_decisions_told(roles)
    if told:
        sure = roles.target_holds_decisions
        if roles.audits_existing_predictions:
            title = f"Errors {'are' if sure else 'may be'} counted against the decisions in"
            remedy = "Name a column of what came true, or audit the decisions without outcomes"
        elif external:
            title = f"The model is {'' if sure else 'perhaps '}judged by decisions:"
            remedy = "Judge it by what came true, or audit the decisions themselves"
        else:
            title = f"The model {'imitates' if sure else 'may imitate'} the decisions in"
            remedy = "Train on what came true where it is known, or audit the decisions themselves"
        yield Finding(
            "DATA-08",
            "medium" if sure else "low",
            f"{title} {roles.target}",
            told,
            remedy
            if sure
            else "Say what the column records: on the roles page, or by --target-is-decisions or "
            "--target-came-true",
        )


BLANK = 0.5
"""Share of rows without a value from which a sensitive column is hardly known."""


@registered("DATA-09", "Sensitive columns that are blank in most rows.")
def _blank(result: AuditResult) -> Iterable[Finding]:
    for column in result.dataset.sensitive.columns:
        blank = int((result.dataset.sensitive[column] == MISSING).sum())
        if blank > BLANK * len(result.dataset):
            yield Finding(
                "DATA-09",
                "medium",
                f"“{column}” is blank in most rows",
                f"{blank:,} of {len(result.dataset):,} rows ({blank / len(result.dataset):.0%}) "
                "name no group",
                "Do not take the rows that are known for all: ask why it is blank, and for whom, "
                "before any gap by it is believed",
            )


@registered("DATA-10", "Values that a model made elsewhere was not made for.", needs.external_model)
def _unknown_values(result: AuditResult) -> Iterable[Finding]:
    fit = result.external
    assert fit is not None
    if not fit.unknown_rows:
        return
    by_input = "; ".join(_values_told(item) for item in fit.unknown[:5])
    more = f"; and {len(fit.unknown) - 5} more inputs" if len(fit.unknown) > 5 else ""
    weighs: Severity = "medium" if fit.unknown_rows > SHARE_THAT_WEIGHS * fit.rows else "low"
    # Of an input that most rows have nothing known for, the model is asked about other people.
    most = any(item.count > fit.rows / 2 for item in fit.unknown)
    yield Finding(
        "DATA-10",
        "high" if most else weighs,
        f"{fit.unknown_rows:,} of {fit.rows:,} rows {'holds' if fit.unknown_rows == 1 else 'hold'} "
        "values that the model does not know",
        f"{fit.unknown_sentence} By input: {by_input}{more}",
        "Find out what the model does with such values: it scores them as something else, and "
        "nothing in the score tells",
    )


def _values_told(item: UnknownValues) -> str:
    values = ", ".join(f"{value} ({count:,})" for value, count in item.values[:5])
    more = f" and {len(item.values) - 5} more" if len(item.values) > 5 else ""
    return f"{item.where}: {values}{more}"


@registered(
    "DATA-11",
    "Scores of a model made elsewhere that differ from those it gave before.",
    needs.external_model,
)
def _earlier_scores(result: AuditResult) -> Iterable[Finding | NotJudged]:
    fit = result.external
    assert fit is not None
    found = fit.earlier
    if found is None or not found.rows:
        # Most tables hold none, and what can't be asked is not something left undone.
        yield NotJudged(
            "not applicable",
            "no column of earlier scores was named"
            if found is None
            else "no row has an earlier score",
        )
        return
    if found.differing:
        explained = found.at_split == found.differing
        yield Finding(
            "DATA-11",
            "low" if explained else "high" if found.flips else "medium",
            "The model gives other scores than it gave before",
            f"{found.sentence} Earlier scores: column {fit.earlier_column}",
            "Nothing to mend: the model rounds its numbers; export it in double precision to have "
            "the same scores"
            if explained
            else "Check that it is the same file, and that inputs hold what the model was given "
            "then",
        )
