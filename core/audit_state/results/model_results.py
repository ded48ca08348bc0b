"""What is found about a trained model and its table: each result is computed once and kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from core.audit_state.results.result_store import ResultStore
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.attribution.explain import (
    GlobalExplanation,
    PersonExplanation,
    explain_globally,
    explain_person,
    sampled_positions,
)
from core.explanation.attribution.explained_model import misleads
from core.explanation.attribution.shapes import ShapeNoise, shape_noise
from core.explanation.attribution.surrogate_tree import SurrogateTree, surrogate_tree
from core.explanation.counterfactual.actionability import CounterfactualSpec
from core.explanation.counterfactual.counterfactual import Counterfactuals, find_counterfactuals
from core.explanation.counterfactual.recourse import Recourse, RecourseSpec, recourse_steps
from core.explanation.counterfactual.recourse_of_group import PersonRecourse
from core.explanation.effects.effects import ROWS, EffectCurve, effect_curves
from core.explanation.effects.permutation import ROWS as PERMUTED_ROWS
from core.explanation.effects.permutation import PermutationImportance, permutation_importance
from core.explanation.likely_decision import group_column
from core.explanation.person.decision_stability import REFITS, Refit, refit
from core.explanation.proxies.proxies import Proxies, find_proxies
from core.explanation.trust.measure import trust_steps
from core.explanation.trust.record import Trust, TrustSpec
from core.storage import kinds
from core.storage.canonical import key
from core.storage.workspace import Workspace
from core.training.trained import Trained


def load_trust(workspace: Workspace, state: AuditState, trained: Trained) -> Trust | None:
    """Return how far explanations can be trusted, None if it was not measured to the end."""
    return ResultStore(workspace, state.id).load(kinds.TRUST, _trust_key(trained))


def load_or_measure_trust(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, Trust]]:
    """Measure how far explanations can be trusted, part by part.

    Yields
    ------
    tuple of (float, Trust)
        Share done in (0, 1], and what was measured so far.
    """
    store, cache_key = ResultStore(workspace, state.id), _trust_key(trained)
    kept = store.load(kinds.TRUST, cache_key)
    if kept is not None:
        yield 1.0, kept
        return
    for share, found in trust_steps(dataset, trained, TrustSpec()):
        if found.complete:
            store.keep(kinds.TRUST, cache_key, found)
        yield share, found


def load_global_explanation(
    workspace: Workspace, state: AuditState, trained: Trained
) -> GlobalExplanation | None:
    """Return the finished global explanation, None if there is none on disk."""
    return ResultStore(workspace, state.id).load(kinds.EXPLANATION, _global_key(trained))


def load_or_explain_globally(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, GlobalExplanation]]:
    """Explain a sample of test rows batch by batch.

    Yields
    ------
    share : float
        Part of the rows done, in (0, 1].
    explanation : GlobalExplanation
        Over the rows done so far.
    """
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.EXPLANATION, _global_key(trained), explain_globally(dataset, trained)
    )


def load_or_explain_person(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, position: int
) -> PersonExplanation:
    """Explain one test row."""

    def compute() -> PersonExplanation:
        # On a busy machine threads that wait for each other take many times as long as one alone.
        with threadpool_limits(limits=1):
            return explain_person(dataset, trained, position)

    cache_key = _explained_key(trained, ("person", position))
    return ResultStore(workspace, state.id).load_or_compute(kinds.PERSON, cache_key, compute)


def load_person(
    workspace: Workspace, state: AuditState, trained: Trained, position: int
) -> PersonExplanation | None:
    """Return one test row's explanation, None if there is none on disk."""
    cache_key = _explained_key(trained, ("person", position))
    return ResultStore(workspace, state.id).load(kinds.PERSON, cache_key)


def load_or_compute_curve(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, feature: str
) -> Iterator[tuple[float, EffectCurve]]:
    """Draw partial dependence and accumulated local effects of a feature over sampled test rows."""

    def steps() -> Iterator[tuple[float, EffectCurve]]:
        rows = trained.split.test[np.sort(sampled_positions(trained, ROWS))]
        sample = dataset.features.iloc[rows].reset_index(drop=True)
        for share, (curve,) in effect_curves(
            trained.decider.predict_score, sample, (feature,), seed=trained.spec.seed
        ):
            yield share, curve

    cache_key = _effect_key(trained, ("effect curve", feature))
    yield from ResultStore(workspace, state.id).load_or_follow(kinds.CURVE, cache_key, steps())


def load_or_compute_importance(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, attribute: str
) -> Iterator[tuple[float, PermutationImportance]]:
    """Measure permutation importance on sampled test rows, and by groups of an attribute."""
    rows = trained.split.test[np.sort(sampled_positions(trained, PERMUTED_ROWS))]
    steps = permutation_importance(
        trained.decider.predict_score,
        dataset.features.iloc[rows].reset_index(drop=True),
        dataset.target[rows],
        dataset.sensitive[attribute].to_numpy(dtype=object)[rows],
        seed=trained.spec.seed,
    )
    cache_key = _effect_key(trained, ("permutation", attribute))
    yield from ResultStore(workspace, state.id).load_or_follow(kinds.IMPORTANCE, cache_key, steps)


def load_or_fit_tree(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, depth: int
) -> SurrogateTree:
    """Imitate the model by a small tree."""
    return ResultStore(workspace, state.id).load_or_compute(
        kinds.TREE,
        _effect_key(trained, ("surrogate tree", depth)),
        lambda: surrogate_tree(dataset, trained, depth),
    )


def load_or_find_proxies(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> Iterator[tuple[float, tuple[Proxies, ...]]]:
    """Measure which features tell each sensitive attribute."""

    def steps() -> Iterator[tuple[float, tuple[Proxies, ...]]]:
        done: list[Proxies] = []
        columns = dataset.roles.sensitive
        for position, column in enumerate(columns):
            for share, found in find_proxies(dataset, column):
                if share < 1:
                    yield (position + share) / len(columns), (*done, found)
            done.append(found)
            yield (position + 1) / len(columns), tuple(done)

    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.PROXIES, key(dataset.fingerprint, "proxies"), steps()
    )


def load_or_compute_noise(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, ShapeNoise]]:
    """Simulate how far privacy noise moves the shape functions."""
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.SHAPE_NOISE, _effect_key(trained, "shape noise"), shape_noise(dataset, trained)
    )


def load_noise(workspace: Workspace, state: AuditState, trained: Trained) -> ShapeNoise | None:
    """Return the finished simulation, None if there is none on disk."""
    cache_key = _effect_key(trained, "shape noise")
    return ResultStore(workspace, state.id).load(kinds.SHAPE_NOISE, cache_key)


def load_refits(
    workspace: Workspace, state: AuditState, trained: Trained, refits: int = REFITS
) -> list[Refit]:
    """Return the first refits that are on disk; none is trained."""
    store = ResultStore(workspace, state.id)
    found = (store.load(kinds.REFIT, _refit_key(trained, number)) for number in range(refits))
    return [one for one in found if one is not None]


def load_or_refit(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    trained: Trained,
    refits: int = REFITS,
) -> Iterator[tuple[float, list[Refit]]]:
    """Train again, to see how sure decisions are, keeping each model's at once.

    A refit whose drawn rows don't suffice for the mitigation is left out, so that there
    may be fewer than were asked for.

    Yields
    ------
    share : float
        In (0, 1].
    refits : list of Refit
        All so far.
    """
    store, done = ResultStore(workspace, state.id), list[Refit]()
    for number in range(refits):
        cache_key = _refit_key(trained, number)
        found: Refit | None = store.load(kinds.REFIT, cache_key)
        if found is None:
            try:
                found = refit(dataset, trained, number)
            except InputError:
                found = None
            if found is not None:
                store.keep(kinds.REFIT, cache_key, found)
        if found is not None:
            done = [*done, found]
        yield (number + 1) / refits, done


def load_or_find_counterfactuals(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    trained: Trained,
    position: int,
    spec: CounterfactualSpec,
) -> Counterfactuals:
    """Find the counterfactuals of a test row, by its position among them."""

    def compute() -> Counterfactuals:
        row = int(trained.split.test[position])
        group = str(dataset.sensitive[group_column(trained, dataset.roles.sensitive)].iloc[row])
        person = dataset.features.iloc[[row]]
        return find_counterfactuals(trained, dataset, person, spec, trained.spec.seed, group=group)

    cache_key = key(trained.fingerprint, (trained.spec, "counterfactuals", position, spec))
    return ResultStore(workspace, state.id).load_or_compute(
        kinds.COUNTERFACTUALS, cache_key, compute
    )


def load_or_find_recourse(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    trained: Trained,
    spec: RecourseSpec,
) -> Iterator[tuple[float, Recourse]]:
    """Look for the recourse of a sample of each group, keeping each person's at once.

    Yields
    ------
    share : float
        In (0, 1].
    recourse : Recourse
        Of the people done by then.
    """
    store = ResultStore(workspace, state.id)

    def key_of(position: int) -> str:
        # The attribute and the number of people don't change what one person finds.
        parts = (trained.spec, "recourse", spec.rules, spec.seed, position)
        return key(trained.fingerprint, parts)

    def known(position: int) -> PersonRecourse | None:
        return store.load(kinds.RECOURSE, key_of(position), _recourse_from_json)

    for share, recourse, person in recourse_steps(trained, dataset, spec, known=known):
        if person is not None and known(person.position) is None:
            store.keep(kinds.RECOURSE, key_of(person.position), person)
        yield share, recourse


def _recourse_from_json(record: dict[str, object]) -> PersonRecourse:
    return PersonRecourse(**{**record, "features": tuple(record["features"])})  # type: ignore[arg-type]


def _trust_key(trained: Trained) -> str:
    return _explained_key(trained, ("trust in explanations", TrustSpec()))


def _explained_key(trained: Trained, what: tuple[object, ...]) -> str:
    """Key of what Shapley values are in; earlier builds explained some models wrongly."""
    again = ("as a function",) if misleads(trained.decider) else ()
    return key(trained.fingerprint, (trained.spec, *what, *again))


def _global_key(trained: Trained) -> str:
    return _explained_key(trained, ("global explanation of rows",))


def _effect_key(trained: Trained, what: object) -> str:
    return key(trained.fingerprint, (trained.spec, "how features act", what))


def _refit_key(trained: Trained, number: int) -> str:
    return key(trained.fingerprint, (trained.spec, "refit", number))
