"""Server time of an edit on the what-if page: ``python benchmarks/what_if.py [sample …]``.

For each sample and model the page is opened once, which prepares what hangs on the model alone,
and then run again with a number moved to a value that it never had: score, decision, distance,
plausibility, the curve of a feature and Shapley values of the edited row, all anew. Beside it the
figures alone, as core computes them. Target: a median under 150 ms. In a browser an edit runs a
part of the page only; here the whole page runs, as the testing framework has no parts. Times are of
the processor, those of a brought model's own process with them, so that others at work on the
machine don't count; none of this waits for anything else.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.storage.workspace import Workspace
    from core.training.trained import Trained

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
EDITS = 20
LEARNERS = (
    "logistic_regression", "gradient_boosting", "random_forest", "explainable_boosting",
)  # fmt: skip
BROUGHT = ("lightgbm", "catboost", "onnx", "skops")
SAMPLES = ("german_credit", "adult")
MOVED = {"german_credit": "credit_amount", "adult": "capital_gain"}


def main(samples: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EQUIPOISE_WORKSPACE"] = folder
        print(f"{'sample':<14}{'model':<23}{'first':>9}{'figures':>9}{'page':>9}{'p95':>9}   ms")
        for sample in samples:
            for learner in LEARNERS:
                measure(Path(folder), sample, learner, _trained_here(learner))
            for kind in BROUGHT:
                measure(Path(folder), sample, f"brought {kind}", _brought(kind))


Opened = Callable[["Workspace", "AuditState", "Dataset"], "Trained"]


def _trained_here(learner: str) -> Opened:
    def opened(workspace: Workspace, state: AuditState, data: Dataset) -> Trained:
        from core.audit_state.audit_models import train_audited_model
        from core.training.spec import TrainingSpec

        return train_audited_model(workspace, state, data, TrainingSpec(learner))

    return opened


def _brought(kind: str) -> Opened:
    def opened(workspace: Workspace, state: AuditState, data: Dataset) -> Trained:
        from core.audit_state.audit_models import audit_brought_model
        from core.audit_state.state import read_table
        from core.external_models.bring import Wishes, external_spec
        from core.external_models.proposals import propose
        from core.external_models.sandbox.model_process import open_model
        from core.learning.learners import EXTERNAL_MODEL
        from core.training.spec import TrainingSpec

        content, name = model_file(kind, data)
        with open_model(content, name) as model:
            facts = model.facts
            matching = propose(facts, data.features).matching
        label = data.roles.positive_label
        assert facts.classes is not None
        chosen = label if label in facts.classes else facts.classes[1]
        external = external_spec(
            facts, name, matching, label, Wishes({}, accept=True, positive_class=chosen)
        )
        spec = TrainingSpec(EXTERNAL_MODEL.name, external=external)
        return audit_brought_model(workspace, state, read_table(workspace, state), content, spec)[0]

    return opened


def model_file(kind: str, data: Dataset) -> tuple[bytes, str]:
    """Train a model with its own library on 2,000 rows: 200 trees, or a forest of 100.

    Columns with missing categories are left out: each library has its own way with them.
    """
    from core.data.table import MISSING

    known = [name for name in data.features if not (data.features[name] == MISSING).any()]
    X, y = data.features[known].head(2000), data.target[:2000].astype(int)
    texts = [name for name in X if X[name].dtype == object]
    if kind == "lightgbm":
        import lightgbm

        as_categories = X.assign(**{name: X[name].astype("category") for name in texts})
        fitted = lightgbm.LGBMClassifier(n_estimators=200, verbose=-1, n_jobs=1)
        return fitted.fit(as_categories, y).booster_.model_to_string().encode(), "model.txt"
    if kind == "catboost":
        from catboost import CatBoostClassifier

        model = CatBoostClassifier(
            200, cat_features=texts, one_hot_max_size=255, verbose=0, thread_count=1,
            allow_writing_files=False,
        )  # fmt: skip
        model.fit(X, y)
        with tempfile.TemporaryDirectory() as folder:
            model.save_model(f"{folder}/model.cbm")
            return Path(folder, "model.cbm").read_bytes(), "model.cbm"
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough"
    )
    forest: Any = make_pipeline(
        columns, RandomForestClassifier(100, max_leaf_nodes=63, random_state=0, n_jobs=1)
    ).fit(X, y)
    if kind == "skops":
        import skops.io

        return skops.io.dumps(forest), "model.skops"
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    inputs = [
        (str(name), (StringTensorType if name in texts else FloatTensorType)([None, 1]))
        for name in X
    ]
    return to_onnx(forest, initial_types=inputs).SerializeToString(), "model.onnx"


def measure(folder: Path, sample: str, name: str, opened: Opened) -> None:
    from streamlit.testing.v1 import AppTest

    from components.app.steps import spec_of
    from core.audit_state.state import begin_sample, read_table
    from core.data.assign import assign
    from core.explanation.person.individual_curve import individual_curve
    from core.explanation.person.what_if import PersonEditor
    from core.storage.workspace import Workspace

    workspace = Workspace(folder)
    state = begin_sample(workspace, sample)
    assert state.roles is not None
    data = assign(read_table(workspace, state), state.roles)
    trained = opened(workspace, state, data)
    if trained.spec.external is not None:
        data = assign(
            read_table(workspace, state),
            replace(state.roles, features=trained.spec.external.matching.columns),
        )
    editor = PersonEditor(data, trained)
    names = [domain.feature for domain in editor.domains(0) if domain.kind == "number"]
    moved = MOVED[sample] if MOVED[sample] in names else names[0]
    domain = next(one for one in editor.domains(0) if one.feature == moved)
    assert domain.low is not None
    assert domain.high is not None
    values = np.linspace(domain.low, domain.high, EDITS + 2)[1:-1]
    if domain.whole:
        values = np.floor(values)
    figures = []
    editor.answer(0, ())
    for value in values:
        began = computing()
        edits = editor.parse(0, {moved: float(value)})
        editor.answer(0, edits)
        individual_curve(editor, 0, edits, moved)
        figures.append(computing() - began)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.query_params["audit"] = state.id
    app.switch_page(spec_of("what_if").file)
    began = computing()
    app.run()
    first = computing() - began
    times = []
    for value in values:
        box = next(one for one in app.number_input if one.label == f"{moved}, typed")
        box.set_value(int(value) if domain.whole else float(value))
        began = computing()
        app.run()
        times.append(computing() - began)
        assert not app.exception, [one.value for one in app.exception]
    middle, high = np.percentile(times, [50, 95])
    how = "" if editor.reasons(0, ()).sampling_error is None else "  sampled"
    print(
        f"{sample:<14}{name:<23}{1000 * first:9.0f}{1000 * np.median(figures):9.0f}"
        f"{1000 * middle:9.0f}{1000 * high:9.0f}{how}",
        flush=True,
    )


def computing() -> float:
    """CPU seconds so far of this process and of those that it started."""
    own, total = os.getpid(), time.process_time()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(words[1]) == own:
            total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or SAMPLES)
