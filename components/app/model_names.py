"""What models are called where several stand beside each other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.training.model_name import model_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.learning.balancing import Balancing
    from core.learning.learners import Learner
    from core.mitigation import Mitigation
    from core.tradeoff.sweep.grid import Setting
    from core.training.spec import TrainingSpec


def model_names(specs: Sequence[TrainingSpec]) -> tuple[str, ...]:
    """Name several models so that no two have the same name."""
    names = [model_name(spec) for spec in specs]
    tells: tuple[Callable[[TrainingSpec], str], ...] = (
        lambda spec: f"seed {spec.seed}",
        lambda spec: (
            "randomised split (by hash)" if spec.stratified is False else "stratified split"
        ),
        lambda spec: "rows" if spec.person is None else f"persons by {spec.person}",
    )
    for more in tells:
        often = Counter(names)
        names = [
            f"{name}, {more(spec)}" if often[name] > 1 else name
            for name, spec in zip(names, specs, strict=True)
        ]
    often = Counter(names)
    return tuple(
        f"{name}, number {number}" if often[name] > 1 else name
        for number, name in enumerate(names, 1)
    )


def choices_label(setting: Setting) -> str:
    """Explain a setting's learner, mitigation and balancing, a sentence each."""
    chosen: list[Learner | Mitigation | Balancing] = [
        LEARNERS[setting.learner],
        MITIGATIONS[setting.mitigation],
    ]
    if setting.balancing != "none":
        chosen.append(BALANCINGS[setting.balancing])
    return " ".join(f"{item.title}: {item.sentence}" for item in chosen)
