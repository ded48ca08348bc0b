"""PMML, the XML of many statistics programs, answered by JPMML-Evaluator in a Java machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.external_models.model_facts import ModelInput, Output, OwnValue, Task
from core.external_models.sandbox.opened_model import (
    Coded,
    Column,
    OpenedModel,
    TreeReader,
    rows_of,
)
from core.external_models.sandbox.pmml.inputs import PmmlInput, pmml_inputs
from core.external_models.sandbox.pmml.java_machine import (
    found_java,
    java_class,
    java_in_words,
    start_java,
)
from core.external_models.sandbox.pmml.java_tables import evaluated, plain_value
from core.external_models.sandbox.pmml.xml_text import plain_xml
from core.external_models.sandbox.probing import probe_rows
from core.external_models.tree_arrays import TreeArrays

_JAVA = found_java()

_VOTING = ("SupportVectorMachineModel", "RuleSetModel")
"""Models whose numbers for classes are votes or confidences."""

_CLOSE = 1e-6
"""How far probabilities may add up to something else than 1."""

_ASKED_WITHOUT = 8
"""Rows that are asked with an input missing, for each input."""

_OTHER_ANSWERS = (
    "The file also computes {}, which isn't read: scores are the numbers of the model itself."
)
_BOUNDED = "Numbers outside the range that the file lists get no score: inputs {}."
_SEVERAL = "The file holds {} models: the first one is opened."
_COMPUTED = (
    "The file lists no probabilities among its answers: scores are those that its model computes."
)
_VOTES = (
    "The file gives no probabilities, only the class that it chooses: scores are 1 for that class "
    "and 0 for others."
)


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model in PMML."""
    text = plain_xml(data, "PMML")
    start_java(_JAVA, "jpmml_evaluator", threads)
    with java_in_words("JPMML-Evaluator can't use it"):
        return _opened(text, threads)


def _opened(text: bytes, threads: int) -> OpenedModel:
    builder = java_class("org.jpmml.evaluator.LoadingModelEvaluatorBuilder")()
    builder.load(java_class("java.io.ByteArrayInputStream")(text))
    pmml, model = builder.getPMML(), builder.getModel()
    as_written = builder.build()
    _verify(as_written)
    target = _target(as_written, model)
    categories = _categories(target, model)
    inputs = pmml_inputs(as_written.getInputFields())
    if not inputs:
        raise InputError("the model has no input", remedy="Give a model that looks at something")
    named = _named_answers(as_written)
    told = tuple(one.told for one in inputs)
    rows = [one.within(drawn) for one, drawn in zip(inputs, probe_rows(told), strict=True)]
    problem = ""
    for output in _outputs(model):
        evaluator = _asking(pmml, model, target, categories if output == "probability" else ())
        classes = tuple(plain_value(value) for value in categories)
        asked = _Asked(evaluator, told, classes, output, threads)
        scores, problem = asked.answers(rows)
        if _are_scores(scores, output):
            break
    else:
        raise InputError(
            f"the model gives no made-up row a score{f' ({problem})' if problem else ''}",
            remedy="Export the model again, or as ONNX",
        )
    task: Task = "binary" if len(categories) == 2 else "multiclass"
    return OpenedModel(
        title=str(as_written.getSummary()),
        library=_of_application(pmml, "getName"),
        version=_of_application(pmml, "getVersion"),
        task=task if categories else "regression",
        inputs=_with_missing(asked, rows),
        classes=asked.classes or None,
        output=asked.output,
        predict=asked.predict,
        notes=_notes(asked, inputs, named, pmml.getModels().size()),
        trees=TreeReader(_no_trees, asked.predict),
    )


def _no_trees() -> TreeArrays:
    raise InputError("trees are not read from PMML")


@dataclass(frozen=True)
class _Asked:
    """A model that is asked for the probability of each class and for the class it chooses."""

    evaluator: Any
    inputs: tuple[ModelInput, ...]
    classes: tuple[OwnValue, ...]
    output: Output
    threads: int

    def answers(self, columns: Sequence[Column]) -> tuple[Floats, str]:
        """Return scores, NaN where there is none, and why the first of those has none."""
        names = [f"{_PREFIX}{place}" for place in range(len(self.classes))]
        if self.output != "probability":
            names = [_CHOSEN]
        found, problem = evaluated(self.evaluator, self.inputs, columns, names, self.threads)
        if self.output == "number":
            return np.array(found[0], np.float64), problem
        if self.output == "probability":
            return np.array(found, np.float64).T, problem
        places: dict[OwnValue | None, float] = {
            value: float(place) for place, value in enumerate(self.classes)
        }
        chosen = np.array([places.get(one, np.nan) for one in found[0]])
        scores = (chosen[:, None] == np.arange(len(self.classes))).astype(np.float64)
        scores[np.isnan(chosen)] = np.nan
        return scores, problem

    def predict(self, columns: Sequence[Column]) -> Floats:
        """Ask for scores; rows that the model refuses are told in its own words."""
        with java_in_words("JPMML-Evaluator can't score these rows"):
            scores, problem = self.answers(columns)
        if problem:
            raise InputError(
                f"the model gives some rows no score, the first because: {problem}",
                remedy="Leave those rows out, or match what they hold to what the model takes",
            )
        return scores


_PREFIX, _CHOSEN = "equipoise probability ", "equipoise value"


def _asking(pmml: Any, model: Any, target: Any, categories: Sequence[Any]) -> Any:
    """Return an evaluator that is asked for this alone, whatever else the file answers."""
    types, measures = java_class("org.dmg.pmml.DataType"), java_class("org.dmg.pmml.OpType")
    field = java_class("org.dmg.pmml.OutputField")
    feature = java_class("org.dmg.pmml.ResultFeature")
    output = java_class("org.dmg.pmml.Output")()
    for place, category in enumerate(categories):
        one = field(f"{_PREFIX}{place}", measures.CONTINUOUS, types.DOUBLE)
        output.addOutputFields(one.setResultFeature(feature.PROBABILITY).setValue(category))
    if target.getOpType() == measures.CONTINUOUS:
        # A number is not rounded, nor refused, because the outcomes it was trained on were whole.
        target.getField().setDataType(types.DOUBLE)
    chosen = field(
        _CHOSEN,
        target.getOpType(),
        target.getField().getDataType(),
    )
    output.addOutputFields(chosen.setResultFeature(feature.PREDICTED_VALUE))
    model.setOutput(output)
    return java_class("org.jpmml.evaluator.ModelEvaluatorBuilder")(pmml, model).build()


def _verify(evaluator: Any) -> None:
    """Ask for the rows that the file itself may hold with their answers."""
    with java_in_words("the answers that the file holds for a check don't come out"):
        evaluator.verify()


def _target(evaluator: Any, model: Any) -> Any:
    function = str(model.getMiningFunction().value())
    if function not in ("classification", "regression"):
        raise InputError(
            f"it is a model for {function}, which gives people no score",
            remedy="Give a classifier or a regression",
        )
    targets = list(evaluator.getTargetFields())
    if len(targets) != 1:
        raise InputError(
            f"the model answers for {len(targets)} targets at once",
            remedy="Give a model with one target",
        )
    return targets[0]


def _categories(target: Any, model: Any) -> list[Any]:
    """Return the classes as the file lists them; none of a regression."""
    if str(model.getMiningFunction().value()) == "regression":
        return []
    listed = list(target.getCategories() or ())
    if len(listed) < 2:
        raise InputError(
            "the file doesn't list the classes of its target",
            remedy="Export it with the values of the target (DataField and Value)",
        )
    return listed


def _outputs(model: Any) -> tuple[Output, ...]:
    """Return what to ask for, the best first."""
    if str(model.getMiningFunction().value()) == "regression":
        return ("number",)
    while str(model.getClass().getSimpleName()) == "MiningModel":  # The last of a chain decides.
        segments = model.getSegmentation().getSegments()
        model = segments.get(segments.size() - 1).getModel()
    votes = str(model.getClass().getSimpleName()) in _VOTING
    return ("label",) if votes else ("probability", "label")


def _are_scores(scores: Floats, output: Output) -> bool:
    """Whether made-up rows have scores, and such as they are said to be."""
    given = scores[np.isfinite(scores.reshape(len(scores), -1)).all(axis=1)]
    if output != "probability" or not len(given):
        return len(given) > 0
    inside = bool(np.all((given >= -_CLOSE) & (given <= 1 + _CLOSE)))
    return inside and bool(np.allclose(given.sum(axis=1), 1, atol=_CLOSE))


def _with_missing(asked: _Asked, rows: Sequence[Column]) -> tuple[ModelInput, ...]:
    """Ask for rows with each input missing: one without an answer means that it is refused."""
    answered = np.isfinite(asked.answers(rows)[0].reshape(rows_of(rows), -1)).all(axis=1)
    places = np.flatnonzero(answered)[:_ASKED_WITHOUT]
    width = len(rows)
    asked_rows = [_repeated(column, places, place, width) for place, column in enumerate(rows)]
    scores = asked.answers(asked_rows)[0].reshape(width, len(places), -1)
    taken = [bool(np.isfinite(one).all()) for one in scores]
    return tuple(
        one if takes else replace(one, missing="refused")
        for one, takes in zip(asked.inputs, taken, strict=True)
    )


def _repeated(column: Column, places: Any, own: int, width: int) -> Column:
    """Repeat rows once for each input, with this one missing the time that is its own."""
    own_turn = slice(own * len(places), (own + 1) * len(places))
    if isinstance(column, Coded):
        codes = np.tile(column.codes[places], width)
        codes[own_turn] = -1
        return replace(column, codes=codes)
    numbers = np.tile(column[places], width)
    numbers[own_turn] = np.nan
    return numbers


def _named_answers(evaluator: Any) -> list[tuple[str, str]]:
    """Return what the file itself names among its answers: names, and what each is."""
    fields = [one.getField() for one in evaluator.getOutputFields()]
    return [
        (str(one.getName()), str(one.getResultFeature().value()))
        for one in fields
        if one.isFinalResult()
    ]


def _of_application(pmml: Any, what: str) -> str:
    """Return what the file says of the program that wrote it; "" where it says nothing."""
    header = pmml.getHeader()
    application = None if header is None else header.getApplication()
    said = None if application is None else getattr(application, what)()
    return "" if said is None else str(said)


def _notes(
    asked: _Asked, inputs: Sequence[PmmlInput], named: Sequence[tuple[str, str]], models: int
) -> tuple[str, ...]:
    others = [name for name, feature in named if feature in ("transformedValue", "decision")]
    unnamed = asked.output == "probability" and "probability" not in {f for _, f in named}
    bounded = [one.told.name for one in inputs if one.is_bounded]
    return (
        *([_SEVERAL.format(models)] if models > 1 else ()),
        *([_OTHER_ANSWERS.format(_listed(others))] if others else ()),
        *([_BOUNDED.format(_listed(bounded))] if bounded else ()),
        *([_COMPUTED] if unnamed else ()),
        *([_VOTES] if asked.output == "label" else ()),
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(map(repr, names[:5])) + more
