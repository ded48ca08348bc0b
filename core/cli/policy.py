"""``python -m core policy``: list policies, show one as TOML, check a file."""

from __future__ import annotations

import argparse

from core.cli.options import refuse_ignored
from core.errors import InputError
from core.policy.policy_toml import digest, format_policy
from core.policy.presets import PRESETS, find_policy


def policy(options: argparse.Namespace) -> None:
    """Run ``policy``.

    Raises
    ------
    InputError
        If no policy is named where one is needed, or it can't be read.
    """
    if options.action == "list":
        if options.policy is not None:
            refuse_ignored(options.policy, "all presets are listed")
        for preset in PRESETS:
            print(f"{preset.name}\t{' '.join(preset.sentence.split())}")
        return
    if options.policy is None:
        raise InputError(
            "no policy is named",
            where=f"policy {options.action}",
            remedy="Name a file or a preset",
        )
    found = find_policy(options.policy)
    if options.action == "show":
        print(format_policy(found), end="")
        return
    count = len(found.criteria)
    print(
        f"{found.name}, version {found.version}: {count} "
        f"{'criterion' if count == 1 else 'criteria'}, SHA-256 {digest(found)}"
    )
