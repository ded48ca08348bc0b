"""How long a sweep will take, from how long runs took before.

Each run's time is foreseen from runs of the same learner and mitigation, scaled by rows: of this
data first, else of the sweeps that are shipped with the samples (made on another machine, and said
so). A run of which nothing like it was ever timed counts as unknown, and is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from core.tradeoff.sweep.grid import RunSpec
from core.tradeoff.sweep.point import SweepPoint


@dataclass(frozen=True)
class Duration:
    """What a sweep is expected to take.

    Attributes
    ----------
    seconds : float
        Of work, of the runs that could be foreseen; on several cores it is shared among them.
    known : int
        Runs that were foreseen from this data.
    elsewhere : int
        Runs that were foreseen from other data or another machine.
    unknown : int
        Runs of which nothing is known.
    """

    seconds: float
    known: int
    elsewhere: int
    unknown: int

    def sentence(self, workers: int = 1) -> str:
        """Say it in plain words."""
        foreseen = self.known + self.elsewhere
        if not foreseen and self.unknown:
            return "How long it takes isn't known yet; after the first runs it will be."
        text = f"About {_format_duration(self.seconds / max(1, workers))}"
        if self.elsewhere:
            text += ", going by runs on other data or another machine"
        if self.unknown:
            more = "1 run" if self.unknown == 1 else f"{self.unknown} runs"
            text += f", and {more} more of which nothing is known"
        return text + "."


Timing = tuple[str, str]


def expected(
    runs: Iterable[RunSpec],
    rows: int,
    here: Iterable[SweepPoint],
    elsewhere: Iterable[SweepPoint] = (),
) -> Duration:
    """Foresee how long some runs take.

    Parameters
    ----------
    runs : iterable of RunSpec
        Still to be done.
    rows : int
        Of the dataset; of which a point's training and test rows are a part.
    here, elsewhere : iterable of SweepPoint
        Finished before: of this data, and of others.
    """
    own, other = _rates(here), _rates(elsewhere)
    seconds, known, from_others, unknown = 0.0, 0, 0, 0
    for run in runs:
        name = (run.setting.learner, run.setting.mitigation)
        for rates, is_own in ((own, True), (other, False)):
            if name in rates:
                seconds += rates[name](rows)
                known, from_others = known + is_own, from_others + (not is_own)
                break
        else:
            unknown += 1
    return Duration(seconds, known, from_others, unknown)


def _rates(points: Iterable[SweepPoint]) -> dict[Timing, Callable[[int], float]]:
    times: dict[Timing, list[tuple[float, int]]] = {}
    for point in points:
        if point.reason is None and point.test_rows:
            name = (point.run.setting.learner, point.run.setting.mitigation)
            # A test part is a fifth of all rows.
            times.setdefault(name, []).append((point.seconds, 5 * point.test_rows))
    return {name: _rate(found) for name, found in times.items()}


def _rate(found: Sequence[tuple[float, int]]) -> Callable[[int], float]:
    seconds = median(time for time, _ in found)
    size = median(rows for _, rows in found)
    # In proportion to rows beyond those that were timed; with fewer rows never less than a third,
    # since some of a run's time has nothing to do with them.
    return lambda rows: seconds * max(rows / size, 1 / 3)


def _format_duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
