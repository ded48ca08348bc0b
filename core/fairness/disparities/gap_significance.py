"""Whether a gap is told as significant: its bound must differ from parity as it is written.

An interval from 0.0004 to 0.08 leaves 0 out, and "significant: 0.00 to 0.08" contradicts itself.
What rounds to no gap is told as one that may be chance.
"""

from __future__ import annotations


def is_significant(bound: float | None, *, parity: float = 0.0, digits: int = 3) -> bool:
    """Whether the end of an interval that lies nearer to parity differs from it as written.

    Parameters
    ----------
    bound : float or None
        The lower end of a difference, the upper end of a ratio; None without an interval.
    parity : float
        0 of a difference, 1 of a ratio.
    digits : int
        Decimals with which the bound is told.

    Examples
    --------
    >>> is_significant(0.004), is_significant(0.0004), is_significant(0.004, digits=2)
    (True, False, False)
    >>> is_significant(0.97, parity=1.0), is_significant(0.9997, parity=1.0)
    (True, False)
    """
    if bound is None:
        return False
    rounded = round(bound, digits)
    return rounded > parity if parity == 0 else rounded < parity
