"""Targets that record decisions: told from their names, and what is claimed of a model then."""

from dataclasses import replace

import pytest

from core.data.roles.past_decisions import imitation_told, seems_decided
from core.data.roles.roles import Roles

TRAINED = Roles("approved", "1", ("sex",), features=("income",))


@pytest.mark.parametrize(
    "name", ["approved", "loanApproved", "deny", "hired", "was_admitted", "selected"]
)
def test_names_of_decisions_are_recognised(name):
    assert seems_decided(name)


@pytest.mark.parametrize("name", ["repaid", "default", "income", "higher", None, "grants_total"])
def test_other_names_are_not(name):
    assert not seems_decided(name)


def test_what_is_claimed_changes_with_the_answer():
    asked = imitation_told(TRAINED)
    assert "may record decisions" in asked
    said = imitation_told(replace(TRAINED, target_holds_decisions=True))
    assert "records decisions that were made" in said
    assert "imitates them" in said
    assert imitation_told(replace(TRAINED, target="repaid")) == ""
    assert imitation_told(Roles(None, "1", ("sex",), prediction="approved")) == ""


def test_roles_without_it_keep_their_record():
    assert "target_holds_decisions" not in TRAINED.to_dict()
    assert replace(TRAINED, target_holds_decisions=True).to_dict()["target_holds_decisions"]
