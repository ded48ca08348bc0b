"""See how each feature acts in the model."""

from components.app import session, steps
from components.explanation.effect_curve_view import (
    curves_view,
    permutation_view,
    shapes_view,
    tree_view,
)
from components.widgets.coverage_label import coverage_label

steps.heading("effects")
progress = session.require_training("effects", "no model was trained whose features could act")
trained = session.require_model(progress)
dataset = session.dataset(progress)

shapes_view(dataset, trained, progress)
coverage_label("explanations", progress)
curves_view(dataset, trained, progress)
permutation_view(dataset, trained, progress)
tree_view(dataset, trained, progress)
steps.next_step("effects", progress)
