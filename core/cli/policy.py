"""``python -m core policy``: list policies, show one as TOML, check a file."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from core.cli.options import refuse_ignored
from core.errors import InputError
from core.policy.error_rates import HEAD, error_rates, rows
from core.policy.policy import Policy
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
        print("\n".join(_error_rates(found)))
        return
    count = len(found.criteria)
    print(
        f"{found.name}, version {found.version}: {count} "
        f"{'criterion' if count == 1 else 'criteria'}, SHA-256 {digest(found)}"
    )


def _error_rates(policy: Policy) -> Iterator[str]:
    """Write how often a policy errs, as comments of TOML that hold for it as it is."""
    found = error_rates(policy)
    if found is None:
        yield "\n# How often these criteria err was not measured: they are not those of a preset."
        return
    yield f"\n# How often the preset {found.policy} errs, unchanged:"
    for sentence in found.sentences:
        yield from textwrap.wrap(sentence, 98, initial_indent="# ", subsequent_indent="#   ")
    for what, shares in (("no difference", found.alike), ("10 points", found.planted)):
        for item in shares:
            yield f"# not met in {item.share:6.1%} of {item.number:,}: {what}, {item.told}"
    if found.samples:
        for row in (HEAD, *rows(found)):
            told = (f"{text:>{max(len(name), 5)}}" for name, text in zip(HEAD, row, strict=True))
            yield "# " + " | ".join(told)
