"""Options: what a person may choose, each told once for every place that asks or tells it.

The parser, the command that repeats an audit, plans in TOML and refusals of what would be ignored
read the same rows. Training needs more of a row, see :mod:`core.training.training_option`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "whole", "switch"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option.

    Attributes
    ----------
    field : str
        Of the dataclass that holds its value.
    label : str
        What it is called where two audits are compared, and in a form that has no question of its
        own for it.
    flag : str
        On the command line, ``--strength``; empty where it is not offered there.
    earlier : tuple of str
        Flags that it had before; they are still read, with a note.
    kind : {"text", "number", "whole", "switch"}
        A switch is given or not, and has no value.
    repeated : bool
        Whether it may be given several times.
    metavar, help : str
        For ``--help``.
    choices : tuple of (str, value)
        What may be written, and what it stands for; empty for anything.
    default : value
        Where nothing is said.
    unsaid : bool
        Whether the command line takes nothing for said instead, so that it can be refused or
        found out.
    required : bool
    needs : tuple of str
        Circumstances of which one must hold, or it would be ignored: "model" that is trained,
        "private" learner, "randomised" split, "mitigation".
    """

    field: str
    label: str = ""
    flag: str = ""
    earlier: tuple[str, ...] = ()
    kind: Kind = "text"
    repeated: bool = False
    metavar: str = ""
    help: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    default: Any = None
    unsaid: bool = False
    required: bool = False
    needs: tuple[str, ...] = ()

    @property
    def dest(self) -> str:
        """Its name among parsed options, and in the section [data] of a plan in TOML."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def parsed_default(self) -> Any:
        """Value among parsed options where nothing was said."""
        if self.repeated:
            return []
        if self.kind == "switch":
            return False
        return None if self.unsaid else self.default

    @property
    def names(self) -> tuple[str, ...]:
        """Names in a plan in TOML, the earlier ones too."""
        return self.dest, *(flag.removeprefix("--").replace("-", "_") for flag in self.earlier)

    def is_given(self, options: Any) -> bool:
        """Whether parsed options say anything but the default."""
        return bool(getattr(options, self.dest) != self.parsed_default)

    def arguments(self, *texts: str) -> list[str]:
        """Write it for a command line, once for each text; a switch for any text at all."""
        if self.kind == "switch":
            return [self.flag] if texts else []
        # A text that starts with a dash would be taken for another option if it stood alone.
        return [
            word
            for text in texts
            for word in ([f"{self.flag}={text}"] if text.startswith("-") else [self.flag, text])
        ]
