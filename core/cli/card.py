"""``python -m core card``: an audit that was written down, as a Hugging Face model card."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from core.cli.options import write_text
from core.cli.written_audit import DAMAGES, damage, read_audit
from core.errors import InputError
from core.reporting.model_card import card_file, render_card


def card(options: argparse.Namespace) -> None:
    """Run ``card``: write the card beside the audit, or where asked.

    Raises
    ------
    InputError
        If the audit can't be read, or the card can't be written.
    """
    audit = read_audit(options.audit)
    text = card_of(audit, options.audit, options.intended_use, options.license)
    given = Path(options.audit)
    folder = given if given.is_dir() else given.parent
    file = folder / card_file(audit) if options.out is None else Path(options.out)
    write_text(file, text)
    print(f"wrote {file}", file=sys.stderr)


def card_of(
    audit: dict[str, Any], where: str, intended_use: str | None = None, licence: str | None = None
) -> str:
    """Write an audit that was read as a card.

    Raises
    ------
    InputError
        If the audit is damaged.
    """
    try:
        return render_card(audit, intended_use=intended_use, licence=licence)
    except (*DAMAGES, TemplateError) as error:
        raise InputError(
            f"it isn't a whole audit.json: {damage(error)}",
            where=where,
            remedy="Make the audit again",
        ) from error
