"""A crash after any write of any step is never damage, and ending the step again counts once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import InputError
from core.ledger import ledgers, near
from core.ledger.files import data_sets
from core.ledger.repair import repair
from core.privacy.accounting.budget import Budget
from tests.core.ledger.test_damage import OTHER, plain
from tests.core.ledgers import DATA, ledger_on_disk

Step = Callable[[Path], object]


def dies_after(step: Step, calls: int) -> bool:
    """Run a step in a process that is gone after so many writes; whether it was."""
    child = os.fork()
    if child == 0:
        left = [calls]
        for name in ("replace", "fsync", "mkdir", "unlink"):
            whole = getattr(os, name)

            def dying(
                *args: object, whole: Callable[..., object] = whole, **more: object
            ) -> object:
                done = whole(*args, **more)
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)
                return done

            setattr(os, name, dying)
        try:
            step(root_of_child[0])
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


root_of_child: list[Path] = []


def spent(root: Path, data: str = DATA) -> float:
    return sum(charge.epsilon for charge in ledgers.charges_of(root, data))


def charged(root: Path) -> None:
    held = ledger_on_disk(root, Budget(2.0))
    held.charge("m", epsilon=0.5, neighbouring="replace-one")


def two(root: Path) -> None:
    charged(root)
    ledgers.set_cap(root, OTHER, Budget(1.0))
    held = ledgers.open_ledger(root, OTHER)
    assert held is not None
    for _ in range(2):
        held.charge("m", epsilon=0.125, neighbouring="replace-one")


def plain_ones(root: Path) -> None:
    plain(root, DATA, [0.25, 0.25], 2.0)
    plain(root, OTHER, [0.125], 1.0)


def audits_own(root: Path) -> None:
    charged(root)
    fields = {"what": "m", "delta": 0.0, "neighbouring": "replace-one"}
    lines = [json.dumps({**fields, "epsilon": epsilon}) for epsilon in (0.25, 0.125)]
    (root / "before.jsonl").write_text("\n".join(lines) + "\n")


def charge(root: Path) -> None:
    held = ledgers.open_ledger(root, DATA)
    assert held is not None
    held.charge("m", epsilon=0.25, neighbouring="replace-one")


CASES: dict[str, tuple[Step, Step, tuple[float, ...]]] = {
    "first cap": (lambda r: None, lambda r: ledgers.set_cap(r, DATA, Budget(2.0)), (0.0, 0.0)),
    "charge": (charged, charge, (0.5, 0.75, 1.0)),
    "charges that go to another ledger": (
        two,
        lambda r: near.charge_to(r, OTHER, DATA),
        (0.5, 0.75),
    ),
    "take-over of plain ledgers": (plain_ones, spent, (0.5, 0.5)),
    "take-over of an audit's own": (
        audits_own,
        lambda r: ledgers.take_over(r, DATA, r / "before.jsonl"),
        (0.5, 0.875),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_crash_after_any_write_is_no_damage_and_ends_at_the_same_sum(
    tmp_path: Path, case: str
) -> None:
    start, step, sums = CASES[case]
    begin = tmp_path / "begin"
    begin.mkdir()
    start(begin)
    calls = 0
    died = True
    while died:
        calls += 1
        root = tmp_path / f"after {calls}"
        shutil.copytree(begin, root)
        root_of_child[:] = [root]
        died = dies_after(step, calls)
        assert spent(root) in sums
        step(root)
        assert spent(root) in sums[1:]
        for data in data_sets(root):
            assert ledgers.cap_of(root, data) in (Budget(1.0), Budget(2.0))
        shutil.rmtree(root)
    assert calls > 5


def repaired(root: Path, data: str = DATA, reason: str = "a disk failed") -> None:
    repair(root, data, reason=reason, name="A. Auditor")


def test_a_second_repair_keeps_what_the_first_one_said(tmp_path: Path) -> None:
    charged(tmp_path)
    path = tmp_path / "ledgers" / DATA / "ledger.jsonl"
    for reason in ("first", "second"):
        path.write_bytes(b"")
        repaired(tmp_path, reason=reason)
    assert [note["reason"] for note in ledgers.notes_of(tmp_path, DATA)] == ["first", "second"]


def test_a_longer_file_of_before_a_repair_raises_no_cap(tmp_path: Path) -> None:
    for epsilon in (9.0, 8.0, 7.0, 6.0, 5.0):
        ledgers.set_cap(tmp_path, DATA, Budget(epsilon))
    path = tmp_path / "ledgers" / DATA / "caps.jsonl"
    before = path.read_bytes()
    path.write_bytes(b"")
    repaired(tmp_path)
    ledgers.set_cap(tmp_path, DATA, Budget(1.0))
    path.write_bytes(before)
    repaired(tmp_path)
    assert ledgers.cap_of(tmp_path, DATA) == Budget(1.0)


def test_caps_put_back_everywhere_are_not_proven_by_what_is_left(tmp_path: Path) -> None:
    ledgers.set_cap(tmp_path, DATA, Budget(9.0))
    paths = [tmp_path / parent / DATA / "caps.jsonl" for parent in ("ledgers", "ledger-copies")]
    before = paths[0].read_bytes()
    charged(tmp_path)  # lowers it to 2
    for path in paths:
        path.write_bytes(before)
    (tmp_path / "ledgers.register").unlink()
    repaired(tmp_path)
    assert ledgers.cap_of(tmp_path, DATA) == Budget(0.5)


def test_a_plain_cap_that_says_nothing_is_repaired_after_it_was_taken_over(tmp_path: Path) -> None:
    plain(tmp_path, DATA, [0.5], None)
    (tmp_path / "ledgers" / DATA / "caps.jsonl").write_text("{}\n")
    with pytest.raises(InputError):
        ledgers.cap_of(tmp_path, DATA)
    repaired(tmp_path)
    assert ledgers.cap_of(tmp_path, DATA) == Budget(0.5)


@pytest.mark.parametrize("number", ["1" + "0" * 400, "NaN", "1e999", "1e308"])
@pytest.mark.parametrize("name", [f"ledgers/{DATA}/ledger.jsonl", "ledgers.register"])
def test_a_number_that_no_float_holds_stops_no_repair(
    tmp_path: Path, name: str, number: str
) -> None:
    charged(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes().replace(b'"epsilon": 0.5', b'"epsilon": ' + number.encode()))
    repaired(tmp_path)
    assert spent(tmp_path) >= 0.5


def test_plain_ledgers_are_taken_over_before_one_is_repaired(tmp_path: Path) -> None:
    plain_ones(tmp_path)
    with pytest.raises(InputError, match="as it was written"):
        repaired(tmp_path)
    assert spent(tmp_path, OTHER) == 0.125


def test_ledgers_that_charge_each_other_are_told_and_repaired(tmp_path: Path) -> None:
    two(tmp_path)
    before = tmp_path.parent / f"{tmp_path.name}-apart"
    shutil.copytree(tmp_path, before)
    near.charge_to(tmp_path, OTHER, DATA)
    one = tmp_path / "ledgers" / OTHER / "caps.jsonl", tmp_path / "ledger-copies" / OTHER
    content = one[0].read_bytes()
    shutil.rmtree(tmp_path)
    shutil.copytree(before, tmp_path)
    near.charge_to(tmp_path, DATA, OTHER)
    one[0].write_bytes(content)
    (one[1] / "caps.jsonl").write_bytes(content)
    with pytest.raises(InputError):
        ledgers.open_ledger(tmp_path, DATA)
    for data in (OTHER, DATA):
        with suppress(InputError):  # One of them may be whole by then.
            repaired(tmp_path, data)
    assert spent(tmp_path) >= 0.75
