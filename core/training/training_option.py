"""An option of training, and all that follows from its row in the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.domains import Domains
from core.data.labels import canonical
from core.option import Option
from core.registry import Registry

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.data.roles.roles import Roles
    from core.training.spec import TrainingSpec


@dataclass(frozen=True, kw_only=True)
class TrainingOption(Option):
    """An option of training.

    Attributes
    ----------
    question : str
        In the form; the label where it is empty.
    hint : str
        In the form, what it means.
    offered : tuple of (lowest, highest, step), optional
        Numbers that the form offers; the step is None where any number between will do.
    registry : Registry, optional
        Of the names that may be chosen.
    applies : callable
        Whether a spec with the other choices takes notice of it: the form asks for it, and it is
        printed and recorded, only where it does.
    check : callable, optional
        Raises InputError where the data or the other choices don't go with it.
    text : callable, optional
        What is printed for it in the command, given the spec and what the data's sample declares;
        None to leave it out. By default what is not the default.
    always : bool
        Whether every spec says it: it is printed at its default too, and is never None.
    key : str
        Name in the plan of audit.json; the field where it is empty.
    recorded : callable, optional
        What stands there, given the spec and the roles; the value by default.
    untrained : value
        What stands there in an audit of existing predictions.
    """

    question: str = ""
    hint: str = ""
    offered: tuple[float, float, float | None] | None = None
    registry: Registry[Any] | None = None
    applies: Callable[[TrainingSpec], bool] = lambda spec: True
    check: Callable[[Dataset, TrainingSpec], None] | None = None
    text: Callable[[TrainingSpec, Domains | None], str | None] | None = None
    always: bool = False
    key: str = ""
    recorded: Callable[[TrainingSpec, Roles], Any] | None = None
    untrained: Any = None

    def value(self, spec: TrainingSpec) -> Any:
        """Return what a spec says."""
        return getattr(spec, self.field)

    @property
    def plan_key(self) -> str:
        """Name in the plan of audit.json."""
        return self.key or self.field

    def printed(self, spec: TrainingSpec, sample: Domains | None) -> list[str]:
        """Write what a spec says as words of a command line.

        Parameters
        ----------
        spec : TrainingSpec
        sample : Domains or None
            What the command takes for declared where it is told nothing.
        """
        if not self.flag or not self.applies(spec):
            return []
        if self.text is not None:
            text = self.text(spec, sample)
            return [] if text is None else self.arguments(text)
        value = self.value(spec)
        if value is None or (value == self.default and not self.always):
            return []
        for name, stands_for in self.choices:
            if value == stands_for:
                return self.arguments(name)
        return self.arguments(value if isinstance(value, str) else canonical(value))

    def in_plan(self, spec: TrainingSpec | None, roles: Roles) -> dict[str, Any]:
        """Write it for the plan of audit.json, with the title of what was chosen."""
        value = self.untrained
        if spec is not None:
            value = None
            if self.applies(spec):
                value = self.recorded(spec, roles) if self.recorded else self.value(spec)
        if self.registry is None:
            return {self.plan_key: value}
        title = None if spec is None else self.registry[self.value(spec)].title
        return {self.plan_key: value, f"{self.plan_key}_title": title}
