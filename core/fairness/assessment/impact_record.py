"""A table of impact ratios as it stands in JSON."""

from __future__ import annotations

from typing import Any

from core.fairness.disparities.impact_ratio import ADJUSTMENT, ImpactRatio, ImpactRatios
from core.fairness.disparities.impact_words import left_out_told, reference_told
from core.fairness.metrics.impact_spec import BASES


def impact_json(table: ImpactRatios) -> dict[str, Any]:
    """Write a table down, with what was decided about it."""
    return {
        "attributes": list(table.attributes),
        "reference": {
            "kind": "group" if table.chosen else table.spec.reference,
            "group": table.reference,
        },
        "reference_told": reference_told(table),
        "highest": table.highest,
        "largest": table.largest,
        "rows": table.rows,
        "unknown": table.unknown,
        "smallest_share": table.smallest_share,
        "base": BASES[table.spec.base],
        "other_base": list(table.other_base),
        "reason": table.reason,
        "left_out_told": left_out_told(table),
        "adjustment": ADJUSTMENT,
        "positive_is_favourable": table.positive_is_favourable,
        "groups": [_group(item) | {"label": table.label(item.group)} for item in table.groups],
    }


def _group(item: ImpactRatio) -> dict[str, Any]:
    """Write a group down.

    ``ratio_to_largest``, ``z_to_largest`` and ``p_value`` are earlier names of what stands under
    ``to_largest``; they go with the next release.
    """
    test = item.to_largest.test
    return {
        "group": item.group,
        "standing": item.standing,
        "too_small": item.too_small,
        "count": item.count,
        "favourable": item.favourable,
        "rate": item.rate,
        "ratio": item.ratio.to_json(),
        "to_reference": item.to_reference.to_json(),
        "to_largest": item.to_largest.to_json(),
        "ratio_to_largest": item.ratio_to_largest.to_json(),
        "z_to_largest": None if test is None else test.z,
        "p_value": None if test is None else test.p_value,
    }
