from __future__ import annotations

import json

from core.audit_state import specs
from core.audit_state.role_record import roles_from_json, roles_to_json
from core.data.reading.reading import ReadOptions
from core.data.samples import SAMPLES
from core.training.spec import TrainingSpec


def test_specs_survive_json_with_sorted_keys() -> None:
    for sample in SAMPLES:
        record = json.loads(json.dumps(roles_to_json(sample.roles), sort_keys=True))
        assert roles_from_json(record) == sample.roles
        training = TrainingSpec("dp_explainable_boosting", epsilon=1.0, domains=sample.domains)
        record = json.loads(json.dumps(specs.training_to_json(training), sort_keys=True))
        assert specs.training_from_json(record) == training
    options = ReadOptions(encoding="gb18030", delimiter=";")
    assert (
        specs.options_from_json(json.loads(json.dumps(specs.options_to_json(options)))) == options
    )
