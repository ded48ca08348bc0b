"""The parser of all commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from core.audit.audit_options import AUDIT_OPTIONS, ROWS_AND_MEANING
from core.errors import InputError
from core.installation import PROGRAM
from core.option import Option


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, where="command line", remedy=f"See {self.prog} --help")


class _Earlier(argparse.Action):
    """Read a flag by an earlier name, and say what it is called now."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        print(f"{option_string} is called {self.metavar} now", file=sys.stderr)
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, [*before, values] if isinstance(before, list) else values)


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add options as their rows say, and their earlier names."""
    types: dict[str, Any] = {"number": float, "whole": int}
    for option in options:
        if not option.flag:
            continue
        if option.kind == "switch":
            parser.add_argument(option.flag, action="store_true", help=option.help)
            continue
        told: dict[str, Any] = {
            "dest": option.dest,
            "type": types.get(option.kind, str),
            "choices": [name for name, _ in option.choices] or None,
            "default": option.parsed_default,
        }
        parser.add_argument(
            option.flag,
            action="append" if option.repeated else "store",
            required=option.required,
            metavar=option.metavar or None,
            help=option.help,
            **told,
        )
        for flag in option.earlier:
            parser.add_argument(
                flag, action=_Earlier, metavar=option.flag, help=argparse.SUPPRESS, **told
            )


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
    add_options(audit, AUDIT_OPTIONS)
    audit.add_argument("--explain", type=int, metavar="N", default=3, help="people to explain")
    audit.add_argument("--out", required=True, metavar="DIR")

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
    kinds.add_argument("--regression", action="store_true", help="predicted values (regression)")
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
    add_options(fairness, (option for option in ROWS_AND_MEANING if option.counts))

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
