"""What the lab would take of a class's images: python -m lab.datasets FILE...

    python -m lab.datasets animals.zip fruit.zip

reads each file as the page does, keeps nothing, and prints one JSON line for each:
`file`, `taken`, `sentence`, `classes` (name -> count), `left_out` (file -> reason) and
`notes`. A folder of class folders is read as if it were packed. The exit status is 0 if
every file would be taken, 1 if one would not, 2 if the command makes no sense.

    python -m lab.datasets --kept
    python -m lab.datasets --delete own-0123456789abcdef

list what instructors brought, and delete one of them: it is the database that the app
uses ($DATABASE_URL, or the file in the data folder).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.datasets import kept, uploaded
from lab.datasets.dataset import DataRefused
from model.pictures import close
from store.accounts import Accounts
from store.database import DatabaseAway, shared

UNREADABLE = "This file cannot be read here; copy it to this machine once more."
PACK = "This is a folder: pack it into a zip archive to bring it to the page."


def look(path: str) -> dict[str, Any]:
    """What would be taken of one file, and what not."""
    result: dict[str, Any] = {
        "file": path,
        "taken": False,
        "sentence": "",
        "classes": {},
        "left_out": {},
        "notes": [],
    }
    try:
        is_folder = Path(path).is_dir()
        read = uploaded.read_folder if is_folder else uploaded.read_zip
        found = read(Path(path))
    except DataRefused as refusal:
        return result | {"sentence": str(refusal), "left_out": refusal.left_out}
    except (OSError, ValueError, RuntimeError, MemoryError):
        return result | {"sentence": UNREADABLE}
    return result | {
        "taken": True,
        "sentence": uploaded.sentence(found),
        "classes": found.counts,
        "left_out": found.left_out,
        "notes": [*found.notes, *([PACK] if is_folder else [])],
    }


def kept_lines() -> list[dict[str, Any]]:
    """All sets that are kept, of any owner.

    Raises:
        DatabaseAway: the database cannot be read now.
    """
    owners = {account.id: account.name for account in Accounts(shared()).all()}
    return [
        {
            "name": one.name,
            "title": one.title,
            "owner": owners.get(one.owner or "", ""),
            "classes": dict(one.classes),
            "made": datetime.fromtimestamp(one.made, UTC).date().isoformat(),
        }
        for one in kept.everything()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line for each file; returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m lab.datasets", description="What would the lab take of these files?"
    )
    parser.add_argument("file", nargs="*", help="a zip of class folders, or a folder")
    parser.add_argument("--kept", action="store_true", help="list what is kept")
    parser.add_argument("--delete", metavar="NAME", help="delete one that is kept")
    given = parser.parse_args(arguments)
    if bool(given.file) + given.kept + bool(given.delete) != 1:
        parser.error("name files, or --kept, or --delete NAME")
    taken = True
    try:
        if given.delete:
            taken = kept.remove(given.delete)
            none = f"There is no data set {given.delete}: see --kept."
            print(f"Deleted {given.delete}." if taken else none)
        for line in kept_lines() if given.kept else ():
            print(json.dumps(line, ensure_ascii=False))
    except DatabaseAway as away:
        print(away)
        return 1
    for path in given.file:
        result = look(path)
        taken = taken and result["taken"]
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return 0 if taken else 1


if __name__ == "__main__":
    # A name that is not UTF-8 is printed as JSON writes such letters.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(main())
    finally:
        close()
