"""A mitigation as it stands in audit.json: the same model without it, and what it changed."""

from __future__ import annotations

from typing import Any

from core.audit.result import AuditResult
from core.mitigation import MITIGATIONS
from core.mitigation.effect import Changes, Effect
from core.training.randomised import randomisation_of
from core.training.unmitigated import effect_of_mitigation

NO_PRIVATE = (
    "a private model without the mitigation would have to be trained, and charged, once more"
)


def mitigation_json(result: AuditResult) -> dict[str, Any] | None:
    """Write down what a mitigation changed; None without one.

    Returns
    -------
    dict or None
        ``name``, ``title``, ``aim`` (a disparity, or null), ``warning`` (where decisions depend on
        the group, or null), ``unmitigated`` (performance of the
        same learner on the same rows without it, or null with the ``reason``), ``gaps`` with and
        without it by name of the disparity, ``groups`` with what each gained and lost, and
        ``randomisation``, on whom randomised decisions fall, or null where none is drawn.
    """
    trained = result.trained
    if trained is None or trained.spec.mitigation == "none":
        return None
    mitigation = MITIGATIONS[trained.spec.mitigation]
    randomisation = randomisation_of(result.dataset, trained)
    drawn = None if randomisation is None else randomisation.to_json()
    out: dict[str, Any] = {
        "name": mitigation.name,
        "title": mitigation.title,
        "aim": mitigation.aim or None,
        "warning": mitigation.warning or None,
        "unmitigated": None,
        "gaps": {},
        "groups": [],
        "randomisation": drawn,
        "lot": drawn,  # its name until the next release
    }
    effect = effect_of_mitigation(result.dataset, trained)
    if trained.unmitigated is None or effect is None:
        return out | {"reason": NO_PRIVATE}
    return out | {"unmitigated": trained.unmitigated.performance.to_json()} | _changes(effect)


def _changes(effect: Effect) -> dict[str, Any]:
    return {
        "gaps": {
            gap.name: {"without": gap.before.to_json(), "with": gap.after.to_json()}
            for gap in effect.gaps
        },
        "groups": [_group(item) for item in (effect.everyone, *effect.groups)],
    }


def _group(item: Changes) -> dict[str, Any]:
    return {
        "group": item.group,
        "count": item.count,
        "gained": {"true_negatives": item.gained[0], "true_positives": item.gained[1]},
        "lost": {"true_negatives": item.lost[0], "true_positives": item.lost[1]},
        "accuracy_without": item.accuracy_before.to_json(),
        "accuracy_with": item.accuracy_after.to_json(),
        "accuracy_change": item.accuracy_change.to_json(),
    }
