"""The options of ``python -m core fairness``."""

from __future__ import annotations

import argparse

from core.audit.audit_options import EXTERNAL_OPTIONS, ROWS_AND_MEANING
from core.cli.option_arguments import EarlierFlag, add_options
from core.training.training_options import TRAINING_OPTIONS


def add_fairness_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``fairness`` to its parser."""
    command.add_argument(
        "--predictions", metavar="FILE", help="a file, or a folder or pattern of Parquet files"
    )
    command.add_argument("--connect", metavar="URL", help="count inside this Ibis backend")
    command.add_argument("--table", metavar="NAME", help="the backend's table, with --connect")
    command.add_argument(
        "--label",
        metavar="COL",
        help="column of true outcomes; without it what needs one is not defined",
    )
    command.add_argument("--prediction", metavar="COL", help="column of decisions")
    add_options(command, (option for option in TRAINING_OPTIONS if option.field == "external"))
    command.add_argument("--score", metavar="COL")
    command.add_argument("--favourable", metavar="LABEL", help="the label counted as positive")
    command.add_argument("--sensitive", required=True, metavar="COL[,COL]")
    command.add_argument("--out", required=True, metavar="FILE.json")
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--multiclass", action="store_true", help="any number of classes")
    kinds.add_argument("--regression", action="store_true", help="predicted values (regression)")
    command.add_argument(
        "--loss-bound", type=float, metavar="B", help="judge each group's mean absolute error by B"
    )
    against = command.add_mutually_exclusive_group()
    against.add_argument("--reference", metavar="GROUP", help="compare every group with this one")
    against.add_argument("--against", choices=("best", "overall", "rest"))
    command.add_argument(
        "--reason",
        dest="share_reason",
        action=EarlierFlag,
        metavar="--share-reason",
        help=argparse.SUPPRESS,
    )
    command.add_argument(
        "--control", metavar="COL[,COL]", help="compare people who are alike in these columns"
    )
    command.add_argument(
        "--identifier",
        metavar="COL[,COL]",
        help="columns that name a person: intervals then count persons, not rows",
    )
    add_options(command, (option for option in ROWS_AND_MEANING if option.counts))
    command.add_argument(
        "--class-label",
        action="append",
        default=[],
        metavar="CLASS=LABEL",
        help="with --multiclass, the label that a class of --model stands for, where it is another",
    )
    add_options(command, EXTERNAL_OPTIONS)
