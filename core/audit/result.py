"""What an audit is asked for, and what it found."""

from __future__ import annotations

from dataclasses import dataclass

from core.attacks.record import Attacked
from core.audit.check_result import CheckResult
from core.audit.finding import Finding
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.table import Table
from core.explanation.attribution.explain import (
    GlobalExplanation,
    PersonExplanation,
)
from core.explanation.counterfactual.counterfactual import Counterfactuals
from core.explanation.person.scenario import Scenario
from core.explanation.person.what_if_result import AskedWhatIf
from core.explanation.trust.record import Trust
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import FitToTable
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.learning.performance import Performance
from core.privacy.accounting.budget import Budget, Charge
from core.privacy.release.release import Release
from core.training.spec import TrainingSpec
from core.training.trained import Trained

Assessments = dict[tuple[str, ...], Assessment]


@dataclass(frozen=True)
class AuditPlan:
    """What to audit and how.

    Attributes
    ----------
    roles : Roles
    training : TrainingSpec or None
        None for an audit of existing predictions.
    explain : int
        How many people to explain, at least 0.
    impact : ImpactSpec
        How impact ratios and the four-fifths rule compare groups.
    bias_audit : BiasAuditSpec or None
        Of a table under Local Law 144 in the report; groups are left out of it as ``impact`` says.
    what_if : AskedWhatIf or None
        Edits of one person that the trained model is asked about.
    decided_by : ExternalSpec or None
        A model made elsewhere whose decisions stand in the column of predictions.
    """

    roles: Roles
    training: TrainingSpec | None = None
    explain: int = 3
    impact: ImpactSpec = DEFAULT
    bias_audit: BiasAuditSpec | None = None
    what_if: AskedWhatIf | None = None
    decided_by: ExternalSpec | None = None


@dataclass(frozen=True)
class Step:
    """Progress: the share of the path behind us, in [0, 1], and what comes next."""

    share: float
    sentence: str


@dataclass(frozen=True)
class AuditResult:
    """Everything an audit found.

    Attributes
    ----------
    plan : AuditPlan
    table : Table
    dataset : Dataset
    trained : Trained or None
    performance : Performance
    assessments : dict of tuple of str to Assessment
        By combination of sensitive columns: each alone, then all together.
    explained : GlobalExplanation or None
    people : tuple of PersonExplanation
    charges : tuple of Charge
        The ledger when the audit ended.
    cap : Budget or None
    findings : tuple of Finding
        Most severe first.
    attack : Attacked or None
        Privacy attacks on the trained model, where some were made.
    releases : tuple of Release
        Private releases made in the audit.
    changes : tuple of Counterfactuals
        What would change each of the people's decisions; empty where it was not looked for.
    trust : Trust or None
        How far explanations can be trusted, where it was measured to the end.
    caveats : tuple of str
        What is known to be doubtful of the data's source.
    scenarios : tuple of Scenario
        What-if scenarios that were asked for or kept, whichever model answered them.
    checks : tuple of CheckResult
        What came of every check, in the order of the registry; ``findings`` are theirs.
    external : FitToTable or None
        How the model fits the table, where it was made elsewhere.
    """

    plan: AuditPlan
    table: Table
    dataset: Dataset
    trained: Trained | None
    performance: Performance
    assessments: Assessments
    explained: GlobalExplanation | None
    people: tuple[PersonExplanation, ...]
    charges: tuple[Charge, ...]
    cap: Budget | None
    findings: tuple[Finding, ...]
    attack: Attacked | None = None
    releases: tuple[Release, ...] = ()
    changes: tuple[Counterfactuals, ...] = ()
    trust: Trust | None = None
    caveats: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    external: FitToTable | None = None
    scenarios: tuple[Scenario, ...] = ()
