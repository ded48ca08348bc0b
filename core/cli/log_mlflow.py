"""``python -m core log-mlflow``: an audit that was written down, as a run of MLflow."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout

from jinja2 import TemplateError

from core.cli.written_audit import DAMAGES, damage, read_audit
from core.errors import InputError
from core.reporting.mlflow_logging import log_to_mlflow


def log_mlflow(options: argparse.Namespace) -> None:
    """Run ``log-mlflow``: print the id of the run.

    Raises
    ------
    InputError
        If the audit can't be read, MLflow isn't there, or its server does not take the run.
    """
    audit = read_audit(options.audit)
    try:
        # MLflow prints where the run can be seen; what is printed here is the run's id alone.
        with redirect_stdout(sys.stderr):
            run = log_to_mlflow(audit, options.experiment, options.tracking_uri)
    except InputError:
        raise
    except (*DAMAGES, TemplateError) as error:
        raise InputError(
            f"it isn't a whole audit.json: {damage(error)}",
            where=options.audit,
            remedy="Make the audit again",
        ) from error
    print(f"logged to experiment {options.experiment!r} as run", file=sys.stderr)
    print(run)
