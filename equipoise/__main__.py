"""The command line: ``equipoise audit``, …, and ``equipoise ui``, which opens the browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from core.__main__ import main as run_command

UI = "open the app in the browser, on this machine"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["ui"]:
        return _ui(words[1:])
    return run_command(words, {"ui": UI})


def _ui(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="equipoise ui",
        description=f"{UI[0].upper()}{UI[1:]}.",
        epilog="Other options are Streamlit's, such as --server.address.",
    )
    parser.add_argument("--port", type=int, metavar="N", default=8501, help="default 8501")
    parser.add_argument(
        "--no-browser", action="store_true", help="don't open a window, only say the address"
    )
    options, others = parser.parse_known_args(words)
    # Streamlit and plotly are loaded by this command alone.
    from components.app.server import serve

    headless = str(options.no_browser).lower()
    serve(["--server.port", str(options.port), "--server.headless", headless, *others])
    return 0


if __name__ == "__main__":
    sys.exit(main())
