"""``compare A B --data FILE``: the models of two audits asked about the same people.

audit.json holds figures and no rows, so both audits are repeated as far as their models, by the
command that each holds: a model trained here is trained again on its own training rows, and one
made elsewhere is asked again.
"""

from __future__ import annotations

import argparse
import hashlib
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.cli.audit import prepared
from core.cli.external_model import MATCHING_FILE
from core.cli.options import refuse_ignored
from core.comparison.paired.brought_models import Judged, compare_judged
from core.comparison.paired.paired_result import PairedComparison
from core.data.assign import assign
from core.errors import InputError
from core.training.training import train

BOUNDS_FILE = "bounds.json"


def compare_on_same_people(
    options: argparse.Namespace, a: Mapping[str, Any], b: Mapping[str, Any]
) -> PairedComparison | None:
    """Compare the models of two audits; None where no table is named.

    Parameters
    ----------
    options : argparse.Namespace
        ``a`` and ``b``, where the audits lie; ``data`` and ``model``, the files they are about.
    a, b : mapping
        The audits.

    Raises
    ------
    InputError
        If a file is missing or another, a model can't be trained again, or the audits are of
        other people.
    """
    if options.data is None:
        if options.model:
            refuse_ignored("--model", "no --data is given")
        return None
    files = {_sha256(path): path for path in options.model}
    first, second = (
        _judged(audit, where, options.data, files)
        for audit, where in ((a, options.a), (b, options.b))
    )
    return compare_judged(first, second)


def _judged(audit: Mapping[str, Any], where: str, data: str, files: Mapping[str, str]) -> Judged:
    plan = audit["plan"]
    words = shlex.split(plan.get("command") or "")
    if "audit" not in words or plan["learner"] is None:
        raise InputError(
            "existing decisions are audited, and no model can be asked"
            if plan["learner"] is None
            else "it doesn't hold the command that repeats it",
            where=where,
            remedy="Leave --data out" if plan["learner"] is None else "Make the audit again",
        )
    if plan.get("epsilon") is not None:
        raise InputError(
            "its model was trained with a privacy guarantee, and training it again would be "
            "charged",
            where=where,
            remedy="Compare the two on the page “Compare models”, where the model is kept",
        )
    options = _options(words[words.index("audit") :], where)
    folder = Path(where) if Path(where).is_dir() else Path(where).parent
    options.data, options.explain, options.what_if, options.row = data, 0, [], None
    if plan.get("external_model"):
        options.model = _model(plan["external_model"], where, files)
        options.matching = str(folder / MATCHING_FILE)
    ready = prepared(options)
    dataset = assign(ready.table, ready.plan.roles)
    if dataset.fingerprint != audit["dataset"]["fingerprint"]:
        raise InputError(
            "this table, read and assigned as the audit says, is not the one that was audited",
            where=f"--data {data}, {where}",
            remedy="Name the file that both audits are about",
        )
    training = ready.plan.training
    assert training is not None
    trained = train(dataset, training, with_baseline=False)
    before, now = audit["performance"].get("accuracy"), trained.performance.to_json()["accuracy"]
    if before != now:
        print(
            f"{where}: asked again the model has an accuracy of {now}, and its audit says "
            f"{before}; other versions of libraries may have trained it otherwise",
            file=sys.stderr,
        )
    return Judged(dataset, trained)


def _options(words: list[str], where: str) -> argparse.Namespace:
    # The parser is filled with options by a module that lists this command too.
    from core.cli.parser import parser

    try:
        return parser().parse_args(words)
    except InputError as error:
        raise InputError(
            f"its command can't be read ({error})", where=where, remedy="Make the audit again"
        ) from None


def _model(external: Mapping[str, Any], where: str, files: Mapping[str, str]) -> str:
    """Find the file, or the address, of an audit's model among those that were named."""
    found = files.get(external["sha256"])
    # A server shows no file: its answers are held against those of before.
    found = found or next((path for path in files.values() if path == external["name"]), None)
    if found is None:
        raise InputError(
            f"its model is {external['name']} (SHA-256 {external['sha256'][:12]}…), and none of "
            "the files that are named is it",
            where=where,
            remedy="Name it: --model FILE",
        )
    return found


def _sha256(path: str) -> str:
    if path.startswith(("http://", "https://")):
        return path
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=f"--model {path}") from None
