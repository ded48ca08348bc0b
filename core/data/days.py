"""Dates as the days since 1970-01-01 that features hold, and written for people."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

SECONDS, MICROSECONDS = 86_400, 86_400_000_000
"""Of a day: what moments are counted in."""


def written_date(days: float) -> str:
    """Write days since 1970-01-01 as a date, with the time of day where it isn't midnight.

    Examples
    --------
    >>> written_date(18671.0), written_date(18671.25)
    ('2021-02-13', '2021-02-13 06:00:00')
    """
    # Days as floats tell moments to some microseconds.
    seconds = round(days * SECONDS)
    moment = np.datetime64(seconds, "s")
    return str(moment if seconds % SECONDS else moment.astype("datetime64[D]")).replace("T", " ")


def days_of(said: str | date) -> float:
    """Read a date, or one with a time of day, as days since 1970-01-01.

    Raises
    ------
    ValueError
        If a text is no date in the form of ISO 8601.
    """
    moment = datetime.fromisoformat(said.strip()) if isinstance(said, str) else said
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        raise ValueError("dates of tables have no time zone")
    return int(np.datetime64(moment, "us").astype(np.int64)) / MICROSECONDS
