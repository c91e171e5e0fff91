"""Names of classes and students, as they are typed and as they are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST_NAME = 60  # characters, of a student
LONGEST_CLASS = 80  # of a class


class ClassRefused(ValueError):
    """A request on a class was refused; the message is a sentence for the visitor."""


# Joiners are parts of words in some scripts, and of emoji; other unseen marks could
# turn a name round or make two names look alike.
JOINERS = "\u200c\u200d"


def clean(text: str, longest: int, what: str) -> str:
    """A name as it is kept: no unseen characters, single spaces, none at the ends.

    Raises:
        ClassRefused: nothing is left, or it is longer than `longest` characters.
    """
    text = unicodedata.normalize("NFC", text[: 20 * longest])
    text = "".join(" " if c.isspace() else c for c in text)
    text = "".join(c for c in text if c in JOINERS or unicodedata.category(c)[0] != "C")
    text = re.sub(" +", " ", text).strip(f" {JOINERS}")
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        raise ClassRefused(f"Please type {what}.")
    if len(text) > longest:
        raise ClassRefused(
            f"Please type {what} of at most {longest} characters. "
            f"This one has {len(text)}."
        )
    return text


def alike(name: str) -> str:
    """What two names have in common that look the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c not in JOINERS)


def distinct(name: str, others: Sequence[str]) -> str:
    """The name, or "name (2)", "name (3)", …: the first that is free."""
    taken = {alike(other) for other in others}
    number, candidate = 1, name
    while alike(candidate) in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate
