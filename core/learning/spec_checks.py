"""What a training spec must satisfy before anything is charged or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.together import Together, names_together
from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS, Mitigation
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS, Learner
from core.privacy.charge import check_delta, check_epsilon
from core.privacy.contribution import check_rows_per_person
from core.privacy.domain import CategoryDomain, Domains, check_domains

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.learning.training import TrainingSpec

LARGEST = 1e30
"""Larger features overflow the single precision of trees, or squares in double precision."""

CHANGES_TRAINING = ("before", "during")
"""Families of mitigations that an existing score leaves nothing to do for."""

_READS_ROWS = {
    "before": "it changes training rows by what it finds in all of them",
    "during": "each of its rounds reads rates of groups from training rows to set the next costs, "
    "and trains another model",
    "after": "it is fitted on validation rows",
}


def check_spec(dataset: Dataset, spec: TrainingSpec) -> Learner:
    """Check a spec against the data before anything runs; return its learner.

    Raises
    ------
    InputError
        Naming the option that does not fit.
    """
    learner, mitigation = LEARNERS[spec.learner], MITIGATIONS[spec.mitigation]
    found = too_large(dataset)
    # A private learner clips to declared bounds, and a refusal would tell of the one row.
    if found is not None and not learner.private:
        name, largest = found
        raise InputError(
            f"it holds a value of size {largest:.3g}, too large to compute with",
            where=f"column {name!r}",
            remedy=f"Rescale it below {LARGEST:g}, correct the value, or leave the column out",
        )
    if dataset.features.shape[1] == 0:
        raise InputError("there is no feature to learn from", where="features")
    _check_given(dataset, learner, mitigation)
    if learner.private:
        _check_private(dataset, spec, learner, mitigation)
    else:
        _check_plain(dataset, spec, learner, mitigation)
    if not fits_label(mitigation, positive_is_favourable=dataset.roles.positive_is_favourable):
        raise InputError(
            "it gives more people the positive decision, which is the unfavourable one here, so "
            "it harms those it is meant for",
            where=f"mitigation {mitigation.name!r}",
            remedy="Choose another mitigation, or name the other label as the positive one",
        )
    _check_strength(spec, mitigation)
    _check_balancing(spec, learner)
    if mitigation.replaces_learner not in ("", learner.name):
        raise InputError(
            f"it trains a model of its own, and the learner {learner.name!r} would be ignored",
            where=f"mitigation {mitigation.name!r}",
            remedy=f"Choose the learner {mitigation.replaces_learner!r}, or another mitigation",
        )
    if spec.mitigate_for is not None and spec.mitigate_for not in dataset.roles.sensitive:
        raise InputError(
            "only a sensitive column can be mitigated for", where=f"column {spec.mitigate_for!r}"
        )
    if mitigation.declared_groups:
        column = spec.mitigate_for or dataset.roles.sensitive[0]
        declared_groups(spec.domains, column, dataset.roles.together)
        dataset.check_groups_given((column,))
    return learner


def _check_given(dataset: Dataset, learner: Learner, mitigation: Mitigation) -> None:
    existing = dataset.roles.audits_existing_predictions
    if existing and not learner.given:
        raise InputError(
            "existing predictions are audited as they are, so no learner can be trained on them",
            where=f"learner {learner.name!r}",
            remedy="Leave the prediction and score columns out, or name no learner",
        )
    if learner.given and not existing:
        raise InputError(
            "these rows have no existing score",
            where=f"learner {learner.name!r}",
            remedy=f"Choose one of: {', '.join(LEARNERS.names())}",
        )
    if learner.given and mitigation.family in CHANGES_TRAINING:
        raise InputError(
            "it changes how a model is trained, and an existing score is not trained here",
            where=f"mitigation {mitigation.name!r}",
            remedy="Choose 'none' or a mitigation after training",
        )


def _check_strength(spec: TrainingSpec, mitigation: Mitigation) -> None:
    if not 0 < spec.strength <= 1:
        raise InputError(
            "a strength lies above 0 and is at most 1", where=f"strength {spec.strength:g}"
        )
    if spec.strength < 1 and not mitigation.degrees:
        graded = ", ".join(item.name for item in MITIGATIONS if item.degrees)
        raise InputError(
            "it has no degrees, and a strength would be ignored",
            where=f"mitigation {mitigation.name!r}",
            remedy=f"Leave the strength at 1, or choose one of: {graded}",
        )


def _check_balancing(spec: TrainingSpec, learner: Learner) -> None:
    if BALANCINGS[spec.balancing].name == "none":
        return
    if learner.given:
        raise InputError(
            "it changes what a model is trained on, and an existing score is not trained here",
            where=f"balancing {spec.balancing!r}",
            remedy="Choose 'none'",
        )
    if learner.private:
        raise InputError(
            "it counts the labels of all training rows without noise, so the promise of "
            f"{learner.name!r} would no longer hold",
            where=f"balancing {spec.balancing!r}",
            remedy="Choose 'none', or a learner that is not private",
        )


def too_large(dataset: Dataset) -> tuple[str, float] | None:
    """Return the first numeric column that is too large to compute with, and its largest size."""
    for name in dataset.numbers:
        largest = float(dataset.features[name].abs().max())
        if largest > LARGEST:
            return name, largest
    return None


def declared_groups(domains: Domains | None, column: str, together: Together) -> tuple[str, ...]:
    """Return the groups of a sensitive column that were declared, never read from the rows.

    Categories that the roles put together are one group here as among the rows.

    Raises
    ------
    InputError
        If none were: which groups occur may say that a single person is there, and the bins of a
        number may have been set after looking.
    """
    for item in domains.items if domains is not None else ():
        if item.name == column and isinstance(item, CategoryDomain):
            return names_together(item.categories, together, column)
    raise InputError(
        "its groups are not declared as categories, and reading them from the rows would tell "
        "which occur",
        where=f"column {column!r}",
        remedy="Declare its categories with the bounds, mitigate for another column, or choose "
        "'private_threshold', which looks at no groups",
    )


def fits_learner(mitigation: Mitigation, learner: Learner) -> bool:
    """Whether a mitigation can be chosen with a learner at all."""
    if mitigation.replaces_learner not in ("", learner.name):
        return False
    if learner.given and mitigation.family in CHANGES_TRAINING:
        return False
    if not learner.private:
        return not mitigation.counts
    return mitigation.keeps_privacy and why_not_counted(mitigation, learner) is None


def fits_label(mitigation: Mitigation, *, positive_is_favourable: bool) -> bool:
    """Whether a mitigation is a cure where the positive decision is favourable, or is not."""
    return positive_is_favourable or not mitigation.raises_positives


def why_not_counted(mitigation: Mitigation, learner: Learner) -> str | None:
    """Say why a mitigation's noisy counts can't go with a private learner; None if they can."""
    if mitigation.counts and learner.neighbouring != "add-or-remove":
        return (
            f"the promise of {learner.name!r} is for a row that is replaced, which may leave the "
            "training rows and enter the validation rows, so that of both together is not known"
        )
    if mitigation.learners and learner.name not in mitigation.learners:
        return f"the learner {learner.name!r} does not take the row weights that it sets"
    return None


def _check_private(
    dataset: Dataset, spec: TrainingSpec, learner: Learner, mitigation: Mitigation
) -> None:
    if spec.epsilon is None:
        raise InputError(
            "a private learner needs an epsilon",
            where=learner.name,
            remedy="Give one, or choose a learner that is not private",
        )
    check_epsilon(spec.epsilon)
    check_delta(spec.delta or 0.0)
    if spec.domains is not None:
        check_domains(spec.domains)
    if learner.most_rows is not None and len(dataset) > learner.most_rows:
        raise InputError(
            f"of more than {learner.most_rows:,} rows its promise could not be kept as exactly as "
            "it is proven",
            where=learner.title,
            remedy="Nothing was charged. Choose another private learner, or take a sample of rows",
        )
    if learner.needs_delta and not spec.delta:
        raise InputError("this learner's promise needs a delta above 0", where=learner.name)
    if not mitigation.keeps_privacy:
        raise InputError(
            f"{_READS_ROWS[mitigation.family]} without noise, so the promise of {learner.name!r} "
            "would no longer hold",
            where=f"mitigation {mitigation.name!r}",
            remedy="Choose 'none' or a private mitigation, or a learner that is not private",
        )
    if (why := why_not_counted(mitigation, learner)) is not None:
        raise InputError(
            why,
            where=f"mitigation {mitigation.name!r}",
            remedy=f"Choose one of these learners: {', '.join(_counted_with(mitigation))}",
        )
    if spec.stratified:
        raise InputError(
            "a stratified split gives a row its part by what the other rows are, so that one row "
            "more would move others",
            where=f"learner {learner.name!r}",
            remedy="Leave it out with a private learner",
        )
    if dataset.weights is not None:
        raise InputError(
            "a private learner takes no row weights",
            where=f"column {dataset.roles.weight!r}",
            remedy="Leave the weight column out, or choose a learner that is not private",
        )
    if spec.domains is None and not spec.delta and dataset.categories:
        raise InputError(
            "to estimate categories under the budget a delta above 0 is needed",
            where="delta",
            remedy="Give one such as 0.000001, or declare the categories",
        )
    if spec.person is not None:
        _check_person(dataset, spec.person, spec.rows_per_person, learner)


def _check_plain(
    dataset: Dataset, spec: TrainingSpec, learner: Learner, mitigation: Mitigation
) -> None:
    private = ", ".join(item.name for item in LEARNERS if item.private)
    person = spec.person
    if person is not None and spec.stratified is False:
        # Split by lot it is a baseline: it uses the rows that a private learner beside it uses.
        _check_person(dataset, person, spec.rows_per_person, learner)
        person = None
    for what, given in (("epsilon", spec.epsilon), ("a person column", person)):
        if given is not None:
            raise InputError(
                f"this learner is not private and would ignore {what}",
                where=f"learner {learner.name!r}",
                remedy=f"Leave {what} out, or choose one of: {private}",
            )
    if mitigation.counts:
        raise InputError(
            f"it counts rows with noise under a privacy budget, and the learner {learner.name!r} "
            "is not private",
            where=f"mitigation {mitigation.name!r}",
            remedy="Choose another mitigation, or one of these learners: "
            + ", ".join(_counted_with(mitigation)),
        )


def _check_person(dataset: Dataset, person: str, rows: int, learner: Learner) -> None:
    check_rows_per_person(rows)
    if dataset.identifiers is None or person not in dataset.identifiers:
        raise InputError(
            "it has not the role of an identifier, so it can't say which rows are one person's",
            where=f"column {person!r}",
            remedy="Make it an identifier, or promise privacy for single rows",
        )
    if learner.private and learner.neighbouring != "add-or-remove":
        raise InputError(
            f"the promise of {learner.name!r} is for a row that is replaced, which says nothing "
            "of a person who is there or not",
            where=f"column {person!r}",
            remedy="Choose one of these learners: "
            + ", ".join(item.name for item in LEARNERS if item.neighbouring == "add-or-remove"),
        )


def _counted_with(mitigation: Mitigation) -> list[str]:
    return [
        item.name for item in LEARNERS if item.private and why_not_counted(mitigation, item) is None
    ]
