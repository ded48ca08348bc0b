"""What a model is called by its choices."""

from __future__ import annotations

from core.external_models.external_spec import ExternalSpec
from core.fairness.disparities.disparities import lower
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.training.spec import TrainingSpec


def model_name(spec: TrainingSpec) -> str:
    """Name a model by its choices: "Gradient boosting, reweighing at strength 0.5 for sex"."""
    learner = LEARNERS[spec.learner]
    name = learner.title if spec.external is None else external_name(spec.external)
    if spec.epsilon is not None:
        name += f" at ε = {spec.epsilon:g}"
    if learner.private and spec.noise == "seeded":
        name += " (simulation)"
    if spec.mitigation != "none":
        name += f", {lower(MITIGATIONS[spec.mitigation].title)}"
        if spec.strength < 1:
            name += f" at strength {spec.strength:g}"
        if spec.mitigate_for:
            name += f" for {spec.mitigate_for}"
    if spec.balancing != "none":
        name += f", {lower(BALANCINGS[spec.balancing].title)} for balance"
    return name


def external_name(external: ExternalSpec) -> str:
    """Name a model made elsewhere by its file, format, library and the start of its SHA-256."""
    parts = [external.format, external.library]
    if external.library.casefold().startswith(external.format):
        parts = [external.library]  # LightGBM's own format
    parts.append(f"SHA-256 {external.sha256[:12]}…")
    return f"{external.name} ({', '.join(part for part in parts if part)})"
