"""Every kind of result and model that is written as data, by the name that stands in its files."""

from __future__ import annotations

from core.storage.signed_data import ResultKind

MODEL = ResultKind("private model", "Trained")
BOUNDS = ResultKind("private bounds", "Domains")
RELEASE = ResultKind("private release", "Release")
RECORDS = ResultKind("records with local noise", "Records")

ATTACKS = ResultKind("attacks on a model", "Attacked")
MEMBERSHIP = ResultKind("membership attack", "Membership")
CANARIES = ResultKind("audit by canaries", "OneRun")
ATTRIBUTE = ResultKind("attribute attack", "AttributeAttack")
SINGLING_OUT = ResultKind("singling out", "Both")

EXPLANATION = ResultKind("global explanation", "GlobalExplanation")
PERSON = ResultKind("explanation of a person", "PersonExplanation")
TRUST = ResultKind("trust in explanations", "Trust")
CURVE = ResultKind("effect curve", "EffectCurve")
IMPORTANCE = ResultKind("permutation importance", "PermutationImportance")
TREE = ResultKind("surrogate tree", "SurrogateTree")
PROXIES = ResultKind("proxies", "Proxies", several=True)
SHAPE_NOISE = ResultKind("noise of shapes", "ShapeNoise")
REFIT = ResultKind("refit", "Refit")
COUNTERFACTUALS = ResultKind("counterfactuals", "Counterfactuals")
RECOURSE = ResultKind("recourse of a person", "PersonRecourse")

SERVED = ResultKind("answers of a served model", "ServedAnswers")

FOLDS = ResultKind("cross-validation", "CrossValidated")
PRICE = ResultKind("price of privacy", "PricePoint")
LOCAL = ResultKind("local noise compared", "LocalPoint")

KINDS = {found.name: found for found in list(globals().values()) if isinstance(found, ResultKind)}
PAID = (MODEL, BOUNDS, RELEASE, RECORDS)
"""What privacy was spent on and may lie beside a ledger until it is delivered."""
