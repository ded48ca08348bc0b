"""Selection and scoring rates by sex, by race or ethnicity, and by both: 6 RCNY § 5-301.

Definitions
-----------
For a family of categories, r_g = s_g / n_g and IR_g = r_g / max_h r_h over its known categories,
from unrounded rates. For scores, m is the median of the full sample and the scoring rate of g is
the share strictly above m. People of unknown category are counted apart for each family: of unknown
sex, of unknown race or ethnicity, and of either at the intersection. Categories of less than 2 % of
the data may be left out of the ratios, with a reason; their numbers and rates are shown.

Inference, where the rule is silent: the median is taken over everybody scored, unknowns included,
and where leaving them out moves it both are shown; a category that is left out is no reference.

A wrong answer would be caught by the examples of the rule, and by counting rows with masks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats
from core.data.table import MISSING
from core.fairness.bias_audit.categories import RACES, SEXES, category_map, mapped
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_ratio import ImpactRatios, impact_ratios
from core.fairness.metrics.impact_spec import HIGHEST

SEX, RACE, BOTH = "Sex", "Race or ethnicity", "Sex × race or ethnicity"
FAMILIES = {SEX: ("sex",), RACE: ("race",), BOTH: ("sex", "race")}
EVERYBODY, KNOWN = "all scored rows", "rows of known category"


@dataclass(frozen=True)
class Family:
    """One family of categories.

    Attributes
    ----------
    name : str
        In :data:`FAMILIES`.
    ratios : ImpactRatios
        Its ``unknown`` is the number of people left out as their category is unknown.
    """

    name: str
    ratios: ImpactRatios


@dataclass(frozen=True)
class SelectionTable:
    """Selection rates for one answer of the tool.

    Attributes
    ----------
    selected : str
        The answer that counts as selected.
    families : tuple of Family
    """

    selected: str
    families: tuple[Family, ...]


@dataclass(frozen=True)
class ScoringTable:
    """Scoring rates of one family, against one median.

    Attributes
    ----------
    median : float
    median_of : str
    rows : int
        That the median is of.
    family : Family
    """

    median: float
    median_of: str
    rows: int
    family: Family


@dataclass(frozen=True)
class BiasAuditTable:
    """The whole table.

    Attributes
    ----------
    spec : BiasAuditSpec
    sexes, races : dict of str to str
        Which value is which category.
    rows : int
    selection : tuple of SelectionTable
        One for each answer that counts as selected; empty without decisions.
    scoring : tuple of ScoringTable
        Empty without scores.
    """

    spec: BiasAuditSpec
    sexes: dict[str, str]
    races: dict[str, str]
    rows: int
    selection: tuple[SelectionTable, ...]
    scoring: tuple[ScoringTable, ...]


def bias_audit_table(
    sex: pd.Series,
    race: pd.Series,
    spec: BiasAuditSpec,
    *,
    decisions: dict[str, Flags] | None = None,
    scores: Floats | None = None,
) -> BiasAuditTable:
    """Compute the table.

    Parameters
    ----------
    sex, race : Series of str, shape (n,)
        Values as they stand in the data; "(missing)" where there is none.
    spec : BiasAuditSpec
    decisions : dict of str to ndarray of bool, optional
        By answer of the tool, who got it. Several where it sorts people into named groups.
    scores : ndarray of float64, shape (n,), optional
        Finite.

    Raises
    ------
    InputError
        If a value belongs to no category.
    """
    sexes = category_map(sex.unique(), SEXES, dict(spec.sexes), spec.sex)
    races = category_map(race.unique(), RACES, dict(spec.races), spec.race)
    people = pd.DataFrame(
        {
            "sex": mapped(sex, sexes).to_numpy(dtype=object),
            "race": mapped(race, races).to_numpy(dtype=object),
        }
    )
    # The reference of the rule is the highest rate, and unknowns enter no rate, whatever is asked.
    impact = replace(spec.impact, reference=HIGHEST, groups=(), compare_unknown=False)

    def family(name: str, flags: Flags) -> Family:
        cube = build_cube(None, flags, people[list(FAMILIES[name])])
        return Family(name, impact_ratios(cube, spec=impact))

    selection = tuple(
        SelectionTable(answer, tuple(family(name, flags) for name in FAMILIES))
        for answer, flags in (decisions or {}).items()
    )
    scoring: list[ScoringTable] = []
    if scores is not None:
        for name, columns in FAMILIES.items():
            known = (people[list(columns)] != MISSING).all(axis=1).to_numpy()
            for median_of, rows in ((EVERYBODY, np.ones_like(known)), (KNOWN, known)):
                if not rows.any():
                    continue
                median = float(np.median(scores[rows]))
                if median_of == KNOWN and median == scoring[-1].median:
                    continue
                table = family(name, scores > median)
                scoring.append(ScoringTable(median, median_of, int(rows.sum()), table))
    return BiasAuditTable(spec, sexes, races, len(people), selection, tuple(scoring))
