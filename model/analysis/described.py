"""The words in which maps, layers and filters are described: assets/described.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from paths import ASSETS

Texts = Mapping[str, Any]  # the file's tables, in English or another language


@cache
def english() -> Texts:
    """The file as it is."""
    return tomllib.loads((ASSETS / "described.toml").read_text("utf-8"))
