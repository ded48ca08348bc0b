"""The three-part split: train, validation, test.

Post-processing is fitted on validation rows, so that the test rows stay untouched until the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.arrays import Flags, Ints
from core.data.content import Hashes
from core.data.row_hashing import uniforms_of_hashes
from core.errors import InputError
from core.learning.stratified import deal_persons, deal_rows

SPLIT_RULE = "by what rows say and whom they are about"
"""Part of the key of every kept result that is put beside others of the same split. Change it with
the rule, so that figures of two rules are never taken for one run."""


@dataclass(frozen=True)
class SplitSpec:
    """How rows are divided.

    Attributes
    ----------
    train, validation, test : float
        Shares, above 0, that add up to 1.
    stratified : bool
        Whether each part gets the same share of positives. A private plan does without: each row
        then falls into a part by a lot that its own values decide, whatever the other rows are
        and wherever it stands, so that one row more or less changes one part by one row.
    seed : int
        In [0, 2^32).
    """

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2
    stratified: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Split:
    """Row positions of the three parts: disjoint, ascending, together all rows that are used.

    Where an existing score is audited nothing is trained: the training part is the validation part
    too, and all other rows are test rows.

    Attributes
    ----------
    train, validation, test : ndarray of int64
    by : tuple of str
        Identifier columns by which rows were kept together; none where each row went by itself.
    persons : int or None
        How many persons the rows are of, where they were kept together.
    """

    train: Ints
    validation: Ints
    test: Ints
    by: tuple[str, ...] = ()
    persons: int | None = None

    def at(self, rows: Ints) -> Split:
        """Return the split of the rows at these positions, of which this one counts by itself."""
        return replace(
            self, train=rows[self.train], validation=rows[self.validation], test=rows[self.test]
        )


def split_rows(
    target: Flags,
    spec: SplitSpec,
    content: Hashes,
    persons: Ints | None = None,
) -> Split:
    """Divide rows by hashes of their own values, in whichever order they stand.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    spec : SplitSpec
    content : ndarray of uint64, shape (n,)
        Hash of each row's values, the label aside, which decides the row's part; or of the person
        it is about, whose rows then share a part where the split is not stratified. With the label
        in it, rows that differ in nothing else would be parted by their label, and training and
        test rows would contradict each other.
    persons : ndarray of int64, shape (n,), optional
        As :func:`core.data.persons.persons_of` makes them. A stratified split parts no person's
        rows; one that is not stratified goes by ``content`` alone.

    Raises
    ------
    InputError
        If a part would lack one of the two classes: nothing could be learned or judged from it.
    """
    shares = (spec.train, spec.validation, spec.test)
    if min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise InputError(
            "the three shares of the split must be above 0 and add up to 1", where=str(shares)
        )
    whole = isinstance(spec.seed, int | np.integer) and not isinstance(spec.seed, bool)
    if not whole or not 0 <= spec.seed < 2**32:
        raise InputError(
            "the seed must be a whole number from 0 to 4294967295", where=f"seed = {spec.seed!r}"
        )
    if not spec.stratified:
        ends = np.cumsum(shares)[:-1]
        part = np.searchsorted(ends, uniforms_of_hashes(content, spec.seed), side="right").astype(
            np.int64
        )
    elif persons is None:
        part = deal_rows(target, content, shares, spec.seed)
    else:
        part = deal_persons(target, content, persons, shares, spec.seed)
    train, validation, test = (np.flatnonzero(part == k).astype(np.int64) for k in range(3))
    for name, rows in (("training", train), ("validation", validation), ("test", test)):
        _check_classes(target, rows, name, spec.stratified)
    return Split(train, validation, test)


def _check_classes(target: Flags, rows: Ints, name: str, counted: bool) -> None:
    positives = int(target[rows].sum())
    if positives not in (0, len(rows)):
        return
    text = f"of {len(rows)} rows {positives} are positive, so one class is absent"
    raise InputError(
        # A private plan is split by hashes, and no guarantee covers a count.
        text if counted else "one of the two outcomes does not occur in it",
        where=f"the {name} part",
        remedy="Use more rows, another seed, or another favourable label",
    )
