from __future__ import annotations

import json

from core.data.reading.reading import ReadOptions
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES
from core.storage.json_format import from_json, to_json
from core.training.spec import TrainingSpec


def test_specs_survive_json_with_sorted_keys() -> None:
    for sample in SAMPLES:
        record = json.loads(json.dumps(to_json(sample.roles), sort_keys=True))
        assert from_json(Roles, record, "the roles") == sample.roles
        training = TrainingSpec("dp_explainable_boosting", epsilon=1.0, domains=sample.domains)
        record = json.loads(json.dumps(to_json(training), sort_keys=True))
        assert from_json(TrainingSpec, record, "the spec") == training
    options = ReadOptions(encoding="gb18030", delimiter=";")
    record = json.loads(json.dumps(to_json(options)))
    assert from_json(ReadOptions, record, "the options") == options
