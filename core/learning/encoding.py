"""From raw features to the numbers a learner takes, and back to the feature each number is of.

Every encoder has ``fit(X)``, ``transform(X) -> (n, m) float`` and ``owner``: for each encoded
column the position of the raw feature it came from, so that explanations can be summed back.
The ordinary encoders learn means and categories from the training rows; the declared ones take
them from public domains only, so that encoding spends no privacy.
"""

from __future__ import annotations

import warnings
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from core.arrays import Flags, Floats, Ints
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.table import MISSING
from core.errors import InputError

MAX_CATEGORIES = 60
"""Categories kept apart in a column; rarer ones share one."""


class Encoder(Protocol):
    """What a model asks of its encoder."""

    owner: Ints

    def fit(self, X: pd.DataFrame) -> None:
        """Learn from training rows, or check them against the declared domains."""
        ...

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows of the columns seen in ``fit``."""
        ...


def _numbers(X: pd.DataFrame) -> list[str]:
    return [str(c) for c in X if X[c].dtype.kind == "f"]


def _categories(X: pd.DataFrame) -> list[str]:
    return [str(c) for c in X if X[c].dtype.kind != "f"]


class OneHot:
    """Standardised numbers (missing: median, with an indicator) and one-hot categories."""

    owner: Ints

    def fit(self, X: pd.DataFrame) -> None:
        """Learn means, deviations, medians and categories from training rows."""
        numbers, categories = _numbers(X), _categories(X)
        onehot = OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            max_categories=MAX_CATEGORIES,
            sparse_output=False,
        )
        imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        self._columns = ColumnTransformer(
            [
                ("number", make_pipeline(imputer, StandardScaler()), numbers),
                ("category", onehot, categories),
            ]
        )
        self._columns.fit(X)
        position = {name: i for i, name in enumerate(X)}
        owners = [position[name] for name in numbers]
        if numbers:
            indicators = self._columns.named_transformers_["number"][0].indicator_.features_
            owners += [position[numbers[i]] for i in indicators]
        if categories:
            fitted = self._columns.named_transformers_["category"]
            for name, count in zip(categories, _widths(fitted), strict=True):
                owners += [position[name]] * count
        self.owner = np.array(owners, dtype=np.int64)

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows; an unseen category is the rare one, or all zeros."""
        with warnings.catch_warnings():
            # An unseen category is answered by the encoding itself, as the docstring says.
            warnings.filterwarnings("ignore", message="Found unknown categories")
            return np.hstack(self._parts(X))

    def _parts(self, X: pd.DataFrame) -> list[Floats]:
        """Do what the fitted columns do, without the checks that take longer than a few rows do."""
        (_, scaling, numbers), (_, onehot, categories) = self._columns.transformers_[:2]
        parts = []
        if numbers:
            imputer, scaler = scaling
            values = X[numbers].to_numpy(dtype=np.float64)
            if np.isinf(values).any():
                return [np.asarray(self._columns.transform(X), dtype=np.float64)]
            missing = np.isnan(values)
            filled = np.where(missing, imputer.statistics_, values)
            indicators = missing[:, imputer.indicator_.features_]
            parts.append((np.hstack([filled, indicators]) - scaler.mean_) / scaler.scale_)
        if categories:
            parts.append(np.asarray(onehot.transform(X[categories]), dtype=np.float64))
        return parts


def _widths(onehot: OneHotEncoder) -> list[int]:
    """Columns that each feature of a fitted one-hot encoder takes."""
    widths = []
    for known, rare in zip(onehot.categories_, onehot.infrequent_categories_, strict=True):
        widths.append(len(known) if rare is None else len(known) - len(rare) + 1)
    return widths


class Ordinal:
    """Numbers as they are, missing ones kept or filled; categories as codes."""

    owner: Ints

    def __init__(self, *, fill_missing: bool = False):
        self.fill_missing = fill_missing

    def fit(self, X: pd.DataFrame) -> None:
        """Learn categories, and medians if missing numbers are to be filled."""
        self._numbers, self._category_names = _numbers(X), _categories(X)
        self._order = [str(c) for c in X]
        self._codes = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, max_categories=250
        )
        if self._category_names:
            self._codes.fit(X[self._category_names])
        self._medians = X[self._numbers].median().fillna(0.0)
        self.owner = np.arange(len(self._order), dtype=np.int64)

    @property
    def categorical(self) -> Flags:
        """Whether each encoded column holds codes, shape (p,)."""
        return np.array([c in set(self._category_names) for c in self._order])

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows; an unseen category has the code -1."""
        out = np.empty((len(X), len(self._order)))
        if self._category_names:
            codes = self._codes.transform(X[self._category_names])
        for name in self._numbers:
            values = X[name].to_numpy(dtype=np.float64)
            if self.fill_missing:
                values = np.where(np.isnan(values), self._medians[name], values)
            out[:, self._order.index(name)] = values
        for j, name in enumerate(self._category_names):
            out[:, self._order.index(name)] = codes[:, j]
        return out


class DeclaredEncoder:
    """What the two encoders over declared domains share: nothing is learned from the data."""

    owner: Ints
    kept_fields = ("_domains", "_order", "owner")

    def __init__(self, domains: Domains):
        self._domains = {item.name: item for item in domains.items}

    def fit(self, X: pd.DataFrame) -> None:
        """Check that every feature has a domain.

        Raises
        ------
        InputError
            Naming the columns without one.
        """
        without = [str(c) for c in X if c not in self._domains]
        if without:
            raise InputError(
                "a private model needs declared bounds or categories of every feature, and "
                "there are none",
                where=", ".join(map(repr, without)),
                remedy="Declare them from public knowledge, pay for an estimate from the budget, "
                "or drop the column",
            )
        self._order = [str(c) for c in X]
        for name in self._order:
            number = isinstance(self._domains[name], NumberDomain)
            if number != (X[name].dtype.kind == "f"):
                raise InputError(
                    f"it is declared as {'numbers' if number else 'categories'} "
                    f"but holds {'categories' if number else 'numbers'}",
                    where=f"column {name!r}",
                    remedy="Correct the column's kind or its declared domain",
                )
        self.owner = np.repeat(np.arange(len(self._order)), [self._width(n) for n in self._order])

    def _width(self, name: str) -> int:
        raise NotImplementedError

    def _scaled(self, X: pd.DataFrame, item: NumberDomain) -> tuple[Floats, Flags]:
        """Values clipped to the bounds and mapped to [-1, 1], missing 0, and which are missing."""
        values = X[item.name].to_numpy(dtype=np.float64)
        missing = np.isnan(values)
        middle, half = (item.high + item.low) / 2, (item.high - item.low) / 2
        clipped = np.clip(np.where(missing, middle, values), item.low, item.high)
        return (clipped - middle) / half, missing

    def _code(self, X: pd.DataFrame, item: CategoryDomain) -> Ints:
        """Position among the declared categories; one past the last for any other."""
        index = pd.Index(_with_missing(item.categories))
        codes = index.get_indexer(pd.Index(X[item.name].astype(object)))
        return np.where(codes < 0, len(index), codes)


def _with_missing(categories: tuple[str, ...]) -> tuple[str, ...]:
    return categories if MISSING in categories else (*categories, MISSING)


class DeclaredOneHot(DeclaredEncoder):
    """Numbers in [-1, 1] with a missing indicator, one-hot categories, a constant; norm at most 1.

    Each feature contributes at most 1 to the squared norm of a row and so does the constant:
    dividing by √(p + 1) keeps every row within the unit ball by construction, whatever the data.
    """

    def _width(self, name: str) -> int:
        item = self._domains[name]
        return 2 if isinstance(item, NumberDomain) else len(_with_missing(item.categories)) + 1

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows; the last column is the constant and belongs to no feature."""
        blocks: list[Floats] = []
        for name in self._order:
            item = self._domains[name]
            if isinstance(item, NumberDomain):
                scaled, missing = self._scaled(X, item)
                blocks.append(np.column_stack([scaled, missing.astype(np.float64)]))
            else:
                blocks.append(np.eye(self._width(name))[self._code(X, item)])
        blocks.append(np.ones((len(X), 1)))
        out: Floats = np.hstack(blocks) / np.sqrt(len(self._order) + 1)
        return out


class DeclaredBins(DeclaredEncoder):
    """One-hot bins of declared numbers, one-hot categories, a constant; p + 1 ones in each row.

    Bins are public, made from the declared bounds alone: sixteen of equal width, and between the
    lower bound and the middle also by halving, since many a column (an amount, a count) crowds
    near its lower bound; the bound itself and missing values have bins of their own.
    """

    HALVINGS = 7

    @property
    def active(self) -> int:
        """Ones in each row."""
        return len(self._order) + 1

    def _width(self, name: str) -> int:
        item = self._domains[name]
        if isinstance(item, NumberDomain):
            return len(self._edges()) + 2
        return len(_with_missing(item.categories)) + 1

    @classmethod
    def _edges(cls) -> Floats:
        """Upper ends of all bins but the last, on [-1, 1]."""
        even = np.linspace(-1, 1, 17)[1:-1]
        halved = [-1 + 2.0 ** (1 - k) for k in range(1, cls.HALVINGS + 1)]
        near_high = [1 - 2.0 ** (1 - k) for k in range(2, 4)]
        just_above = np.nextafter(-1.0, 0.0)
        return np.unique(np.array([just_above, *even, *halved, *near_high]))

    def sparse(self, X: pd.DataFrame) -> csr_array:
        """Encode rows, storing the ones only: at 12 features a 20th of what all cells take."""
        ones = np.zeros((len(X), self.active), dtype=np.int32)
        edges = self._edges()
        start = 0
        for j, name in enumerate(self._order):
            item = self._domains[name]
            if isinstance(item, NumberDomain):
                scaled, missing = self._scaled(X, item)
                code = np.searchsorted(edges, scaled, side="right")
                code = np.where(missing, len(edges) + 1, code)
            else:
                code = self._code(X, item)
            ones[:, j] = start + code
            start += self._width(name)
        ones[:, -1] = start
        ends = np.arange(0, ones.size + 1, self.active)
        cells = np.ones(ones.size), ones.ravel(), ends
        return csr_array(cells, shape=(len(X), start + 1))

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows; the last column is the constant and belongs to no feature."""
        return np.asarray(self.sparse(X).toarray())


class DeclaredCodes(DeclaredEncoder):
    """One bounded number for each feature, for learners that bin them.

    Numbers keep their place in [-1, 1] and missing ones get a place of their own below;
    categories become codes 0 … k, declared order, "(other)" last.
    """

    MISSING_PLACE = -1.05

    def _width(self, name: str) -> int:
        return 1

    @property
    def bounds(self) -> Floats:
        """Public range of each encoded column, shape (p, 2)."""
        out = []
        for name in self._order:
            item = self._domains[name]
            if isinstance(item, NumberDomain):
                out.append((-1.1, 1.0))
            else:
                out.append((-0.5, len(_with_missing(item.categories)) + 0.5))
        return np.array(out)

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode rows, shape (n, p)."""
        out = np.empty((len(X), len(self._order)))
        for j, name in enumerate(self._order):
            item = self._domains[name]
            if isinstance(item, NumberDomain):
                scaled, missing = self._scaled(X, item)
                out[:, j] = np.where(missing, self.MISSING_PLACE, scaled)
            else:
                out[:, j] = self._code(X, item)
        return out
