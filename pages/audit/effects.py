"""See how each feature acts in the model."""

from components.app import audit_head, session, steps
from components.explanation.effect_curve_view import (
    curves_view,
    permutation_view,
    shapes_view,
    tree_view,
)
from components.widgets.coverage_label import coverage_label

audit_head.heading("effects")
state = session.require_training("effects", "no model was trained whose features could act")
trained = session.require_model(state)
dataset = session.dataset(state)

shapes_view(dataset, trained, state)
coverage_label("explanations", state)
curves_view(dataset, trained, state)
permutation_view(dataset, trained, state)
tree_view(dataset, trained, state)
steps.next_step("effects", state)
