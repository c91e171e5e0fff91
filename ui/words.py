"""The words of the pages: assets/pages/<page>.toml and assets/layers.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from ui import ROOT


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "assets" / f"{name}.toml").read_text("utf-8"))


def page(name: str) -> dict[str, Any]:
    """The words of one page by their names; `.format(...)` fills in numbers.

    Raises:
        FileNotFoundError: no such page in assets/pages.
    """
    return _table(f"pages/{name}")


def layer(name: str) -> dict[str, str]:
    """Title and sentence of one layer."""
    return _table("layers")[name]  # type: ignore[no-any-return]
