"""What ε means to a person: how much better an attacker can guess.

For an (ε, δ)-private mechanism and a prior p that a row is in the data, the posterior after seeing
the output is at most p e^ε / (1 − p + p e^ε) (δ = 0; Dwork and Roth 2014, section 2.3). The
advantage of any membership attack, true minus false positive rate, is at most
(e^ε − 1 + 2δ) / (e^ε + 1) (Humphries et al. 2023; Kairouz et al. 2015, remark 2.1).
"""

from __future__ import annotations

import math

from core.privacy.accounting.budget import check_delta, check_epsilon


def posterior(epsilon: float, prior: float = 0.5) -> float:
    """Highest belief that a row is in the data, from a prior belief, after seeing the output.

    Parameters
    ----------
    epsilon : float
        Above 0.
    prior : float
        In (0, 1).

    Returns
    -------
    float
        In (prior, 1).
    """
    check_epsilon(epsilon)
    odds = math.log(prior / (1 - prior)) + epsilon
    return 1 / (1 + math.exp(-odds))


def membership_advantage(epsilon: float, delta: float = 0.0) -> float:
    """Bound the true minus the false positive rate of any membership attack, in [0, 1]."""
    check_epsilon(epsilon)
    check_delta(delta)
    # Written with tanh so that a large epsilon does not overflow.
    return min(1.0, math.tanh(epsilon / 2) + 2 * delta / (1 + math.exp(min(epsilon, 700.0))))
