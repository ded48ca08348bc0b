"""Options of the tables, as arguments of a command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import Any

from core.option import Option


class EarlierFlag(argparse.Action):
    """Read a flag by an earlier name, and say what it is called now."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Say so, and keep the value."""
        print(f"{option_string} is called {self.metavar} now", file=sys.stderr)
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, [*before, values] if isinstance(before, list) else values)


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add options as their rows say, and their earlier names."""
    types: dict[str, Any] = {"number": float, "whole": int}
    for option in options:
        if not option.flag:
            continue
        if option.kind == "switch":
            parser.add_argument(option.flag, action="store_true", help=option.help)
            continue
        record: dict[str, Any] = {
            "dest": option.dest,
            "type": types.get(option.kind, str),
            "choices": [name for name, _ in option.choices] or None,
            "default": option.parsed_default,
        }
        parser.add_argument(
            option.flag,
            action="append" if option.repeated else "store",
            required=option.required,
            metavar=option.metavar or None,
            help=option.help,
            **record,
        )
        for flag in option.earlier:
            parser.add_argument(
                flag, action=EarlierFlag, metavar=option.flag, help=argparse.SUPPRESS, **record
            )
