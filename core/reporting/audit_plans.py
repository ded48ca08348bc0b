"""What two audits were asked to do: where their plans differ, and whether people are the same."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.audit.audit_options import IMPACT_OPTIONS, ROLE_OPTIONS
from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS
from core.fairness.bias_audit.record import PRESET
from core.reporting.wording import plain
from core.training.training_options import OPTION, TRAINING_OPTIONS

ENTRIES = (
    *((option.plan_key, option.label) for option in TRAINING_OPTIONS),
    ("split", "Shares of the split"),
    ("explain", "People explained"),
)
# What everything else is about is compared before, and a switch says less than its field.
ROLES = tuple(
    (option.field, option.label)
    for option in ROLE_OPTIONS
    if option.field not in ("target", "positive_label") and option.flag != "--keep-sensitive"
)
IMPACT = tuple((option.field, option.label) for option in IMPACT_OPTIONS)
BIAS_AUDIT = tuple((option.field, option.label) for option in BIAS_AUDIT_OPTIONS)
DATA = (
    ("name", "Data"),
    ("sha256", "SHA-256 of the file"),
    ("fingerprint", "Fingerprint of data and roles"),
    ("rows", "Rows"),
    ("rows_used", "Rows used"),
)
PERSON = (OPTION["person"], OPTION["rows_per_person"])
READ = ("format", "encoding", "delimiter", "sheet", "header_line", "notations", "one_hot")

# What a file calls a kind of split, and what people are told.
SPLIT_LABELS: Mapping[Any, str] = {"by lot": "randomised"}


@dataclass(frozen=True)
class PlanDifference:
    """One entry of the plan that is not the same, as text."""

    entry: str
    a: str
    b: str


@dataclass(frozen=True)
class SamePeople:
    """Whether two audits looked at the same rows.

    Attributes
    ----------
    data, test : bool or None
        Same rows of data; same rows that figures were measured on. None is not known.
    sentences : tuple of str
        How that is known, and what follows.
    """

    data: bool | None
    test: bool | None
    sentences: tuple[str, ...]


def plan_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[PlanDifference, ...]:
    """List where the plans, roles and data of two audits differ.

    Parameters
    ----------
    a, b : mapping
        As :func:`core.reporting.audit_json.audit_json` writes them.
    """
    found = []
    for part_a, part_b, entries in (
        (_plan(a), _plan(b), ENTRIES),
        (_roles(a), _roles(b), ROLES),
        (a["plan"].get("impact", {}), b["plan"].get("impact", {}), IMPACT),
        (_bias_audit(a), _bias_audit(b), BIAS_AUDIT),
        (a["dataset"], b["dataset"], DATA),
    ):
        for name, title in entries:
            one, other = part_a.get(name), part_b.get(name)
            if _same(name, one, other):
                continue
            if name == "bounds":
                found.append(PlanDifference(title, *_bounds(one or {}, other or {})))
            elif name == "features":
                found.append(PlanDifference(title, *_only(one or [], other or [])))
            elif name == "external_model":
                found.append(PlanDifference(title, _brought(one), _brought(other)))
            elif name == "split_kind":
                labels = (SPLIT_LABELS.get(kind, kind) for kind in (one, other))
                found.append(PlanDifference(title, *map(_text, labels)))
            else:
                found.append(PlanDifference(title, _text(one), _text(other)))
    if a["equipoise"]["libraries"] != b["equipoise"]["libraries"]:
        libraries = (a["equipoise"]["libraries"], b["equipoise"]["libraries"])
        names = [n for n in sorted({*libraries[0], *libraries[1]}) if _differs(n, *libraries)]
        texts = [", ".join(f"{n} {each.get(n, 'none')}" for n in names) for each in libraries]
        found.append(PlanDifference("Libraries", *texts))
    return tuple(found)


def same_people(a: Mapping[str, Any], b: Mapping[str, Any]) -> SamePeople:
    """Say whether the data and the rows measured on are the same, and how that is known."""
    data, sentence = _same_data(a["dataset"], b["dataset"])
    if data is not True:
        return SamePeople(
            data,
            None,
            (sentence, "Whether some people were measured on in both is not known."),
        )
    test, why = _same_test(a, b)
    sentences = [sentence, why]
    if test:
        sentences.append(
            "The intervals below take the two as measured on different people, so they are too "
            "wide here; a paired comparison on the page “Compare models” is sharper."
        )
    return SamePeople(True, test, tuple(sentences))


def _same_data(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[bool | None, str]:
    if a["fingerprint"] == b["fingerprint"]:
        return True, "The data and its roles are the same: the fingerprints are equal."
    if a["sha256"] != b["sha256"]:
        return None, (
            "The files of data differ by their SHA-256; whether they hold the same people is not "
            "known."
        )
    kinds = [{column["name"]: column["kind"] for column in each["columns"]} for each in (a, b)]
    whole = all(each["rows"] == each["rows_used"] for each in (a, b))
    read = [[each.get(name) or None for name in READ] for each in (a, b)]
    if kinds[0] == kinds[1] and whole and read[0] == read[1]:
        return True, (
            "The rows of data are the same: the SHA-256 of the file is equal, it was read alike, "
            "and no row was left out; only roles differ."
        )
    return None, (
        "The file of data is the same by its SHA-256, but it was read differently or rows were "
        "left out, so whether the rows are the same is not known."
    )


def _same_test(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[bool | None, str]:
    plans = _plan(a), _plan(b)
    brought = [bool(plan.get("external_model")) for plan in plans]
    if any(brought):
        return _same_judges(a, b, plans, brought)
    trained = [plan["learner"] is not None for plan in plans]
    if not any(trained):
        return True, "The test people are the same: both audits judge all rows of it."
    if not all(trained):
        return False, "One audit judges all rows and the other only test rows of a split."
    kinds = [plan["split_kind"] for plan in plans]
    parts = [SPLIT_LABELS.get(kind, kind) for kind in kinds]
    if kinds[0] != kinds[1]:
        return False, (
            f"The test people are not the same: A's split is {parts[0]} and B's {parts[1]}, as "
            "private models have a randomised split (by hash) and others keep the share of "
            "positives."
        )
    persons = [[plan[option.plan_key] for option in PERSON] for plan in plans]
    if plans[0]["seed"] != plans[1]["seed"] or plans[0]["split"] != plans[1]["split"]:
        return (
            False,
            "The test people are not the same: the seed or the shares of the split differ.",
        )
    if plans[0].get("split_rule") != plans[1].get("split_rule") or _persons_by(a) != _persons_by(b):
        return (
            False,
            "The test people are not the same: rows were dealt out by another rule, or other "
            "columns say which rows are one person's.",
        )
    if persons[0] != persons[1]:
        return False, "The test people are not the same: one keeps other rows of each person."
    untold = any("person" not in p and p.get("command") is None for p in (a["plan"], b["plan"]))
    if untold and kinds[0] == "by lot":
        return None, (
            "Seed and kind of split are equal, but whether rows were kept by person is not told "
            "in both files, so whether the test people are the same is not known."
        )
    return True, (
        f"The test people are the same: the data, the seed {plans[0]['seed']} and the kind of "
        f"split ({parts[0]}) are equal."
    )


def _same_judges(
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    plans: tuple[Mapping[str, Any], Mapping[str, Any]],
    brought: list[bool],
) -> tuple[bool | None, str]:
    """Say whether the same rows judge two models of which one at least was made elsewhere."""
    if not all(brought):
        which, other = ("A", "B") if brought[0] else ("B", "A")
        count = [each["performance"]["count"] for each in (a, b)]
        rows = count if brought[0] else count[::-1]
        return False, (
            f"The model of {which} was made elsewhere and is judged by {rows[0]:,} rows, {other} "
            f"by {rows[1]:,} rows of its own. Both are judged by the rows that neither was trained "
            "on where the table is at hand: compare --data, or the page “Compare models”."
        )
    trained_on = [plan["external_model"].get("trained_on") for plan in plans]
    mitigated = [plan.get("mitigation") not in (None, "none") for plan in plans]
    if trained_on[0] != trained_on[1] or any(mitigated):
        return False, (
            "Both models were made elsewhere, and other rows judge them: each leaves out those "
            "that trained it, or that its mitigation was fitted on."
        )
    return True, "The test people are the same: the same rows judge both models made elsewhere."


def _persons_by(audit: Mapping[str, Any]) -> list[str]:
    """Name the columns by which rows of a person were kept together; none in older files."""
    return list((audit["dataset"].get("split") or {}).get("persons_by", []))


def _plan(audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan with what older files don't say, or say in their command only."""
    plan = dict(audit["plan"])
    plan["balancing"] = plan.get("balancing") or "none"
    if plan.get("split_kind") is None and plan["learner"] is not None:
        plan["split_kind"] = "by lot" if plan["noise"] != "none" else "stratified"
    for option in PERSON:
        if option.plan_key not in plan:
            text = _option(audit, option.flag)
            plan[option.plan_key] = int(text) if text and option.kind == "whole" else text
    return plan


def _option(audit: Mapping[str, Any], option: str) -> str | None:
    """Read an option out of the command that repeats an audit; None if it isn't there."""
    words = shlex.split(audit["plan"].get("command") or "")
    for position, word in enumerate(words):
        if word == option and position + 1 < len(words):
            return words[position + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _roles(audit: Mapping[str, Any]) -> dict[str, Any]:
    roles = audit["plan"]["roles"]
    # What they were called before; files of a release ago have only that.
    return {"merged_groups": roles.get("together"), **roles}


def _bias_audit(audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was declared for the table of Local Law 144; nothing where none was asked for."""
    spec = audit["plan"].get("bias_audit")
    if spec is None:
        return {}
    categories = [
        f"{spec[column]}: {value} = {category}"
        for column, declared in (("sex", spec["sexes"]), ("race", spec["races"]))
        for value, category in sorted(declared.items())
    ]
    told = {"bias_audit": PRESET, "categories": categories, **spec, **spec["auditor"]}
    return {name: value for name, value in told.items() if value}


def _same(name: str, one: Any, other: Any) -> bool:
    if name in ("features", "identifiers"):
        return set(one or ()) == set(other or ())
    if name == "merged_groups":
        return (one or {}) == (other or {})
    return bool(one == other)


def _only(one: list[str], other: list[str]) -> tuple[str, str]:
    """Say which features only one has, so that a long list doesn't hide it."""
    texts = []
    for own, others in ((one, other), (other, one)):
        extra = [str(name) for name in own if name not in others]
        texts.append(f"{len(own)}" + (f", alone {', '.join(extra)}" if extra else ""))
    return texts[0], texts[1]


def _brought(external: Mapping[str, Any] | None) -> str:
    """Name a model made elsewhere, and how it decides; its inputs stand in its own audit."""
    if not external:
        return "none"
    parts = [
        f"{external['name']} (SHA-256 {external['sha256'][:12]}…)",
        f"decides at {plain(external['threshold'])}",
    ]
    if external.get("positive_class") is not None:
        parts.append(f"class {external['positive_class']}")
    if external.get("trained_on"):
        parts.append(f"trained on {'='.join(external['trained_on'])}")
    return ", ".join(parts)


def _bounds(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is declared only where both declare something, and of columns that differ."""
    both = [name for name in one if name in other and one[name] != other[name]]
    texts = []
    for own, others in ((one, other), (other, one)):
        extra = [str(name) for name in own if name not in others] if others else []
        parts = [f"of {len(own)} columns"] if own else ["none"]
        parts += [f"alone {', '.join(extra)}"] if extra else []
        parts += [f"{name} {_text(own[name])}" for name in both]
        texts.append("; ".join(parts))
    return texts[0], texts[1]


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one.get(name) != other.get(name))


def _text(value: Any) -> str:
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return plain(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
