"""Sphinx's configuration, derived from _config.yml. ``sphinx-build -t zh`` picks an edition; the default is bi."""

import os
import sys
from pathlib import Path

# At its import jsonschema would have this build the grammars of addresses in every script, which takes a second.
sys.modules.setdefault("rfc3987_syntax", None)

from jupyter_book.config import get_final_config

_root = Path(__file__).parent
_config, _ = get_final_config(
    user_yaml=_root / "_config.yml",
    sourcedir=_root,
    cli_config={"external_toc_path": "_toc.yml", "latex_individualpages": False},
)
_config["edition"] = next((name for name in _config["editions"] if tags.has(name)), _config["edition"])  # noqa: F821
_config |= _config["editions"][_config["edition"]]["config"]
_config["book_url"] = os.environ.get("BOOK_URL") or _config.get("html_baseurl", "")
_config["book_repository"] = os.environ.get("BOOK_REPOSITORY", "")
_config["edition_siblings"] = tags.has("site")  # noqa: F821

globals().update(_config)
