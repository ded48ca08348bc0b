"""The graph of an ONNX file: its nodes, their attributes and its constants, read from the bytes.

The runtime shows inputs and outputs and nothing between; categories and classes stand in nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.arrays import Array, Floats, Ints
from core.external_models.sandbox.onnx.protocol_buffer import (
    field_of,
    first_text,
    integer,
    integers,
    messages,
    real,
    reals,
    texts,
)

_RAW = {1: "<f4", 6: "<i4", 7: "<i8", 11: "<f8"}
_EXTERNAL = 1


@dataclass(frozen=True)
class Node:
    """An operator of the graph.

    Attributes
    ----------
    kind : str
        Such as "OneHotEncoder".
    inputs, outputs : tuple of str
        Names of tensors.
    attributes : dict
        From names to the bytes of the attribute.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, memoryview]

    def number(self, name: str, default: int = 0) -> int:
        """Return an attribute that is one whole number."""
        return integer(self.attributes[name], 3) if name in self.attributes else default

    def real(self, name: str) -> float | None:
        """Return an attribute that is one float."""
        return real(self.attributes[name], 2) if name in self.attributes else None

    def text(self, name: str, default: str = "") -> str:
        """Return an attribute that is one text."""
        found = texts(self.attributes[name], 4) if name in self.attributes else ()
        return found[-1] if found else default

    def integers(self, name: str) -> Ints:
        """Return an attribute that is a list of whole numbers."""
        return integers(self.attributes[name], 8) if name in self.attributes else np.zeros(0, int)

    def reals(self, name: str) -> Floats:
        """Return an attribute that is a list of floats."""
        return reals(self.attributes[name], 7) if name in self.attributes else np.zeros(0)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an attribute that is a list of texts."""
        return texts(self.attributes[name], 9) if name in self.attributes else ()

    def values(self, *names: str) -> tuple[str | int | float, ...]:
        """Return the first of some attributes that isn't empty: a list or a tensor of any kind."""
        for name in names:
            if name in self.attributes:
                found = self.texts(name) or (*self.integers(name).tolist(),)
                found = found or tuple(self.reals(name).tolist())
                for tensor in messages(self.attributes[name], 5):
                    held = array_of(tensor)
                    found = () if held is None else tuple(held.ravel().tolist())
                if found:
                    return found
        return ()


@dataclass(frozen=True)
class OnnxGraph:
    """What an ONNX file holds.

    Attributes
    ----------
    producer, version : str
        What made it.
    nodes : tuple of Node
    constants : dict
        Initializers, by name, as bytes.
    has_external : bool
        Whether constants lie in other files.
    domains : tuple of str
        Whose operators it uses.
    """

    producer: str
    version: str
    nodes: tuple[Node, ...]
    constants: dict[str, memoryview]
    has_external: bool
    domains: tuple[str, ...]

    @cached_property
    def makers(self) -> dict[str, Node]:
        """The node that makes each tensor."""
        return {name: node for node in self.nodes for name in node.outputs}

    def constant(self, name: str) -> Array | None:
        """Return a constant of numbers or texts; None where it is another."""
        return array_of(self.constants[name]) if name in self.constants else None


def array_of(tensor: memoryview) -> Array | None:
    """Return the numbers or texts of a tensor; None where it is of another kind."""
    kind = integer(tensor, 2)
    if kind == 8:
        return np.array(texts(tensor, 6), dtype=object)
    for raw in messages(tensor, 9):
        return np.frombuffer(raw, _RAW[kind]) if kind in _RAW else None
    if kind in (1, 11):
        return reals(tensor, 4 if kind == 1 else 10, double=kind == 11)
    return integers(tensor, 7 if kind == 7 else 5) if kind in (6, 7) else None


def read_graph(data: bytes) -> OnnxGraph:
    """Read the graph of an ONNX file.

    Raises
    ------
    DamagedError
        If the bytes are no protocol buffer.
    """
    model = memoryview(data)
    graphs = messages(model, 7)
    nodes = [_node(raw) for graph in graphs for raw in messages(graph, 1)]
    constants = {first_text(raw, 8) or "": raw for graph in graphs for raw in messages(graph, 5)}
    return OnnxGraph(
        producer="".join(texts(model, 2)[-1:]),
        version="".join(texts(model, 3)[-1:]),
        nodes=tuple(nodes),
        constants=constants,
        has_external=any(_is_external(t) for graph in graphs for t in _tensors(graph)),
        domains=tuple("".join(texts(opset, 1)) for opset in messages(model, 8)),
    )


def with_output(data: bytes, name: str, *, double: bool = False) -> bytes:
    """Return the file with a tensor of floats, or doubles, between nodes as a further output.

    What stands twice in a protocol buffer is merged, so an output is added by bytes at its end.
    """
    tensor = field_of(2, field_of(1, b"\x08\x0b" if double else b"\x08\x01"))
    return data + field_of(7, field_of(12, field_of(1, name.encode()) + tensor))


def _node(raw: memoryview) -> Node:
    attributes = {first_text(a, 1) or "": a for a in messages(raw, 5)}
    return Node("".join(texts(raw, 4)[-1:]), texts(raw, 1), texts(raw, 2), attributes)


def _tensors(graph: memoryview, depth: int = 0) -> Iterator[memoryview]:
    """All constants of a graph, those in attributes and in graphs within it too."""
    if depth > 20:
        raise ValueError("graphs lie too deep within each other")
    yield from messages(graph, 5)
    for node in messages(graph, 1):
        for attribute in messages(node, 5):
            yield from messages(attribute, 5)
            yield from messages(attribute, 10)
            for number in (6, 11):
                for inner in messages(attribute, number):
                    yield from _tensors(inner, depth + 1)


def _is_external(tensor: memoryview) -> bool:
    return integer(tensor, 14) == _EXTERNAL or bool(messages(tensor, 13))
