"""The command that repeats an audit."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterable, Mapping

from core.audit import AuditPlan
from core.data.labels import canonical
from core.data.reading import ReadOptions
from core.data.samples import Sample
from core.data.table import Kind
from core.data.together_text import kept_apart, written_together
from core.installation import PROGRAM
from core.learning.learners import LEARNERS


def command_line(
    data: str,
    plan: AuditPlan,
    sample: Sample | None = None,
    *,
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> str:
    """Write the command that repeats an audit, quoted for a shell.

    Parameters
    ----------
    data : str
        File or sample.
    plan : AuditPlan
    sample : Sample, optional
        What the sample presets need not be told.
    options, kinds
        How the file was read, where a person corrected it.

    Returns
    -------
    str
        Declared bounds are named as ``bounds.json``, which stands beside the report or can be
        made from ``plan.bounds`` of audit.json.
    """
    roles, training = plan.roles, plan.training
    told: list[tuple[str, str | None]] = [
        ("--data", data),
        ("--target", roles.target),
        ("--favourable", roles.positive_label),
        ("--sensitive", listed(roles.sensitive)),
        ("--prediction", roles.prediction),
        ("--weight", roles.weight),
    ]
    preset = sample is not None and roles.score == sample.roles.score
    if not preset:
        told.append(("--score", roles.score))
        if roles.threshold is not None:
            told.append(("--threshold", canonical(roles.threshold)))
    told += [("--edges", f"{name}={numbers(edges)}") for name, edges in roles.edges]
    told += [("--together", written_together(*entry)) for entry in roles.together]
    if not roles.together and sample is not None:
        # Told to keep apart what the sample presets together; one column says it for all.
        apart = [c for c, _, _ in sample.roles.together if c in roles.sensitive]
        told += [("--together", kept_apart(column)) for column in apart[:1]]
    if options is not None:
        told += [
            ("--encoding", options.encoding),
            ("--delimiter", options.delimiter),
            ("--sheet", options.sheet),
            ("--header-line", None if options.header_line is None else str(options.header_line)),
        ]
        told += [("--notation", f"{name}={how}") for name, how in options.notations]
    if sample is None:
        told += [("--kind", f"{name}={kind}") for name, kind in (kinds or {}).items()]
    words = [word for option, value in told if value is not None for word in tied(option, value)]
    if not roles.positive_is_favourable:
        words.append("--adverse")
    identified = bool(roles.identifiers) and (
        sample is None or roles.identifiers != sample.roles.identifiers
    )
    if identified:
        words += tied("--identifier", listed(roles.identifiers))
    if training is not None:
        seen = [name for name in roles.sensitive if name in roles.features]
        if seen:
            words.append("--keep-sensitive")
        plain = tuple(name for name in roles.features if name not in seen)
        person = training.person
        if sample is None or plain != sample.roles.features or identified:
            words += tied("--features", listed(plain))
        words += ["--learner", training.learner]
        if training.mitigation != "none":
            words += ["--mitigation", training.mitigation]
            if training.mitigate_for is not None:
                words += tied("--mitigate-for", training.mitigate_for)
            if training.strength != 1:
                words += ["--strength", canonical(training.strength)]
        if training.balancing != "none":
            words += ["--balancing", training.balancing]
        if training.stratified is not None and not LEARNERS[training.learner].private:
            words += ["--split", "stratified" if training.stratified else "lots"]
        if training.epsilon is not None:
            words += ["--epsilon", canonical(training.epsilon)]
            if training.delta:
                words += ["--delta", canonical(training.delta)]
            if training.domains is not None and (
                sample is None or training.domains != sample.domains
            ):
                words += ["--bounds", "bounds.json"]
        if person is not None:
            words += tied("--person", person)
            words += ["--rows-per-person", str(training.rows_per_person)]
        words += ["--seed", str(training.seed)]
    words += ["--explain", str(plan.explain), "--out", "out"]
    return shlex.join([*PROGRAM.split(), "audit", *words])


def tied(option: str, value: str) -> list[str]:
    """Tie a value that starts with a dash to its option, which it would be taken for otherwise."""
    return [f"{option}={value}"] if value.startswith("-") else [option, value]


def numbers(edges: tuple[float, ...]) -> str:
    """Write edges as one value of an option."""
    return ",".join(canonical(edge) for edge in edges)


def listed(names: Iterable[str]) -> str:
    """Write names as one line of CSV, quoted where they hold a comma or a quote."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(names))
    return line.getvalue()
