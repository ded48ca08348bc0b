"""The table of Local Law 144 for what an audit judges."""

from __future__ import annotations

from core.audit.decided_rows import decided_rows
from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.bias_audit.categories import RACES, SEXES, category_map
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.bias_audit.table import BiasAuditTable, bias_audit_table
from core.training.trained import Trained


def check_bias_audit(dataset: Dataset, spec: BiasAuditSpec) -> None:
    """Refuse a table that can't be made, before anything is trained.

    Raises
    ------
    InputError
        If a column is no sensitive column of the audit, or a value belongs to no category.
    """
    for column in (spec.sex, spec.race):
        if column not in dataset.roles.sensitive:
            raise InputError(
                "it is no sensitive column of this audit",
                where=f"column {column!r}",
                remedy="Name it among the sensitive columns",
            )
    if spec.sex == spec.race:
        raise InputError(
            "one column can't hold both sex and race or ethnicity",
            where=f"column {spec.sex!r}",
            remedy="Choose another for one of them",
        )
    category_map(dataset.sensitive[spec.sex].unique(), SEXES, dict(spec.sexes), spec.sex)
    category_map(dataset.sensitive[spec.race].unique(), RACES, dict(spec.races), spec.race)


def bias_audit_of(dataset: Dataset, trained: Trained | None, spec: BiasAuditSpec) -> BiasAuditTable:
    """Compute the table from an audit's decisions, and its existing scores where there are some.

    Groups that were merged or binned keep the names they were given. Where the positive label is
    adverse, scores are left out: the rule's scoring rate takes a higher score for the better one.

    Raises
    ------
    InputError
        If a column is no sensitive column of the audit, or a value belongs to no category.
    """
    check_bias_audit(dataset, spec)
    roles, rows = dataset.roles, decided_rows(dataset, trained)
    favourable = roles.positive_is_favourable
    decided = rows.decisions if favourable else ~rows.decisions
    name = roles.positive_label if favourable else f"not {roles.positive_label}"
    scored = trained is None and favourable and not isinstance(rows.scores, str)
    return bias_audit_table(
        rows.sensitive[spec.sex],
        rows.sensitive[spec.race],
        spec,
        decisions={name: decided},
        scores=None if not scored or isinstance(rows.scores, str) else rows.scores,
    )
