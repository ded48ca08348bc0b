"""The command line, ``python -m core``: audit, fairness, and lists of what there is.

It walks the same path as the browser and gives the same numbers. Progress goes to stderr. Exit
status 0 is done; 2 is bad input, with one line on stderr that says what and where.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn

from core.errors import InputError


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
    parser.add_argument("--threshold", type=float, metavar="T", help="decide by score >= T")


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = _Parser(prog="python -m core", description="Audit models and predictions.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    audit = commands.add_parser("audit", help="train and audit, or audit existing predictions")
    audit.add_argument("--data", required=True, metavar="FILE", help="a file or a sample's name")
    audit.add_argument("--target", metavar="COL", help="column of true outcomes")
    audit.add_argument("--favourable", metavar="LABEL", help="the label counted as positive")
    audit.add_argument("--sensitive", metavar="COL[,COL]", help="columns to compare by")
    audit.add_argument("--learner", metavar="NAME", help="see: python -m core learners")
    audit.add_argument("--mitigation", metavar="NAME", default="none")
    audit.add_argument("--mitigate-for", metavar="COL", help="default: the first sensitive column")
    audit.add_argument("--epsilon", type=float, metavar="E", help="privacy budget")
    audit.add_argument("--delta", type=float, metavar="D", help="default 1e-6")
    audit.add_argument("--bounds", metavar="FILE", help="JSON: {column: [low, high] or [labels]}")
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
    fairness.add_argument("--label", required=True, metavar="COL", help="column of true outcomes")
    fairness.add_argument("--prediction", metavar="COL", help="column of decisions")
    fairness.add_argument("--score", metavar="COL")
    fairness.add_argument("--favourable", required=True, metavar="LABEL")
    fairness.add_argument("--sensitive", required=True, metavar="COL[,COL]")
    fairness.add_argument("--out", required=True, metavar="FILE.json")
    _columns(fairness)

    for name in ("learners", "mitigations", "metrics", "samples"):
        commands.add_parser(name, help=f"list the {name}")
    return top


def _list(kind: str) -> None:
    from core.fairness.disparities import DISPARITIES
    from core.fairness.metrics import METRICS

    entries: Iterable[object]
    if kind == "learners":
        from core.learning.learners import LEARNERS

        entries = LEARNERS
    elif kind == "mitigations":
        from core.fairness.mitigation import MITIGATIONS

        entries = MITIGATIONS
    elif kind == "samples":
        from core.data.samples import SAMPLES

        entries = SAMPLES
    else:
        entries = [*METRICS, *DISPARITIES]
    for entry in entries:
        print(f"{entry.name}\t{' '.join(entry.sentence.split())}")  # type: ignore[attr-defined]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    try:
        options = parser().parse_args(arguments)
        if options.command == "audit":
            from core.headless import audit

            audit(options)
        elif options.command == "fairness":
            from core.headless import fairness

            fairness(options)
        else:
            _list(options.command)
    except InputError as error:
        print(f"python -m core: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
