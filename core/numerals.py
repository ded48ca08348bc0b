"""How a number's sign is written: with a true minus, and none before a zero."""

from __future__ import annotations


def with_minus(text: str) -> str:
    """Write a number's text with the minus sign (U+2212) where it has a hyphen.

    Examples
    --------
    >>> with_minus("-4.61")
    '−4.61'
    """
    return text.replace("-", "−")


def signed(value: float, digits: int) -> str:
    """Write a change with its sign; what rounds to zero has a plus, as zero has.

    Examples
    --------
    >>> signed(0.1234, 3), signed(-0.5, 2), signed(-0.0004, 3)
    ('+0.123', '−0.50', '+0.000')
    """
    return with_minus(f"{round(value, digits) + 0.0:+.{digits}f}")
