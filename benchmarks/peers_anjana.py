"""Record anjana's generalisation of a table, for a test to compare ours with; run by hand.

anjana needs pandas below 3, so it runs in an environment of its own:

    python3.11 -m venv /tmp/venv_anjana
    /tmp/venv_anjana/bin/pip install anjana==1.2.3
    /tmp/venv_anjana/bin/python benchmarks/peers_anjana.py

It writes tests/core/privacy/peers/anjana.json: for each k and suppression limit the level that
anjana gives each column, and the rows it keeps. anjana generalises the column of most distinct
values step by step; it doesn't look for the least loss.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from anjana.anonymity import k_anonymity

ROOT = Path(__file__).resolve().parents[1]
GOES_TO = ROOT / "tests" / "core" / "privacy" / "peers" / "anjana.json"
QUASI = ["age", "sex", "job", "housing"]
WIDTHS = (5, 10, 20, 40)


def main() -> None:
    frame = pd.read_csv(ROOT / "data" / "german_credit.csv")[[*QUASI, "credit_risk"]]
    levels: dict[str, dict[int, list[object]]] = {
        "age": {0: frame["age"].tolist()},
        **{name: {0: frame[name].tolist(), 1: ["*"] * len(frame)} for name in QUASI[1:]},
    }
    for level, width in enumerate(WIDTHS, start=1):
        low = (frame["age"] // width * width).astype(int)
        levels["age"][level] = [f"[{a}, {a + width})" for a in low]
    levels["age"][len(WIDTHS) + 1] = ["*"] * len(frame)
    cases = []
    for k in (2, 5, 10, 25):
        for limit in (0, 2, 10):
            made = k_anonymity(frame.copy(), [], QUASI, k, limit, levels)
            chosen = []
            for name in QUASI:
                values = {str(value) for value in made[name]}
                fits = [
                    level
                    for level, values_of in levels[name].items()
                    if values <= {str(value) for value in values_of}
                ]
                chosen.append(fits[0])
            cases.append({"k": k, "limit": limit, "levels": chosen, "rows": len(made)})
    record = {"made_by": "benchmarks/peers_anjana.py", "peer": "anjana 1.2.3", "quasi": QUASI,
            "widths": list(WIDTHS), "cases": cases}  # fmt: skip
    GOES_TO.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(cases))


if __name__ == "__main__":
    main()
