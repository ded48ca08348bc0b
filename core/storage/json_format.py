"""Records as JSON: dataclasses to plain values and back, every field by its annotation.

One serializer for all that is JSON: what lies in a workspace, what a person downloads and gives
back, what goes into audit.json. A dataclass is an object of its fields, tuples are lists, members
of enumerations their values; numbers are finite. What is read is checked by the annotations
(cattrs): a field that is missing, unknown or of another kind is named in a sentence.

A class whose JSON looks otherwise says so by :func:`json_form`, beside its definition. A field that
was renamed keeps its first name in files (:func:`core.storage.names.field_name`), so old ones open.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import numpy as np

from core.errors import InputError
from core.storage.names import field_name

if TYPE_CHECKING:
    from cattrs import Converter

_SHOWN = 60


@dataclass(frozen=True)
class JsonForm:
    """How a class's JSON differs from an object of its fields.

    Attributes
    ----------
    write : callable, optional
        From a value to JSON.
    read : callable, optional
        From JSON to an object of its fields (dict), which is then checked as any other, or to the
        value itself; raises ValueError, saying what is wrong.
    """

    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None


_FORMS: dict[Any, JsonForm] = {}


def json_form(
    of: Any,
    *,
    write: Callable[[Any], Any] | None = None,
    read: Callable[[Any], Any] | None = None,
) -> None:
    """Give a class, or what several have in common, a form of its own; see :class:`JsonForm`."""
    _FORMS[of] = JsonForm(write, read)
    _converter.cache_clear()


def to_json(value: Any) -> Any:
    """Write a value as JSON values.

    Parameters
    ----------
    value : object
        Of None, bool, int, finite float, str, numpy scalars, enumerations, lists, tuples,
        mappings and dataclasses.

    Raises
    ------
    TypeError, ValueError
        If a part has no form as JSON: NaN and infinities have none.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"{value} has no form as JSON")
        return value
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): to_json(item) for name, item in value.items()}
    form = _FORMS.get(type(value))
    if form is not None and form.write is not None:
        return form.write(value)
    if not is_dataclass(value):
        raise TypeError(f"a {type(value).__qualname__} has no form as JSON")
    return fields_json(value)


def fields_json(value: Any) -> dict[str, Any]:
    """Write a dataclass as an object of its fields, whatever form it has of its own."""
    return {
        field_name(field): to_json(getattr(value, field.name))
        for field in fields(value)
        # Added later and at its default: records are what they were before.
        if not (
            field.metadata.get("absent_at_default") and getattr(value, field.name) == field.default
        )
    }


def list_json(value: Any) -> list[Any]:
    """Write a dataclass as a list of its fields in their order."""
    return [to_json(getattr(value, field.name)) for field in fields(value)]


def from_list(of: type, value: Any) -> dict[str, Any]:
    """Turn a list of the first fields of a dataclass into an object of them."""
    names = [field_name(field) for field in fields(of)]
    if not isinstance(value, list | tuple) or len(value) > len(names):
        raise _WrongError(f"{_short(value)} is no list of {', '.join(names)}")
    return dict(zip(names, value, strict=False))


def from_json(of: Any, value: Any, what: str, remedy: str | None = None) -> Any:
    """Read JSON values as what an annotation says.

    Parameters
    ----------
    of : type or annotation
    value : object
    what : str
        Name of the thing in an error: "the recipe".
    remedy : str, optional

    Raises
    ------
    InputError
        Naming the first field that is missing, unknown, or not what it should be.
    """
    try:
        return _converter().structure(value, of)
    except Exception as error:  # whatever the checks of a class raise
        raise InputError(_sentence(error), where=what, remedy=remedy) from error


def json_of(content: bytes, what: str, remedy: str | None = None) -> Any:
    """Return the JSON values that bytes hold; InputError if they aren't JSON."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("it isn't readable as JSON", where=what, remedy=remedy) from error


class _WrongError(ValueError):
    """A value isn't what its annotation says; the message does."""


def _sentence(error: Exception) -> str:
    """Say in words what is wrong first: "setting.k is 'x', which is no whole number"."""
    from cattrs import transform_error

    said, _, where = transform_error(error, "", _explained)[0].rpartition(" @ ")
    path = where.removeprefix(".")
    if said.startswith(_MISSING):
        path = path.rpartition(".")[0]
    return f"{path}: {said}" if path else said


_MISSING = "it lacks the field"


def _explained(error: BaseException, kind: type | None) -> str:
    from cattrs.errors import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        names = ", ".join(map(repr, sorted(map(str, error.extra_fields))))
        return f"it has the field {names}, which this version doesn't know"
    if isinstance(error, KeyError):
        return f"{_MISSING} {error.args[0]!r}"
    if isinstance(error, InputError):
        return f"{error.where}: {error.problem}" if error.where else error.problem
    if isinstance(error, _WrongError) or (isinstance(error, ValueError) and str(error)):
        return str(error).removesuffix(".")
    return f"it is not what is written there ({type(error).__name__})"


@cache
def _converter() -> Converter:
    from cattrs import Converter  # a tenth of a second that not every command needs

    made = Converter(forbid_extra_keys=True)
    made.register_structure_hook(bool, _checked(bool, "yes or no"))
    made.register_structure_hook(int, _checked(int, "whole number"))
    made.register_structure_hook(float, _number)
    made.register_structure_hook(str, _checked(str, "text"))
    for origin, reader in (
        (tuple, _tuple_reader), (Literal, _choice_reader), (Mapping, _mapping_reader),
    ):  # fmt: skip
        made.register_structure_hook_factory(partial(_is_of, origin), reader)
    made.register_structure_hook_func(
        lambda of: isinstance(of, type) and issubclass(of, Enum),
        lambda value, of: _member(of, value),
    )
    made.register_structure_hook_factory(
        lambda of: isinstance(of, type) and is_dataclass(of), _object_reader
    )
    for of, form in _FORMS.items():
        if form.read is not None and not (isinstance(of, type) and is_dataclass(of)):
            made.register_structure_hook_func(
                partial(operator.eq, of), partial(_read_by, form.read)
            )
    return made


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _checked(kind: type, name: str) -> Callable[[Any, Any], Any]:
    def read(value: Any, of: Any) -> Any:
        if of is not kind:  # an enumeration of texts or numbers
            return _member(of, value)
        if type(value) is not kind:
            raise _WrongError(f"{_short(value)} is no {name}".replace("no yes", "neither yes"))
        return value

    return read


def _number(value: Any, _: Any) -> Any:
    # A whole number stays one: it is as it was written.
    if type(value) not in (int, float) or not math.isfinite(value):
        raise _WrongError(f"{_short(value)} is no number")
    return value


def _is_of(wanted: Any, of: Any) -> bool:
    """Whether an annotation is of a kind: tuple[…], Literal[…], Mapping[…] or dict[…]."""
    origin: Any = get_origin(of)
    return origin is wanted or (
        wanted is Mapping and isinstance(origin, type) and issubclass(origin, Mapping)
    )


def _read_by(read: Callable[[Any], Any], value: Any, _: Any) -> Any:
    return read(value)


def _choice_reader(of: Any, _: Converter) -> Callable[[Any, Any], Any]:
    choices = get_args(of)

    def read(value: Any, _: Any) -> Any:
        # 1 == True, and is none of them.
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise _WrongError(f"{_short(value)} is none of {', '.join(map(str, choices))}")
        return value

    return read


def _member(of: Any, value: Any) -> Any:
    try:
        return of(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in of)
        raise _WrongError(f"{_short(value)} is none of {known}") from None


def _each(value: list[Any], kinds: list[Any], converter: Converter, names: list[Any]) -> list[Any]:
    """Read parts, each error with its path."""
    from cattrs.errors import IterableValidationError, IterableValidationNote

    found = []
    for item, kind, name in zip(value, kinds, names, strict=True):
        try:
            found.append(converter.structure(item, kind))
        except Exception as error:
            error.add_note(IterableValidationNote(f"at {name!r}", name, kind))
            raise IterableValidationError("a part of it", [error], list) from error
    return found


def _tuple_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    parts = get_args(of)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _WrongError(f"{_short(value)} is no list")
        kinds = [parts[0]] * len(value) if parts[-1] is Ellipsis else list(parts)
        if len(kinds) != len(value):
            raise _WrongError(f"{_short(value)} has {len(value)} entries, and {len(kinds)} are due")
        return tuple(_each(list(value), kinds, converter, list(range(len(value)))))

    return read


def _mapping_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    kind = get_args(of)[1]

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _WrongError(f"{_short(value)} is no object")
        found = _each(list(value.values()), [kind] * len(value), converter, list(value))
        return dict(zip(value, found, strict=True))

    return read


def _object_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    from cattrs.gen import make_dict_structure_fn, override

    form = _FORMS.get(of, JsonForm())
    keys: dict[str, Any] = {
        field.name: override(rename=field_name(field))
        for field in fields(of)
        if field_name(field) != field.name
    }
    from_fields = make_dict_structure_fn(of, converter, _cattrs_forbid_extra_keys=True, **keys)

    def read(value: Any, kind: Any) -> Any:
        if form.read is not None:
            try:
                value = form.read(value)
            except KeyError as error:  # the path ends above the field
                raise _WrongError(f"the field {error.args[0]!r} is lacking") from error
            if isinstance(value, of):
                return value
        if not isinstance(value, Mapping):
            raise _WrongError(f"{_short(value)} is no object")
        return from_fields(value, kind)

    return read
