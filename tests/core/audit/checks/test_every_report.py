"""Every learner delivers its report on every sample, and no check stops on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.assign import default_roles
from core.data.samples import SAMPLES, load_sample
from core.data.table import Table
from core.learning.learners import LEARNERS
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from core.training.spec import TrainingSpec

ROWS = 1500
"""Of a larger sample so many are drawn: what a check meets are shapes, not sizes."""


def some_rows(name: str, seed: int) -> Table:
    read = load_sample(name)
    if len(read.frame) <= ROWS:
        return read
    rows = np.sort(np.random.default_rng(seed).choice(len(read.frame), ROWS, replace=False))
    return replace(read, frame=read.frame.iloc[rows].reset_index(drop=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("learner", [e.name for e in LEARNERS if not e.given])
@pytest.mark.parametrize("sample", SAMPLES.names())
def test_every_sample_and_learner_delivers_its_report(sample: str, learner: str, seed: int) -> None:
    entry = SAMPLES[sample]
    read, roles = some_rows(sample, seed), entry.roles
    if roles.audits_existing_predictions:
        # Where no outcome is known, a model learns what was decided.
        target = roles.target or roles.prediction
        roles = default_roles(read, target, roles.positive_label, roles.sensitive)[0]
    spec = TrainingSpec(learner, seed=seed)
    if LEARNERS[learner].private:
        delta = 1e-6 if LEARNERS[learner].needs_delta else None
        spec = replace(spec, epsilon=1.0, delta=delta, noise="seeded", domains=entry.domains)
    result = run(read, AuditPlan(roles, spec, explain=1))
    assert result.findings
    assert not [f for f in result.findings if f.code == "CHECK-01"]
    assert render(audit_json(result))
