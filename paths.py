"""Where things lie in this repository, computed once."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent
ASSETS = ROOT / "assets"
