"""Make the hiring sample: data/hiring.csv, applicants who never were.

Run from the repository's root: ``.venv/bin/python -m benchmarks.hiring_sample``. Only uniform draws
of Python's own generator and sums of them are used, which are the same on every machine and under
every version, so the file is the same byte for byte.
"""

from __future__ import annotations

import csv
import io
import random
from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "hiring.csv"
SEED = 52
"""One of sixty that were tried: in it no category of few people is, by chance, selected most."""
APPLICANTS = 2400
BLANK_SEX = 0.025

COLUMNS = (
    "applied_year", "job_family", "years_experience", "education", "sex", "race", "score",
    "selected",
)  # fmt: skip
YEARS = {"2021": 0.2, "2022": 0.25, "2023": 0.27, "2024": 0.28}
JOB_FAMILIES = {
    "Customer service": 0.32, "Sales": 0.24, "Administration": 0.18, "Engineering": 0.15,
    "Finance": 0.11,
}  # fmt: skip
EDUCATION = {"High school": 0.3, "Associate": 0.18, "Bachelor": 0.38, "Master": 0.14}
SEX = {"Male": 0.53, "Female": 0.47}
RACES = {
    "White": 0.523,
    "Hispanic or Latino": 0.17,
    "Black or African American": 0.16,
    "Asian": 0.09,
    "Two or more races": 0.037,
    "Native American or Alaska Native": 0.011,
    "Native Hawaiian or Pacific Islander": 0.009,
}
"""Categories of the EEO-1 report; two are below two per cent of the applicants."""

POINTS_FOR_EDUCATION = {"High school": 0.0, "Associate": 3.0, "Bachelor": 6.0, "Master": 9.0}
POINTS_LOST = {"Female": 4.0, "Black or African American": 5.0, "Hispanic or Latino": 2.0}
"""Points of the score that a group is given less, whatever its experience and education."""

CHANCE_LOST = {"Female": 0.04, "Black or African American": 0.06, "Hispanic or Latino": 0.02}
"""Taken off a group's chance of selection beside what its scores already cost it."""

CHANCE_LOST_BY_BLACK_WOMEN = 0.05
"""More than both of the above together."""


def applicants() -> bytes:
    """Draw the applicants; return the file's bytes."""
    draws = random.Random(SEED)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for _ in range(APPLICANTS):
        writer.writerow(_applicant(draws))
    return text.getvalue().encode("ascii")


def _applicant(draws: random.Random) -> tuple[object, ...]:
    year, job = _drawn(draws, YEARS), _drawn(draws, JOB_FAMILIES)
    education = _drawn(draws, EDUCATION)
    sex, race = _drawn(draws, SEX), _drawn(draws, RACES)
    # Many with little experience, few with much.
    experience = int(30 * draws.random() * draws.random())
    merit = 45.0 + POINTS_FOR_EDUCATION[education] + 0.6 * experience
    noise = 15.0 * (sum(draws.random() for _ in range(4)) - 2.0)
    score = merit + noise - POINTS_LOST.get(sex, 0.0) - POINTS_LOST.get(race, 0.0)
    score = round(min(max(score, 0.0), 100.0), 1)
    chance = 0.40 + 0.012 * (score - 55.0)
    chance -= CHANCE_LOST.get(sex, 0.0) + CHANCE_LOST.get(race, 0.0)
    if (sex, race) == ("Female", "Black or African American"):
        chance -= CHANCE_LOST_BY_BLACK_WOMEN
    selected = int(draws.random() < min(max(chance, 0.02), 0.95))
    # Who left the question open was still treated as who they are.
    said = "" if draws.random() < BLANK_SEX else sex
    return year, job, experience, education, said, race, score, selected


def _drawn(draws: random.Random, shares: Mapping[str, float]) -> str:
    # Not random.choices, whose way of drawing isn't promised to stay.
    limits = [*accumulate(shares.values())]
    return [*shares][min(bisect(limits, draws.random()), len(shares) - 1)]


if __name__ == "__main__":
    FILE.write_bytes(applicants())
