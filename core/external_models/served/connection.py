"""Reaching a server, in the protocol that its address is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.external_models.model_facts import ModelInput
from core.external_models.served import mlflow_scoring, open_inference
from core.external_models.served.http_client import Patience, check_address

Protocol = Literal["mlflow", "open-inference"]
BATCH, MOST_CALLS = 1000, 1000


@dataclass(frozen=True)
class ServedSpec:
    """How a served model is asked.

    Attributes
    ----------
    address : str
        Of MLflow's server, with or without ``/invocations``; or of a model of the Open Inference
        Protocol, ``http://host:port/v2/models/NAME``.
    batch : int
        Rows of one call, 1 or more.
    most_calls : int
        Calls that may be made in all, 1 or more.
    patience : Patience
    """

    address: str
    batch: int = BATCH
    most_calls: int = MOST_CALLS
    patience: Patience = field(default_factory=Patience)

    @property
    def protocol(self) -> Protocol:
        """Which protocol the address is of."""
        return "open-inference" if "/v2/models/" in urlsplit(self.address).path else "mlflow"

    @property
    def calls(self) -> str:
        """How many calls may be made, in words."""
        return f"at most {self.most_calls:,} calls of {self.batch:,} rows each"


@dataclass(frozen=True, eq=False)
class Connection:
    """A server that was reached, and how its model is asked.

    Attributes
    ----------
    spec : ServedSpec
    inputs : tuple of ModelInput or None
        None where the server doesn't tell them.
    title : str
        For people.
    ask : callable
        From columns by input to the server's answers, one for each row.
    outputs : list of str
        What is asked for by name, found with the first rows.
    """

    spec: ServedSpec
    inputs: tuple[ModelInput, ...] | None
    title: str
    ask: Callable[[Mapping[str, npt.NDArray[Any]]], Any]
    outputs: list[str]

    @property
    def where(self) -> str:
        """Its place in a message."""
        return f"model at {self.spec.address}"


def connect(spec: ServedSpec, outputs: Sequence[str] = ()) -> Connection:
    """Reach a server; an inference server is asked what its model takes, and no rows.

    Parameters
    ----------
    spec : ServedSpec
    outputs : sequence of str
        That were found before.

    Raises
    ------
    InputError
        If the server can't be reached, or takes what no column gives.
    """
    address = check_address(spec.address)
    if spec.batch < 1 or spec.most_calls < 1:
        raise InputError(
            "at least one call of one row must be allowed",
            where=f"model at {spec.address}",
            remedy="Allow more",
        )
    wanted = list(outputs)
    if spec.protocol == "open-inference":
        inputs, title, ask = open_inference.connect(address, spec.patience, wanted)
    else:
        inputs, title, ask = mlflow_scoring.connect(address, spec.patience)
    return Connection(spec, inputs, title, ask, wanted)


def ask_rows(
    connection: Connection, inputs: tuple[ModelInput, ...], given: Mapping[str, npt.NDArray[Any]]
) -> Any:
    """Ask for rows in one call, and return the answers as they came."""
    return connection.ask(_as_asked(inputs, given))


def _as_asked(
    inputs: tuple[ModelInput, ...], given: Mapping[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[Any]]:
    """Write flags as truth values, which JSON tells from numbers."""
    out = dict(given)
    for item in inputs:
        if item.kind == "flag":
            values = np.asarray(given[item.name], dtype=np.float64)
            out[item.name] = np.array(
                [None if np.isnan(v) else bool(v) for v in values], dtype=object
            )
    return out
