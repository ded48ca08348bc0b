"""The trees of a model made elsewhere as a sum over leaves whose players are a dataset's columns.

Several inputs of such a model may be made from one column, as the flags of a one-hot encoding are,
and an encoder in front of the trees may make several columns of one input. A column of the dataset
is known or not known as a whole, so all that was made from it belongs to one player.

That the sum is the model is never taken for granted: :meth:`ReadTrees.check` compares it with the
model's own scores for the rows that are explained, for those of the background, and for mixtures
of both, which are what Shapley values rest upon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from core.arrays import Floats, Ints
from core.errors import InputError
from core.explanation.attribution.asked_columns import AskedColumns
from core.explanation.attribution.contributions import Explains
from core.explanation.attribution.mixed_trees import MixedTrees
from core.explanation.attribution.tree_ensembles import Tree, TreeSum
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import model_inputs
from core.external_models.opened import scorer_of

if TYPE_CHECKING:
    from core.external_models.tree_arrays import TreeArrays
    from core.learning.external_model import ExternalModel

CLOSE = 1e-5
"""Scores no further apart are the same; nearer to 0 and 1 less is allowed."""
_SINGLE = 2e-7
"""Rounding of a probability in single precision."""
_NO_TREE = Tree(
    np.array([-1]), np.array([-1]), np.zeros(1, np.bool_), np.array([0]), np.zeros(1), np.zeros(1)
)
_MIXTURES, _FEW_MIXTURES = 200, 30


@dataclass(frozen=True)
class ReadTrees:
    """Trees, and how rows of features become the columns that they ask.

    Attributes
    ----------
    trees : TreeSum
        Those that ask single columns only.
    encode : callable
        From a DataFrame to a matrix of shape (n, c).
    score : callable
        The model's own score.
    is_checked : bool
        Whether the sum must be compared with it.
    mixed : MixedTrees or None
        Trees that ask several columns at once.
    """

    trees: TreeSum
    encode: Callable[[pd.DataFrame], Floats]
    score: Callable[[pd.DataFrame], Floats]
    is_checked: bool = False
    mixed: MixedTrees | None = None

    @property
    def explains(self) -> Explains:
        """What the sum is."""
        return explains_of(self.trees)

    def output(self, encoded: Floats) -> Floats:
        """Evaluate the sum of all trees, shape (n,)."""
        found = self.trees.output(encoded)
        return found if self.mixed is None else found + self.mixed.output(encoded)

    def mixed_values(self, encoded: Floats, behind: Floats) -> Floats | float:
        """Shapley values that trees of several columns at once add; 0 where there are none."""
        return 0.0 if self.mixed is None else self.mixed.values(encoded, behind)

    def own_output(self, rows: pd.DataFrame) -> Floats:
        """Answer of the model itself in the unit of the sum, shape (n,)."""
        score = self.score(rows)
        return logit(score.clip(_SINGLE, 1 - _SINGLE)) if self.trees.log_odds else score

    def adds_up(
        self, rows: pd.DataFrame, background: pd.DataFrame, *, checked: bool = False
    ) -> bool:
        """Whether the sum of leaves is the model's own score; see :meth:`check`."""
        try:
            self.check(rows, background, checked=checked)
        except InputError:
            return False
        return True

    def check(self, rows: pd.DataFrame, background: pd.DataFrame, *, checked: bool = False) -> None:
        """Compare the sum of leaves with the model's own scores.

        Parameters
        ----------
        rows, background : DataFrame
        checked : bool
            Whether the background was compared before: fewer mixtures are, too.

        Raises
        ------
        InputError
            If they differ.
        """
        if not self.is_checked:
            return
        mixed = mixtures(rows, background, _FEW_MIXTURES if checked else _MIXTURES)
        parts = [rows, mixed] if checked else [rows, background, mixed]
        asked = pd.concat(parts, ignore_index=True)
        own, found = self.score(asked), self.output(self.encode(asked))
        allowed = np.full(len(own), CLOSE)
        if self.trees.log_odds:
            found = expit(found)
            allowed = 4 * CLOSE * found * (1 - found) + _SINGLE
        apart = np.abs(own - found)
        wrong = ~(apart <= allowed)
        if wrong.any():
            raise InputError(
                f"its trees, as its file has them, give other scores than the model itself for "
                f"{int(wrong.sum()):,} of {len(own):,} rows, by up to {apart.max():.2g}"
            )


def explains_of(trees: TreeSum) -> Explains:
    """Say what a sum of trees is."""
    return "log-odds" if trees.log_odds else "probability"


def mixtures(rows: pd.DataFrame, background: pd.DataFrame, count: int) -> pd.DataFrame:
    """Make rows that have some features of a row and the others of one of the background."""
    rng = np.random.default_rng(0)
    one, other = (rng.integers(0, len(frame), count) for frame in (rows, background))
    known = rng.random((count, rows.shape[1])) < rng.random((count, 1))
    return pd.DataFrame(
        {
            name: np.where(
                known[:, j], rows[name].to_numpy()[one], background[name].to_numpy()[other]
            )
            for j, name in enumerate(rows)
        }
    ).astype(dict(rows.dtypes))


def external_trees(model: ExternalModel, columns: pd.Index) -> ReadTrees:
    """Read the trees of a model made elsewhere.

    Parameters
    ----------
    model : ExternalModel
    columns : Index
        Of the rows that will be explained: the players.

    Raises
    ------
    InputError
        Saying why its Shapley values can't be read off trees.
    """
    external = model.external
    if model.threshold != external.threshold:
        raise InputError(
            "a mitigation moves its scores so that they decide at 0.5, and the moved scores are "
            "explained"
        )
    if external.output == "label":
        raise InputError("it answers with labels only")
    scorer: Any = scorer_of(external)
    if not hasattr(scorer, "trees"):
        raise InputError("only its answers are known here, not how it makes them")
    found: TreeArrays = scorer.trees()
    players = _players(external, [one.name for one in scorer.facts.inputs], columns)
    made = AskedColumns(found)
    positive = scorer.facts.classes is None or (
        scorer.facts.classes.index(external.positive_class) == 1
    )
    owner = players[found.owner[made.source]]
    grown = _trees(found, made.of_node, 1.0 if positive else -1.0)
    mixes = _is_mixed(grown, len(made.source))
    trees = TreeSum(
        # One that says nothing stands for none.
        tuple(tree for tree, mixed in zip(grown, mixes, strict=True) if not mixed) or (_NO_TREE,),
        found.constant if positive else float(not found.log_odds) - found.constant,
        found.log_odds,
        found.single,
        owner,
        len(columns),
    )
    mixed = MixedTrees(
        tuple(tree for tree, mixed in zip(grown, mixes, strict=True) if mixed),
        made.mixes,
        len(made.source),
        found.single,
        owner,
        len(columns),
    )

    def encode(frame: pd.DataFrame) -> Floats:
        given = model_inputs(external.matching, scorer.facts, frame)
        return made.values(scorer.tree_columns(given))

    return ReadTrees(
        trees, encode, model.own_score, is_checked=True, mixed=mixed if mixed.trees else None
    )


def _is_mixed(trees: list[Tree], width: int) -> list[bool]:
    """Whether each tree asks a column that was mixed of several, numbered behind all others."""
    return [bool((tree.feature[tree.left >= 0] >= width).any()) for tree in trees]


def _players(external: ExternalSpec, inputs: list[str], columns: pd.Index) -> Ints:
    """Position of the column that each input is made from; behind all where there is none."""
    places = {str(name): place for place, name in enumerate(columns)}
    of_input = {match.input: match.column for match in external.matching.inputs}
    return np.array(
        [len(columns) if (c := of_input[name]) is None else places[c] for name in inputs]
    )


def _trees(found: TreeArrays, column: Ints, sign: float) -> list[Tree]:
    ends = np.append(found.roots[1:], len(found.left))
    value = np.where(found.left < 0, sign * found.value, 0.0)
    cut = np.where(found.choice >= 0, 0.5, found.cut)
    return [
        Tree(
            np.where(found.left[a:b] < 0, -1, found.left[a:b] - a),
            np.where(found.left[a:b] < 0, -1, found.right[a:b] - a),
            found.missing_left[a:b],
            column[a:b],
            cut[a:b],
            value[a:b],
        )
        for a, b in zip(found.roots, ends, strict=True)
    ]
