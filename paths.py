"""Where things lie: in this repository, and on this machine, computed in one place."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent
ASSETS = ROOT / "assets"
NAME = "alexnet-lab"


def _user_folder(kind: Literal["cache", "data"]) -> Path:
    """The platform's own place for this user's files of a kind; not created here."""
    home, cache = Path.home(), kind == "cache"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
        return Path(local) / NAME / "Cache" if cache else Path(local) / NAME
    if sys.platform == "darwin":
        return home / "Library" / ("Caches" if cache else "Application Support") / NAME
    named = os.environ.get("XDG_CACHE_HOME" if cache else "XDG_DATA_HOME")
    default = home / (".cache" if cache else ".local/share")
    return Path(named or default) / NAME


def cache_folder() -> Path:
    """What can be made again: $ALEXNET_CACHE, or the platform's own; not created."""
    if named := os.environ.get("ALEXNET_CACHE"):
        return Path(named).expanduser()
    return _user_folder("cache")


def weights_folder() -> Path:
    """Fetched weights: $ALEXNET_WEIGHTS, or in the platform's cache; not created."""
    if named := os.environ.get("ALEXNET_WEIGHTS"):
        return Path(named).expanduser()
    return _user_folder("cache") / "weights"


def data_folder() -> Path:
    """What cannot be made again: $ALEXNET_DATA, or the platform's own; created."""
    named = os.environ.get("ALEXNET_DATA")
    folder = Path(named) if named else _user_folder("data")
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        # Names, answers and codes are for the account that runs the lab alone. Files
        # made in it are out of others' reach with it.
        with suppress(OSError):  # somebody else's folder that we may write to
            folder.chmod(0o700)
    return folder
