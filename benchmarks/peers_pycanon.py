"""Record pyCANON's figures, for tests to compare ours with; run by hand.

pyCANON 1.3.6 needs pandas below 3, so it runs in an environment of its own:

    python3.11 -m venv /tmp/venv_canon
    /tmp/venv_canon/bin/pip install pycanon==1.3.6
    /tmp/venv_canon/bin/python benchmarks/peers_pycanon.py

It writes tests/core/privacy/peers/pycanon.json: tables and what pyCANON says of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from pycanon import anonymity, metrics

ROOT = Path(__file__).resolve().parents[1]
GOES_TO = ROOT / "tests" / "core" / "privacy" / "peers" / "pycanon.json"


def tables() -> list[tuple[str, pd.DataFrame, list[str], str]]:
    credit = pd.read_csv(ROOT / "data" / "german_credit.csv")
    adult = pd.read_csv(ROOT / "data" / "adult.csv.gz", na_values="?").dropna().head(1500)
    out = [
        ("german credit", credit, ["sex", "age", "job"], "credit_risk"),
        ("german credit, amounts", credit, ["sex", "housing"], "credit_amount"),
        ("german credit, coarse", credit, ["sex", "foreign_worker"], "purpose"),
        ("adult, 1500 rows", adult, ["age", "sex", "race", "education"], "occupation"),
        ("adult, hours", adult, ["sex", "race", "marital-status"], "hours-per-week"),
    ]
    rng = np.random.default_rng(7)
    for number in range(12):
        n = int(rng.integers(2, 60))
        frame = pd.DataFrame(
            {
                "a": rng.integers(0, rng.integers(1, 5) + 1, n),
                "b": rng.choice(["x", "y", "z"], n),
                "s": rng.choice(["p", "q", "r", "s"], n)
                if number % 2
                else rng.choice([-1.5, 0.0, 2.0, 7.25, 100.0], n),
            }
        )
        out.append((f"drawn {number}", frame, ["a", "b"], "s"))
    return out


def main() -> None:
    cases = []
    for name, frame, quasi, sensitive in tables():
        used = frame[[*quasi, sensitive]].reset_index(drop=True)
        figures = {
            "k": int(anonymity.k_anonymity(used, quasi)),
            "distinct_l": int(anonymity.l_diversity(used, quasi, [sensitive])),
            "entropy_l_floor": int(anonymity.entropy_l_diversity(used, quasi, [sensitive])),
            "alpha": float(anonymity.alpha_k_anonymity(used, quasi, [sensitive])[0]),
            "t": float(anonymity.t_closeness(used, quasi, [sensitive]))
            if used[sensitive].nunique() > 1
            else None,
            "average_rir": float(metrics.average_rir(used, quasi)),
            "max_rir": float(metrics.max_rir(used, quasi)),
            "discernibility": int(metrics.discernability_metric(used, used, quasi)),
            "average_class": float(metrics.average_ecsize(used, used, quasi)),
            "classes": int(metrics.sizes_ec(used, quasi)["n_ec"]),
        }
        cases.append(
            {
                "name": name,
                "columns": {column: used[column].tolist() for column in used.columns},
                "quasi": quasi,
                "sensitive": sensitive,
                "figures": figures,
            }
        )
    GOES_TO.parent.mkdir(parents=True, exist_ok=True)
    fields = {"made_by": "benchmarks/peers_pycanon.py", "peer": "pycanon 1.3.6", "cases": cases}
    GOES_TO.write_text(json.dumps(fields, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(cases)} tables, {GOES_TO.stat().st_size} bytes")


if __name__ == "__main__":
    main()
