"""What each option of training must satisfy; the table that lists them is in ``options``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.domains import check_domains
from core.errors import InputError
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS, Learner
from core.mitigation import MITIGATIONS
from core.privacy.accounting.charge import check_delta, check_epsilon
from core.privacy.accounting.contribution import check_rows_per_person
from core.training.compatibility import (
    CHANGES_TRAINING,
    declared_groups,
    fits_label,
    learners_counted_with,
    why_not_counted,
)
from core.training.external_split import rows_trained_on

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.training.spec import TrainingSpec

_READS_ROWS = {
    "before": "it changes training rows by what it finds in all of them",
    "during": "each of its rounds reads rates of groups from training rows to set the next costs, "
    "and trains another model",
    "after": "it is fitted on validation rows",
}


def check_learner(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a learner for rows that have a score already or lack one, or for weighted rows."""
    learner, existing = LEARNERS[spec.learner], dataset.roles.audits_existing_predictions
    if existing and not learner.given:
        raise InputError(
            "existing predictions are audited as they are, so no model can be trained on them",
            where=f"model {learner.name!r}",
            remedy="Leave the prediction and score columns out, or name no model",
        )
    if learner.given and not existing:
        raise InputError(
            "these rows have no existing score",
            where=f"model {learner.name!r}",
            remedy=f"Choose one of: {', '.join(LEARNERS.names())}",
        )
    if learner.most_rows is not None and len(dataset) > learner.most_rows:
        raise InputError(
            f"of more than {learner.most_rows:,} rows its guarantee could not be kept as exactly "
            "as it is proven",
            where=learner.title,
            remedy="Nothing was charged. Choose another private model, or take a sample of rows",
        )
    if learner.private and dataset.weights is not None:
        raise InputError(
            "a private model takes no row weights",
            where=f"column {dataset.roles.weight!r}",
            remedy="Leave the weight column out, or choose a model that is not private",
        )


def check_mitigation(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a mitigation that does not go with the learner or the label."""
    learner, mitigation = LEARNERS[spec.learner], MITIGATIONS[spec.mitigation]
    where = f"mitigation {mitigation.name!r}"
    if learner.fixed and mitigation.family in CHANGES_TRAINING:
        raise InputError(
            f"it changes how a model is trained, and {_fixed(learner)} is not trained here",
            where=where,
            remedy="Choose 'none' or a mitigation after training",
        )
    if learner.private and not mitigation.keeps_privacy:
        raise InputError(
            f"{_READS_ROWS[mitigation.family]} without noise, so the guarantee of {learner.name!r} "
            "would no longer hold",
            where=where,
            remedy="Choose 'none' or a private mitigation, or a model that is not private",
        )
    if learner.private and (why := why_not_counted(mitigation, learner)) is not None:
        raise InputError(
            why,
            where=where,
            remedy=f"Choose one of these models: {', '.join(learners_counted_with(mitigation))}",
        )
    if not learner.private and mitigation.counts:
        raise InputError(
            f"it counts rows with noise under a privacy budget, and the model {learner.name!r} "
            "is not private",
            where=where,
            remedy="Choose another mitigation, or one of these models: "
            + ", ".join(learners_counted_with(mitigation)),
        )
    if not fits_label(mitigation, positive_is_favourable=dataset.roles.positive_is_favourable):
        raise InputError(
            "it gives more people the positive decision, which is the unfavourable one here, so "
            "it harms those it is meant for",
            where=where,
            remedy="Choose another mitigation, or name the other label as the positive one",
        )
    if mitigation.replaces_learner not in ("", learner.name):
        raise InputError(
            f"it trains a model of its own, and the model {learner.name!r} would be ignored",
            where=where,
            remedy=f"Choose the model {mitigation.replaces_learner!r}, or another mitigation",
        )


def check_mitigate_for(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a column that is not sensitive, or whose groups a mitigation may not read."""
    if spec.mitigate_for is not None and spec.mitigate_for not in dataset.roles.sensitive:
        raise InputError(
            "only a sensitive column can be mitigated for", where=f"column {spec.mitigate_for!r}"
        )
    if MITIGATIONS[spec.mitigation].declared_groups:
        column = spec.mitigate_for or dataset.roles.sensitive[0]
        declared_groups(spec.domains, column, dataset.roles.merged_groups)
        dataset.check_groups_given((column,))


def check_strength(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a strength that is none, or that the mitigation would ignore."""
    if not 0 < spec.strength <= 1:
        raise InputError(
            "a strength lies above 0 and is at most 1", where=f"strength {spec.strength:g}"
        )
    if spec.strength < 1 and not MITIGATIONS[spec.mitigation].degrees:
        graded = ", ".join(item.name for item in MITIGATIONS if item.degrees)
        raise InputError(
            "it has no degrees, and a strength would be ignored",
            where=f"mitigation {spec.mitigation!r}",
            remedy=f"Leave the strength at 1, or choose one of: {graded}",
        )


def check_balancing(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse balancing where nothing is trained, or where it would break a guarantee."""
    learner = LEARNERS[spec.learner]
    if BALANCINGS[spec.balancing].name == "none":
        return
    if learner.fixed:
        raise InputError(
            f"it changes what a model is trained on, and {_fixed(learner)} is not trained here",
            where=f"balancing {spec.balancing!r}",
            remedy="Choose 'none'",
        )
    if learner.private:
        raise InputError(
            "it counts the labels of all training rows without noise, so the guarantee of "
            f"{learner.name!r} would no longer hold",
            where=f"balancing {spec.balancing!r}",
            remedy="Choose 'none', or a model that is not private",
        )


def check_stratified(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a split by which one row more would move others."""
    if spec.stratified and LEARNERS[spec.learner].private:
        raise InputError(
            "a stratified split gives a row its part by what the other rows are, so that one row "
            "more would move others",
            where=f"model {spec.learner!r}",
            remedy="Leave it out with a private model",
        )


def check_spent_epsilon(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a private learner without ε, and another with one."""
    learner = LEARNERS[spec.learner]
    if not learner.private:
        _refuse_private(spec, "epsilon", spec.epsilon)
    elif spec.epsilon is None:
        raise InputError(
            "a private model needs an epsilon",
            where=learner.name,
            remedy="Give one, or choose a model that is not private",
        )
    else:
        check_epsilon(spec.epsilon)


def check_spent_delta(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse δ = 0 where a guarantee, or the estimate of categories, needs more."""
    learner = LEARNERS[spec.learner]
    if not learner.private:
        return
    check_delta(spec.delta or 0.0)
    if learner.needs_delta and not spec.delta:
        raise InputError("this model's guarantee needs a delta above 0", where=learner.name)
    if spec.domains is None and not spec.delta and dataset.categories:
        raise InputError(
            "to estimate categories under the budget a delta above 0 is needed",
            where="delta",
            remedy="Give one such as 0.000001, or declare the categories",
        )


def check_declared(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse declared bounds that are none."""
    if spec.domains is not None and LEARNERS[spec.learner].private:
        check_domains(spec.domains)


def check_person(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse persons that nothing names, or of whom the learner's guarantee does not speak."""
    learner, person = LEARNERS[spec.learner], spec.person
    if person is None:
        return
    if not learner.private and spec.stratified is not False:
        # Split by hashes it is a baseline: it uses the rows that a private learner beside it uses.
        _refuse_private(spec, "a person column", person)
    check_rows_per_person(spec.rows_per_person)
    if dataset.identifiers is None or person not in dataset.identifiers:
        raise InputError(
            "it has not the role of an identifier, so it can't say which rows are one person's",
            where=f"column {person!r}",
            remedy="Make it an identifier, or guarantee privacy for single rows",
        )
    if learner.private and learner.neighbouring != "add-or-remove":
        raise InputError(
            f"the guarantee of {learner.name!r} is for a row that is replaced, which says nothing "
            "of a person who is there or not",
            where=f"column {person!r}",
            remedy="Choose one of these models: "
            + ", ".join(item.name for item in LEARNERS if item.neighbouring == "add-or-remove"),
        )


def check_external(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a model made elsewhere that doesn't fit the data, and one beside another learner."""
    external, learner = spec.external, LEARNERS[spec.learner]
    if external is None:
        if learner.external:
            raise InputError(
                "no model was brought",
                where=f"model {learner.name!r}",
                remedy="Bring a model's file, or choose a model to train",
            )
        return
    if not learner.external:
        raise InputError(
            f"a model made elsewhere is asked as it is, and {learner.title!r} would be trained",
            where=f"model {spec.learner!r}",
            remedy="Choose one of the two",
        )
    lost = [name for name in external.matching.columns if name not in dataset.features]
    if lost:
        raise InputError(
            f"the model {external.name!r} takes an input from it, and it is no feature of this "
            "table, or holds one value only",
            where=f"column {lost[0]!r}",
            remedy="Make it a feature, or match the model's inputs again",
        )
    if not 0 < external.threshold < 1:
        raise InputError(
            "a threshold on probabilities lies between 0 and 1",
            where=f"threshold {external.threshold:g}",
        )
    if external.trained_on is not None:
        rows_trained_on(dataset, external)


def _fixed(learner: Learner) -> str:
    return "a model made elsewhere" if learner.external else "an existing score"


def _refuse_private(spec: TrainingSpec, what: str, given: object) -> None:
    """Refuse what only a private learner would take notice of, if it is given."""
    if given is not None:
        private = ", ".join(item.name for item in LEARNERS if item.private)
        raise InputError(
            f"this model is not private and would ignore {what}",
            where=f"model {spec.learner!r}",
            remedy=f"Leave {what} out, or choose one of: {private}",
        )
