"""A figure has one name, on pages and in the report."""

import pytest

from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.metrics.metric_registry import METRICS
from core.reporting.glossary import GLOSSARY
from core.reporting.wording import inside, term


def test_a_report_names_figures_as_pages_do():
    for entry in (*METRICS, *DISPARITIES):
        assert term(entry.name) == entry.title
        assert entry.sentence.startswith(entry.title)
    assert term("prevalence") == "Base rate"
    assert term("roc_auc_difference") == "ROC AUC difference"
    assert term("no_such_figure") == "No such figure"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("ROC AUC", "ROC AUC"),
        ("F1 score", "F1 score"),
        ("Base rate", "base rate"),
        ("A gap", "a gap"),
    ],
)
def test_acronyms_stay_inside_a_sentence(title, message):
    assert lower(title) == message


def test_terms_of_the_glossary_stand_once_and_by_the_alphabet():
    words = [word.removeprefix("ε (").removeprefix("δ (").lower() for word, _ in GLOSSARY]
    assert len(set(words)) == len(words)
    assert inside("roc_auc") in dict(GLOSSARY)
    own = [word for word, _ in GLOSSARY if not word.startswith(("ε", "δ"))]
    assert own == sorted(own, key=str.lower)
