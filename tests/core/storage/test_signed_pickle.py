import hashlib
import hmac
import os
import pickle
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.errors import InputError
from core.storage import signed_pickle
from core.storage.signed_pickle import secret
from core.storage.workspace import Workspace, key

KEY = key("fingerprint", {"learner": "logistic"})


class Bomb:
    """Unpickling it creates a file: what an attacker's model would do."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def audit(workspace):
    return workspace.create("x")


def sealed_file(workspace, audit):
    return workspace.root / "audits" / audit.id / "models" / f"{KEY}.sealed"


def test_a_model_comes_back_with_the_same_predictions(workspace, audit):
    x = np.arange(20.0).reshape(-1, 1)
    model = LogisticRegression().fit(x, x[:, 0] > 8)
    workspace.put_model(audit.id, KEY, model)
    again = Workspace(workspace.root).get_model(audit.id, KEY)
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    assert workspace.get_model(audit.id, key("fingerprint", "another")) is None


def test_any_changed_byte_is_refused(workspace, audit):
    workspace.put_model(audit.id, KEY, {"weights": [1, 2, 3]})
    path = sealed_file(workspace, audit)
    content = path.read_bytes()
    for position in range(len(content)):
        path.write_bytes(
            content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        )
        assert workspace.get_model(audit.id, KEY) is None
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert workspace.get_model(audit.id, KEY) is None
    path.write_bytes(content)
    assert workspace.get_model(audit.id, KEY) == {"weights": [1, 2, 3]}


def test_a_copied_in_file_runs_nothing(workspace, audit, tmp_path):
    mark = tmp_path / "ran"
    bare = pickle.dumps(Bomb(mark))
    workspace.put_model(audit.id, KEY, 1)
    path = sealed_file(workspace, audit)
    own = path.read_bytes()
    head = len(own) - len(pickle.dumps(1, protocol=5))
    forged = hmac.new(b"guess" * 6, bare, hashlib.sha256).digest()
    for content in (bare, own[:head] + bare, own[: head - 32] + forged + bare):
        path.write_bytes(content)
        assert workspace.get_model(audit.id, KEY) is None
    assert not mark.exists()
    pickle.loads(bare).close()
    assert mark.exists(), "the bomb itself works, so the seal is what stopped it"


def test_a_sealed_file_belongs_to_one_audit_key_and_workspace(workspace, audit, tmp_path):
    workspace.put_model(audit.id, KEY, 1)
    path = sealed_file(workspace, audit)
    other = workspace.create("other")
    workspace.put_model(other.id, KEY, 2)
    shutil.copy(path, sealed_file(workspace, other))
    assert workspace.get_model(other.id, KEY) is None
    moved = key("fingerprint", "another")
    shutil.copy(path, path.with_name(f"{moved}.sealed"))
    assert workspace.get_model(audit.id, moved) is None
    elsewhere = Workspace(tmp_path / "elsewhere")
    shutil.copytree(workspace.root / "audits", elsewhere.root / "audits", dirs_exist_ok=True)
    assert (elsewhere.root / "audits" / audit.id / "audit.json").exists()
    assert elsewhere.get_model(audit.id, KEY) is None


def test_a_model_of_another_library_version_is_absent(workspace, audit, monkeypatch):
    workspace.put_model(audit.id, KEY, 1)
    monkeypatch.setattr(signed_pickle, "_versions", lambda: {"scikit-learn": "99"})
    assert workspace.get_model(audit.id, KEY) is None


class Gone:
    pass


def test_a_model_whose_class_is_gone_is_absent(workspace, audit, monkeypatch):
    workspace.put_model(audit.id, KEY, Gone())
    monkeypatch.delattr(f"{__name__}.Gone")
    assert workspace.get_model(audit.id, KEY) is None


def test_the_secret_is_made_once_and_is_this_users_alone(workspace):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secret(workspace.root), range(16)))
    path = workspace.root / "secret.key"
    assert found == {path.read_bytes()}
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.chmod(0o644), "isn't this user's alone"),
        (lambda path: path.write_bytes(b""), "is damaged"),
    ],
)
def test_a_secret_that_others_may_know_is_not_used(workspace, audit, spoil, problem):
    workspace.put_model(audit.id, KEY, 1)
    path = workspace.root / "secret.key"
    spoil(path)
    with pytest.raises(InputError, match=problem):
        workspace.get_model(audit.id, KEY)
    with pytest.raises(InputError, match=problem):
        workspace.put_model(audit.id, KEY, 2)
    os.unlink(path)
    assert workspace.get_model(audit.id, KEY) is None
    workspace.put_model(audit.id, KEY, 3)
    assert workspace.get_model(audit.id, KEY) == 3
