"""The parser of all commands."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

from core.errors import InputError
from core.installation import PROGRAM


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, where="command line", remedy=f"See {self.prog} --help")


def _columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--adverse", action="store_true", help="the positive label is unwelcome")
    parser.add_argument("--weight", metavar="COL", help="column of row weights")
    parser.add_argument(
        "--edges",
        action="append",
        default=[],
        metavar="COL=A,B",
        help="inner edges of a numeric sensitive column's bins",
    )
    parser.add_argument(
        "--together",
        action="append",
        default=[],
        metavar="COL=GROUP:A,B",
        help="count values of a sensitive column as one group; COL= keeps a sample's apart",
    )
    parser.add_argument("--encoding", metavar="NAME", help="of a text file; found by itself")
    parser.add_argument("--delimiter", metavar="SIGN", help="of a text file; found by itself")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook; the first one")
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="COL=KIND",
        help="correct what a column holds: number, category, boolean, date or text",
    )
    parser.add_argument(
        "--header-line",
        type=int,
        metavar="N",
        help="line of a text file, or row of a worksheet, with the column names; found by itself",
    )
    parser.add_argument(
        "--notation",
        action="append",
        default=[],
        metavar="COL=HOW",
        help="how a column of text is written: decimal-point, decimal-comma, percent-share, "
        "percent-points, day-first or month-first",
    )
    parser.add_argument("--threshold", type=float, metavar="T", help="decide by score >= T")


def parser(others: Mapping[str, str] = MappingProxyType({})) -> argparse.ArgumentParser:
    """Build the parser of all commands.

    Parameters
    ----------
    others : mapping of str to str
        Commands that somebody else carries out, with what they do: they are listed only.
    """
    top = _Parser(prog=PROGRAM, description="Audit models and predictions.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    audit = commands.add_parser("audit", help="train and audit, or audit existing predictions")
    audit.add_argument("--data", required=True, metavar="FILE", help="a file or a sample's name")
    audit.add_argument("--target", metavar="COL", help="column of true outcomes")
    audit.add_argument("--favourable", metavar="LABEL", help="the label counted as positive")
    audit.add_argument("--sensitive", metavar="COL[,COL]", help="columns to compare by")
    audit.add_argument("--learner", metavar="NAME", help=f"see: {PROGRAM} learners")
    audit.add_argument("--mitigation", metavar="NAME", default="none")
    audit.add_argument("--mitigate-for", metavar="COL", help="default: the first sensitive column")
    audit.add_argument(
        "--strength",
        type=float,
        metavar="S",
        default=1.0,
        help="of a mitigation that has degrees, above 0 and at most 1, in full; default 1",
    )
    audit.add_argument(
        "--balancing", metavar="NAME", default="none", help=f"see: {PROGRAM} balancings"
    )
    audit.add_argument(
        "--split",
        choices=("stratified", "lots"),
        help="how rows are divided: lots as private learners and sweeps do it, by each row's own "
        "values; default: stratified, and lots for a private learner",
    )
    audit.add_argument("--epsilon", type=float, metavar="E", help="privacy budget")
    audit.add_argument("--delta", type=float, metavar="D", help="default 1e-6")
    audit.add_argument(
        "--cap", metavar="E[,D]", help="what all audits of this data set may spend together"
    )
    audit.add_argument("--reason", metavar="TEXT", help="why the cap is raised; kept with it")
    audit.add_argument(
        "--charge-to",
        metavar="LEDGER",
        help="charge the ledger of a table with mostly the same rows: a file or a listed ledger",
    )
    audit.add_argument(
        "--apart-because",
        metavar="TEXT",
        help="why rows that were spent on before have a budget of their own; kept with it",
    )
    audit.add_argument("--bounds", metavar="FILE", help="JSON: {column: [low, high] or [labels]}")
    audit.add_argument(
        "--person", metavar="COL", help="promise privacy to the persons of this identifier column"
    )
    audit.add_argument(
        "--rows-per-person", type=int, metavar="M", help="rows kept of each person, with --person"
    )
    audit.add_argument("--seed", type=int, metavar="N", default=0)
    audit.add_argument("--features", metavar="COL[,COL]", help="default: all usable columns")
    audit.add_argument("--keep-sensitive", action="store_true", help="let the model see them")
    audit.add_argument("--identifier", metavar="COL[,COL]", help="columns that name a person")
    audit.add_argument("--prediction", metavar="COL", help="audit these decisions; no training")
    audit.add_argument("--score", metavar="COL", help="audit these scores; no training")
    audit.add_argument("--explain", type=int, metavar="N", default=3, help="people to explain")
    audit.add_argument("--out", required=True, metavar="DIR")
    _columns(audit)

    fairness = commands.add_parser("fairness", help="audit a table of predictions")
    fairness.add_argument(
        "--predictions", metavar="FILE", help="a file, or a folder or pattern of Parquet files"
    )
    fairness.add_argument("--connect", metavar="URL", help="count inside this Ibis backend")
    fairness.add_argument("--table", metavar="NAME", help="the backend's table, with --connect")
    fairness.add_argument(
        "--label",
        metavar="COL",
        help="column of true outcomes; without it what needs one is not defined",
    )
    fairness.add_argument("--prediction", metavar="COL", help="column of decisions")
    fairness.add_argument("--score", metavar="COL")
    fairness.add_argument("--favourable", metavar="LABEL", help="the label counted as positive")
    fairness.add_argument("--sensitive", required=True, metavar="COL[,COL]")
    fairness.add_argument("--out", required=True, metavar="FILE.json")
    kinds = fairness.add_mutually_exclusive_group()
    kinds.add_argument("--multiclass", action="store_true", help="any number of classes")
    kinds.add_argument("--regression", action="store_true", help="predicted amounts")
    fairness.add_argument(
        "--loss-bound", type=float, metavar="B", help="judge each group's mean absolute error by B"
    )
    against = fairness.add_mutually_exclusive_group()
    against.add_argument("--reference", metavar="GROUP", help="compare every group with this one")
    against.add_argument("--against", choices=("best", "overall", "rest"))
    fairness.add_argument(
        "--smallest-share",
        type=float,
        metavar="SHARE",
        help="leave groups of less than this share of rows out of the impact ratios; with --reason",
    )
    fairness.add_argument("--reason", metavar="TEXT", help="why they are left out; kept")
    fairness.add_argument(
        "--control", metavar="COL[,COL]", help="compare people who are alike in these columns"
    )
    fairness.add_argument(
        "--identifier",
        metavar="COL[,COL]",
        help="columns that name a person: intervals then count persons, not rows",
    )
    _columns(fairness)

    swept = commands.add_parser("sweep", help="explore what privacy and fairness cost")
    swept.add_argument("plan", metavar="PLAN.toml", help="what is swept, see docs/sweeps.md")
    swept.add_argument("--out", required=True, metavar="DIR")
    swept.add_argument(
        "--jobs", type=int, metavar="N", help="processes; by default one for each core"
    )
    swept.add_argument("--cluster", metavar="URL", help="address of a Dask scheduler")

    compared = commands.add_parser("compare", help="compare two audits that this program made")
    compared.add_argument("a", metavar="A/audit.json")
    compared.add_argument("b", metavar="B/audit.json")
    compared.add_argument("--out", metavar="FILE.json", help="write the comparison down too")

    ledger = commands.add_parser("ledger", help="list privacy ledgers, choose or repair one")
    ledger.add_argument("action", nargs="?", choices=("list", "choose", "repair"), default="list")
    ledger.add_argument("--data", metavar="FILE", help="a file, a sample's name or a listed ledger")
    ledger.add_argument("--reason", metavar="TEXT", help="what happened; kept with the ledger")
    ledger.add_argument("--charge-to", metavar="LEDGER", help="charge this one for those rows")
    ledger.add_argument("--apart-because", metavar="TEXT", help="why they have a budget apart")
    ledger.add_argument("--name", metavar="NAME", help="of who repairs it; kept with the ledger")

    for name in ("learners", "mitigations", "balancings", "metrics", "samples"):
        commands.add_parser(name, help=f"list the {name}")
    for name, sentence in others.items():
        commands.add_parser(name, help=sentence)
    return top
