import copy
import itertools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reporting.frontier_charts import STATUS
from core.reporting.report import render, to_json
from tests.core.reporting.audits import predictions, trained
from tests.core.reporting.page import Page

BOTH = pytest.mark.parametrize("audit", [trained(), predictions()], ids=["trained", "predictions"])


NO_NUMBER = re.compile(
    r"(?<!\w)(nan|inf|None|null|True|False)(?! (positive|negative|of the \d))(?!\w)"
)


def section(audit, name):
    return Page(render(audit)).by_id(name)


@BOTH
def test_structure(audit):
    page = Page(render(audit))
    assert page.all("html")[0].attributes["lang"] == "en"
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [e.attributes["id"] for e in page.root.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.root.walk():
        for name in (element.attributes.get("aria-labelledby") or "").split():
            assert page.by_id(name).text
    for table in page.all("table"):
        assert next(c.tag for c in table.children) == "caption"
        assert table.all("caption")[0].text
        assert all(th.attributes.get("scope") in ("col", "row") for th in table.all("th"))
        widths = {len(row.all("th", "td")) for row in table.all("tr")}
        assert len(widths) == 1, "every row has as many cells"


@BOTH
def test_every_chart_has_a_title_a_description_and_a_table(audit):
    page = Page(render(audit))
    figures = page.all("figure")
    assert len(figures) == len(page.all("svg"))
    for figure in figures:
        (svg,) = figure.all("svg")
        assert svg.attributes["role"] == "img"
        title, description = svg.attributes["aria-labelledby"].split()
        assert page.by_id(title).text == figure.all("figcaption")[0].text
        assert page.by_id(description).text
        assert len(figure.all("table")[0].all("tr")) >= 2
        assert "viewbox" in svg.attributes
        assert "width" not in svg.attributes


@BOTH
def test_it_loads_nothing_and_runs_nothing(audit):
    html = render(audit)
    page = Page(html)
    for element in page.root.walk():
        assert element.tag not in ("script", "link", "img", "iframe", "object", "base", "form")
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "href", "srcset", "action", "xlink:href", "style")
            assert "://" not in (value or "")
    style = page.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    policy = next(e for e in page.all("meta") if "http-equiv" in e.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")
    assert "prefers-color-scheme: dark" in style
    assert "size: A4" in style


def test_sections_stand_in_order():
    ids = [e.attributes["id"] for e in Page(render(trained())).all("section")]
    assert ids == [
        *("verdict", "data", "privacy", "model", "fairness"),
        *("explanations", "tradeoffs", "glossary", "signature", "reproduce"),
    ]


def test_findings_are_sorted_by_severity():
    found = section(trained(), "verdict")
    assert [e.text for e in found.all("span")] == ["high", "medium", "low", "info"]
    assert found.all("p")[0].text == (
        "4 findings: 1 of high severity, 1 of medium severity, 1 of low severity, "
        "1 for information."
    )
    assert "Women under 25 are selected less often F-GAP" in found.text
    assert "Try reweighing" in found.text
    audit = trained()
    audit["findings"] = audit["findings"][:1]
    assert section(audit, "verdict").all("p")[0].text == "1 finding of low severity."
    audit["findings"] = []
    assert "isn't proof" in section(audit, "verdict").text


def test_numbers_are_those_of_the_audit():
    fairness = section(predictions(), "fairness")
    table = next(t for t in fairness.all("table") if "Figures by race" in t.text)
    head = [th.text for th in table.all("tr")[0].all("th")]
    rows = {
        row.all("th")[0].text: dict(zip(head, (e.text for e in row.all("th", "td")), strict=True))
        for row in table.all("tr")[1:]
    }
    black = rows["African-American"]
    assert black["Rows"] == "3,696"
    assert black["False positive rate"] == "0.44850.434 to 0.463"
    assert black["False negative rate"].startswith("0.2799")
    assert rows["Caucasian"]["False positive rate"].startswith("0.2345")
    assert rows["Caucasian"]["False negative rate"].startswith("0.4772")
    model = section(trained(), "model").all("table")[0]
    accuracy = [cell.text for cell in model.all("tr")[1].all("th", "td")]
    assert accuracy == ["Accuracy", "0.72670.661 to 0.784", "0.77670.714 to 0.829", "0.7000"]


def test_chart_titles_state_the_finding():
    titles = [e.text for e in Page(render(trained())).all("figcaption")]
    assert (
        titles[0]
        == "Selection rate ranges from 0.41 to 0.65 across 3 groups (1 more too small to judge)"
    )
    assert titles[1] == (
        "True positive rate ranges from 0.67 to 0.88 across 3 groups (1 more too small to judge); "
        "false positive rate ranges from 0.33 to 0.44 across 3 groups (1 more too small to judge)"
    )
    assert "“checking_status” moves the model's output most, 21% of the whole" in titles
    assert "“checking_status: < 0 DM” lowers the output most, by 0.812" in titles
    assert titles[-1].startswith(
        "Of 5 settings 5 are on the Pareto front and 0 significantly dominated; the best"
    )


def test_undefined_says_why_and_is_never_a_number():
    text = section(trained(), "fairness").text
    assert "not defined: no row of this group has the positive label" in text
    assert "not defined: the true positive rate of male · over 60 is not defined" in text
    assert "among the groups where it is defined: 0.2117 (0.051 to 0.402)" in text
    assert not NO_NUMBER.search(Page(render(trained())).all("main")[0].text)
    audit = trained()
    audit["fairness"]["by_group"][0]["selection_rate"] = float("nan")
    audit["performance"]["accuracy"] = float("inf")
    assert not NO_NUMBER.search(Page(render(audit)).all("main")[0].text)


def test_metrics_beyond_the_usual_seven_have_a_table_of_their_own():
    audit = predictions()
    for item in [audit["fairness"]["overall"], *audit["fairness"]["by_group"]]:
        item["balanced_accuracy"] = 0.5123
    tables = section(audit, "fairness").all("table")
    further = next(t for t in tables if "Further figures by race" in t.all("caption")[0].text)
    assert [th.text for th in further.all("tr")[0].all("th")] == [
        *("Group", "Rows", "Balanced accuracy")
    ]
    assert [td.text for td in further.all("tr")[1].all("td")] == ["300", "0.5123"]


def test_small_groups_are_flagged_in_table_and_chart():
    fairness = section(trained(), "fairness")
    assert "10 rows: too few to judge (at least 30)" in fairness.text
    svg = fairness.all("svg")[0]
    marks = [e.attributes["class"] for e in svg.all("circle")]
    assert marks == ["mark s0 faint", "mark s0", "mark s0", "mark s0", "mark s0 faint"]
    assert "hollow: too small to judge" in svg.text


def test_guarantee_and_what_it_covers():
    page = Page(render(trained()))
    privacy = page.by_id("privacy").text
    assert "ε = 1, δ = 1e-06" in privacy
    assert "train private_ebm" in privacy
    assert "Attacks on floating-point noise" in privacy
    labels = {
        name: [
            p.all("b")[0].text
            for p in page.by_id(name).all("p")
            if "cover" in p.attributes.get("class", "")
        ]
        for name in (
            "verdict", "data", "model", "fairness", "explanations", "tradeoffs", "reproduce"
        )
    }  # fmt: skip
    no, yes = "Not covered by the guarantee.", "Covered by the guarantee."
    assert labels == {
        "verdict": [no],
        "data": [no],
        "model": [yes, no, no],
        "fairness": [no],
        "explanations": [no],
        "tradeoffs": [no],
        "reproduce": [no],
    }
    # The fingerprint and the seed stand before all sections.
    assert "confirms a guess at the whole table" in render(trained()).split("<main>")[0]


def test_without_a_guarantee_nothing_is_labelled_and_none_is_claimed():
    html = render(predictions())
    page = Page(html)
    assert "No privacy guarantee" in page.by_id("privacy").text
    assert "ε =" not in page.by_id("privacy").text
    assert "by the guarantee" not in html


def test_a_guarantee_without_charges_or_with_seeded_noise_says_so():
    audit = trained()
    audit["privacy"]["ledger"] = []
    assert "No charge is recorded, so nothing here supports" in section(audit, "privacy").text
    assert "Covered by the guarantee" not in section(audit, "model").text
    audit["privacy"]["noise"] = "seeded"
    assert "with seeded noise: for exploration only" in section(audit, "privacy").text


def test_a_simulated_budget_is_never_shown_as_a_guarantee():
    audit = trained()
    audit["plan"]["noise"] = audit["privacy"]["noise"] = "seeded"
    audit["privacy"].update(epsilon=None, delta=None, ledger=[])
    model = section(audit, "model").text
    assert "no privacy guarantee: ε = 1, δ = 1e-06 was only simulated" in model
    assert "by the guarantee" not in model
    assert "No privacy guarantee" in section(audit, "privacy").text


def test_a_missing_interval_says_why():
    audit = predictions()
    black = audit["fairness"]["by_group"][0]
    del black["intervals"]["roc_auc"]
    black["no_interval"] = {"roc_auc": "weighted rows have no interval"}
    text = section(audit, "fairness").text
    assert "0.6900no interval: weighted rows have no interval" in text
    assert "No interval" not in text, "it isn't a metric"


def test_standard_errors_are_drawn_and_tabled():
    audit = trained()
    for feature in audit["explanations"]["global"]["features"]:
        feature["standard_error"] = 0.0125
    shap = section(audit, "explanations").all("figure")[0]
    assert len([e for e in shap.all("line") if e.attributes["class"] == "spread"]) == 15
    assert "0.600 ± 0.013" in shap.text or "0.600 ± 0.012" in shap.text
    assert [e.text for e in shap.all("tr")[1].all("td")] == ["0.6000", "0.0125", "0.0200"]


def test_sixty_features_are_fifteen_and_the_rest_together():
    shap = Page(render(trained())).by_id("explanations").all("figure")[0]
    labels = [e.text for e in shap.all("svg")[0].all("text") if e.attributes["class"] == "label"]
    assert len(labels) == 16
    rest = sum(0.6 / (position + 1) for position in range(15, 60))
    assert labels[-1] == "and 45 more, together"
    assert f"{rest:.3f}" in shap.all("svg")[0].text
    assert len(shap.all("table")[0].all("tr")) == 61, "the table holds them all"


def test_by_attribute_is_shown_only_where_there_are_several():
    heads = [e.text for e in section(trained(), "fairness").all("h3")]
    assert heads == ["By sex × age", "By sex", "By age"]
    audit = predictions()
    audit["fairness"]["by_attribute"] = {"race": copy.deepcopy(audit["fairness"])}
    assert [e.text for e in section(audit, "fairness").all("h3")] == ["By race"]


NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"' & {{ 7*7 }}"


def poisoned(value):
    """Put the nasty text in place of every text and every key that a person may have named."""
    if isinstance(value, str):
        return value if value in KEPT else NASTY
    if isinstance(value, list):
        return [poisoned(item) for item in value]
    if isinstance(value, dict):
        return {
            (NASTY if key in ("sex", "age", "race") else key): poisoned(item)
            for key, item in value.items()
        }
    return value


KEPT = ("fresh", "none", "higher", "lower", *STATUS)


@BOTH
def test_names_stay_text_wherever_they_stand(audit):
    html = render(poisoned(audit))
    page = Page(html)
    assert not page.all("script", "img")
    for element in page.root.walk():
        assert not any(name.startswith("on") for name in element.attributes)
    assert "<script" not in html
    assert "alert(1)" in page.root.text
    assert "{{ 7*7 }}" in page.root.text


@given(st.text(min_size=1, max_size=300))
@settings(max_examples=25, deadline=None)
def test_any_text_gives_a_file_that_can_be_written_and_read(text):
    audit = predictions()
    audit["dataset"]["name"] = text
    audit["fairness"]["by_group"][0]["group"] = {"race": text}
    audit["findings"] = [{"code": text, "severity": text, "title": text}]
    html = render(audit)
    html.encode("utf-8")
    Page(html)
    json.loads(to_json(audit))


def test_long_names_are_shortened_in_charts_with_the_full_name_beside():
    audit = predictions()
    long = "Very long category name " * 10 + "漢字" * 40
    audit["fairness"]["by_group"][0]["group"] = {"race": long}
    svg = section(audit, "fairness").all("svg")[0]
    label = next(e for e in svg.all("text") if "…" in e.text)
    assert label.all("title")[0].text == long
    assert len("".join(label.pieces)) < len(long) + 60


@pytest.mark.parametrize("name", list(trained()))
@pytest.mark.parametrize("empty", ["absent", None, {}])
def test_an_absent_section_is_tolerated(name, empty):
    audit = trained()
    if empty == "absent":
        del audit[name]
    else:
        audit[name] = empty
    page = Page(render(audit))
    assert len(page.all("section")) == (9 if name == "tradeoffs" else 10)


def test_an_empty_audit_says_what_is_missing():
    page = Page(render({}))
    assert "Fairness was not assessed." in page.by_id("fairness").text
    assert "No performance was measured." in page.by_id("model").text
    assert "The model was not explained." in page.by_id("explanations").text
    assert "No privacy guarantee" in page.by_id("privacy").text


@BOTH
def test_any_single_absent_value_is_tolerated(audit):
    def paths(value, path=()):
        if isinstance(value, dict):
            for key, item in value.items():
                yield (*path, key)
                if key not in (
                    "columns",
                    "features",
                    "points",
                    "frontier",
                    "by_attribute",
                    "libraries",
                ):
                    yield from paths(item, (*path, key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from paths(value[0], (*path, 0))

    # All the leaves of one section at a time: dropping each alone would take minutes.
    for depth in (2, 3, 4, 5):
        for name in audit:
            changed = copy.deepcopy(audit)
            for path in [p for p in paths(audit) if p[0] == name and len(p) == depth]:
                part = changed
                for step in path[:-1]:
                    part = part[step]
                part.pop(path[-1])
            Page(render(changed))


def test_groups_keep_the_order_of_their_attributes_when_keys_are_sorted():
    audit = json.loads(to_json(trained()))
    fairness = section(audit, "fairness")
    assert "male · 25 – 60" in fairness.text
    assert "25 – 60 · male" not in fairness.text
    assert [e.text for e in fairness.all("h3")] == ["By sex × age", "By sex", "By age"]


def test_the_same_audit_gives_the_same_report():
    assert render(trained()) == render(trained())
    assert render(json.loads(to_json(trained()))) == render(trained())


def test_the_audit_is_left_as_it_was():
    audit = trained()
    render(audit)
    assert audit == trained()


def test_json_is_sorted_round_trips_and_refuses_what_is_no_number():
    audit = trained()
    text = to_json(audit)
    assert json.loads(text) == audit
    assert list(json.loads(text)) == sorted(audit)
    assert text == to_json(dict(reversed(list(audit.items()))))
    audit["performance"]["accuracy"] = float("nan")
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(audit)
    audit["performance"]["accuracy"] = {1}
    with pytest.raises(TypeError):
        to_json(audit)


def test_signature_can_be_filled_in_and_the_command_stands_there():
    page = Page(render(trained()))
    rows = {r.all("th")[0].text: r.all("td")[0].text for r in page.by_id("signature").all("tr")}
    assert {name for name, cell in rows.items() if not cell} == {
        *("Name", "Role", "Date", "Conditions", "Signature")
    }
    assert rows["Decision"].count("☐") == 3
    reproduce = page.by_id("reproduce")
    assert reproduce.all("pre")[0].text == trained()["plan"]["command"]
    assert "differ a little" in reproduce.text
    assert "spends the same ε again" in reproduce.text
    assert "scikit-learn" in reproduce.text
