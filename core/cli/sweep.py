"""``python -m core sweep``: a plan in, and points, the frontier and its page out.

Points are kept in ``DIR/points.jsonl`` as they are finished: the same command goes on where it was
stopped or killed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.cli.audit_budget import identity_of_options, ledger_of_options
from core.cli.audit_roles import audit_roles, load_table
from core.cli.audit_training import read_declared_domains
from core.cli.options import refuse_ignored, write_text
from core.cli.sweep_grid import parse_figures, parse_grid
from core.cli.sweep_plan import WrittenPlan, read_plan
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.table import Table
from core.errors import InputError
from core.governance.stored_sweeps import check_cost, cost_to
from core.learning.learners import LEARNERS
from core.ledger.ledgers import cap_of
from core.privacy.accounting.ledger import Ledger
from core.reporting.frontier_page import frontier_html
from core.storage.json_format import to_json
from core.storage.workspace import default_root
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.frontier_json import default_axes, frontier_json
from core.tradeoff.sweep.basis import rows_of
from core.tradeoff.sweep.executors import Cluster, Cores, Executor, Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.grid_json import flat
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, opened_store
from core.tradeoff.sweep.runs import rows_used, runs
from core.tradeoff.sweep.sweep import SweepState, sweep


def sweep_command(options: argparse.Namespace) -> None:
    """Run ``sweep``: write points.parquet, frontier.json and frontier.html.

    Raises
    ------
    InputError
        If the plan or the data cannot be used.
    """
    if options.cluster is not None and options.jobs is not None:
        refuse_ignored("--jobs", "the cluster has its own workers")
    plan = read_plan(options.plan)
    table, sample = load_table(plan.data)
    _check_basis(plan, table)
    roles, _ = audit_roles(table, sample, plan.data)
    own = assign(table, roles)
    rows, domains = rows_of(plan.basis, own, read_declared_domains(table, sample, plan.data.bounds))
    given = rows.roles.audits_existing_predictions
    grid = replace(parse_grid(plan.sweep, rows.roles.sensitive, given=given), domains=domains)
    names = parse_figures(plan.sweep, grid)
    axes = default_axes(grid)
    axes = (
        axes[0] if names[0] is None else axis_named(names[0], grid.attributes),
        axes[1] if names[1] is None else axis_named(names[1], grid.attributes),
    )
    for axis in axes:
        axis.sign  # noqa: B018 - refused before anything runs where it has no better end
    todo, _ = runs(rows, grid, fresh=plan.basis.spends)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder can't be made ({error.strerror})", where=f"--out {folder}"
        ) from None
    store = opened_store(folder / "points.jsonl")
    executor = _executor(options, plan, table, rows, grid, store)
    print(plan.basis.label_of(grid), file=sys.stderr)
    used = rows_used(rows, grid)
    if used < len(rows):
        print(
            f"{used:,} of {len(rows):,} rows are used: at most {grid.rows_per_person} of each "
            "person, and none that names nobody",
            file=sys.stderr,
        )
    state = _followed(rows, grid, store, executor, fresh=plan.basis.spends)
    record: dict[str, Any] = {
        "data": rows.provenance.name,
        "fingerprint": rows.fingerprint,
        "plan": to_json(grid),
        **frontier_json(
            state.points,
            grid,
            plan.basis.label_of(grid),
            axes=axes,
            left_out=state.left_out,
            positive_is_favourable=rows.roles.positive_is_favourable,
            called=rows.decision_labels,
        ),
    }
    assert len(state.points) == len(todo)
    _write(folder, state.points, record)


def _check_basis(plan: WrittenPlan, table: Table) -> None:
    """Refuse to simulate on rows that a privacy budget protects, unless they are said public."""
    if plan.basis.kind not in ("own", "public"):
        return
    data = identity_of_options(table, plan.data)
    if cap_of(default_root(), data) is None:
        return
    if plan.basis.kind == "public":
        print(
            "a privacy budget was set for these rows, and nothing is charged to it, since the plan "
            "says that they are public",
            file=sys.stderr,
        )
    else:
        raise InputError(
            "a privacy budget protects these rows, and a simulation on them would tell of them at "
            "no cost",
            where="kind = 'own' in [basis]",
            remedy="Write spend, public_sample or synthetic",
        )


def _executor(
    options: argparse.Namespace,
    plan: WrittenPlan,
    table: Table,
    rows: Dataset,
    grid: Grid,
    store: PointStore,
) -> Executor:
    if plan.basis.spends:
        for name in ("jobs", "cluster"):
            if getattr(options, name) is not None:
                refuse_ignored(f"--{name}", "one ledger is charged run by run, in one process")
        ledger = _ledger(plan, table, grid)
        # All of it, before any of it runs.
        cost = cost_to(ledger, rows, grid, store)
        check_cost(cost)
        print(
            f"this sweep trains {cost.runs} private models under the budget; with what is spent "
            f"already that comes to ε = {cost.epsilon:.4g}, δ = {cost.delta:.3g} of the cap "
            f"ε = {ledger.budget.epsilon:g}, δ = {ledger.budget.delta:g}",
            file=sys.stderr,
        )
        return Here(ledger)
    if options.cluster is not None:
        return Cluster(options.cluster)
    return Here() if options.jobs == 1 else Cores(-1 if options.jobs is None else options.jobs)


def _ledger(plan: WrittenPlan, table: Table, grid: Grid) -> Ledger:
    """Open the data set's ledger; a plan that spends says what may be spent in all."""
    if plan.cap is None:
        raise InputError(
            "a sweep that spends needs to know what may be spent in all",
            where="'cap' in [basis]",
            remedy='Write cap = "ε" or cap = "ε,δ"',
        )
    private = [e for e in grid.epsilons if e is not None]
    if not private or not any(LEARNERS[name].private for name in grid.learners):
        raise InputError("nothing in it spends", where="kind = 'spend' in [basis]")
    options = argparse.Namespace(**vars(plan.data))
    options.cap, options.reason = plan.cap, "a sweep"
    return ledger_of_options(table, max(private), grid.delta, options, default_root())


def _followed(
    rows: Dataset, grid: Grid, store: PointStore, executor: Executor, *, fresh: bool
) -> SweepState:
    """Follow a sweep to its end, telling how far it is."""
    state, began, first, last = None, time.monotonic(), None, -1.0
    for state in sweep(rows, grid, store, executor, fresh=fresh):
        done = len(state.points)
        first = done if first is None else first
        if state.share - last >= 0.01 or state.finished:
            last = state.share
            left = ""
            if done > first:
                seconds = (time.monotonic() - began) / (done - first) * (state.total - done)
                left = f", about {seconds:.0f} s left"
            print(f"{state.share:4.0%} {done} of {state.total} runs{left}", file=sys.stderr)
    assert state is not None
    if store.damaged:
        print(f"{store.damaged} damaged lines were made again", file=sys.stderr)
    return state


def _write(folder: Path, points: Sequence[SweepPoint], record: dict[str, Any]) -> None:
    try:
        pd.DataFrame([flat(point) for point in points]).to_parquet(
            folder / "points.parquet", index=False
        )
    except OSError as error:
        raise InputError(
            f"it can't be written ({error.strerror})", where=str(folder / "points.parquet")
        ) from None
    write_text(folder / "frontier.json", json.dumps(record, indent=2, allow_nan=False) + "\n")
    write_text(folder / "frontier.html", frontier_html(record))
    spent = compose_points(points)
    if spent is not None:
        print(f"charged: ε = {spent[0]:g}, δ = {spent[1]:g} in all", file=sys.stderr)
    names = ("points.parquet", "frontier.json", "frontier.html")
    print(f"wrote {', '.join(str(folder / name) for name in names)}", file=sys.stderr)


def compose_points(points: Sequence[SweepPoint]) -> tuple[float, float] | None:
    """Add up what the runs of a sweep were charged; None if nothing was."""
    charged = [point.charged for point in points if point.charged is not None]
    if not charged:
        return None
    return sum(epsilon for epsilon, _ in charged), sum(delta for _, delta in charged)
