"""Rows that a person declared public: who, when and why, kept with the audit.

Public rows need no protection, so models are tried on them at no cost to a privacy budget. Nobody
can check that from the rows, so it is said by a person who answers for it, as an operating point
is; what was taken back stays on record.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from core.errors import InputError
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.record import now
from core.governance.signed import check_signed, readable
from core.governance.workspace import Workspace
from core.tradeoff.sweep.basis import MOST_LETTERS, Basis


@dataclass(frozen=True)
class Declaration:
    """Rows are public, says a person.

    Attributes
    ----------
    name, because : str
        Who says so, and why, in their own words.
    when : str
        UTC time, ISO 8601.
    taken_back : str
        UTC time; empty while it stands.
    """

    name: str
    because: str
    when: str
    taken_back: str = ""

    @property
    def basis(self) -> Basis:
        """What a sweep on these rows says of itself."""
        return Basis(
            "public", declared_by=self.name, declared_on=self.when[:10], because=self.because
        )


def declare_public(
    workspace: Workspace, progress: Progress, *, name: str, because: str
) -> Declaration:
    """Keep that a person declares an audit's rows public.

    Raises
    ------
    InputError
        If there is no name or no reason, or the reason is longer than 300 letters.
    """
    check_signed(
        "a declaration that rows are public",
        because,
        name,
        "Write down where anyone may read these rows already, and who says so",
        MOST_LETTERS,
    )
    made = Declaration(" ".join(name.split()), " ".join(because.split()), now())
    _keep(workspace, progress, (*declarations(workspace, progress), made))
    return made


def take_back(workspace: Workspace, progress: Progress) -> None:
    """End the declaration that stands, if there is one; sweeps that were made under it stay."""
    *before, last = declarations(workspace, progress) or (None,)
    if last is not None and not last.taken_back:
        ended = Declaration(last.name, last.because, last.when, now())
        _keep(workspace, progress, (*(item for item in before if item), ended))


def declared_public(workspace: Workspace, progress: Progress) -> Declaration | None:
    """Return the declaration that stands; None if there is none."""
    found = declarations(workspace, progress)
    return found[-1] if found and not found[-1].taken_back else None


def declarations(workspace: Workspace, progress: Progress) -> tuple[Declaration, ...]:
    """All declarations for the audit's data, oldest first, with those taken back."""
    told = workspace.get_record(progress.id, _place(progress)) or []
    with readable("the declarations that these rows are public"):
        return tuple(Declaration(**item) for item in told)


def check_public(workspace: Workspace, progress: Progress, basis: Basis) -> None:
    """Refuse rows as public that nobody answers for; those of a sample are.

    Raises
    ------
    InputError
        If no declaration stands, or another one than the sweep was planned under.
    """
    if basis.kind != "public" or progress.origin == "sample":
        return
    found = declared_public(workspace, progress)
    if found is None or found.basis != basis:
        raise InputError(
            "nobody declares these rows public, so that models may be tried on them at no cost"
            if found is None
            else "these rows were declared public anew since this sweep was planned",
            where="sweep",
            remedy="Declare them public with a name and a reason, or choose other rows"
            if found is None
            else "Start it from the form, which takes what is done already",
        )


def _keep(workspace: Workspace, progress: Progress, all_of_them: tuple[Declaration, ...]) -> None:
    workspace.put_result(progress.id, _place(progress), [asdict(item) for item in all_of_them])


def _place(progress: Progress) -> str:
    return key(progress.data, "declared public")
