"""Checks files of questions: which ones the lab would import.

    python -m classroom.questions FILE…

Prints one JSON line a file: `file`; `held`, how many questions it has; `read`, how many
of them can be kept; `refused`, an object of line and reason for each of the others;
`kinds`, how many were read of each kind; `descriptions`, texts without answers, which
are no questions and count in neither; `notes`, what was left out of a question that was
read, by line; `sentence`, about the file as a whole, where there is something to say.
It reads a file as the page "For instructors" does, and keeps nothing.

Exit code: 0, every file could be read, whatever was refused in it; 1, one could not,
and its line says why; 2, no file was named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classroom.questions import custom_questions, gift


def line_of(name: str) -> tuple[dict[str, Any], bool]:
    """The report on one file, and whether it was read; nothing is raised."""
    try:
        if Path(name).exists() and not Path(name).is_file():
            return _nothing(name, "This is a folder, or no file: name files.")
        with Path(name).open("rb") as file:
            data = file.read(gift.BYTES + 1)
        if len(data) > gift.BYTES:
            gift.check_size(Path(name).stat().st_size)
        found = custom_questions.read(data)
    except gift.GiftRefused as refusal:
        return _nothing(name, str(refusal))
    except FileNotFoundError:
        return _nothing(name, "There is no such file.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _nothing(name, f"The file cannot be read: {reason}.")
    line = {
        "file": name,
        "held": found.held,
        "read": len(found.items),
        "refused": found.refused,
        "kinds": found.kinds,
        "descriptions": len(found.descriptions),
        "notes": found.noted,
        "sentence": found.sentence,
    }
    return line, True


def _nothing(name: str, sentence: str) -> tuple[dict[str, Any], bool]:
    counts = {"file": name, "held": 0, "read": 0, "refused": {}, "kinds": {}}
    return {**counts, "descriptions": 0, "notes": {}, "sentence": sentence}, False


def main(given: Sequence[str] | None = None) -> int:
    """The command line; see the top of this module."""
    parser = argparse.ArgumentParser(
        prog="python -m classroom.questions",
        description="Says what is read of GIFT files, one JSON line per file.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    code = 0
    for name in parser.parse_args(given).files:
        line, was_read = line_of(name)
        code |= not was_read
        print(json.dumps(line, ensure_ascii=True), flush=True)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
