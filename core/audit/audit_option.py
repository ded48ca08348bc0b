"""An option of an audit beside those of training, and what a command has to say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.data.labels import canonical
from core.data.reading.reading import ReadOptions
from core.data.roles.roles import Roles
from core.data.samples import Sample
from core.data.table import Kind
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.option import Option

if TYPE_CHECKING:
    from core.external_models.external_spec import ExternalSpec
    from core.training.spec import TrainingSpec


@dataclass(frozen=True)
class Asked:
    """What was asked for, as far as a command has to say it.

    Attributes
    ----------
    roles : Roles
    training : TrainingSpec or None
    sample : Sample or None
        What it presets need not be said.
    reading : ReadOptions or None
    kinds : mapping of str to Kind
        Where a person corrected how the file is read.
    impact : ImpactSpec
    bias_audit : BiasAuditSpec or None
        Of a table under Local Law 144.
    decided_by : ExternalSpec or None
        A model made elsewhere whose decisions are audited, in a column that no file has.
    """

    roles: Roles
    training: TrainingSpec | None = None
    sample: Sample | None = None
    reading: ReadOptions | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    impact: ImpactSpec = DEFAULT
    bias_audit: BiasAuditSpec | None = None
    decided_by: ExternalSpec | None = None

    @property
    def external(self) -> ExternalSpec | None:
        """The model made elsewhere that is asked."""
        return self.decided_by if self.training is None else self.training.external

    @property
    def names_persons(self) -> bool:
        """Whether identifiers are chosen that the sample doesn't preset."""
        preset = () if self.sample is None else self.sample.roles.identifiers
        return bool(self.roles.identifiers) and self.roles.identifiers != preset

    @property
    def decisions_preset(self) -> bool:
        """Whether the sample presets all of what is decided, by which score, about what outcome."""
        if self.sample is None:
            return False
        ours, preset = self.roles, self.sample.roles
        return (ours.target, ours.prediction, ours.score) == (
            preset.target, preset.prediction, preset.score,
        )  # fmt: skip

    @property
    def seen(self) -> tuple[str, ...]:
        """Sensitive columns that the model may see."""
        if self.training is None:
            return ()
        return tuple(name for name in self.roles.sensitive if name in self.roles.features)


@dataclass(frozen=True, kw_only=True)
class AuditOption(Option):
    """An option of an audit.

    Attributes
    ----------
    of : {"roles", "reading", "impact", "bias_audit", "auditor", ""}
        What holds its field; empty for what has none.
    texts : callable, optional
        What is printed for it in a command, one text for each time it is given; by default the
        value of its field.
    counts : bool
        Whether the command ``fairness`` has it too, with the same meaning.
    """

    of: str = "roles"
    texts: Callable[[Asked], Iterable[str]] | None = None
    counts: bool = False

    def printed(self, asked: Asked) -> list[str]:
        """Write it as words of a command line."""
        if self.texts is not None:
            return self.arguments(*self.texts(asked))
        value = getattr(getattr(asked, self.of, None), self.field, None)
        if value is None:
            return []
        return self.arguments(value if isinstance(value, str) else canonical(value))
