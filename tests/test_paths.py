"""Where files of this machine's user lie."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import paths


@pytest.mark.parametrize(
    ("platform", "cache", "data"),
    [
        ("linux", ".cache/alexnet-lab", ".local/share/alexnet-lab"),
        (
            "darwin",
            "Library/Caches/alexnet-lab",
            "Library/Application Support/alexnet-lab",
        ),
        ("win32", "AppData/Local/alexnet-lab/Cache", "AppData/Local/alexnet-lab"),
    ],
)
def test_folders_follow_the_platform(platform, cache, data, monkeypatch, tmp_path):
    for name in ("CACHE", "WEIGHTS", "DATA"):
        monkeypatch.delenv(f"ALEXNET_{name}", raising=False)
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert paths.cache_folder() == tmp_path / cache
    assert paths.weights_folder() == tmp_path / cache / "weights"
    assert paths.data_folder() == tmp_path / data
