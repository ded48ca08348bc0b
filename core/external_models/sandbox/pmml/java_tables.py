"""Columns as JPMML-Evaluator takes them, and its answers back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jpype
import numpy as np

from core.arrays import Array
from core.external_models.model_facts import ModelInput, OwnValue
from core.external_models.sandbox.opened_model import Coded, Column
from core.external_models.sandbox.pmml.java_machine import java_class, plain_words


def evaluated(
    evaluator: Any,
    inputs: Sequence[ModelInput],
    columns: Sequence[Column],
    wanted: Sequence[str],
    threads: int,
) -> tuple[list[list[OwnValue | None]], str]:
    """Ask for some answers to rows.

    Parameters
    ----------
    evaluator : Evaluator of JPMML
    inputs : sequence of ModelInput
    columns : sequence of Column
        In the order of the inputs.
    wanted : sequence of str
        Names of answers.
    threads : int

    Returns
    -------
    answers : list of list
        For each name the answer to each row, None where there is none.
    problem : str
        Why the first row that was refused was; "" where none was.
    """
    names, values = java_class("java.util.ArrayList")(), java_class("java.util.ArrayList")()
    for one, column in zip(inputs, columns, strict=True):
        names.add(one.name)
        values.add(_coded(one, column) if isinstance(column, Coded) else _numbers(one, column))
    table = java_class("java.util.HashMap")()
    table.put("columns", names)
    table.put("data", values)
    found = java_class("org.jpmml.evaluator.python.PythonEvaluatorUtil").evaluateAll(
        evaluator, table, java_class("java.util.Collections").emptySet(), threads
    )
    answered = {str(name): place for place, name in enumerate(found.get("columns"))}
    nothing: list[OwnValue | None] = [None] * _rows(columns)
    answers = [
        [None if v is None else plain_value(v) for v in found.get("data")[answered[name]]]
        if name in answered
        else nothing
        for name in wanted
    ]
    errors = found.get("errors")
    problem = next((str(error) for error in errors if error is not None), "") if errors else ""
    return answers, plain_words(problem)


def plain_value(value: Any) -> OwnValue:
    """Return one of Java's texts, numbers or truth values as Python's own."""
    if isinstance(value, jpype.java.lang.Boolean):
        return bool(value)
    if isinstance(value, (jpype.java.lang.Integer, jpype.java.lang.Long)):
        return int(value)
    return float(value) if isinstance(value, jpype.java.lang.Number) else str(value)


def _rows(columns: Sequence[Column]) -> int:
    first = columns[0]
    return len(first.codes if isinstance(first, Coded) else first)


def _numbers(one: ModelInput, column: Array) -> Any:
    if one.kind == "flag" or one.dtype.startswith("int"):
        kind, plain = (jpype.JBoolean, bool) if one.kind == "flag" else (jpype.JLong, int)
        made = (None if np.isnan(v) else jpype.JObject(plain(v), kind) for v in column.tolist())
        return _objects(list(made))
    boxed = java_class("java.util.stream.Collectors").toList()
    stream = java_class("java.util.stream.DoubleStream")
    doubles = stream.of(jpype.JArray(jpype.JDouble)(np.asarray(column, np.float64)))
    values = doubles.boxed().collect(boxed)
    for place in np.flatnonzero(np.isnan(column)):
        values.set(int(place), None)
    return values


def _coded(one: ModelInput, column: Coded) -> Any:
    """Write categories as Java's values: texts, or numbers where the input's type is one."""
    kinds = {"s": jpype.JString, "i": jpype.JLong, "f": jpype.JDouble, "b": jpype.JBoolean}
    kind = kinds[one.dtype[0]]
    known = [kind(v) if kind is jpype.JString else jpype.JObject(v, kind) for v in column.values]
    lookup = [*known, None if column.missing is None else jpype.JString(column.missing)]
    return _objects([lookup[code] for code in column.codes.tolist()])


def _objects(values: list[Any]) -> Any:
    return java_class("java.util.Arrays").asList(jpype.JArray(jpype.JObject)(values))
