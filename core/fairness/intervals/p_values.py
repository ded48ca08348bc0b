"""How a p-value is written: never as zero, which none is."""

from __future__ import annotations

SMALLEST = 0.0001
"""Below this only that is said: neither the data nor the method know the digits."""


def format_p(p_value: float) -> str:
    """Write a p-value with four decimals, a smaller one as "< 0.0001".

    Examples
    --------
    >>> format_p(0.0123)
    '0.0123'
    >>> format_p(3e-9)
    '< 0.0001'
    """
    return f"< {SMALLEST}" if p_value < SMALLEST else f"{p_value:.4f}"


def equation_of_p(p_value: float) -> str:
    """Write it as an equation for the middle of a sentence.

    Examples
    --------
    >>> equation_of_p(0.0123)
    'p = 0.0123'
    >>> equation_of_p(0.0)
    'p < 0.0001'
    """
    text = format_p(p_value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"
