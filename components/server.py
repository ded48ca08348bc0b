"""Start the app: ``python -m components.server [streamlit options]``.

Streamlit takes a folder named ``pages`` for its older kind of multipage app until the script has
called ``st.navigation`` once, and greets the first deep link after a start with "Page not found".
Saying beforehand that this app navigates by itself avoids it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

from core.data.reading import upload_limit
from core.errors import InputError
from core.governance.settings import check_settings

APP = Path(__file__).resolve().parents[1] / "app.py"


def main() -> None:
    """Run the Streamlit server with the options of the command line."""
    try:
        check_settings()
    except InputError as error:
        sys.exit(f"equipoise can't start: {error}")
    PagesManager.uses_pages_directory = False
    megabytes = -(-upload_limit() // 10**6)
    os.environ.setdefault("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", str(megabytes))
    cli.main(["run", str(APP), *sys.argv[1:]], prog_name="streamlit")


if __name__ == "__main__":
    main()
