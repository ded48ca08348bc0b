"""The options of training: one row for each field of a training spec.

The parser, refusals, the command that repeats an audit, a spec's JSON, the plan in audit.json, what
differs between two audits and the form on the page are all made from these rows. A new field is a
field of :class:`core.training.spec.TrainingSpec` and a row here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.domains import Domains, bounds_json
from core.data.labels import canonical
from core.installation import PROGRAM
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.storage.json_format import to_json
from core.training import option_checks as checks
from core.training.training_option import TrainingOption

if TYPE_CHECKING:
    from core.training.spec import TrainingSpec

NO_BOUNDS = "none"
"""Written instead of a file: bounds are estimated though the sample declares some."""


def is_private(spec: TrainingSpec) -> bool:
    """Whether a spec's learner is private."""
    return LEARNERS[spec.learner].private


def asks_for_column(spec: TrainingSpec) -> bool:
    """Whether a spec's mitigation looks at groups of one sensitive column."""
    mitigation = MITIGATIONS[spec.mitigation]
    return spec.mitigation != "none" and (mitigation.declared_groups or not mitigation.counts)


def _mitigates(spec: TrainingSpec) -> bool:
    return spec.mitigation != "none"


def _bounds(spec: TrainingSpec, sample: Domains | None) -> str | None:
    """Name the file beside the report, where anything but what is taken unsaid is declared."""
    if spec.domains == sample or not is_private(spec):
        return None
    return NO_BOUNDS if spec.domains is None else "bounds.json"


TRAINING_OPTIONS = (
    TrainingOption(
        field="learner", label="Model", flag="--learner", metavar="NAME",
        help=f"see: {PROGRAM} learners", hint="The method that turns training rows into a model.",
        registry=LEARNERS, always=True, check=checks.check_learner,
        text=lambda spec, sample: None if spec.external else spec.learner,
    ),
    TrainingOption(
        field="external", label="Model made elsewhere", flag="--model", metavar="FILE|URL",
        help="audit a model made elsewhere: ONNX, skops, XGBoost, LightGBM, CatBoost or PMML; or "
        "served by MLflow (http://host:port) or an Open Inference server (…/v2/models/NAME)",
        key="external_model", check=checks.check_external,
        text=lambda spec, sample: spec.external.name if spec.external else None,
        recorded=lambda spec, roles: to_json(spec.external) if spec.external else None,
    ),
    TrainingOption(
        field="mitigation", label="Mitigation", flag="--mitigation", metavar="NAME",
        help=f"see: {PROGRAM} mitigations",
        hint="A way to make decisions more alike between groups.", default="none", untrained="none",
        needs=("model",), registry=MITIGATIONS, check=checks.check_mitigation,
    ),
    TrainingOption(
        field="mitigate_for", label="Mitigated for", question="Mitigate for", flag="--mitigate-for",
        metavar="COL", help="default: the first sensitive column", needs=("mitigation",),
        applies=_mitigates, check=checks.check_mitigate_for,
        recorded=lambda spec, roles: spec.mitigate_for or roles.sensitive[0],
    ),
    TrainingOption(
        field="strength", label="Strength of the mitigation", question="Strength",
        flag="--strength", kind="number", metavar="S",
        help="of a mitigation that has degrees, above 0 and at most 1, in full; default 1",
        hint="1 is in full.", offered=(0.05, 1.0, 0.05), default=1.0, needs=("model",),
        applies=_mitigates, check=checks.check_strength,
    ),
    TrainingOption(
        field="balancing", label="Balancing", flag="--balancing", metavar="NAME",
        help=f"see: {PROGRAM} balancings",
        hint="Where one label is rare, a model has little reason to find it. Balancing changes "
        "training rows alone.",
        default="none", untrained="none", needs=("model",), registry=BALANCINGS,
        check=checks.check_balancing,
    ),
    TrainingOption(
        field="stratified", label="How rows are split", flag="--split",
        # Lots is what randomised was called before; the first name of a value is printed.
        choices=(("stratified", True), ("randomised", False), ("lots", False)),
        help="how rows are divided: randomised as private models and sweeps do it, by each row's "
        "own values; default: stratified, and randomised for a private model",
        needs=("model",), check=checks.check_stratified, key="split_kind",
        recorded=lambda spec, roles: "stratified" if spec.is_stratified else "by lot",
    ),
    TrainingOption(
        field="epsilon", label="ε", flag="--epsilon", kind="number", metavar="E",
        help="privacy budget",
        hint="The privacy budget: the smaller, the more private, and the more noise.",
        offered=(0.001, 100.0, None), check=checks.check_spent_epsilon,
    ),
    TrainingOption(
        field="delta", label="δ", flag="--delta", kind="number", metavar="D", help="default 1e-6",
        needs=("private",), check=checks.check_spent_delta,
        # The command has a default of its own, so that no δ is told too.
        text=lambda spec, sample: canonical(spec.delta or 0.0) if is_private(spec) else None,
    ),
    TrainingOption(
        field="noise", label="Privacy noise", choices=(("fresh", "fresh"), ("seeded", "seeded")),
        default="fresh", recorded=lambda spec, roles: spec.noise if is_private(spec) else "none",
        untrained="none",
    ),
    TrainingOption(
        field="noise_seed", label="Seed of privacy noise", kind="whole",
    ),
    TrainingOption(
        field="seed", label="Seed", flag="--seed", kind="whole", metavar="N",
        help="of the split and of what is drawn in training; default 0",
        hint="Repeats the split of the rows.", offered=(0, 2**31 - 1, 1), default=0,
        needs=("model",), always=True, untrained=0,
    ),
    TrainingOption(
        field="domains", label="Declared bounds", flag="--bounds", metavar="FILE",
        help="JSON: {column: [low, high] or [labels]}; none estimates those that a sample declares",
        needs=("private",), check=checks.check_declared, text=_bounds,
        key="bounds",
        recorded=lambda spec, roles: bounds_json(spec.domains) if spec.domains else None,
    ),
    TrainingOption(
        field="person", label="Guarantee for persons of", question="Whom the guarantee is for",
        flag="--person", metavar="COL",
        help="guarantee privacy to the persons of this identifier column",
        hint="If a person may have several rows, a guarantee to rows is weaker for that person.",
        # Split by hashes, a learner without privacy uses the rows that a private one would.
        needs=("private", "randomised"), check=checks.check_person,
    ),
    TrainingOption(
        field="rows_per_person", label="Rows of each person", question="Rows kept of each person",
        flag="--rows-per-person", kind="whole", metavar="M",
        help="rows kept of each person, with --person",
        hint="Set it without looking at the data. More rows are left out; fewer mean less noise.",
        offered=(1, 1000, 1), default=1, unsaid=True, always=True, needs=("private", "randomised"),
        applies=lambda spec: spec.person is not None,
    ),
)  # fmt: skip
"""In the order in which a command prints them and two audits are compared."""

OPTION = {option.field: option for option in TRAINING_OPTIONS}
"""By field of the spec."""
