"""Raw mixed-type rows as a matrix of numbers and back, for explainers that need a matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Floats


class Codes:
    """Numbers stay, categories become positions in a list; ``decode`` undoes ``encode`` exactly.

    Parameters
    ----------
    *frames : DataFrame
        All rows that will be encoded; together they define the categories.
    """

    def __init__(self, *frames: pd.DataFrame):
        first = frames[0]
        self.columns = [str(c) for c in first]
        self.levels: dict[str, list[str]] = {
            name: sorted({str(v) for frame in frames for v in frame[name].unique()})
            for name in self.columns
            if first[name].dtype.kind != "f"
        }

    @property
    def categorical(self) -> list[int]:
        """Positions of the categorical columns."""
        return [j for j, name in enumerate(self.columns) if name in self.levels]

    def encode(self, frame: pd.DataFrame) -> Floats:
        """Matrix of shape (n, p), missing numbers NaN."""
        out = np.empty((len(frame), len(self.columns)))
        for j, name in enumerate(self.columns):
            if name in self.levels:
                position = {level: i for i, level in enumerate(self.levels[name])}
                out[:, j] = [position[str(v)] for v in frame[name]]
            else:
                out[:, j] = frame[name].to_numpy(dtype=np.float64)
        return out

    def decode(self, matrix: Floats) -> pd.DataFrame:
        """Rows of the frame that ``encode`` would turn into the matrix."""
        data: dict[str, object] = {}
        for j, name in enumerate(self.columns):
            if name in self.levels:
                levels = np.array(self.levels[name], dtype=object)
                data[name] = pd.Series(levels[matrix[:, j].astype(int)], dtype=object)
            else:
                data[name] = matrix[:, j]
        return pd.DataFrame(data)
