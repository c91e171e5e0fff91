"""What the lab takes of picture files, one JSON line each.

    python -m model.pictures FILE…

Each file goes through the door that the pages use. A line holds `file`, `taken`,
`sentence` (why a file is refused; empty otherwise), `width` and `height` (upright, in
pixels; null where it is refused) and `notes` (what was changed). Ends with 0 if all
files were taken, with 1 if one was not, and with 2 where it was called wrongly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.pictures.door import close, load_picture
from model.pictures.formats import PictureRefused, check_length


def read(path: Path) -> bytes:
    """The bytes of a file that is not too large for the door.

    Raises:
        PictureRefused: there is no such file, it cannot be read, or it is too large.
    """
    try:
        if path.is_dir():
            raise PictureRefused("This is a folder; name the picture files in it.")
        if not path.exists():
            raise PictureRefused("There is no file of this name; check its spelling.")
        if not path.is_file():
            raise PictureRefused("This is not a file of a disk; name a picture file.")
        check_length(path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused(
            "This file cannot be read; check who may read it, and its name."
        ) from None


def taken(path: str) -> dict[str, Any]:
    """What becomes of one file, as its line says it."""
    line: dict[str, Any] = {"file": path, "taken": False, "sentence": ""}
    line |= {"width": None, "height": None, "notes": []}
    try:
        picture = load_picture(read(Path(path)))
    except PictureRefused as refused:
        return line | {"sentence": str(refused)}
    width, height = picture.size
    return line | {
        "taken": True,
        "width": width,
        "height": height,
        "notes": list(picture.notes),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a line for each file; the exit status says whether all were taken."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m model.pictures", description=summary)
    parser.add_argument("file", nargs="+", help="a picture file")
    files = parser.parse_args(argv).file
    lines = []
    for file in files:
        lines.append(taken(file))
        print(_json(lines[-1]), flush=True)
    close()
    return 0 if all(line["taken"] for line in lines) else 1


def _json(line: dict[str, Any]) -> str:
    """One line of JSON, with names as they are where the output can carry them."""
    text = json.dumps(line, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return json.dumps(line)
    return text


if __name__ == "__main__":
    sys.exit(main())
