"""`python -m classroom.questions`: what the lab reads of GIFT files, before class."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from paths import ROOT


def run(*files: Path) -> tuple[int, list[dict]]:
    """Its exit status, and what each of its lines says."""
    command = [sys.executable, "-m", "classroom.questions", *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_each_file_gets_its_line(tmp_path):
    good, mixed, none = (tmp_path / name for name in ("a.gift", "b.gift", "c.gift"))
    good.write_text("$CATEGORY: x\n::Q:: Who? {~=Alex ~%0%Geoff}\n\nA text.\n")
    mixed.write_text("Right? {T}\n\nNone is right {~a ~b}\n\nName {=ReLU =%50%relu*}\n")
    none.write_bytes(b"")
    status, lines = run(good, mixed)
    assert status == 0
    assert [Path(line["file"]).name for line in lines] == ["a.gift", "b.gift"]
    first, second = lines
    assert (first["held"], first["read"], first["descriptions"]) == (1, 1, 1)
    assert (first["refused"], first["kinds"]) == ({}, {"single": 1})
    assert (second["held"], second["read"]) == (3, 2)
    assert second["kinds"] == {"single": 1, "short": 1}
    ((line, why),) = second["refused"].items()
    assert line == "3" and "no answer is right" in why
    status, (missing, folder, empty) = run(tmp_path / "gone.gift", tmp_path, none)
    assert status == 1
    for one in (missing, folder, empty):
        assert (one["held"], one["read"], one["refused"]) == (0, 0, {})
        assert one["sentence"]
