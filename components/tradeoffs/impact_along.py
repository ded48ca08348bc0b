"""Along what impact by group is told: ever less privacy, or ever more of a mitigation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.tradeoff.frontier.chosen import setting_label, without_privacy

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.tradeoff.sweep.grid import Setting


@dataclass(frozen=True)
class Along:
    """One choice that grows while all others stay.

    Attributes
    ----------
    column, axis, beside : str
        Heading of its values, title of the axis, and how settings without it are called.
    log : bool
        Whether the axis is logarithmic.
    value, written : callable
        Where a setting stands, and how that is written.
    families : callable
        From a sweep and the setting that is looked at to the settings that differ in it alone:
        several families where there are several to choose from.
    reference : callable
        The setting that a family is compared with.
    nobody : callable
        From a sweep and the setting that is looked at to why there is no family.
    pick : str
        What is picked where there are several families.
    name : callable
        The name of a family by one of its settings.
    """

    column: str
    axis: str
    beside: str
    log: bool
    value: Callable[[Setting], float]
    format: Callable[[Setting], str]
    families: Callable[[SweepResults, Setting], list[list[Setting]]]
    reference: Callable[[SweepResults, Setting], Setting]
    nobody: Callable[[SweepResults, Setting], str]
    pick: str
    name: Callable[[Setting], str]


def private_families(found: SweepResults, setting: Setting) -> list[list[Setting]]:
    """List the private settings with the same other choices, each family from small ε to large.

    Of a setting without privacy these are the settings whose like without privacy it is: one
    family for each private learner. Of a private one it is its own family.
    """
    families: dict[Setting, list[Setting]] = {}
    for item in found.analysis.settings:
        if item.epsilon is None:
            continue
        same = replace(item, epsilon=setting.epsilon) == setting
        if same if setting.epsilon is not None else without_privacy(item) == setting:
            families.setdefault(replace(item, epsilon=None), []).append(item)
    return [sorted(items, key=lambda item: item.epsilon or 0.0) for items in families.values()]


def mitigated_families(found: SweepResults, setting: Setting) -> list[list[Setting]]:
    """List the settings that differ in the strength of a mitigation alone, from weak to full.

    Of a setting without a mitigation these are one family for each mitigation that ran with the
    same other choices. None without a run of those choices and no mitigation, which would be
    compared with.
    """
    plain = without_mitigation(found, setting)
    if plain not in found.runs:
        return []
    families: dict[str, list[Setting]] = {}
    for item in found.analysis.settings:
        name = item.mitigation
        if name != "none" and without_mitigation(found, item) == plain:
            families.setdefault(name, []).append(item)
    if setting.mitigation != "none":
        families = {setting.mitigation: families.get(setting.mitigation, [setting])}
    return [sorted(items, key=lambda item: item.strength) for items in families.values()]


def without_mitigation(found: SweepResults, setting: Setting) -> Setting:
    """Return the same choices without a mitigation."""
    return replace(setting, mitigation="none", strength=1.0)


def no_private_family(found: SweepResults, setting: Setting) -> str:
    """Say why nobody's price of privacy is shown: the setting chosen, or the sweep."""
    private = [item for item in found.analysis.settings if item.epsilon is not None]
    if not private:
        return "This sweep holds no private model, so privacy costs no group anything here."
    return (
        f"The setting you look at ({setting_label(setting)}) gives no privacy guarantee, and no "
        "private model ran with its other choices, so privacy costs no group anything here. To "
        f"see its impact by group, look at a private one, such as {setting_label(private[0])}."
    )


def no_mitigated_family(found: SweepResults, setting: Setting) -> str:
    """Say why nobody's price of a mitigation is shown: the setting chosen, or the sweep."""
    mitigated = [item for item in found.analysis.settings if item.mitigation != "none"]
    if not mitigated:
        return "This sweep holds no mitigation, so the impact of one by group can't be shown."
    compared = [item for item in mitigated if without_mitigation(found, item) in found.runs]
    chosen = f"the setting you look at ({setting_label(setting)})"
    if not compared:
        return (
            "This sweep holds mitigations, and none beside the same choices without it, so its "
            "impact by group can't be shown. Add “no mitigation” to the sweep."
        )
    if setting.mitigation == "none":
        why = f"No mitigation ran with the choices of {chosen}"
    else:
        why = f"The choices of {chosen} did not run without its mitigation"
    return (
        f"{why}. To see an impact by group, look at another, such as {setting_label(compared[0])}."
    )


PRIVACY = Along(
    "ε",
    "ε, log scale (smaller = more private)",
    "without privacy",
    True,
    lambda setting: float(setting.epsilon or math.inf),
    lambda setting: f"ε = {setting.epsilon:g}",
    private_families,
    lambda found, setting: found.reference(setting),
    no_private_family,
    "Private model",
    lambda setting: LEARNERS[setting.learner].title,
)
MITIGATION = Along(
    "Strength",
    "strength of the mitigation (1 = in full)",
    "without the mitigation",
    False,
    lambda setting: setting.strength,
    lambda setting: f"strength {setting.strength:g}",
    mitigated_families,
    without_mitigation,
    no_mitigated_family,
    "Mitigation",
    lambda setting: MITIGATIONS[setting.mitigation].title,
)
