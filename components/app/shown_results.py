"""That figures of results are on the screen, which a policy adopted later must say.

Whatever shows a figure of an audit's results says so first: :func:`mark_shown`, or the label
:func:`components.widgets.coverage_label.coverage_label`, which calls it. Opening a model or
counting rows shows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.app import session
from core.errors import InputError

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.roles.roles import Roles


PAGE = "page shown"
"""Under which the title of the page is remembered, by its head."""


def mark_shown(state: AuditState) -> None:
    """Note that the page is about to show figures of an audit's results, if none was before."""
    from core.governance.adopted_policy import mark_seen

    # The first is on disk, so that a session need not look again at each rerun.
    name = f"results shown {session.workspace().root} {state.id}"
    if not session.remembered(name, False):
        mark_seen(session.workspace(), state.id, f"the page {session.remembered(PAGE, '')}".strip())
        session.remember(name, True)


def mark_counted(roles: Roles) -> None:
    """Note that the results of a count are shown, which may be one of the open audit's own table.

    Nothing tells whether it is, for neither knows the other: a table that has all the columns
    which the count compares is taken for the same.
    """
    state = session.current()
    if state is None:
        return
    try:
        columns = {column.name for column in session.table(state).columns}
    except InputError:
        return
    if {*roles.sensitive, roles.target, roles.prediction, roles.score} - {None} <= columns:
        mark_shown(state)
