"""Which groups are too small to judge, counted once for page and report."""

from __future__ import annotations

from dataclasses import replace

from components.widgets.verdict import too_small
from core.data.table import MISSING
from core.fairness.assessment.assess import assess
from core.fairness.metrics.small_groups import small_groups
from tests.core.audit.checks.cases import audited, case, found, roles_of
from tests.core.fairness.test_disparities import table

LARGE = (100, 20, 20, 100)


def test_rows_of_unknown_group_are_neither_counted_nor_named() -> None:
    one, two = (
        assess(*table(a=LARGE, b=LARGE, few=(9, 9, 5, 5), **unknown))
        for unknown in ({}, {MISSING: (9, 9, 5, 5)})
    )
    for found_ in (one, two):
        (small,) = small_groups(found_)
        assert small.sentence == "1 of 3 groups of g is too small to judge"
        assert small.names == ["few"]
    assert small_groups(assess(*table(a=LARGE, **{MISSING: (9, 9, 5, 5)}))) == ()


def test_few_rows_and_few_labels_are_told_apart_at_their_edges() -> None:
    def findings_of(**cells: tuple[int, int, int, int]) -> list[tuple[list[str], bool]]:
        found_ = small_groups(assess(*table(a=LARGE, **cells)))
        return [(small.names, small.for_decisions) for small in found_]

    assert findings_of(b=(10, 10, 5, 5)) == []
    assert findings_of(b=(10, 9, 5, 5)) == [(["b"], True)]  # 29 rows
    assert findings_of(b=(5, 4, 21, 0)) == [(["b"], False)]  # 9 positive labels
    assert findings_of(b=(5, 5, 20, 0)) == []
    assert findings_of(b=(5, 4, 21, 0), c=(9, 9, 5, 5)) == [(["c"], True), (["b"], False)]


def test_page_and_report_say_the_same_sentence() -> None:
    read = case("few_test_rows")
    roles = roles_of(read, "event", "1", "sex", "stage")
    result = audited(read, roles, "logistic_regression", seed=1)
    titles = [finding.title for finding in found(result, "FAIR-03")]
    assert titles
    pages = [too_small(assessment) or "" for assessment in result.assessments.values()]
    assert all(any(f"{title}: " in page for page in pages) for title in titles)
    assert sum(len(small_groups(a)) for a in result.assessments.values()) == len(titles)


def test_an_intersection_is_named_by_its_columns() -> None:
    target, prediction, sensitive = table(a=LARGE, few=(9, 9, 5, 5))
    both = sensitive.assign(h="x")
    (small,) = small_groups(assess(target, prediction, both))
    assert small.of == "g × h"
    assert replace(small, groups=small.groups * 2).sentence.startswith("2 of 2 groups of g × h are")
