"""A sweep's frontier as one HTML file that opens offline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.reporting.frontier_charts import frontier
from core.reporting.report import page


def frontier_html(record: Mapping[str, Any]) -> str:
    """Write a frontier down.

    Parameters
    ----------
    record : mapping
        The content of frontier.json, see :mod:`core.tradeoff.frontier.frontier_json`, and under
        "data" the name of what was swept.
    """
    return page("frontier.html.j2", told=record, charts={"frontier": frontier})
