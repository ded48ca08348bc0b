from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.__main__ import main
from core.audit_state.audit_ledger import ledger, set_budget
from core.audit_state.audit_models import load_or_train
from core.audit_state.state import begin_sample, read_table
from core.data.assign import assign
from core.data.samples import SAMPLES
from core.errors import InputError
from core.ledger import ledgers
from core.ledger.files import FILES, DamagedLedgerError, data_sets
from core.ledger.register import FILE as REGISTER
from core.ledger.repair import repair
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.storage.chain import Line, extend, format_chain, last_signature, parse_chain
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.core.ledgers import DATA, ledger_on_disk

OTHER = "b" * 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A ledger of three charges, and a cap that was raised once."""
    held = ledger_on_disk(tmp_path, Budget(1.0, 1e-6))
    for epsilon in (0.5, 0.25):
        held.charge("model", epsilon=epsilon, neighbouring="replace-one")
    ledgers.set_cap(tmp_path, DATA, Budget(2.0, 1e-6), reason="the board agreed")
    held.charge("model", epsilon=0.75, neighbouring="replace-one")
    return tmp_path


def edit(content: bytes) -> bytes:
    return content.replace(b"0.75", b"0.15").replace(b'"epsilon": 2.0', b'"epsilon": 9.0')


DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "emptied": lambda content: b"",
    "blank lines": lambda content: b"\n\n",
    "deleted": lambda content: None,
    "rolled back": lambda content: b"".join(content.splitlines(keepends=True)[:-1]),
    "first line gone": lambda content: b"".join(content.splitlines(keepends=True)[1:]),
    "cut last line": lambda content: content[:-30],
    "edited": edit,
    "lines swapped": lambda content: b"".join(reversed(content.splitlines(keepends=True))),
    "last line twice": lambda content: content + content.splitlines(keepends=True)[-1],
    "random bytes": lambda content: random.Random(0).randbytes(200),
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", FILES.values())
@pytest.mark.parametrize("parent", ["ledgers", "ledger-copies"])
def test_every_damage_to_any_of_the_files_is_told_and_refuses(
    root: Path, parent: str, name: str, how: str
) -> None:
    path = root / parent / DATA / name
    before = path.read_bytes()
    opened_before = ledgers.open_ledger(root, DATA)
    assert opened_before is not None
    after = DAMAGE[how](before)
    assert after != before
    if after is None:
        path.unlink()
    else:
        path.write_bytes(after)
    if parent == "ledger-copies" and how == "rolled back":
        # A copy that lacks one line is what a crash leaves; nothing is given back by it.
        assert len(ledgers.charges_of(root, DATA)) == 3
        assert ledgers.cap_of(root, DATA) == Budget(2.0, 1e-6)
        return
    for use in (
        lambda: ledgers.charges_of(root, DATA),
        lambda: ledgers.cap_of(root, DATA),
        lambda: ledgers.open_ledger(root, DATA),
        lambda: ledgers.set_cap(root, DATA, Budget(50.0, 1e-6)),
        lambda: opened_before.charge("more", epsilon=0.1, neighbouring="replace-one"),
    ):
        with pytest.raises(DamagedLedgerError, match="python -m core ledger repair"):
            use()


@pytest.mark.parametrize("name", FILES.values())
def test_a_file_gone_in_both_places_is_missed_by_the_other_file(root: Path, name: str) -> None:
    for parent in ("ledgers", "ledger-copies"):
        (root / parent / DATA / name).unlink()
    with pytest.raises(DamagedLedgerError, match=rf"{name}: \d lines were there once, and 0 are"):
        ledgers.charges_of(root, DATA)


def test_a_folder_that_is_deleted_or_put_back_is_missed_by_its_copy(root: Path) -> None:
    folder = root / "ledgers" / DATA
    shutil.copytree(folder, root / "yesterday")
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    held.charge("today", epsilon=0.25, neighbouring="replace-one")
    shutil.rmtree(folder)
    with pytest.raises(DamagedLedgerError, match="the file is gone"):
        ledgers.set_cap(root, DATA, Budget(50.0))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "yesterday", folder)
    with pytest.raises(DamagedLedgerError, match="4 lines were written and 3 are left"):
        ledgers.charges_of(root, DATA)


BOTH = ("ledgers", "ledger-copies")


def refused(root: Path, data: str, text: str) -> None:
    """Check that nothing is spent, capped or shown of a ledger that lost something."""
    for use in (
        lambda: ledgers.charges_of(root, data),
        lambda: ledgers.open_ledger(root, data),
        lambda: ledgers.set_cap(root, data, Budget(50.0), reason="again"),
    ):
        with pytest.raises(DamagedLedgerError, match=text):
            use()


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_charges_cut_in_both_places_at_once_are_missed(root: Path, kept: int) -> None:
    for parent in BOTH:
        path = root / parent / DATA / "ledger.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)[:kept]
        path.write_bytes(b"".join(lines)) if lines else path.unlink()
    refused(root, DATA, r"ledger\.jsonl: \d lines were")
    found = repair(root, DATA, reason="a disk failed", name="A. Auditor")
    assert [c.epsilon for c in found.charges] == [0.5, 0.25, 0.75]
    assert (found.proven, found.cap) == (3, Budget(2.0, 1e-6))
    assert ledgers.charges_of(root, DATA) == found.charges


def test_both_folders_gone_or_put_back_together_are_missed(root: Path) -> None:
    for parent in BOTH:
        shutil.copytree(root / parent / DATA, root / "yesterday" / parent)
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    held.charge("today", epsilon=0.25, neighbouring="replace-one")
    for parent in BOTH:
        shutil.rmtree(root / parent / DATA)
    assert data_sets(root) == (DATA,)
    refused(root, DATA, "4 lines were written and 0 are left, in both places")
    for parent in BOTH:
        shutil.rmtree(root / parent / DATA, ignore_errors=True)
        shutil.copytree(root / "yesterday" / parent, root / parent / DATA)
    refused(root, DATA, "4 lines were written and 3 are left, in both places")
    assert [
        c.epsilon for c in repair(root, DATA, reason="put back", name="A. Auditor").charges
    ] == [0.5, 0.25, 0.75, 0.25]


@pytest.mark.parametrize("how", ["gone", "emptied", "edited", "of yesterday"])
def test_a_register_that_is_damaged_refuses_until_a_repair(root: Path, how: str) -> None:
    ledgers.set_cap(root, OTHER, Budget(1.0))
    path = root / REGISTER
    before = path.read_bytes()
    if how == "of yesterday":
        # It ends before the files do, as after a crash: nothing is given back by it.
        held = ledgers.open_ledger(root, DATA)
        assert held is not None
        held.charge("today", epsilon=0.25, neighbouring="replace-one")
        path.write_bytes(before)
        assert len(ledgers.charges_of(root, DATA)) == 4
        return
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if how == "emptied" else before.replace(b"0.75", b"0.05"))
    refused(root, DATA, "the register of all ledgers")
    refused(root, OTHER, "the register of all ledgers")
    found = repair(root, DATA, reason="a disk failed", name="A. Auditor")
    assert [c.epsilon for c in found.charges if c.epsilon != 0.05] == [0.5, 0.25, 0.75]
    assert ledgers.cap_of(root, OTHER) == Budget(1.0)
    assert data_sets(root) == (DATA, OTHER)


def test_a_ledger_gone_with_the_register_s_seal_stays_damaged_after_another_s_repair(
    root: Path,
) -> None:
    ledgers.set_cap(root, OTHER, Budget(1.0))
    path = root / REGISTER
    path.write_bytes(path.read_bytes().replace(b"0.75", b"0.76"))
    for parent in BOTH:
        shutil.rmtree(root / parent / DATA)
    repair(root, OTHER, reason="the register was edited", name="A. Auditor")
    assert ledgers.cap_of(root, OTHER) == Budget(1.0)
    refused(root, DATA, "lines were written and 0 are left")
    found = repair(root, DATA, reason="and this is gone", name="A. Auditor")
    assert [c.epsilon for c in found.charges] == [0.5, 0.25, 0.76]


def test_all_ledgers_and_the_register_gone_beside_the_key_are_missed(root: Path) -> None:
    for parent in BOTH:
        shutil.rmtree(root / parent)
    (root / REGISTER).unlink()
    refused(root, DATA, "the register of all ledgers is gone")
    refused(root, OTHER, "the register of all ledgers is gone")


def test_sealed_ledgers_from_before_the_register_are_taken_over_once(tmp_path: Path) -> None:
    held = ledger_on_disk(tmp_path, Budget(1.0))
    held.charge("model", epsilon=0.5, neighbouring="replace-one")
    unmarked(tmp_path, DATA)
    (tmp_path / REGISTER).unlink()
    assert [c.epsilon for c in ledgers.charges_of(tmp_path, DATA)] == [0.5]
    assert (tmp_path / REGISTER).exists()
    held.charge("model", epsilon=0.25, neighbouring="replace-one")
    # From then on a register that is gone is damage.
    (tmp_path / REGISTER).unlink()
    refused(tmp_path, DATA, "the register of all ledgers is gone")


def unmarked(root: Path, data: str) -> None:
    """Sign the lines of a data set anew, as they were before there was a register."""
    key = (root / "ledger.key").read_bytes()
    for part, other, name in (("caps", 0, "caps.jsonl"), ("charges", 1, "ledger.jsonl")):
        entries = [
            json.loads(line) for line in (root / "ledgers" / data / name).read_bytes().splitlines()
        ]
        lines: tuple[Line, ...] = ()
        for entry in entries:
            del entry["seal"], entry["registered"]
            if other:
                caps = parse_chain(
                    (root / "ledgers" / data / "caps.jsonl").read_bytes(), key, (data, "caps")
                )
                entry["beside"] = [len(caps), last_signature(caps)]
            lines = extend(lines, entry, key, (data, part))
        for parent in BOTH:
            (root / parent / data / name).write_bytes(format_chain(lines))


def test_lines_of_another_data_set_or_key_do_not_hold(root: Path) -> None:
    ledgers.set_cap(root, OTHER, Budget(9.0))
    for parent in ("ledgers", "ledger-copies"):
        shutil.copy(root / parent / OTHER / "caps.jsonl", root / parent / DATA / "caps.jsonl")
    with pytest.raises(DamagedLedgerError, match=r"caps\.jsonl line 1"):
        ledgers.cap_of(root, DATA)


@pytest.mark.parametrize("spoil", ["gone", "new", "short", "readable by others"])
def test_a_key_that_is_gone_or_another_is_told(root: Path, spoil: str) -> None:
    path = root / "ledger.key"
    if spoil == "gone":
        path.unlink()
    elif spoil == "readable by others":
        path.chmod(0o644)
    else:
        path.write_bytes(bytes(32 if spoil == "new" else 7))
    with pytest.raises(InputError, match="python -m core ledger repair"):
        ledgers.charges_of(root, DATA)
    if spoil != "new":
        with pytest.raises(InputError, match="python -m core ledger repair"):
            ledgers.set_cap(root, OTHER, Budget(1.0))
    found = repair(root, DATA, reason="the key is not ours alone", name="A. Auditor")
    assert [c.epsilon for c in found.charges] == [0.5, 0.25, 0.75]
    assert found.proven == 0
    assert ledgers.charges_of(root, DATA) == found.charges


def test_a_cap_whose_file_is_gone_is_not_set_anew_without_a_reason(root: Path) -> None:
    for parent in ("ledgers", "ledger-copies"):
        (root / parent / DATA / "caps.jsonl").unlink()
    (root / REGISTER).unlink()
    found = repair(root, DATA, reason="caps.jsonl was deleted", name="A. Auditor")
    assert found.cap == Budget(1.5)
    with pytest.raises(InputError, match="needs a reason"):
        ledgers.set_cap(root, DATA, Budget(50.0))
    ledgers.set_cap(root, DATA, Budget(50.0), reason="the board agreed on 50")


def test_a_raise_of_delta_alone_needs_a_reason(root: Path) -> None:
    with pytest.raises(InputError, match="needs a reason"):
        ledgers.set_cap(root, DATA, Budget(2.0, 1e-5))
    with pytest.raises(InputError, match="needs a reason"):
        ledgers.set_cap(root, DATA, Budget(1.9, 1e-5))
    ledgers.set_cap(root, DATA, Budget(1.9, 1e-6))
    ledgers.set_cap(root, DATA, Budget(1.9, 1e-5), reason="as agreed")


@pytest.mark.parametrize("how", DAMAGE)
def test_a_repair_gives_nothing_back_and_says_for_ever_what_happened(root: Path, how: str) -> None:
    path = root / "ledgers" / DATA / "ledger.jsonl"
    after = DAMAGE[how](path.read_bytes())
    if after is None:
        path.unlink()
    else:
        path.write_bytes(after)
    found = repair(root, DATA, reason="a disk failed", name="A. Auditor")
    assert found.proven == 3
    charges = ledgers.charges_of(root, DATA)
    assert [c.epsilon for c in charges if c.epsilon != 0.15] == [0.5, 0.25, 0.75]
    assert sum(c.epsilon for c in charges) >= 1.5
    assert ledgers.cap_of(root, DATA) == Budget(2.0, 1e-6)
    (note,) = ledgers.notes_of(root, DATA)
    assert (note["reason"], note["name"]) == ("a disk failed", "A. Auditor")
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    with pytest.raises(BudgetExceededError):
        held.charge("more", epsilon=0.6, neighbouring="replace-one")
    held.charge("more", epsilon=0.1, neighbouring="replace-one")
    aside = list((root / "ledgers" / DATA).glob("damaged-*/ledger.jsonl"))
    assert [found.read_bytes() for found in aside] == ([] if after is None else [after])


def test_a_whole_ledger_is_not_repaired_and_a_repair_needs_reason_and_name(root: Path) -> None:
    with pytest.raises(InputError, match="as it was written"):
        repair(root, DATA, reason="just so", name="A. Auditor")
    for reason, name in (("", "A. Auditor"), ("a disk failed", " ")):
        with pytest.raises(InputError, match="there is none"):
            repair(root, DATA, reason=reason, name=name)


def test_what_a_kept_model_cost_is_missed_in_a_ledger_that_is_all_gone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    sample = SAMPLES["german_credit"]
    state = set_budget(workspace, begin_sample(workspace, sample.name), Budget(3.0, 1e-5))
    dataset = assign(read_table(workspace, state), sample.roles)
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=1.0, delta=1e-6, domains=sample.domains, noise="fresh"
    )
    load_or_train(workspace, state, dataset, spec)
    assert ledger(workspace, state) is not None
    note = tmp_path / "audits" / state.id / "paid.json"
    # The note is signed: one that is edited is made again from the model.
    note.write_text(note.read_text().replace("1.0", "0.1"))
    for parent in ("ledgers", "ledger-copies"):
        shutil.rmtree(tmp_path / parent)
    (tmp_path / "ledger.key").unlink()
    (tmp_path / REGISTER).unlink()
    with pytest.raises(DamagedLedgerError, match=r"cost ε = 1, δ = 1e-06 and is kept"):
        ledger(workspace, state)
    found = repair(tmp_path, state.data, reason="someone deleted it", name="A. Auditor")
    assert (found.from_results, [c.epsilon for c in found.charges]) == (1, [1.0])
    assert found.cap == Budget(1.0, 1e-6)
    held = ledger(workspace, replace(state, budget=found.cap))
    assert held is not None
    with pytest.raises(BudgetExceededError):
        held.charge("more", epsilon=0.1, neighbouring="replace-one")


def plain(root: Path, data: str, charges: list[float], cap: float | None) -> None:
    """Write a ledger as they were before lines were signed."""
    folder = root / "ledgers" / data
    folder.mkdir(parents=True)
    lines = [
        json.dumps({"what": "m", "epsilon": e, "delta": 0.0, "neighbouring": "replace-one"})
        for e in charges
    ]
    if lines:
        (folder / "ledger.jsonl").write_text("\n".join(lines) + "\n")
    if cap is not None:
        fields = {"budget": {"epsilon": cap, "delta": 0.0}, "reason": "", "when": "", "audit": ""}
        (folder / "caps.jsonl").write_text(json.dumps(fields) + "\n")


def test_plain_ledgers_are_taken_over_once_and_marked(tmp_path: Path) -> None:
    plain(tmp_path, DATA, [0.5, 0.5], 1.5)
    plain(tmp_path, OTHER, [], 2.0)
    shutil.copytree(tmp_path / "ledgers", tmp_path / "before")
    assert [c.epsilon for c in ledgers.charges_of(tmp_path, DATA)] == [0.5, 0.5]
    assert ledgers.cap_of(tmp_path, OTHER) == Budget(2.0)
    (note,) = ledgers.notes_of(tmp_path, DATA)
    assert note["note"].startswith("taken over")
    assert data_sets(tmp_path) == (DATA, OTHER)
    held = ledgers.open_ledger(tmp_path, DATA)
    assert held is not None
    held.charge("m", epsilon=0.25, neighbouring="replace-one")
    # A plain one in the place of a signed one is damage, whatever else is gone.
    shutil.rmtree(tmp_path / "ledgers")
    shutil.copytree(tmp_path / "before", tmp_path / "ledgers")
    with pytest.raises(DamagedLedgerError):
        ledgers.charges_of(tmp_path, DATA)
    shutil.rmtree(tmp_path / "ledger-copies")
    with pytest.raises(DamagedLedgerError):
        ledgers.charges_of(tmp_path, DATA)


def test_a_take_over_that_dies_is_taken_up_again(tmp_path: Path) -> None:
    for data in (DATA, OTHER):
        plain(tmp_path, data, [0.5], 1.0)
    code = f"""
import os
from pathlib import Path
from core.ledger import ledgers
from core.ledger import take_over as ledger_take_over
whole = ledger_take_over._take_over
def dying(root, data, key):
    if data == {OTHER!r}:
        os._exit(9)
    return whole(root, data, key)
ledger_take_over._take_over = dying
ledgers.charges_of(Path({str(tmp_path)!r}), {DATA!r})
"""
    top = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=top, timeout=60)
    assert done.returncode == 9
    assert not (tmp_path / "ledger.key").exists()
    for data in (DATA, OTHER):
        assert [c.epsilon for c in ledgers.charges_of(tmp_path, data)] == [0.5]
        assert len(ledgers.notes_of(tmp_path, data)) == 1


def test_a_plain_ledger_that_is_damaged_is_not_taken_over_and_can_be_repaired(
    tmp_path: Path,
) -> None:
    plain(tmp_path, DATA, [0.5, 0.25], 1.0)
    path = tmp_path / "ledgers" / DATA / "ledger.jsonl"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DamagedLedgerError):
        ledgers.charges_of(tmp_path, DATA)
    found = repair(tmp_path, DATA, reason="the last line was cut", name="A. Auditor")
    assert ([c.epsilon for c in found.charges], found.proven) == ([0.5], 0)


def _race(path: str, results: multiprocessing.Queue[int]) -> None:
    held = ledgers.open_ledger(Path(path), DATA)
    assert held is not None
    done = 0
    for _ in range(12):
        try:
            held.charge("race", epsilon=0.1, neighbouring="replace-one")
            done += 1
        except BudgetExceededError:
            pass
        ledgers.charges_of(Path(path), DATA)  # Reading beside a writer is never damage.
    results.put(done)


def test_two_processes_at_once_spend_a_cap_to_the_last_digit(tmp_path: Path) -> None:
    ledger_on_disk(tmp_path, Budget(1.7))
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=_race, args=(str(tmp_path), results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert sum(results.get(timeout=240) for _ in workers) == 17
    for worker in workers:
        worker.join()


def test_a_charge_killed_between_its_two_places_stands_and_the_ledger_goes_on(root: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from core.ledger import ledgers
replace, seen = os.replace, []
def dying(a, b):
    replace(a, b)
    if str(b).endswith("ledger.jsonl"):
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = dying
ledgers.open_ledger(Path({str(root)!r}), {DATA!r}).charge(
    "killed", epsilon=0.125, neighbouring="replace-one")
"""
    top = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=top, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert [c.epsilon for c in ledgers.charges_of(root, DATA)] == [0.5, 0.25, 0.75, 0.125]
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    held.charge("next", epsilon=0.125, neighbouring="replace-one")
    for name in FILES.values():
        copy = (root / "ledger-copies" / DATA / name).read_bytes()
        assert (root / "ledgers" / DATA / name).read_bytes() == copy


@pytest.mark.parametrize("file", [1, 2, 3])
def test_a_full_disk_leaves_the_ledger_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, file: int
) -> None:
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    flush = os.fsync
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == file:  # The ledger, its copy and the register.
            raise OSError(28, "No space left on device")
        flush(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="disk is full"):
        held.charge("more", epsilon=0.1, neighbouring="replace-one")
    monkeypatch.undo()
    assert len(ledgers.charges_of(root, DATA)) == 3


def test_folders_are_flushed_after_a_charge(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    flush = os.fsync
    flushed = []

    def noted(handle: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{handle}"))
        flush(handle)

    monkeypatch.setattr(os, "fsync", noted)
    held.charge("more", epsilon=0.1, neighbouring="replace-one")
    assert {str(root / parent / DATA) for parent in ("ledgers", "ledger-copies")} <= set(flushed)


def test_the_command_lists_damage_and_repairs(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(root))
    ledgers.set_cap(root, OTHER, Budget(4.0))
    assert main(["ledger"]) == 0
    out = capsys.readouterr().out
    assert "aaaaaaaaaaaa  spent ε = 1.5, δ = 0 in 3 charges; cap ε = 2, δ = 1e-06" in out
    (root / "ledgers" / DATA / "caps.jsonl").unlink()
    assert main(["ledger", "list"]) == 2
    output = capsys.readouterr()
    assert (
        "aaaaaaaaaaaa  DAMAGED  caps.jsonl: 2 lines were written and the file is gone" in output.out
    )
    assert "bbbbbbbbbbbb  spent ε = 0" in output.out
    assert "1 ledger is damaged" in output.err
    assert main(["ledger", "repair", "--data", "a" * 12]) == 2
    assert "there is none" in capsys.readouterr().err
    signed = ["--reason", "a file was deleted", "--name", "A. Auditor"]
    assert main(["ledger", "repair", "--data", "a" * 12, *signed]) == 0
    assert (
        "3 charges now: 3 proven by their seals, 0 told by kept results" in capsys.readouterr().err
    )
    assert main(["ledger"]) == 0
    assert "repaired, " in capsys.readouterr().out
