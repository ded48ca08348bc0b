"""The parser of all commands.

Options of a command are added once it is asked for: they come from the tables of learners and
mitigations, which bring scikit-learn and scipy along, and ``--help`` doesn't wait for those.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

from core.cli.option_arguments import add_options
from core.errors import InputError
from core.installation import PROGRAM


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, where="command line", remedy=f"See {self.prog} --help")


class _Command(_Parser):
    """A parser of one command, whose options are added when it first parses."""

    def __init__(self, *, fill: Callable[[argparse.ArgumentParser], None], **fields: Any):
        super().__init__(**fields)
        self._fill: Callable[[argparse.ArgumentParser], None] | None = fill

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: argparse.Namespace | None = None,
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, with the command's options."""
        if self._fill is not None:
            self._fill(self)
            self._fill = None
        return super().parse_known_args(args, namespace)


def parser(others: Mapping[str, str] = MappingProxyType({})) -> argparse.ArgumentParser:
    """Build the parser of all commands.

    Parameters
    ----------
    others : mapping of str to str
        Commands that somebody else carries out, with what they do: they are listed only.
    """
    top = _Parser(prog=PROGRAM, description="Audit models and predictions.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Command)
    for name, (sentence, fill) in _COMMANDS.items():
        commands.add_parser(name, help=sentence, fill=fill)
    for name in ("learners", "mitigations", "balancings", "metrics", "checks", "samples"):
        commands.add_parser(name, help=f"list the {name}", fill=_no_options)
    for name, sentence in others.items():
        commands.add_parser(name, help=sentence, fill=_no_options)
    return top


def _audit(command: argparse.ArgumentParser) -> None:
    from core.audit.audit_options import AUDIT_OPTIONS
    from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS

    command.add_argument("--data", required=True, metavar="FILE", help="a file or a sample's name")
    add_options(command, (*AUDIT_OPTIONS, *BIAS_AUDIT_OPTIONS))
    command.add_argument("--explain", type=int, metavar="N", default=3, help="people to explain")
    command.add_argument(
        "--what-if",
        action="append",
        default=[],
        metavar="FEATURE=VALUE",
        help="ask the model about the person of --row with this value; repeat for several",
    )
    command.add_argument(
        "--row", type=int, metavar="N", help="a test row for --what-if, counted from 0"
    )
    command.add_argument(
        "--policy", metavar="FILE|PRESET", help="judge the audit by a policy, in what it writes"
    )
    command.add_argument("--out", required=True, metavar="DIR")


def _gate(command: argparse.ArgumentParser) -> None:
    from core.audit.audit_options import AUDIT_OPTIONS

    command.add_argument(
        "audit",
        nargs="?",
        metavar="AUDIT",
        help="an audit of the workspace by its id or name, or a folder that audit --out wrote",
    )
    command.add_argument("--data", metavar="FILE", help="audit this file or sample instead")
    command.add_argument(
        "--policy",
        metavar="FILE|PRESET",
        help="what it must meet; of an audit in the workspace, by default what was adopted",
    )
    command.add_argument(
        "--fail-on",
        metavar="LIST",
        help="which of not-met, not-enough-evidence, not-run fail; all by default",
    )
    command.add_argument("--junit", metavar="FILE", help="write the outcomes as JUnit XML")
    command.add_argument("--markdown", metavar="FILE", help="write the outcomes as Markdown")
    command.set_defaults(explain=0, what_if=[], row=None)
    add_options(command, AUDIT_OPTIONS)


def _policy(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "action", choices=("list", "show", "check"), help="presets; one as TOML; whether it reads"
    )
    command.add_argument("policy", nargs="?", metavar="FILE|PRESET")


def _fairness(command: argparse.ArgumentParser) -> None:
    from core.cli.fairness_options import add_fairness_options

    add_fairness_options(command)


def _sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument("plan", metavar="PLAN.toml", help="what is swept, see docs/sweeps.md")
    command.add_argument("--out", required=True, metavar="DIR")
    command.add_argument(
        "--jobs", type=int, metavar="N", help="processes; by default one for each core"
    )
    command.add_argument("--cluster", metavar="URL", help="address of a Dask scheduler")


def _compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("a", metavar="A/audit.json")
    command.add_argument("b", metavar="B/audit.json")
    command.add_argument(
        "--data",
        metavar="FILE",
        help="the table of both: their models are asked about the same people, too",
    )
    command.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="FILE|URL",
        help="of an audit whose model was made elsewhere, with --data; repeat for two",
    )
    command.add_argument("--out", metavar="FILE.json", help="write the comparison down too")


def _card(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "audit", metavar="AUDIT", help="a folder that audit --out wrote, or its audit.json"
    )
    command.add_argument(
        "--intended-use", metavar="TEXT", help="what the model is for, as you declare it"
    )
    command.add_argument(
        "--license", metavar="ID", help="of the model, as the Hub names it: apache-2.0, mit, …"
    )
    command.add_argument(
        "--out",
        metavar="FILE",
        help="where it goes; by default model_card.md, or decision_card.md, beside the audit",
    )


def _log_mlflow(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "audit", metavar="AUDIT", help="a folder that audit --out wrote, or its audit.json"
    )
    command.add_argument(
        "--experiment", required=True, metavar="NAME", help="made where there is none"
    )
    command.add_argument(
        "--tracking-uri", metavar="URI", help="by default what MLFLOW_TRACKING_URI says"
    )


def _ledger(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", nargs="?", choices=("list", "choose", "repair"), default="list")
    command.add_argument(
        "--data", metavar="FILE", help="a file, a sample's name or a listed ledger"
    )
    command.add_argument("--reason", metavar="TEXT", help="what happened; kept with the ledger")
    command.add_argument("--charge-to", metavar="LEDGER", help="charge this one for those rows")
    command.add_argument("--apart-because", metavar="TEXT", help="why they have a budget apart")
    command.add_argument("--name", metavar="NAME", help="of who repairs it; kept with the ledger")


def _no_options(command: argparse.ArgumentParser) -> None:
    pass


def _impact_ratios(command: argparse.ArgumentParser) -> None:
    from core.audit.audit_options import IMPACT_OPTIONS, READING_OPTIONS
    from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS

    command.add_argument("--data", required=True, metavar="FILE", help="a file or a sample's name")
    command.add_argument("--prediction", metavar="COL", help="column of decisions")
    command.add_argument("--score", metavar="COL", help="column of scores")
    command.add_argument(
        "--threshold",
        metavar="T",
        help="selected by score ≥ T, or strictly above the median (median, the default without "
        "decisions)",
    )
    command.add_argument("--favourable", metavar="LABEL", help="the label counted as positive")
    command.add_argument("--adverse", action="store_true", help="the positive label is unwelcome")
    command.add_argument("--sensitive", metavar="COL[,COL]", help="columns to compare by")
    add_options(command, (*IMPACT_OPTIONS, *BIAS_AUDIT_OPTIONS))
    command.add_argument("--out", metavar="FILE", help="write it as JSON; a preset's as CSV too")
    add_options(command, READING_OPTIONS)


_COMMANDS = {
    "audit": ("train and audit, or audit existing predictions", _audit),
    "gate": ("judge an audit by a policy, for a build: exit 0 met, 3 not met, 4 not judged", _gate),
    "policy": ("list policies, show one, check a file", _policy),
    "fairness": ("audit a table of predictions", _fairness),
    "impact-ratios": ("tables of impact ratios; the table of Local Law 144", _impact_ratios),
    "sweep": ("explore what privacy and fairness cost", _sweep),
    "compare": ("compare two audits that this program made", _compare),
    "card": ("write an audit as a Hugging Face model card", _card),
    "log-mlflow": ("log an audit to an MLflow tracking server", _log_mlflow),
    "ledger": ("list privacy ledgers, choose or repair one", _ledger),
}
