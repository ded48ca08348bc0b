"""How far an explanation can be trusted: fidelity, stability, agreement, complexity, honesty."""
