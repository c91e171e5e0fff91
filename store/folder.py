"""Where this machine keeps the lab's data."""

from __future__ import annotations

import os
from contextlib import suppress
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
    if os.name == "posix":
        # Names, answers and codes are for the account that runs the lab alone. Files
        # made in it are out of others' reach with it.
        with suppress(OSError):  # somebody else's folder that we may write to
            folder.chmod(0o700)
    return folder
