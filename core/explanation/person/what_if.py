"""What the model makes of one person with some features edited, beside the person as they are.

A person is a test row. Edits are values of features, and of the group where a mitigation decides by
it; everything else stays. Nothing is claimed of what would happen if somebody truly changed: only
what this model says of a row with these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

from core.arrays import Objects
from core.data.dataset import Dataset
from core.data.labels import canonical
from core.data.roles.groups import bin_names
from core.data.roles.merged_groups import merged_names
from core.data.table import MISSING
from core.explanation.attribution.contributions import Contributions
from core.explanation.attribution.explain import background
from core.explanation.attribution.prepared_shapley import PreparedShapley
from core.explanation.counterfactual.actionability import CounterfactualSpec, default_spec
from core.explanation.counterfactual.counterfactual import CounterfactualFinder
from core.explanation.counterfactual.counterfactual_result import Value
from core.explanation.likely_decision import needs_group
from core.explanation.person.decision_stability import threshold_of_group
from core.explanation.person.feature_domains import (
    FeatureDomain,
    feature_domains,
    parse_value,
    unknown_feature,
)
from core.explanation.person.what_if_result import (
    Edit,
    Edits,
    PersonState,
    Scored,
    WhatIfAnswer,
)
from core.mitigation import GroupScorer
from core.mitigation.randomisation import RandomisedDecider, is_drawn
from core.training.fit import mitigated_column, predict_people
from core.training.trained import Trained

REMEMBERED = 200
"""States of which the figures are kept, so that undoing an edit costs nothing."""


def what_if(
    dataset: Dataset, trained: Trained, position: int, edits: Mapping[str, object]
) -> WhatIfAnswer:
    """Ask the model about an edited person.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
        Its model.
    position : int
        Of the person among the test rows.
    edits : mapping of str to object
        New values by feature, as they were typed or given.

    Raises
    ------
    InputError
        Naming the feature and the value that can't be.
    """
    editor = PersonEditor(dataset, trained)
    return editor.answer(position, editor.parse(position, edits))


class PersonEditor:
    """What is the same for every edit of every person, prepared once.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained

    Attributes
    ----------
    column : str
        Whose groups a mitigation looks at, if it looks at any.
    """

    def __init__(self, dataset: Dataset, trained: Trained):
        self.dataset, self.trained = dataset, trained
        self._domains = feature_domains(dataset, trained)
        # On a busy machine threads that wait for each other take many times as long as one alone.
        self._threads = ThreadpoolController()
        with self._threads.limit(limits=1):
            self._shapley = PreparedShapley(trained.decider, background(dataset, trained))
            spec = default_spec(dataset)
            self._finder = CounterfactualFinder(trained, dataset, spec, trained.spec.seed)
        self.column = mitigated_column(dataset, trained.spec)
        self._needs_group = needs_group(trained)
        self._thresholds: dict[str, float | None] = {}
        self._states: dict[tuple[int, Edits], PersonState] = {}
        self._reasons: dict[tuple[int, Edits], Contributions] = {}

    @property
    def support_spec(self) -> CounterfactualSpec:
        """How far from real people an edited one may be and still be called plausible."""
        return self._finder.spec

    def domains(self, position: int) -> tuple[FeatureDomain, ...]:
        """Find what each feature of a person may be set to, in the order of features."""
        own = self.values(position)
        return tuple(domain.holding(own[domain.feature]) for domain in self._domains)

    def values(self, position: int) -> dict[str, Value]:
        """Return a person's own values by feature, None where missing."""
        row = self.trained.split.test[position]
        return {
            domain.feature: _plain(
                self.dataset.sensitive[domain.feature].iloc[row]
                if domain.kind == "group"
                else self.dataset.features[domain.feature].iloc[row]
            )
            for domain in self._domains
        }

    def parse(self, position: int, given: Mapping[str, object]) -> Edits:
        """Read edits that were typed or given.

        Raises
        ------
        InputError
            Naming the feature and the value that can't be.
        """
        domains = {domain.feature: domain for domain in self.domains(position)}
        found = {}
        for name, value in given.items():
            if name not in domains:
                raise unknown_feature(str(name), list(domains))
            found[name] = parse_value(domains[name], value)
        return self.effective(position, (Edit(name, value) for name, value in found.items()))

    def effective(self, position: int, edits: Iterable[Edit]) -> Edits:
        """Put edits in the order of features, without those that change nothing."""
        new, own = {edit.feature: edit.value for edit in edits}, self.values(position)
        return tuple(
            Edit(name, new[name]) for name in own if name in new and new[name] != own[name]
        )

    def alike(
        self,
        position: int,
        other: int,
        features: Iterable[str] | None = None,
        edits: Edits = (),
    ) -> Edits:
        """Return the edits that give a person another one's values, of some features or of all.

        Edits of other features stay; those that are copied give way to the other one's values.
        """
        theirs = self.values(other)
        names = list(theirs) if features is None else list(features)
        return self.effective(position, [*edits, *(Edit(name, theirs[name]) for name in names)])

    def unlike(self, position: int, other: int, edits: Edits) -> tuple[str, ...]:
        """Name the features in which a person with edits differs from another one as they are."""
        theirs, own = self.values(other), self.values(position)
        now = own | {edit.feature: edit.value for edit in edits}
        return tuple(name for name in now if now[name] != theirs[name])

    def answer(self, position: int, edits: Edits) -> WhatIfAnswer:
        """Compare a person as they are with them edited."""
        return WhatIfAnswer(
            int(self.dataset.rows[self.trained.split.test[position]]),
            edits,
            self.state(position, ()),
            self.state(position, edits),
            self.reasons(position, ()),
            self.reasons(position, edits),
        )

    def state(self, position: int, edits: Edits) -> PersonState:
        """Score and decide a person with edits."""
        key = position, edits
        if key not in self._states:
            _make_room(self._states)
            self._states[key] = self._state(position, edits)
        return self._states[key]

    def reasons(self, position: int, edits: Edits) -> Contributions:
        """Shapley values of a person with edits, which explain the score with the group unknown."""
        key = position, edits
        if key not in self._reasons:
            _make_room(self._reasons)
            row, _ = self._people(position, edits)
            with self._threads.limit(limits=1):
                self._reasons[key] = self._shapley.values(row)
        return self._reasons[key]

    def scored(self, position: int, edits: Edits, feature: str, values: Sequence[Value]) -> Scored:
        """Score a person with edits and each of some values of one feature."""
        person, groups = self._people(position, edits)
        X = person.loc[person.index.repeat(len(values))].reset_index(drop=True)
        groups = np.repeat(groups, len(values))
        if feature in X:
            X[feature] = self._column_of(feature, values)
        if feature == self.column:
            groups = np.array([self._group(value) for value in values], dtype=object)
        return self._scored(X, groups)

    def _threshold(self, group: str) -> float | None:
        if group not in self._thresholds:
            self._thresholds[group] = threshold_of_group(self.dataset, self.trained, group)
        return self._thresholds[group]

    def _people(self, position: int, edits: Edits) -> tuple[pd.DataFrame, Objects]:
        """Make the row that the model is asked about, and its group."""
        row = self.trained.split.test[position]
        person = self.dataset.features.iloc[[row]].reset_index(drop=True)
        group = str(self.dataset.sensitive[self.column].iloc[row])
        for edit in edits:
            name, value = edit.feature, edit.value
            if name in person:
                person[name] = self._column_of(name, [value])
            if name == self.column:
                group = self._group(value)
        return person, np.array([group], dtype=object)

    def _column_of(self, name: str, values: Sequence[Value]) -> pd.Series:
        """Write values of a feature as the dataset holds them."""
        kind = self.dataset.features[name].dtype
        gap = np.nan if kind.kind == "f" else MISSING
        return pd.Series([gap if value is None else value for value in values], dtype=kind)

    def _group(self, value: Value) -> str:
        """Name the group of a value of the column that the mitigation looks at."""
        if value is None:
            return MISSING
        name, roles = self.column, self.dataset.roles
        if name not in self.dataset.features:
            return str(value)
        if isinstance(value, str):
            same = (self.dataset.features[name] == value).to_numpy()
            return str(self.dataset.sensitive[name].to_numpy()[same][0])
        edges = dict(roles.edges).get(name)
        text = canonical(value)
        if edges is not None:
            text = bin_names(edges)[int(np.searchsorted(edges, value, side="right"))]
        return merged_names((text,), roles.merged_groups, name)[0]

    def _scored(self, X: pd.DataFrame, groups: Objects) -> Scored:
        decider, spec = self.trained.decider, self.trained.spec
        with self._threads.limit(limits=1):
            scores, decisions = predict_people(self.dataset, spec, decider, X, groups)
            probabilities = np.full(len(X), np.nan)
            if isinstance(decider, RandomisedDecider):
                chance = decider.positive_probability(X, groups)
                drawn = is_drawn(chance)
                # A draw hangs on every feature: another value draws again, whatever it matters.
                probabilities[drawn] = chance[drawn]
                decisions = np.where(drawn, chance >= 0.5, decisions)
                scores = np.where(drawn, decider.predict_score(X), scores)
        thresholds = {self._threshold(str(group)) for group in set(groups)}
        threshold = thresholds.pop() if len(thresholds) == 1 else None
        return Scored(scores, decisions, probabilities, threshold)

    def _state(self, position: int, edits: Edits) -> PersonState:
        person, groups = self._people(position, edits)
        found = self._scored(person, groups)
        score, positive = float(found.scores[0]), bool(found.decisions[0])
        drawn = not np.isnan(found.probabilities[0])
        if not edits:
            score = float(self.trained.scores[position])
            positive = bool(self.trained.decisions[position])
        group = str(groups[0])
        threshold = found.threshold
        if threshold is not None and (score >= threshold) != positive:
            threshold = None
        with self._threads.limit(limits=1):
            row = int(self.trained.split.test[position])
            usual, fine = self._finder.usual(person, row, positive)
            explained = score
            if isinstance(self.trained.decider, GroupScorer):
                explained = float(self.trained.decider.predict_score(person)[0])
        return PersonState(
            self.values(position) | {edit.feature: edit.value for edit in edits},
            group if self._needs_group else None,
            score,
            explained,
            positive,
            float(found.probabilities[0]) if drawn else None,
            threshold,
            None if threshold is None else score - threshold,
            usual,
            fine,
        )


def _make_room(kept: dict[tuple[int, Edits], Any]) -> None:
    if len(kept) >= REMEMBERED:
        del kept[next(iter(kept))]


def _plain(value: object) -> Value:
    if isinstance(value, str):
        return None if value == MISSING else value
    number = float(value)  # type: ignore[arg-type]
    return None if np.isnan(number) else number
