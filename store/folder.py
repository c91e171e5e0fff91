"""Where this machine keeps the lab's data."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

NAME = "alexnet-lab"


def data_folder() -> Path:
    """The data folder, made if need be: $ALEXNET_DATA, or the platform's own place."""
    named = os.environ.get("ALEXNET_DATA")
    folder = (
        Path(named)
        if named
        else platformdirs.user_data_path(NAME, appauthor=False, roaming=False)
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder
