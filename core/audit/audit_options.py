"""The options of an audit beside those of training: its rows, what they mean, and its budget.

The parsers of ``audit`` and ``fairness``, the section [data] of a sweep's plan, and the commands
that repeat an audit or a count are made from these rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from core.audit.audit_option import Asked, AuditOption, Texts
from core.data.labels import canonical
from core.data.roles.merged_groups_text import kept_apart, written_together
from core.option import Option
from core.training.training_options import TRAINING_OPTIONS


def listed(names: Iterable[str]) -> str:
    """Write names as one line of CSV, quoted where they hold a comma or a quote."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(names))
    return line.getvalue()


def _maybe(value: str | float | None) -> tuple[str, ...]:
    return () if value is None else (value if isinstance(value, str) else canonical(value),)


def _role(name: str) -> Texts:
    return lambda asked: _maybe(getattr(asked.roles, name))


def _reading(name: str) -> Texts:
    return lambda asked: () if asked.reading is None else _maybe(getattr(asked.reading, name))


def _scored(name: str) -> Texts:
    """Say a score, and the threshold on it, unless the sample presets it."""

    def texts(asked: Asked) -> Iterable[str]:
        preset = asked.sample is not None and asked.roles.score == asked.sample.roles.score
        return () if preset else _maybe(getattr(asked.roles, name))

    return texts


def _together(asked: Asked) -> Iterable[str]:
    roles, sample = asked.roles, asked.sample
    if roles.together or sample is None:
        return [written_together(*entry) for entry in roles.together]
    # Told to keep apart what the sample presets together; one column says it for all.
    apart = [c for c, _, _ in sample.roles.together if c in roles.sensitive]
    return [kept_apart(column) for column in apart[:1]]


def _features(asked: Asked) -> Iterable[str]:
    if asked.training is None:
        return ()
    plain = tuple(name for name in asked.roles.features if name not in asked.seen)
    preset = asked.sample is not None and plain == asked.sample.roles.features
    return () if preset and not asked.names_persons else (listed(plain),)


ROLE_OPTIONS = (
    AuditOption(
        field="target",
        label="Target",
        flag="--target",
        metavar="COL",
        help="column of true outcomes",
        texts=_role("target"),
    ),
    AuditOption(
        field="positive_label",
        label="Positive label",
        flag="--favourable",
        metavar="LABEL",
        help="the label counted as positive",
        texts=_role("positive_label"),
    ),
    AuditOption(
        field="sensitive",
        label="Sensitive columns",
        flag="--sensitive",
        metavar="COL[,COL]",
        help="columns to compare by",
        texts=lambda asked: [listed(asked.roles.sensitive)],
    ),
    AuditOption(
        field="prediction",
        label="Decisions",
        flag="--prediction",
        metavar="COL",
        help="audit these decisions; no training",
        texts=_role("prediction"),
    ),
    AuditOption(
        field="score",
        label="Scores",
        flag="--score",
        metavar="COL",
        help="audit these scores; no training",
        texts=_scored("score"),
    ),
    AuditOption(
        field="threshold",
        label="Threshold",
        flag="--threshold",
        kind="number",
        metavar="T",
        help="decide by score >= T",
        texts=_scored("threshold"),
        counts=True,
    ),
    AuditOption(
        field="weight",
        label="Weight",
        flag="--weight",
        metavar="COL",
        help="column of row weights",
        texts=_role("weight"),
        counts=True,
    ),
    AuditOption(
        field="edges",
        label="Edges of bins",
        flag="--edges",
        repeated=True,
        metavar="COL=A,B",
        help="inner edges of a numeric sensitive column's bins",
        texts=lambda asked: [
            f"{name}={','.join(map(canonical, edges))}" for name, edges in asked.roles.edges
        ],
        counts=True,
    ),
    AuditOption(
        field="together",
        label="Groups put together",
        flag="--together",
        repeated=True,
        metavar="COL=GROUP:A,B",
        help="count values of a sensitive column as one group; COL= keeps a sample's apart",
        texts=_together,
        counts=True,
    ),
    AuditOption(
        field="positive_is_favourable",
        label="Positive label is favourable",
        flag="--adverse",
        kind="switch",
        help="the positive label is unwelcome",
        texts=lambda asked: () if asked.roles.positive_is_favourable else ("",),
        counts=True,
    ),
    AuditOption(
        field="identifiers",
        label="Identifiers",
        flag="--identifier",
        metavar="COL[,COL]",
        help="columns that name a person",
        texts=lambda asked: [listed(asked.roles.identifiers)] if asked.names_persons else (),
    ),
    AuditOption(
        field="features",
        label="Sensitive columns that the model sees",
        flag="--keep-sensitive",
        kind="switch",
        help="let the model see them",
        needs=("model",),
        texts=lambda asked: ("",) if asked.seen else (),
    ),
    AuditOption(
        field="features",
        label="Features",
        flag="--features",
        metavar="COL[,COL]",
        help="default: all usable columns",
        needs=("model",),
        texts=_features,
    ),
)
"""Which column means what: a row for each field of the roles, and two for features."""

READING_OPTIONS = (
    AuditOption(
        field="encoding",
        flag="--encoding",
        metavar="NAME",
        help="of a text file; found by itself",
        texts=_reading("encoding"),
        counts=True,
    ),
    AuditOption(
        field="delimiter",
        flag="--delimiter",
        metavar="SIGN",
        help="of a text file; found by itself",
        texts=_reading("delimiter"),
        counts=True,
    ),
    AuditOption(
        field="sheet",
        flag="--sheet",
        metavar="NAME",
        help="of a workbook; the first one",
        texts=_reading("sheet"),
        counts=True,
    ),
    AuditOption(
        field="header_line",
        flag="--header-line",
        kind="whole",
        metavar="N",
        help="line of a text file, or row of a worksheet, with the column names; found by itself",
        texts=_reading("header_line"),
        counts=True,
    ),
    AuditOption(
        field="notations",
        flag="--notation",
        repeated=True,
        metavar="COL=HOW",
        help="how a column of text is written: decimal-point, decimal-comma, percent-share, "
        "percent-points, day-first or month-first",
        texts=lambda asked: [
            f"{name}={how}" for name, how in (asked.reading.notations if asked.reading else ())
        ],
        counts=True,
    ),
    AuditOption(
        field="kinds",
        flag="--kind",
        repeated=True,
        metavar="COL=KIND",
        help="correct what a column holds: number, category, boolean, date or text",
        texts=lambda asked: (
            []
            if asked.sample is not None
            else [f"{name}={kind}" for name, kind in asked.kinds.items()]
        ),
        counts=True,
    ),
)
"""How a file is read, where a person knows better than detection."""

BUDGET_OPTIONS = (
    AuditOption(
        field="cap",
        flag="--cap",
        metavar="E[,D]",
        help="what all audits of this data set may spend together",
        needs=("private",),
    ),
    AuditOption(
        field="reason",
        flag="--reason",
        metavar="TEXT",
        help="why the cap is raised; kept with it",
        needs=("private",),
    ),
    AuditOption(
        field="charge_to",
        flag="--charge-to",
        metavar="LEDGER",
        help="charge the ledger of a table with mostly the same rows: a file or a listed ledger",
        needs=("private",),
    ),
    AuditOption(
        field="apart_because",
        flag="--apart-because",
        metavar="TEXT",
        help="why rows that were spent on before have a budget of their own; kept with it",
        needs=("private",),
    ),
)
"""What a private audit is charged to."""

ROWS_AND_MEANING = (*ROLE_OPTIONS, *READING_OPTIONS)
AUDIT_OPTIONS: tuple[Option, ...] = (*ROWS_AND_MEANING, *TRAINING_OPTIONS, *BUDGET_OPTIONS)
"""All but the data, how many people are explained, and where the report is written."""
