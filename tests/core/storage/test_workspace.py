import errno
import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.storage.workspace import Workspace, default_root, key

KEY = key("fingerprint", {"learner": "logistic"})


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def folder(workspace, audit):
    return workspace.root / "audits" / audit.id


def test_what_is_saved_is_there_after_a_restart(workspace):
    made = workspace.create("  German credit ", b"a,b\n1,2\n")
    workspace.save_state(made.id, {"roles": {"target": "b"}, "note": "ä\ud800"})
    again = Workspace(workspace.root)
    found = again.open(made.id)
    assert found.name == "German credit"
    assert found.state == {"roles": {"target": "b"}, "note": "ä\ud800"}
    assert found.created == made.created < found.modified
    assert found.source_sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert found.source_bytes == 8
    assert again.read_source(made.id) == b"a,b\n1,2\n"
    assert again.list() == [found]


def test_list_is_last_modified_first_and_rename_counts(workspace):
    first, second = workspace.create("first"), workspace.create("second")
    assert [a.name for a in workspace.list()] == ["second", "first"]
    workspace.rename(first.id, "renamed")
    assert [a.name for a in workspace.list()] == ["renamed", "second"]
    assert workspace.open(second.id).state == {}


def test_update_state_leaves_other_keys(workspace):
    audit = workspace.create("x")
    workspace.update_state(audit.id, plan=1, roles=2)
    workspace.update_state(audit.id, plan=3, audit_id=4, self=5)
    expected = {"plan": 3, "roles": 2, "audit_id": 4, "self": 5}
    assert workspace.open(audit.id).state == expected


def test_eight_threads_lose_no_key(workspace):
    audit = workspace.create("x")

    def work(worker):
        own = Workspace(workspace.root)
        for step in range(10):
            own.update_state(audit.id, **{f"{worker}-{step}": worker})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert workspace.open(audit.id).state == {f"{w}-{s}": w for w in range(8) for s in range(10)}


def test_other_processes_lose_no_key(workspace):
    audit = workspace.create("x")
    code = (
        "import sys; from pathlib import Path; from core.storage.workspace import Workspace\n"
        "w = Workspace(Path(sys.argv[1]))\n"
        "for i in range(20): w.update_state(sys.argv[2], **{sys.argv[3] + str(i): i})"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(workspace.root), audit.id, letter])
        for letter in "ab"
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(workspace.open(audit.id).state) == 40


def test_killed_between_writing_and_replacing_leaves_the_old_state(workspace):
    audit = workspace.create("x")
    workspace.save_state(audit.id, {"step": "old"})
    code = (
        "import os, sys; from pathlib import Path\n"
        "from core.storage.workspace import Workspace\n"
        "w = Workspace(Path(sys.argv[1]))\n"
        "os.replace = lambda *a: os._exit(9)\n"
        "w.save_state(sys.argv[2], {'step': 'new'})"
    )
    done = subprocess.run([sys.executable, "-c", code, str(workspace.root), audit.id], timeout=60)
    assert done.returncode == 9
    assert list(folder(workspace, audit).glob(".tmp-*")), "the temporary file was written"
    assert workspace.open(audit.id).state == {"step": "old"}
    # The dead process's lock is gone with it.
    assert workspace.update_state(audit.id, step="newer").state == {"step": "newer"}


def test_state_must_be_json_and_a_refused_one_changes_nothing(workspace):
    audit = workspace.create("x")
    workspace.save_state(audit.id, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        workspace.save_state(audit.id, {"a": float("nan")})
    with pytest.raises(TypeError):
        workspace.update_state(audit.id, a={1, 2})
    assert workspace.open(audit.id).state == {"a": 1}
    assert not list(folder(workspace, audit).glob(".tmp-*"))


@pytest.mark.parametrize(
    "audit_id",
    [
        "../x",
        "",
        ".",
        "..",
        "a" * 11,
        "a" * 13,
        "A" * 12,
        "a" * 12 + "\n",
        "aaaaaaaaaa/a",
        "0" * 12,
        "a\x00aaaaaaaaaa",
        "ａ" * 12,
        None,
        3,
        b"a" * 12,
    ],
)
def test_only_ids_reach_the_file_system(workspace, audit_id):
    for call in (
        workspace.open,
        workspace.delete,
        workspace.read_source,
        lambda i: workspace.rename(i, "x"),
        lambda i: workspace.save_state(i, {}),
        lambda i: workspace.get_result(i, KEY),
        lambda i: workspace.put_result(i, KEY, 1),
        lambda i: workspace.get_model(i, KEY),
        lambda i: workspace.put_model(i, KEY, 1),
    ):
        with pytest.raises(InputError, match="isn't the id of an audit"):
            call(audit_id)


@given(audit_id=st.text(max_size=14), result_key=st.text(max_size=66))
def test_no_text_from_a_url_opens_or_makes_anything(tmp_path_factory, audit_id, result_key):
    root = tmp_path_factory.mktemp("w")
    workspace = Workspace(root)
    audit = workspace.create("x")
    before = [p for p in sorted(root.rglob("*")) if p.name != ".lock"]
    with pytest.raises(InputError):
        workspace.open(audit_id)
    with pytest.raises(InputError):
        workspace.get_result(audit.id, result_key)
    with pytest.raises(InputError):
        workspace.put_result(audit.id, result_key, 1)
    assert [p for p in sorted(root.rglob("*")) if p.name != ".lock"] == before


def test_an_unknown_id_is_an_input_error(workspace):
    for call in (workspace.open, workspace.delete, lambda i: workspace.update_state(i, a=1)):
        with pytest.raises(InputError, match="no audit of that id"):
            call("a" * 12)
    assert workspace.get_result("a" * 12, KEY) is None


def test_delete_removes_everything_even_a_damaged_audit(workspace):
    kept, gone = workspace.create("kept", b"1"), workspace.create("gone", b"2")
    (folder(workspace, gone) / "audit.json").write_text("{")
    workspace.delete(gone.id)
    assert [a.id for a in workspace.list()] == [kept.id]
    assert [p.name for p in (workspace.root / "audits").iterdir()] == [kept.id]


def test_writers_that_wait_for_a_deletion_bring_nothing_back(workspace):
    audit = workspace.create("x")
    errors = []

    def work():
        try:
            for step in range(1000):
                workspace.put_result(audit.id, KEY, step)
        except InputError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    workspace.delete(audit.id)
    for thread in threads:
        thread.join()
    assert len(errors) == 4
    assert list((workspace.root / "audits").iterdir()) == []


def test_what_an_interrupted_removal_or_creation_left_is_swept(workspace):
    audits = workspace.root / "audits"
    (audits / ".trash-aaaaaaaaaaaa-0000").mkdir()
    (audits / ".new-aaaaaaaaaaaa").mkdir()
    (audits / ".new-bbbbbbbbbbbb").mkdir()
    os.utime(audits / ".new-aaaaaaaaaaaa", (0, 0))
    assert Workspace(workspace.root).list() == []
    assert [p.name for p in audits.iterdir()] == [".new-bbbbbbbbbbbb"]


def spoil_json(folder):
    (folder / "audit.json").write_text('{"schema": 1,')


def spoil_schema(folder):
    content = json.loads((folder / "audit.json").read_text())
    (folder / "audit.json").write_text(json.dumps({**content, "schema": 99}))


def spoil_parts(folder):
    content = json.loads((folder / "audit.json").read_text())
    (folder / "audit.json").write_text(json.dumps({**content, "state": [1]}))


def spoil_id(folder):
    content = json.loads((folder / "audit.json").read_text())
    (folder / "audit.json").write_text(json.dumps({**content, "id": "b" * 12}))


def spoil_source_name(folder):
    content = json.loads((folder / "audit.json").read_text())
    content["source"]["sha256"] = "../../../etc/passwd"
    (folder / "audit.json").write_text(json.dumps(content))


SPOILERS = [
    (spoil_json, "isn't readable as JSON"),
    (lambda p: (p / "audit.json").write_bytes(b"\xff\xfe"), "isn't readable as JSON"),
    (lambda p: (p / "audit.json").write_text("[" * 100_000), "isn't readable as JSON"),
    (lambda p: (p / "audit.json").write_text("[]"), "doesn't hold an audit's record"),
    (spoil_schema, "layout version 99"),
    (spoil_parts, "lacks a part"),
    (spoil_id, "belongs to audit 'bbbb"),
    (spoil_source_name, "can't be one"),
    (lambda p: (p / "audit.json").unlink(), "can't be read"),
    (lambda p: next((p / "source").iterdir()).unlink(), "data file is missing"),
    (lambda p: next((p / "source").iterdir()).write_bytes(b""), "another length"),
]


@pytest.mark.parametrize(("spoil", "reason"), SPOILERS)
def test_a_damaged_folder_is_listed_with_its_reason(workspace, spoil, reason):
    good, bad = workspace.create("good"), workspace.create("bad", b"12345")
    spoil(folder(workspace, bad))
    listed = {audit.id: audit for audit in workspace.list()}
    assert listed[good.id].damaged is None
    assert reason in listed[bad.id].damaged
    with pytest.raises(InputError, match="this audit is damaged"):
        workspace.open(bad.id)
    with pytest.raises(InputError, match="this audit is damaged"):
        workspace.update_state(bad.id, a=1)


def test_source_bytes_that_changed_are_refused(workspace):
    audit = workspace.create("x", b"12345")
    (folder(workspace, audit) / "source" / audit.source_sha256).write_bytes(b"12346")
    with pytest.raises(InputError, match="has changed since it was loaded"):
        workspace.read_source(audit.id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\x1bb", "a\u202eb"])
def test_names_that_cannot_be_shown_are_refused(workspace, name):
    with pytest.raises(InputError):
        workspace.create(name)
    audit = workspace.create("fine")
    with pytest.raises(InputError):
        workspace.rename(audit.id, name)
    assert [a.name for a in workspace.list()] == ["fine"]


def test_results_come_back_and_are_told_apart_by_spec(workspace):
    audit = workspace.create("x")
    other = key("fingerprint", {"learner": "forest"})
    workspace.put_result(audit.id, KEY, {"roc_auc": 0.8}, b"\x00\x01")
    workspace.put_result(audit.id, other, [1, None, False])
    assert workspace.get_result(audit.id, KEY) == {"roc_auc": 0.8}
    assert workspace.get_blob(audit.id, KEY) == b"\x00\x01"
    assert workspace.get_result(audit.id, other) == [1, None, False]
    assert workspace.get_blob(audit.id, other) is None
    assert workspace.get_result(audit.id, key("other data", {"learner": "forest"})) is None
    workspace.put_result(audit.id, KEY, 2)
    assert (workspace.get_result(audit.id, KEY), workspace.get_blob(audit.id, KEY)) == (2, None)
    with pytest.raises(ValueError, match="no result"):
        workspace.put_result(audit.id, KEY, None)
    with pytest.raises(ValueError, match="JSON compliant"):
        workspace.put_result(audit.id, KEY, float("inf"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b'{"value": 1}', b"[" * 100_000])
def test_an_unreadable_result_is_absent(workspace, content):
    audit = workspace.create("x")
    workspace.put_result(audit.id, KEY, 1)
    (folder(workspace, audit) / "results" / f"{KEY}.json").write_bytes(content)
    assert workspace.get_result(audit.id, KEY) is None


def test_a_result_whose_bytes_are_not_its_own_is_absent(workspace):
    audit = workspace.create("x")
    workspace.put_result(audit.id, KEY, 1, b"blob")
    blob = folder(workspace, audit) / "results" / f"{KEY}.bin"
    blob.write_bytes(b"blub")
    assert workspace.get_result(audit.id, KEY) is None
    blob.unlink()
    assert workspace.get_blob(audit.id, KEY) is None


def test_only_this_user_may_enter(workspace):
    audit = workspace.create("x", b"1")
    workspace.put_result(audit.id, KEY, 1, b"1")
    workspace.put_model(audit.id, KEY, 1)
    paths = [workspace.root, *workspace.root.rglob("*")]
    assert len(paths) == 15
    assert {(p.is_dir(), stat.S_IMODE(p.stat().st_mode)) for p in paths} == {
        (True, 0o700),
        (False, 0o600),
    }


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "isn't permitted"),
        (errno.EROFS, "isn't permitted"),
        (errno.EIO, "refused it"),
    ],
)
def test_a_disk_that_refuses_is_a_sentence_and_leaves_the_old(
    workspace, monkeypatch, number, sentence
):
    audit = workspace.create("x")
    workspace.put_result(audit.id, KEY, "old")

    def refuse(handle):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        for call in (
            lambda: workspace.create("y", b"1"),
            lambda: workspace.update_state(audit.id, a=1),
            lambda: workspace.put_result(audit.id, KEY, "new"),
            lambda: workspace.put_model(audit.id, KEY, 1),
        ):
            with pytest.raises(InputError, match=sentence):
                call()
    assert [a.id for a in workspace.list()] == [audit.id]
    assert workspace.open(audit.id).state == {}
    assert workspace.get_result(audit.id, KEY) == "old"
    assert not list(workspace.root.rglob(".tmp-*"))


def test_a_root_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="refused it"):
        Workspace(tmp_path / "file" / "workspace")


def test_the_root_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path / "here"))
    assert Workspace().root == tmp_path / "here"
    monkeypatch.delenv("EQUIPOISE_WORKSPACE")
    assert default_root().name == "workspace"
    assert (default_root().parent / "core" / "governance").is_dir()
