"""Which definition of fairness fits the decision at hand: a short decision tree in plain words."""

from __future__ import annotations

from dataclasses import dataclass

BAROCAS = "Barocas, Hardt and Narayanan 2023, Fairness and Machine Learning, chapter 3"
MAKHLOUF = "Makhlouf, Zhioua and Palamidessi 2021, On the applicability of ML fairness notions"


@dataclass(frozen=True)
class Recommendation:
    """The end of a path.

    Attributes
    ----------
    disparity : str
        Name in :data:`core.fairness.disparities.disparities.DISPARITIES`.
    why : str
        In plain words.
    source : str
    """

    disparity: str
    why: str
    source: str


@dataclass(frozen=True)
class Answer:
    """An answer, and where it leads."""

    text: str
    leads_to: Question | Recommendation


@dataclass(frozen=True)
class Question:
    """A question with two or more answers."""

    text: str
    answers: tuple[Answer, ...]


FIRST_QUESTION = Question(
    "Can the recorded outcome be trusted as the truth, equally in every group?",
    (
        Answer(
            "No: it records past decisions or arrests, or is measured worse for some groups",
            Question(
                "Must groups by law or by policy receive the favourable decision at like rates?",
                (
                    Answer(
                        "Yes, for example in hiring under the four-fifths rule",
                        Recommendation(
                            "demographic_parity_ratio",
                            "Error rates against an outcome that is itself unfair would pass the "
                            "unfairness on. Rates of the decision need no outcome, and are what "
                            "the four-fifths rule looks at.",
                            "Feldman et al. 2015, KDD; 29 CFR 1607.4(D)",
                        ),
                    ),
                    Answer(
                        "No, or not known",
                        Recommendation(
                            "demographic_parity_difference",
                            "Compare how often each group gets the decision, and have any gap "
                            "explained by reasons that are themselves fair; error rates can't "
                            "be trusted here.",
                            BAROCAS,
                        ),
                    ),
                ),
            ),
        ),
        Answer(
            "Yes, as far as we know",
            Question(
                "What is given on the strength of the score?",
                (
                    Answer(
                        "A probability that people read and weigh themselves",
                        Recommendation(
                            "calibration_difference",
                            "Whoever reads “70%” must be able to take it to mean the same in "
                            "every group.",
                            "Pleiss et al. 2017, On fairness and calibration, NIPS",
                        ),
                    ),
                    Answer(
                        "A decision",
                        Question(
                            "Which error harms the person it is made about?",
                            (
                                Answer(
                                    "Being refused although deserving: credit, jobs, treatment",
                                    Recommendation(
                                        "equal_opportunity_difference",
                                        "Of those who deserve the decision, as many must get it in "
                                        "every group.",
                                        "Hardt, Price and Srebro 2016, NIPS",
                                    ),
                                ),
                                Answer(
                                    "Being picked although innocent: detention, fraud checks",
                                    Recommendation(
                                        "false_positive_rate_difference",
                                        "Of those without the outcome, no more may be picked in "
                                        "one group than in another.",
                                        "Corbett-Davies et al. 2017, KDD",
                                    ),
                                ),
                                Answer(
                                    "Both",
                                    Recommendation(
                                        "equalized_odds_difference",
                                        "Both error rates must be alike, so that neither is traded "
                                        "for the other at one group's expense.",
                                        "Hardt, Price and Srebro 2016, NIPS",
                                    ),
                                ),
                                Answer(
                                    "Neither so much as a decision that means less for some groups",
                                    Recommendation(
                                        "predictive_parity_difference",
                                        "A positive decision must be right equally often in every "
                                        "group, so that it deserves the same trust.",
                                        f"Chouldechova 2017, Big Data 5; {MAKHLOUF}",
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)


def recommendations(question: Question = FIRST_QUESTION) -> tuple[Recommendation, ...]:
    """List the ends of all paths from a question, in the order of the answers."""
    found: list[Recommendation] = []
    for answer in question.answers:
        end = answer.leads_to
        found.extend([end] if isinstance(end, Recommendation) else recommendations(end))
    return tuple(found)
