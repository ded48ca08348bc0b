"""The command that repeats an audit."""

from __future__ import annotations

import shlex

from core.audit import AuditPlan


def command_line(data: str, plan: AuditPlan) -> str:
    """Write the command that repeats an audit, quoted for a shell."""
    roles, training = plan.roles, plan.training
    words = ["python", "-m", "core", "audit", "--data", data, "--target", roles.target]
    words += ["--favourable", roles.positive_label, "--sensitive", ",".join(roles.sensitive)]
    if not roles.positive_is_favourable:
        words.append("--adverse")
    for option, value in (
        ("--prediction", roles.prediction),
        ("--score", roles.score),
        ("--threshold", roles.threshold),
        ("--weight", roles.weight),
    ):
        if value is not None:
            words += [option, str(value)]
    for name, edges in roles.edges:
        words += ["--edges", f"{name}={','.join(f'{edge:.17g}' for edge in edges)}"]
    if training is not None:
        words += ["--explain", str(plan.explain)]
        if any(name in roles.features for name in roles.sensitive):
            words.append("--keep-sensitive")
        if roles.identifiers:
            words += ["--identifier", ",".join(roles.identifiers)]
        words += ["--learner", training.learner]
        if training.mitigation != "none":
            words += ["--mitigation", training.mitigation]
            if training.mitigate_for is not None:
                words += ["--mitigate-for", training.mitigate_for]
        if training.epsilon is not None:
            words += ["--epsilon", f"{training.epsilon:.17g}"]
        if training.delta is not None and training.epsilon is not None:
            words += ["--delta", f"{training.delta:.17g}"]
        words += ["--seed", str(training.seed)]
    words += ["--out", "out"]
    # A value that starts with a dash would be taken for an option unless tied to its own.
    tied = words[:4]
    for word in words[4:]:
        if word.startswith("-") and not word.startswith("--"):
            tied[-1] += f"={word}"
        else:
            tied.append(word)
    return shlex.join(tied)
