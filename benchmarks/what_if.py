"""Server time of an edit on the what-if page: ``python benchmarks/what_if.py``.

For each sample and learner the page is opened once, which prepares what hangs on the model alone,
and then run again with a number moved to a value that it never had: score, decision, distance,
plausibility, the curve of a feature and Shapley values of the edited row, all anew. Beside it the
figures alone, as core computes them. Target: a median under 150 ms. In a browser an edit runs a
part of the page only; here the whole page runs, as the testing framework has no parts. Times are of
the processor, so that others at work on the machine don't count; none of this waits for anything.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
EDITS = 20
LEARNERS = (
    "logistic_regression", "gradient_boosting", "random_forest", "explainable_boosting",
)  # fmt: skip
SAMPLES = ("german_credit", "adult")
MOVED = {"german_credit": "credit_amount", "adult": "capital_gain"}


def main(samples: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EQUIPOISE_WORKSPACE"] = folder
        print(f"{'sample':<14}{'learner':<23}{'first':>9}{'figures':>9}{'page':>9}{'p95':>9}   ms")
        for sample in samples:
            for learner in LEARNERS:
                measure(Path(folder), sample, learner)


def measure(folder: Path, sample: str, learner: str) -> None:
    from streamlit.testing.v1 import AppTest

    from components.app.steps import spec_of
    from core.audit_state.audit_models import train_audited_model
    from core.audit_state.state import begin_sample, read_table, save
    from core.data.assign import assign
    from core.explanation.person.individual_curve import individual_curve
    from core.explanation.person.what_if import PersonEditor
    from core.storage.workspace import Workspace
    from core.training.spec import TrainingSpec

    workspace = Workspace(folder)
    state = begin_sample(workspace, sample)
    assert state.roles is not None
    data = assign(read_table(workspace, state), state.roles)
    state = save(workspace, replace(state, training=TrainingSpec(learner)))
    trained = train_audited_model(workspace, state, data, TrainingSpec(learner))
    editor = PersonEditor(data, trained)
    names = [domain.feature for domain in editor.domains(0) if domain.kind == "number"]
    name = MOVED[sample] if MOVED[sample] in names else names[0]
    domain = next(one for one in editor.domains(0) if one.feature == name)
    assert domain.low is not None
    assert domain.high is not None
    values = np.linspace(domain.low, domain.high, EDITS + 2)[1:-1]
    if domain.whole:
        values = np.floor(values)
    figures = []
    editor.answer(0, ())
    for value in values:
        began = time.process_time()
        edits = editor.parse(0, {name: float(value)})
        editor.answer(0, edits)
        individual_curve(editor, 0, edits, name)
        figures.append(time.process_time() - began)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.query_params["audit"] = state.id
    app.switch_page(spec_of("what_if").file)
    began = time.process_time()
    app.run()
    first = time.process_time() - began
    times = []
    for value in values:
        box = next(one for one in app.number_input if one.label == f"{name}, typed")
        box.set_value(int(value) if domain.whole else float(value))
        began = time.process_time()
        app.run()
        times.append(time.process_time() - began)
        assert not app.exception
    middle, high = np.percentile(times, [50, 95])
    print(
        f"{sample:<14}{learner:<23}{1000 * first:9.0f}{1000 * np.median(figures):9.0f}"
        f"{1000 * middle:9.0f}{1000 * high:9.0f}"
    )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or SAMPLES)
