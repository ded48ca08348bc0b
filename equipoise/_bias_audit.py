"""The table of Local Law 144 as a caller asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.data.labels import canonical
from core.errors import InputError
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.spec import BiasAuditSpec, Declared


@dataclass(frozen=True)
class BiasAudit:
    """What the table of New York City's Local Law 144 is made of; see :func:`equipoise.audit`.

    Attributes
    ----------
    sex, race : str
        Columns, both among the sensitive ones of the audit.
    categories : mapping
        By column and category of the EEO-1 report, the values that belong to it:
        ``{"race": {"Asian": [3, 4], "unknown": ["?"]}}``. One written like a category needs none.
    auditor, organisation, independence : str
        Of the independent auditor, and their statement of independence. Without them the table is
        marked as self-computed.
    distribution_date, audit_date : str
        ISO dates on which the employer first used the tool, and of the audit (today by default).
    data_source : str
        Source and explanation of the data.

    Examples
    --------
    >>> import equipoise
    >>> sample = equipoise.load_sample("hiring")
    >>> result = equipoise.audit(
    ...     sample.frame, **sample.roles, bias_audit=equipoise.BiasAudit("sex", "race"), explain=0
    ... )
    >>> sexes = result.to_dict()["bias_audit"]["selection"][0]["families"][0]
    >>> [(row["category"], row["count"]) for row in sexes["categories"]]
    [('Male', 1247), ('Female', 1086)]
    """

    sex: str
    race: str
    categories: Mapping[str, Mapping[str, Sequence[object]]] = field(default_factory=dict)
    auditor: str = ""
    organisation: str = ""
    independence: str = ""
    distribution_date: str = ""
    audit_date: str = ""
    data_source: str = ""

    def spec(self) -> BiasAuditSpec:
        """Read it as the core has it.

        Raises
        ------
        InputError
            If a column, a value or a date can't be used.
        """
        others = set(self.categories) - {self.sex, self.race}
        if others:
            raise InputError(
                "categories are declared for a column that is neither sex= nor race=",
                where=f"categories of {sorted(map(str, others))[0]!r}",
                remedy="Leave it out",
            )
        return BiasAuditSpec(
            self.sex,
            self.race,
            self._declared(self.sex),
            self._declared(self.race),
            auditor=Auditor(
                self.auditor,
                self.organisation,
                self.independence,
                self.distribution_date,
                self.audit_date,
                self.data_source,
            ),
        )

    def _declared(self, column: str) -> Declared:
        found: dict[str, str] = {}
        for category, values in self.categories.get(column, {}).items():
            for value in [values] if isinstance(values, str) else values:
                name = canonical(value)
                if name in found:
                    raise InputError(
                        "it has two categories",
                        where=f"column {column!r}, value {name!r}",
                        remedy="Give it one",
                    )
                found[name] = str(category)
        return tuple(found.items())
