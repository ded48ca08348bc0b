"""The facts on rules: each complete, with its source and the day it was checked, and well told."""

from dataclasses import fields
from datetime import date

import pytest

from core.errors import InputError
from core.law.rules import FOUR_FIFTHS, GROUP_CUT_OFFS, Rule, rule, rules

MAY_BE_EMPTY = {"applies_from", "figures", "records", "not_required", "warns"}


@pytest.mark.parametrize("found", rules().values(), ids=lambda found: found.id)
def test_every_rule_tells_where_it_was_read_and_when(found):
    for field in fields(Rule):
        assert field.name in MAY_BE_EMPTY or getattr(found, field.name), field.name
    assert found.mark in ("P", "S", "1")
    assert date.fromisoformat(found.checked_on) <= date(2026, 12, 31)
    assert found.checked_on in found.sentence
    if found.applies_from:
        date.fromisoformat(found.applies_from)


def test_four_fifths_are_described_and_required_by_nobody():
    told = rule(FOUR_FIFTHS).sentence
    assert told.startswith("29 CFR 1607.4(D) describes, where in force,")
    assert "no safe harbour" in told
    for found in rules().values():
        assert "EEOC requires" not in f"{found.says} {found.warns}"
        assert "complies" not in f"{found.says} {found.warns}"


def test_thresholds_by_group_carry_the_warning_of_the_statute():
    assert "42 U.S.C. 2000e-2(l)" in rule(GROUP_CUT_OFFS).warns


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(InputError, match="Choose one of: nyc-local-law-144"):
        rule("gdpr-99")
