"""The command line, ``python -m core``: audit, fairness, and lists of what there is.

It walks the same path as the browser and gives the same numbers. Progress goes to stderr. Exit
status 0 is done; 2 is bad input, with one line on stderr that says what and where. Of ``gate`` 3
is a policy that is not met, and 4 one that could not be judged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from core.cli.parser import parser
from core.environment import unknown_settings
from core.errors import InputError
from core.installation import PROGRAM


def _list(kind: str) -> None:
    entries: Iterable[object]
    if kind == "learners":
        from core.learning.learners import LEARNERS

        entries = LEARNERS
    elif kind == "mitigations":
        from core.mitigation import MITIGATIONS

        entries = MITIGATIONS
    elif kind == "balancings":
        from core.learning.balancing import BALANCINGS

        entries = BALANCINGS
    elif kind == "checks":
        from core.audit.checks.registry import in_order

        entries = in_order()
    elif kind == "samples":
        from core.data.samples import SAMPLES

        entries = SAMPLES
    else:
        from core.fairness.disparities.disparities import DISPARITIES
        from core.fairness.metrics.class_metrics import CLASS_METRICS
        from core.fairness.metrics.metric_registry import METRICS
        from core.fairness.metrics.regression_metrics import REGRESSION_METRICS

        # Accuracy of many classes is the same figure as that of two.
        others = [metric for metric in CLASS_METRICS if metric.name not in METRICS]
        entries = [*METRICS, *DISPARITIES, *others, *REGRESSION_METRICS]
    for entry in entries:
        print(f"{entry.name}\t{' '.join(entry.sentence.split())}")  # type: ignore[attr-defined]


def main(
    arguments: Sequence[str] | None = None, others: Mapping[str, str] = MappingProxyType({})
) -> int:
    """Run a command; return its exit status. Other commands are listed in its help."""
    for sentence in unknown_settings(os.environ):
        print(f"{PROGRAM}: {sentence}", file=sys.stderr)
    try:
        options = parser(others).parse_args(arguments)
        if options.command == "audit":
            from core.cli.audit import audit

            audit(options)
        elif options.command == "impact-ratios":
            from core.cli.impact_ratios import impact_ratios_command

            impact_ratios_command(options)
        elif options.command == "sweep":
            from core.cli.sweep import sweep_command

            sweep_command(options)
        elif options.command == "compare":
            from core.cli.compare import compare

            compare(options)
        elif options.command == "gate":
            from core.cli.gate import gate

            status = gate(options)
            sys.stdout.flush()
            return status
        elif options.command == "policy":
            from core.cli.policy import policy

            policy(options)
        elif options.command == "card":
            from core.cli.card import card

            card(options)
        elif options.command == "log-mlflow":
            from core.cli.log_mlflow import log_mlflow

            log_mlflow(options)
        elif options.command == "ledger":
            from core.cli.ledger import ledger

            ledger(options)
        elif options.command == "fairness":
            from core.cli.fairness import fairness

            fairness(options)
        else:
            _list(options.command)
        sys.stdout.flush()
    except InputError as error:
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads the output has read enough, as head does. What is still buffered goes
        # nowhere, or Python would complain of it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
