"""The card: front matter that the Hub reads, the report's figures, and texts that stay texts."""

from __future__ import annotations

import copy
import html
import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.__main__ import main
from core.reporting.front_matter import front_matter, model_index
from core.reporting.markdown import escape
from core.reporting.model_card import card_file, render_card
from core.reporting.report import render
from core.reporting.wording import label_of_group
from tests.core.reporting.audits import predictions, trained

BOTH = pytest.mark.parametrize("audit", [trained(), predictions()], ids=["trained", "predictions"])
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# Without halves of characters and what no file of text can hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40)
SIGNS = st.text("\\`*_{}[]<>()#|~&$!^+-=.:;/@'\"1a www.http://", max_size=30)


def parts(card: str) -> tuple[dict, str]:
    opening, front, text = re.split(r"^---$", card, maxsplit=2, flags=re.MULTILINE)
    assert opening == ""
    return yaml.safe_load(front), text


@BOTH
def test_front_matter_is_what_the_hub_reads(audit):
    front, _ = parts(render_card(audit, licence="apache-2.0"))
    assert front["license"] == "apache-2.0"
    assert all(isinstance(tag, str) for tag in front["tags"])
    model = audit["plan"].get("learner")
    assert ("model-index" in front) == ("library_name" in front) == bool(model)
    if not model:
        return
    ((index,), (result,)) = front["model-index"], front["model-index"][0]["results"]
    assert set(index) == {"name", "results"}
    assert set(result) == {"task", "dataset", "metrics"}
    assert result["task"] == {"type": "tabular-classification", "name": "Tabular classification"}
    assert result["dataset"]["name"] == audit["dataset"]["name"]
    assert result["dataset"]["args"]["sha256"] == audit["dataset"]["sha256"]
    for metric in result["metrics"]:
        assert set(metric) == {"type", "value", "name"}
        assert isinstance(metric["value"], int | float)
    by_type = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert by_type["accuracy"] == audit["performance"]["accuracy"]


def test_huggingface_hub_reads_the_card_and_writes_the_same():
    hub = pytest.importorskip("huggingface_hub")
    card = hub.ModelCard(render_card(trained()))
    assert card.data.to_dict() == parts(render_card(trained()))[0]


@BOTH
def test_a_license_is_named_only_where_it_is_known(audit):
    assert "license" not in parts(render_card(audit))[0]


@BOTH
def test_every_figure_of_the_card_stands_in_the_report(audit):
    _, text = parts(render_card(audit))
    figure = re.compile(r"\d[\d,]*\.\d+")
    report = set(figure.findall(re.sub("<[^>]+>", " ", render(audit))))
    found = set(figure.findall(text))
    assert len(found) > 20
    assert found <= report


def test_what_is_undefined_says_why_and_never_stands_in_the_model_index():
    audit = copy.deepcopy(trained())
    audit["performance"]["roc_auc"] = None
    audit["performance"]["undefined"] = {"roc_auc": "all scores are the same"}
    front, text = parts(render_card(audit))
    types = [metric["type"] for metric in front["model-index"][0]["results"][0]["metrics"]]
    assert "roc_auc" not in types
    assert "equalized_odds_difference" not in types
    assert "| ROC AUC | not defined: all scores are the same |" in text
    assert "- Equalized odds difference: not defined: the true positive rate of male" in text


def test_a_gap_between_groups_too_small_to_judge_does_not_stand_alone():
    audit = copy.deepcopy(trained())
    for part in [audit["fairness"], *audit["fairness"]["by_attribute"].values()]:
        for group in part["by_group"]:
            group["too_small"] = "Only 9 rows."
        part["by_group"][0]["too_small"] = None
    (index,) = model_index(audit, "m")
    assert not [m for m in index["results"][0]["metrics"] if "parity" in m["type"]]
    audit["fairness"]["by_group"][1]["too_small"] = None
    (index,) = model_index(audit, "m")
    types = [m["type"] for m in index["results"][0]["metrics"]]
    assert types.count("demographic_parity_difference") == 1


def test_no_figure_at_all_is_no_model_index():
    audit = {"plan": {"learner": "logistic_regression"}, "performance": {"accuracy": None}}
    front, text = parts(render_card(audit))
    assert "model-index" not in front
    assert "## Intended use\n\nNot told." in text


def test_sampled_values_tell_their_error_and_why():
    audit = copy.deepcopy(trained())
    assert "They are sampled" not in render_card(audit)
    audit["explanations"]["global"] |= {"sampling_error": 0.0123, "why_sampled": "it is a net"}
    card = render_card(audit)
    assert "a standard error of up to 0.012." in card
    assert "not read off the model's trees: it is a net." in card


def test_intended_use_is_told_as_it_was_declared():
    assert "Screening of \\*loans\\*" in render_card(trained(), intended_use="Screening of *loans*")


def test_existing_decisions_make_a_decision_card():
    card = render_card(predictions())
    assert "\n# Decision card: " in card
    assert card_file(predictions()) == "decision_card.md"
    assert card_file(trained()) == "model_card.md"
    assert "No model was trained" in card


def test_a_model_made_elsewhere_is_named_by_its_file():
    audit = copy.deepcopy(trained())
    audit["plan"]["external_model"] = {
        "name": "champion_v2.onnx", "library": "skl2onnx 1.20", "threshold": 0.4,
        "output": "probability", "positive_class": "good", "trained_on": None,
        "accepted_types": [], "accepted_by": "",
    }  # fmt: skip
    audit["external_model"] = {
        "title": "Random forest", "format": "onnx", "library": "skl2onnx", "version": "1.20",
        "sha256": "ab" * 32, "size_bytes": 1200, "notes": ["Its splits are in 32 bits."],
        "unknown_values": {"told": "2 of 300 rows hold a value it never saw."},
        "earlier_scores": None,
    }  # fmt: skip
    front, text = parts(render_card(audit))
    assert front["library_name"] == "onnx"
    assert front["model-index"][0]["name"].startswith("champion_v2.onnx on ")
    for told in ("Format: onnx, 1.2 kB", "SHA-256: " + "ab" * 32, "from a score of 0.4",
                 "Trained on: not known", "2 of 300 rows", "Its splits"):  # fmt: skip
        assert told in text


@pytest.mark.parametrize("private", [True, False])
def test_privacy_names_its_terms_or_says_that_there_is_none(private):
    audit = copy.deepcopy(trained())
    if not private:
        audit["privacy"] = {"epsilon": None}
    front, text = parts(render_card(audit))
    assert ("differential-privacy" in front["tags"]) == private
    assert ("**No privacy guarantee.**" in text) == (not private)
    for told in ("- ε: ", "- δ: ", "- Unit: ", "- Neighbouring relation: "):
        assert (told in text) == private


def rendered(markdown: str) -> str:
    return re.sub(r"^<p>|</p>\n$", "", MARKDOWN.render(markdown))


@given(TEXTS | SIGNS)
def test_markdown_shows_a_text_as_it_is(text):
    shown = " ".join(text.split())
    assert html.unescape(rendered(escape(text))).strip() == shown
    assert "<" not in rendered(escape(text))
    row = MARKDOWN.render(f"| a | b |\n|---|---|\n| {escape(text)} | end |\n")
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert [html.unescape(cell) for cell in cells] == [shown, "end"]


@given(TEXTS | SIGNS | st.text())
def test_yaml_holds_a_text_as_it_is(text):
    audit = {"plan": {"learner": "x"}, "performance": {"accuracy": 1e-06}, "dataset": {}}
    audit["dataset"]["name"] = text or "a data set"
    found = yaml.safe_load(front_matter(audit, name=text, licence=None).strip("-"))
    fit = re.sub("[\ud800-\udfff\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", text)
    assert found["model-index"][0]["name"] == fit
    (result,) = found["model-index"][0]["results"]
    assert result["dataset"]["name"] == (fit or "a data set")
    assert result["metrics"][0]["value"] == 1e-06


def test_hostile_names_make_no_markup():
    name = "<script>alert(1)</script> | [x](http://a.example) ![y](z) `c`\n# h\n---\nlicense: mit"
    audit = copy.deepcopy(trained())
    audit["dataset"]["name"] = name
    audit["plan"]["roles"]["sensitive"] = [name]
    audit["findings"][0]["title"] = name
    audit["fairness"]["by_group"][0]["group"] = dict.fromkeys(
        audit["fairness"]["by_group"][0]["group"], name
    )
    front, text = parts(render_card(audit))
    assert "license" not in front
    page = MARKDOWN.render(text)
    assert "<script" not in page
    assert "<a " not in page
    assert "<img" not in page
    assert "<h1>h" not in page
    assert page.count("<h1>") == 1
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall("<t[hd][ >]", row)) for row in rows}) == 1


@BOTH
def test_the_command_writes_the_card_beside_the_audit(audit, tmp_path, capsys):
    (tmp_path / "audit.json").write_text(json.dumps(complete(audit)))
    assert main(["card", str(tmp_path)]) == 0
    written = (tmp_path / card_file(audit)).read_text()
    assert written == render_card(complete(audit))
    named = tmp_path / "README.md"
    assert main(["card", str(tmp_path / "audit.json"), "--out", str(named)]) == 0
    assert named.read_text() == written


def complete(audit):
    record = copy.deepcopy(audit)
    record["equipoise"]["version"] = "0.1.0"
    for part in ("performance", "privacy"):
        record.setdefault(part, {})
        record[part] = record[part] or {}
    return record


@pytest.mark.parametrize("content", [None, "{", "[]", '{"findings": 1}'])
def test_a_folder_without_a_whole_audit_gets_a_sentence(content, tmp_path, capsys):
    if content is not None:
        (tmp_path / "audit.json").write_text(content)
    assert main(["card", str(tmp_path)]) == 2
    assert "audit.json" in capsys.readouterr().err
    assert not (tmp_path / "model_card.md").exists()


def test_a_damaged_audit_gets_a_sentence(tmp_path, capsys):
    audit = complete(trained())
    audit["fairness"]["by_group"] = 3
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    assert main(["card", str(tmp_path)]) == 2
    assert "isn't a whole audit.json" in capsys.readouterr().err


def test_the_card_names_every_group_as_the_report_does():
    audit = trained()
    card = render_card(audit)
    for part in audit["fairness"]["by_attribute"].values():
        for group in part["by_group"]:
            name = label_of_group(group, part["attributes"])
            assert name
            assert f"| {escape(name)} |" in card or f"| {escape(name)} (too small" in card
