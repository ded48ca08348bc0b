"""Write the ONNX file of a scikit-learn model that skl2onnx can't export beside protobuf 7.

Run from the repository in an environment of its own (Python 3.11, skl2onnx 1.20.0, onnx 1.23.2,
protobuf 6.33.6, scikit-learn 1.7.2): python -m tests.core.external_models.files.write_histograms
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from tests.core.external_models.people import outcome, people

FILE = Path(__file__).with_name("histograms.onnx")
NUMBERS, CATEGORIES = ["income", "age", "debt"], ["town", "job", "owner"]


def trained() -> Any:
    """Histogram boosting of numbers with holes, and of categories by their order."""
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("n", "passthrough", NUMBERS), ("c", ordinal, CATEGORIES)])
    boosted = HistGradientBoostingClassifier(
        max_iter=8, max_leaf_nodes=5, min_samples_leaf=5, random_state=0
    )
    return make_pipeline(columns, boosted).fit(people(), outcome(people()))


def main() -> None:
    """Write the file."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    types = [
        (name, (FloatTensorType if name in NUMBERS else StringTensorType)([None, 1]))
        for name in people()
    ]
    made = convert_sklearn(trained(), initial_types=types, options={"zipmap": False})
    FILE.write_bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
