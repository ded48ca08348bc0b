"""Targets that record decisions that were made, rather than what came true.

A column called "approved" or "hired" says what somebody decided. A model trained on it learns to
decide as they did: it imitates the decisions, their gaps between groups included, and its accuracy
says how well it repeats them, never whether they were right. The same holds of decisions that are
audited beside such a column: what are called their errors are where they differ from it.
"""

from __future__ import annotations

from core.data.roles.roles import Roles
from core.data.split_words import split_words

DECIDED = frozenset(
    {
        "accept", "acceptance", "accepted", "admission", "admit", "admitted", "approval", "approve",
        "approved", "decided", "decision", "declined", "denial", "denied", "deny", "grant",
        "granted", "hire", "hired", "hiring", "interviewed", "invited", "offer", "offered",
        "promoted", "promotion", "refusal", "refused", "reject", "rejected", "rejection",
        "released", "selected", "selection", "shortlist", "shortlisted",
        # German
        "abgelehnt", "ablehnung", "absage", "angenommen", "befordert", "bewilligt", "bewilligung",
        "eingeladen", "eingestellt", "entscheidung", "entschieden", "genehmigt", "genehmigung",
        "gewahrt", "zugelassen", "zulassung", "zusage",
        # French
        "accepte", "acceptee", "accorde", "accordee", "admis", "admise", "approuve", "approuvee",
        "embauche", "embauchee", "refuse", "refusee", "rejete", "rejetee",
        # Spanish and Portuguese
        "aceito", "aceptada", "aceptado", "admitida", "admitido", "aprobada", "aprobado",
        "aprovada", "aprovado", "concedida", "concedido", "contratada", "contratado", "decisao",
        "denegada", "denegado", "negada", "negado", "rechazada", "rechazado", "recusado",
        "rejeitada", "rejeitado", "seleccionada", "seleccionado", "selecionada", "selecionado",
    }
)  # fmt: skip
"""Words of column names that tell of a decision about a person, without accents."""


def seems_decided(name: str | None) -> bool:
    """Whether a column's name tells of a decision about a person.

    Examples
    --------
    >>> seems_decided("loan_approved"), seems_decided("repaid"), seems_decided(None)
    (True, False, False)
    >>> seems_decided("Kredit_bewilligt"), seems_decided("Crédit accordé")
    (True, True)
    """
    return name is not None and bool(DECIDED.intersection(split_words(name)))


def past_decisions_told(roles: Roles) -> str:
    """Say what can't be claimed of a model or of decisions judged by decisions; else empty.

    Where a person has not said what the column records, its name is asked, and that is said too.
    """
    if roles.target is None or roles.target_came_true:
        return ""
    if roles.target_holds_decisions:
        start = f"The target “{roles.target}” records decisions that were made, not what came true."
    elif seems_decided(roles.target):
        start = (
            f"By its name the target “{roles.target}” may record decisions that were made, not "
            "what came true. If it does:"
        )
    else:
        return ""
    if roles.audits_existing_predictions:
        return (
            f"{start} Accuracy and error rates say how often what is audited here agrees with "
            "those decisions, not how often it is right, and it can agree with unfair ones. Rates "
            "of decisions and their ratios do not rest on the target."
        )
    return (
        f"{start} A model trained on decisions imitates them: its accuracy and error rates say how "
        "well it repeats them, not whether they were right, and the decisions' own gaps come back "
        "in it. To judge the decisions themselves, audit them without outcomes."
    )
