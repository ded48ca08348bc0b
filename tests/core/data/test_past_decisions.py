"""Targets that record decisions: told from their names, and what is claimed of a model then."""

import json
from dataclasses import replace

import pytest

from core.data.reading.reading import read_bytes
from core.data.roles.past_decisions import past_decisions_told, seems_decided
from core.data.roles.role_checks import check_roles
from core.data.roles.roles import Roles
from core.errors import InputError
from core.storage.json_format import from_json, to_json

TRAINED = Roles("approved", "1", ("sex",), features=("income",))


@pytest.mark.parametrize(
    "name",
    [
        "approved",
        "loanApproved",
        "deny",
        "hired",
        "was_admitted",
        "selected",
        "Kredit_bewilligt",
        "abgelehnt",
        "Crédit accordé",
        "solicitud_denegada",
        "Decisão",
    ],
)
def test_names_of_decisions_are_recognised(name):
    assert seems_decided(name)


@pytest.mark.parametrize(
    "name",
    ["repaid", "default", "income", "higher", None, "grants_total", "Einkommen", "reembolsado"],
)
def test_other_names_are_not(name):
    assert not seems_decided(name)


def test_what_is_claimed_changes_with_the_answer():
    asked = past_decisions_told(TRAINED)
    assert "may record decisions" in asked
    said = past_decisions_told(replace(TRAINED, target_holds_decisions=True))
    assert "records decisions that were made" in said
    assert "imitates them" in said
    assert past_decisions_told(replace(TRAINED, target="repaid")) == ""
    assert past_decisions_told(replace(TRAINED, target_came_true=True)) == ""
    assert past_decisions_told(Roles(None, "1", ("sex",), prediction="approved")) == ""


def test_existing_decisions_judged_by_decisions_are_told_so_and_not_of_imitation():
    judged = Roles("approved", "1", ("sex",), prediction="advice")
    asked = past_decisions_told(judged)
    assert "may record decisions" in asked
    said = past_decisions_told(replace(judged, target_holds_decisions=True))
    assert "records decisions that were made" in said
    assert "agrees with those decisions, not how often it is right" in said
    assert "imitates" not in said + asked
    assert past_decisions_told(replace(judged, target_came_true=True)) == ""
    assert past_decisions_told(replace(judged, target="repaid")) == ""


def test_nothing_is_said_to_record_anything_where_there_is_no_target():
    read = read_bytes(b"sex,income,approved\nf,1,0\nm,2,1\n", "a.csv")
    roles = Roles(None, "1", ("sex",), prediction="approved")
    check_roles(read, roles)
    for said in ({"target_came_true": True}, {"target_holds_decisions": True}):
        with pytest.raises(InputError, match="there is no target"):
            check_roles(read, replace(roles, **said))


def test_roles_without_it_keep_their_record():
    assert "target_holds_decisions" not in TRAINED.to_dict()
    assert "target_came_true" not in TRAINED.to_dict()
    assert replace(TRAINED, target_holds_decisions=True).to_dict()["target_holds_decisions"]
    assert replace(TRAINED, target_came_true=True).to_dict()["target_came_true"]


def test_no_and_unknown_are_told_apart_and_what_was_kept_before_is_unknown():
    no = replace(TRAINED, target_came_true=True)
    assert from_json(Roles, json.loads(json.dumps(to_json(no))), "the roles") == no
    before = {**to_json(TRAINED), "target_holds_decisions": False}
    assert from_json(Roles, before, "the roles") == TRAINED
    kept = {**before, "target_holds_decisions": True}
    assert from_json(Roles, kept, "the roles").target_holds_decisions


def test_both_answers_at_once_are_refused():
    read = read_bytes(b"sex,income,approved\nf,1,0\nm,2,1\n", "a.csv")
    for answers in ((False, False), (True, False), (False, True)):
        check_roles(
            read, replace(TRAINED, target_holds_decisions=answers[0], target_came_true=answers[1])
        )
    with pytest.raises(InputError, match="can't record decisions and also what came true"):
        check_roles(read, replace(TRAINED, target_came_true=True, target_holds_decisions=True))
