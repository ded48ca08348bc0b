"""Reductions during training: the learner is trained again and again on weighed rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import (
    BoundedGroupLoss,
    DemographicParity,
    EqualizedOdds,
    ErrorRateParity,
    ExponentiatedGradient,
    FalsePositiveRateParity,
    GridSearch,
    TruePositiveRateParity,
    ZeroOneLoss,
)
from sklearn.exceptions import ConvergenceWarning

from core.arrays import Flags
from core.learning.models import EncodedModel
from core.mitigation.inprocessing.reduced import MixtureDecider, SearchedDecider
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    refuse_weights,
)

MAX_ITERATIONS = 30
"""Rounds of exponentiated gradient; each trains the learner at least once."""

GRID_SIZE = 15
"""Models that grid search trains."""

BOUND = 0.01
"""How far a group's rate may lie from that of all, on training rows."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep fairlearn's calls of deprecated names, and fits that stop early, to itself."""
    with warnings.catch_warnings():
        for category in (FutureWarning, DeprecationWarning, UserWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", category=category)
        yield


def _reduce(
    task: MitigationContext, reduction_of: Callable[[EncodedModel], Any]
) -> tuple[EncodedModel, Any]:
    """Train a reduction on the training rows, encoded once: it clones and weighs an estimator."""
    refuse_weights(
        task, "a reduction sets row weights of its own and cannot keep those of a column"
    )
    model = task.build()
    model.encoder.fit(task.train.X)
    model.prepare()
    reduction = reduction_of(model)
    with _quiet():
        reduction.fit(
            model.encoder.transform(task.train.X),
            task.train.positive.astype(int),
            sensitive_features=task.train.groups,
        )
    return model, reduction


def violation(moment: Any, decisions: Flags, task: MitigationContext) -> float:
    """Largest distance of a group's rate from that of all, on training rows.

    Parameters
    ----------
    moment : fairlearn moment of rates
        Fresh: it is given the training rows.
    decisions : ndarray of bool, shape (training rows,)
    task : MitigationContext
    """
    part = task.train
    label, group = pd.Series(part.positive.astype(int)), pd.Series(part.groups)
    with _quiet():
        moment.load_data(part.X, label, sensitive_features=group)
        return float(moment.gamma(lambda _: decisions.astype(float)).max())


def _unmitigated(task: MitigationContext) -> Flags:
    return task.plain().predict_score(task.train.X) >= 0.5


def _parity(task: MitigationContext, moment: Callable[..., Any]) -> Any:
    """Bound how far a group's rate may lie from that of all: :data:`BOUND` in full.

    At a strength s below 1 the bound lies the part s of the way from the unmitigated learner's own
    violation on training rows to :data:`BOUND`. Towards 0 nothing more is asked than the learner
    gives; the mixture is then the most accurate one found, not always the learner itself.
    """
    if task.strength == 1:
        return moment(difference_bound=BOUND)
    own = violation(moment(difference_bound=BOUND), _unmitigated(task), task)
    return moment(difference_bound=BOUND + (1 - task.strength) * max(0.0, own - BOUND))


def _bounded_loss(task: MitigationContext) -> BoundedGroupLoss:
    """Let no group be wrong more often than the learner, left as it is, is over everyone.

    At a strength s below 1 the bound lies the part s of the way to that from the share of wrong
    decisions in the learner's worst group.
    """
    wrong = _unmitigated(task) != task.train.positive
    overall = float(wrong.mean())
    worst = max(float(wrong[task.train.groups == g].mean()) for g in np.unique(task.train.groups))
    bound = overall + (1 - task.strength) * max(0.0, worst - overall)
    return BoundedGroupLoss(ZeroOneLoss(), upper_bound=bound)


def _exponentiated_gradient(
    task: MitigationContext, constraint: Callable[[MitigationContext], Any]
) -> Decider:
    def reduction_of(model: EncodedModel) -> ExponentiatedGradient:
        return ExponentiatedGradient(
            model.estimator, constraint(task), max_iter=MAX_ITERATIONS, eps=BOUND
        )

    model, reduction = _reduce(task, reduction_of)
    shares = reduction.weights_
    used = [i for i in shares.index if shares[i] > 0]
    return MixtureDecider(
        model.encoder,
        [reduction.predictors_[i] for i in used],
        np.array([shares[i] for i in used], dtype=np.float64),
        task.seed,
    )


def _grid_search(task: MitigationContext) -> Decider:
    """Of models at different costs keep the least (1 - c) · error + c · violation, c = s / (1 + s).

    So the violation weighs s times as much as the error: alike in full. The larger s, the smaller
    the violation, on training rows, of the model that is kept; towards 0 it is the most accurate.
    """
    if len(np.unique(task.train.groups)) == 1:
        # There is no cost to try: nobody is compared with anybody.
        return MITIGATIONS["none"].fit(task)

    def reduction_of(model: EncodedModel) -> GridSearch:
        return GridSearch(
            model.estimator,
            DemographicParity(),
            constraint_weight=task.strength / (1 + task.strength),
            grid_size=GRID_SIZE,
        )

    model, reduction = _reduce(task, reduction_of)
    return SearchedDecider(model.encoder, reduction.predictors_[reduction.best_idx_])


@dataclass(frozen=True)
class _Aim:
    """What an exponentiated gradient equalises.

    Attributes
    ----------
    suffix : str
        Of the registered name.
    title : str
    differs : str
        Ends "with costs that rise wherever ...".
    constraint : callable
        From a task to fairlearn's moment.
    assumes : str
    aim : str
        Name of the disparity, or empty.
    degrees : str
        What half strength means.
    """

    suffix: str
    title: str
    differs: str
    constraint: Callable[[MitigationContext], Any]
    assumes: str
    aim: str
    degrees: str = (
        "At half strength the distance of a group's rate from that of all, on training rows, may "
        f"be halfway between the model's own and {BOUND:g}."
    )


_RIGHT = (
    "Recorded outcomes are right in every group, and partly randomised decisions are acceptable."
)
_AIMS = (
    _Aim(
        "",
        "",
        "true or false positive rates differ between groups",
        partial(_parity, moment=EqualizedOdds),
        _RIGHT,
        "equalized_odds_difference",
    ),
    _Aim(
        "_demographic_parity",
        ", demographic parity",
        "selection rates differ between groups",
        partial(_parity, moment=DemographicParity),
        "Groups should be selected equally often whatever the records say, and partly randomised "
        "decisions are acceptable.",
        "demographic_parity_difference",
    ),
    _Aim(
        "_true_positive_rate",
        ", true positive rates",
        "true positive rates differ between groups",
        partial(_parity, moment=TruePositiveRateParity),
        _RIGHT,
        "equal_opportunity_difference",
    ),
    _Aim(
        "_false_positive_rate",
        ", false positive rates",
        "false positive rates differ between groups",
        partial(_parity, moment=FalsePositiveRateParity),
        _RIGHT,
        "false_positive_rate_difference",
    ),
    _Aim(
        "_error_rate",
        ", error rates",
        "groups differ in how often decisions are wrong",
        partial(_parity, moment=ErrorRateParity),
        "All errors weigh alike, recorded outcomes are right in every group, and partly "
        "randomised decisions are acceptable.",
        "accuracy_difference",
    ),
    _Aim(
        "_bounded_group_loss",
        ", bounded group loss",
        "a group's decisions are wrong more often than the unmitigated model's over everyone",
        _bounded_loss,
        "All errors weigh alike, recorded outcomes are right in every group, and the model can "
        "be that accurate in each.",
        "",
        "At half strength a group may be wrong, on training rows, as often as halfway between the "
        "model in its worst group and over everyone.",
    ),
)

for _aim in _AIMS:
    MITIGATIONS.add(
        Mitigation(
            f"exponentiated_gradient{_aim.suffix}",
            f"Exponentiated gradient{_aim.title}",
            "Trains the model again and again with costs that rise wherever "
            f"{_aim.differs}, and mixes the models that result.",
            "during",
            partial(_exponentiated_gradient, constraint=_aim.constraint),
            randomised=True,
            source="Agarwal et al. 2018, through fairlearn"
            if _aim.constraint is not _bounded_loss
            else "Agarwal, Dudík and Wu 2019, through fairlearn",
            assumes=_aim.assumes,
            aim=_aim.aim,
            degrees=_aim.degrees,
            takes_weights=False,
            score_is_probability=True,
        )
    )

MITIGATIONS.add(
    Mitigation(
        "grid_search",
        "Grid search",
        f"Trains the model {GRID_SIZE} times with different costs of selecting each group, and "
        "keeps the one model that does best on accuracy and equal selection rates together.",
        "during",
        _grid_search,
        source="Agarwal et al. 2018, through fairlearn",
        assumes="Groups should be selected equally often whatever the records say, and there are "
        "few groups: the grid is thin for many.",
        aim="demographic_parity_difference",
        degrees="At half strength the gap weighs half as much as accuracy when a model is chosen; "
        "in full they weigh alike.",
        takes_weights=False,
    )
)
