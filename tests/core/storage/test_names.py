"""Names on disk outlive a move of modules, and a pickle names nothing else."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, fields, replace

import pytest

from core.data.domains import Domains, NumberDomain
from core.data.roles.roles import Roles
from core.explanation.counterfactual.counterfactual_result import Counterfactuals
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.storage import names, signed_pickle
from core.storage.canonical import canonical, key
from core.storage.data_format import from_data, to_data
from core.storage.names import RECORDED, class_first_called, class_of, first_name, name_of
from core.storage.old_pickles import unpickled
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import dataset

LOGISTIC = TrainingSpec("logistic_regression")


@pytest.fixture
def row_of(monkeypatch: pytest.MonkeyPatch):
    """Replace rows of the table."""

    def change(**rows):
        changed = tuple(replace(row, **rows.get(row.name, {})) for row in RECORDED)
        monkeypatch.setattr(names, "RECORDED", changed)
        for table in (names._by_name, names._by_first, names._by_location):
            table.cache_clear()

    yield change
    for table in (names._by_name, names._by_first, names._by_location):
        table.cache_clear()


def test_every_recorded_class_is_where_the_table_says_under_names_of_its_own() -> None:
    assert len({row.name for row in RECORDED}) == len(RECORDED)
    assert len({row.first for row in RECORDED}) == len(RECORDED)
    for row in RECORDED:
        found = class_of(row.name)
        assert found is not None
        assert found is class_first_called(row.first)
        assert (name_of(found), first_name(found)) == (row.name, row.first)


def test_a_key_is_what_the_first_builds_made_it() -> None:
    spec = TrainingSpec("dp_naive_bayes", epsilon=1.0, domains=Domains((NumberDomain("x", 0, 1),)))
    assert '"core.learning.training.TrainingSpec"' in canonical(spec)
    assert '"core.privacy.domain.NumberDomain"' in canonical(spec)
    assert key("data", spec) == "9a75ae4ad4f8cabd10c096c5f6c5c3387ccc648552eb4a3332abecc451e0e12c"


def test_a_moved_and_renamed_class_keeps_its_key_and_opens_from_old_files(row_of) -> None:
    @dataclass(frozen=True)
    class Moved(TrainingSpec):
        """As it would be in another module, under another name."""

    globals()["Moved"] = Moved
    old = pickle.dumps(LOGISTIC, protocol=2)
    old = old.replace(
        b"ccore.training.spec\nTrainingSpec", b"ccore.learning.training\nTrainingSpec"
    )
    assert b"core.learning.training" in old
    row_of(TrainingSpec={"module": __name__, "qualname": "Moved"})
    Moved.__qualname__ = "Moved"
    moved = Moved(**{field.name: getattr(LOGISTIC, field.name) for field in fields(LOGISTIC)})
    assert canonical(moved).count("core.learning.training.TrainingSpec") == 1
    found = unpickled(old)
    assert type(found) is Moved
    assert found.learner == "logistic_regression"


@pytest.mark.parametrize("named", [os.system, print, eval, Ellipsis.__class__, dataset])
def test_a_sealed_pickle_names_nothing_but_parts_of_results(named, tmp_path) -> None:
    class Runs:
        def __reduce__(self):
            return named, ("touch x",)

    secret = signed_pickle.secret(tmp_path)
    content = signed_pickle.sign_pickle(secret, ("a",), Runs())
    with pytest.raises(signed_pickle.InputError, match="holds other classes"):
        signed_pickle.load_pickle(secret, ("a",), content, "it")
    with pytest.raises(pickle.UnpicklingError, match="no part of a kept result"):
        unpickled(pickle.dumps(Runs()))


ORDINARY = [
    *(TrainingSpec(item.name) for item in LEARNERS if not item.private),
    *(
        replace(LOGISTIC, mitigation=item.name)
        for item in MITIGATIONS
        if not item.counts and not item.replaces_learner
    ),
]


@pytest.mark.parametrize("spec", ORDINARY, ids=lambda spec: f"{spec.learner} {spec.mitigation}")
def test_every_ordinary_model_opens_from_its_pickle(spec) -> None:
    found = unpickled(pickle.dumps(train(DATA, spec, with_baseline=False), protocol=5))
    assert isinstance(found, Trained)
    assert found.spec == spec


DATA = dataset(240)


def test_a_field_that_was_renamed_keeps_its_first_name_in_files_and_is_read_by_it():
    found = Counterfactuals((), None, 0.4, False, False, 3, True, randomised=True)
    written = to_data(found)
    assert b"by_lot" in written
    assert b"randomised" not in written
    assert from_data(written) == found


def test_a_pickle_that_calls_a_field_by_its_first_name_is_read():
    state = {**vars(Roles("t", "y", ("g",))), "together": (("g", "x", ("a", "b")),)}
    del state["merged_groups"]
    roles = object.__new__(Roles)
    roles.__setstate__(state)
    assert roles == Roles("t", "y", ("g",), merged_groups=(("g", "x", ("a", "b")),))
    assert pickle.loads(pickle.dumps(roles)) == roles
