"""The options of an audit beside those of training: its rows, what they mean, and its budget.

The parsers of ``audit`` and ``fairness``, the section [data] of a sweep's plan, and the commands
that repeat an audit or a count are made from these rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from core.audit.audit_option import Asked, AuditOption
from core.data.labels import canonical
from core.data.reading.one_hot_text import format_one_hot
from core.data.roles.merged_groups_text import format_merged_groups, kept_apart
from core.option import Option
from core.training.training_options import TRAINING_OPTIONS


def listed(names: Iterable[str]) -> str:
    """Write names as one line of CSV, quoted where they hold a comma or a quote."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(names))
    return line.getvalue()


def _prediction(asked: Asked) -> Iterable[str]:
    name = asked.roles.prediction
    return () if name is None or asked.decisions_preset or asked.decided_by else (name,)


def _score(asked: Asked) -> Iterable[str]:
    name = asked.roles.score
    return () if name is None or asked.decisions_preset or asked.decided_by else (name,)


def _threshold(asked: Asked) -> Iterable[str]:
    at, sample = asked.roles.threshold, asked.sample
    preset = sample.roles.threshold if sample and asked.decisions_preset else None
    return () if at is None or at == preset else (canonical(at),)


def _edges(asked: Asked) -> Iterable[str]:
    return [f"{name}={','.join(map(canonical, edges))}" for name, edges in asked.roles.edges]


def _merged_groups(asked: Asked) -> Iterable[str]:
    roles, sample = asked.roles, asked.sample
    if roles.merged_groups or sample is None:
        return [format_merged_groups(*entry) for entry in roles.merged_groups]
    # Told to keep apart what the sample presets together; one column says it for all.
    apart = [c for c, _, _ in sample.roles.merged_groups if c in roles.sensitive]
    return [kept_apart(column) for column in apart[:1]]


def _features(asked: Asked) -> Iterable[str]:
    if asked.training is None:
        return ()
    plain = tuple(name for name in asked.roles.features if name not in asked.seen)
    preset = asked.sample is not None and plain == asked.sample.roles.features
    return () if preset and not asked.names_persons else (listed(plain),)


def _notations(asked: Asked) -> Iterable[str]:
    notations = () if asked.reading is None else asked.reading.notations
    return [f"{name}={how}" for name, how in notations]


def _one_hot(asked: Asked) -> Iterable[str]:
    return (
        [] if asked.reading is None else [format_one_hot(*item) for item in asked.reading.one_hot]
    )


def _kinds(asked: Asked) -> Iterable[str]:
    return [f"{name}={kind}" for name, kind in asked.kinds.items() if asked.sample is None]


ROLE_OPTIONS = (
    AuditOption(
        field="target", flag="--target", metavar="COL", label="Target",
        help="column of true outcomes",
    ),
    AuditOption(
        field="target_holds_decisions", flag="--target-is-decisions", kind="switch",
        label="Target records decisions",
        help="the target records decisions that were made, not what came true",
        texts=lambda asked: ("",) if asked.roles.target_holds_decisions else (),
    ),
    AuditOption(
        field="target_came_true", flag="--target-came-true", kind="switch",
        label="Target records what came true",
        help="the target records what came true, whatever its name says",
        texts=lambda asked: ("",) if asked.roles.target_came_true else (),
    ),
    AuditOption(
        field="positive_label", flag="--favourable", metavar="LABEL", label="Positive label",
        help="the label counted as positive",
    ),
    AuditOption(
        field="sensitive", flag="--sensitive", metavar="COL[,COL]", label="Sensitive columns",
        help="columns to compare by", texts=lambda asked: [listed(asked.roles.sensitive)],
    ),
    AuditOption(
        field="prediction", flag="--prediction", metavar="COL", label="Decisions",
        help="audit these decisions; no training", texts=_prediction,
    ),
    AuditOption(
        field="score", flag="--score", metavar="COL", label="Scores",
        help="audit these scores; no training", texts=_score,
    ),
    AuditOption(
        field="threshold", flag="--threshold", metavar="T", label="Threshold",
        help="decide by score ≥ T, or strictly above the median: median", texts=_threshold,
        counts=True,
    ),
    AuditOption(
        field="weight", flag="--weight", metavar="COL", label="Weight",
        help="column of row weights", counts=True,
    ),
    AuditOption(
        field="edges", flag="--edges", repeated=True, metavar="COL=A,B", label="Edges of bins",
        help="inner edges of a numeric sensitive column's bins", texts=_edges, counts=True,
    ),
    AuditOption(
        field="merged_groups", flag="--merge-groups", earlier=("--together",), repeated=True,
        metavar="COL=GROUP:A,B", label="Merged groups",
        help="merge values of a sensitive column into one group; COL= keeps a sample's apart",
        texts=_merged_groups, counts=True,
    ),
    AuditOption(
        field="positive_is_favourable", flag="--adverse", kind="switch",
        label="Positive label is favourable", help="the positive label is unwelcome",
        texts=lambda asked: () if asked.roles.positive_is_favourable else ("",), counts=True,
    ),
    AuditOption(
        field="identifiers", flag="--identifier", metavar="COL[,COL]", label="Identifiers",
        help="columns that name a person",
        texts=lambda asked: [listed(asked.roles.identifiers)] if asked.names_persons else (),
    ),
    AuditOption(
        field="features", flag="--keep-sensitive", kind="switch",
        label="Sensitive columns that the model sees", help="let the model see them",
        needs=("model",), texts=lambda asked: ("",) if asked.seen else (),
    ),
    AuditOption(
        field="features", flag="--features", metavar="COL[,COL]", label="Features",
        help="default: all usable columns", needs=("model",), texts=_features,
    ),
)  # fmt: skip
"""Which column means what: a row for each field of the roles, and two for features."""

READING_OPTIONS = (
    AuditOption(
        field="encoding", of="reading", flag="--encoding", metavar="NAME",
        help="of a text file; found by itself", counts=True,
    ),
    AuditOption(
        field="delimiter", of="reading", flag="--delimiter", metavar="SIGN",
        help="of a text file; found by itself", counts=True,
    ),
    AuditOption(
        field="sheet", of="reading", flag="--sheet", metavar="NAME",
        help="of a workbook; the first one", counts=True,
    ),
    AuditOption(
        field="header_line", of="reading", flag="--header-line", kind="whole", metavar="N",
        help="line of a text file, or row of a worksheet, with the column names; found by itself",
        counts=True,
    ),
    AuditOption(
        field="notations", flag="--notation", repeated=True, metavar="COL=HOW",
        help="how a column of text is written: decimal-point, decimal-comma, percent-share, "
        "percent-points, day-first or month-first",
        texts=_notations, counts=True,
    ),
    AuditOption(
        field="one_hot", flag="--one-hot", repeated=True, metavar="NAME=COL,COL",
        help="put columns of 0 and 1 together into one attribute, each a group of it",
        texts=_one_hot, counts=True,
    ),
    AuditOption(
        field="kinds", flag="--kind", repeated=True, metavar="COL=KIND",
        help="correct what a column holds: number, category, boolean, date or text",
        texts=_kinds, counts=True,
    ),
)  # fmt: skip
"""How a file is read, where a person knows better than detection."""

IMPACT_OPTIONS = (
    AuditOption(
        field="reference", of="impact", flag="--impact-reference", repeated=True, metavar="WHO",
        label="Reference of impact ratios",
        help="impact ratios are to the highest rate (by default), to everyone else (rest), or to a "
        "group by its name",
        texts=lambda asked: asked.impact.told, counts=True,
    ),
    AuditOption(
        field="smallest_share", of="impact", flag="--smallest-share", kind="number",
        metavar="SHARE", label="Smallest share of rows",
        help="leave groups of less than this share of rows out of the impact ratios; with "
        "--share-reason",
        texts=lambda asked: [canonical(asked.impact.smallest_share)]
        if asked.impact.smallest_share else (),
        counts=True,
    ),
    AuditOption(
        field="reason", of="impact", flag="--share-reason", metavar="TEXT",
        label="Why small groups are left out", help="why they are left out; kept",
        texts=lambda asked: [asked.impact.reason] if asked.impact.smallest_share else (),
        counts=True,
    ),
    AuditOption(
        field="base", of="impact", flag="--share-base", metavar="BASE",
        choices=(("all", "all"), ("known", "known")), unsaid=True, label="Base of that share",
        help="what it is a share of: all rows (by default), or those of known group",
        texts=lambda asked: [asked.impact.base] if asked.impact.base != "all" else (),
        counts=True,
    ),
    AuditOption(
        field="compare_unknown", of="impact", flag="--compare-unknown", kind="switch",
        label="Unknown values compared",
        help="compare rows of unknown group as if they were a group",
        texts=lambda asked: ("",) if asked.impact.compare_unknown else (), counts=True,
    ),
)  # fmt: skip
"""How groups are compared in tables of impact ratios."""

BUDGET_OPTIONS = (
    AuditOption(
        field="cap", of="", flag="--cap", metavar="E[,D]", needs=("private",),
        help="what all audits of this data set may spend together",
    ),
    AuditOption(
        field="reason", of="", flag="--reason", metavar="TEXT", needs=("private",),
        help="why the cap is raised; kept with it",
    ),
    AuditOption(
        field="charge_to", of="", flag="--charge-to", metavar="LEDGER", needs=("private",),
        help="charge the ledger of a table with mostly the same rows: a file or a listed ledger",
    ),
    AuditOption(
        field="apart_because", of="", flag="--apart-because", metavar="TEXT", needs=("private",),
        help="why rows that were spent on before have a budget of their own; kept with it",
    ),
)  # fmt: skip
"""What a private audit is charged to."""

EXTERNAL_OPTIONS = (
    AuditOption(
        field="matching", of="", flag="--matching", metavar="FILE",
        help="how the inputs of --model were matched, as an audit wrote it beside its report",
        texts=lambda asked: ["matching.json"] if asked.external else (),
    ),
    AuditOption(
        field="columns", of="", flag="--input", repeated=True, metavar="INPUT=COL",
        help="the column that an input of --model takes its values from; INPUT= leaves it missing",
    ),
    AuditOption(
        field="accept", of="", flag="--accept-inputs", kind="switch",
        help="accept how inputs of --model are proposed to be matched",
    ),
    AuditOption(
        field="positive_class", of="", flag="--model-class", metavar="CLASS",
        help="the class of --model that is the positive label",
    ),
    AuditOption(
        field="threshold", of="", flag="--model-threshold", kind="number", metavar="T",
        help="--model decides positively from this score on; 0.5 by default",
    ),
    AuditOption(
        field="most_calls", of="", flag="--model-calls", kind="whole", metavar="N",
        help="calls that may be made where --model is the address of a server; 1,000 by default",
    ),
    AuditOption(
        field="batch", of="", flag="--model-batch", kind="whole", metavar="N",
        help="rows of one such call; 1,000 by default",
    ),
    AuditOption(
        field="trained_on", of="", flag="--trained-on", metavar="COL=VALUE",
        help="the rows that trained --model: they judge nothing, and membership can be attacked",
    ),
    AuditOption(
        field="earlier_scores", of="", flag="--earlier-scores", metavar="COL",
        help="scores that --model gave before, to be compared with those it gives now",
    ),
    AuditOption(
        field="accepted_types", of="", flag="--accept-types", repeated=True, metavar="TYPE",
        help="a type in a skops file that somebody has looked at and accepts",
    ),
    AuditOption(
        field="accepted_by", of="", flag="--accepted-by", metavar="NAME",
        help="who accepted these types; kept",
    ),
)  # fmt: skip
"""How a model made elsewhere is matched and how it decides."""

ROWS_AND_MEANING = (*ROLE_OPTIONS, *READING_OPTIONS, *IMPACT_OPTIONS)
AUDIT_OPTIONS: tuple[Option, ...] = (
    *ROWS_AND_MEANING,
    *TRAINING_OPTIONS,
    *EXTERNAL_OPTIONS,
    *BUDGET_OPTIONS,
)
"""All but the data, how many people are explained, and where the report is written."""
