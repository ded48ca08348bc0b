"""The guarantee of a private release in words, and its figures as rows of a file."""

from __future__ import annotations

import math
from typing import Any, Literal

from core.fairness.metrics.assessment import Figure
from core.privacy.accounting.budget import NEIGHBOURING_SENTENCE
from core.privacy.guidance.guarantee import Guarantee
from core.privacy.release.private_fairness import PrivateFairness, read_fairness
from core.privacy.release.release import Release
from core.privacy.release.release_figures import read_counts, read_number
from core.privacy.release.release_plan import CountsPlan, FairnessPlan

Decisions = Literal["existing", "private model", "ordinary model"]

SCHEMA = (
    "the schema of the table, settled after looking: which columns there are and their kinds",
    "declared bounds, bins and categories, if whoever declared them looked",
    "the choice of columns and ε, if whoever chose had seen raw figures",
    "refusals: that a plan can't run on these rows is told, though without counts",
)


def guarantee_of_release(release: Release, decisions: Decisions = "existing") -> Guarantee:
    """State what a release guarantees.

    Parameters
    ----------
    release : Release
    decisions : {"existing", "private model", "ordinary model"}
        Where the decisions of a fairness report come from.
    """
    plan = release.plan
    if release.noise == "seeded":
        return Guarantee(
            None, None, None, None,
            f"No privacy guarantee is given: this is a simulation at ε = {plan.epsilon:g}, whose "
            "noise was drawn from a seed and can be drawn again.",
        )  # fmt: skip
    leaves_out = list(SCHEMA)
    if isinstance(plan, FairnessPlan):
        if decisions != "existing":
            leaves_out.append(
                "which rows are test rows where the split looks at labels"
                if decisions == "ordinary model"
                else "that each part of the split holds both outcomes"
            )
        if decisions == "ordinary model":
            leaves_out.append(
                "the rows the model was trained on: it was trained without noise, so its decisions "
                "may give away something of them; the guarantee is to the test rows, the model "
                "taken as given"
            )
        if decisions == "private model":
            leaves_out.append(
                "the rows the model was trained on, beyond what its own training was charged for"
            )
    factor = f"{math.exp(plan.epsilon):.3g}" if plan.epsilon < 20 else f"e^{plan.epsilon:g}"
    return Guarantee(
        plan.epsilon,
        release.delta,
        plan.neighbouring,
        release.unit,
        f"This release is {plan.epsilon:g}-differentially private for one row: "
        f"{NEIGHBOURING_SENTENCE[plan.neighbouring]}. Whatever anyone knows besides, seeing it "
        f"changes the odds about any one row by a factor of at most {factor}. δ is 0: the "
        "guarantee never fails. Parts of the table are charged one after the other, though parts "
        "that share no row could share a charge.",
        (
            "all counts of this release, and every figure and interval made of them",
            "which categories and bins are empty, since all that were declared are released",
            "the last bits of the numbers: noise is whole numbers, drawn exactly from the "
            "operating system's entropy",
        ),
        tuple(leaves_out),
    )


def release_rows(release: Release, fairness: PrivateFairness | None = None) -> list[dict[str, Any]]:
    """Write the figures of a release as rows of a file.

    Parameters
    ----------
    release : Release
    fairness : PrivateFairness, optional
        Of a fairness release, where it was read already.
    """
    plan = release.plan
    if isinstance(plan, FairnessPlan):
        return _fairness_rows(fairness or read_fairness(release))
    if isinstance(plan, CountsPlan):
        names = [axis.name for axis in plan.axes]
        return [
            {
                **dict(zip(names, cell.labels, strict=True)),
                "noisy count": cell.noisy,
                **_ends("count", cell.count),
                **_ends("share", cell.share),
            }
            for cell in read_counts(release).cells
        ]
    number = read_number(release)
    return [
        {"figure": plan.what, "of": who, **_ends("value", figure), "rows counted": number.counted}
        for who, figure in (("these rows", number.rows), ("population", number.population))
    ]


def _fairness_rows(fairness: PrivateFairness) -> list[dict[str, Any]]:
    out = []
    for attributes, found in fairness.assessments.items():
        by = " × ".join(attributes)
        for group in (found.overall, *found.groups):
            out += [
                {"by": by, "group": group.name, "figure": name, **_ends("value", figure)}
                for name, figure in group.figures.items()
            ]
        out += [
            {"by": by, "group": " / ".join(item.between), "figure": item.name}
            | _ends("value", item.figure)
            for item in found.disparities
        ]
    return out


def _ends(name: str, figure: Figure) -> dict[str, Any]:
    return {
        name: figure.estimate,
        f"{name} low": figure.low,
        f"{name} high": figure.high,
        f"{name} not defined because": figure.reason,
    }
