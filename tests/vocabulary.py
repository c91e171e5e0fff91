"""The words that must not come back, from tests/vocabulary.toml.

Students read papers, Keras's documentation and other courses' exams afterwards: a text
says "epoch" and "stride" as they do. Plain words stay as explanations ("stride: how
many pixels the filter moves"), never as names. A picture is what a visitor chooses,
uploads or looks at; what the network is fed and what data sets hold are images.
"""

import tomllib
from collections.abc import Sequence
from typing import NamedTuple

from paths import ROOT


class Word(NamedTuple):
    """One banned wording: `pattern` in any case, and what to `say` instead.

    `files` are beginnings of the paths that it is for (none: everywhere); `but` are
    phrases in which the same letters mean something else.
    """

    name: str
    pattern: str
    say: str
    files: Sequence[str] = ()
    but: Sequence[str] = ()


class Place(NamedTuple):
    """A file where a banned wording may stand in a text with this phrase, and why."""

    file: str
    word: str
    phrase: str
    reason: str


_LISTS = tomllib.loads((ROOT / "tests" / "vocabulary.toml").read_text("utf-8"))
WORDS = [Word(**word) for word in _LISTS["word"]]
PLACES = [Place(**place) for place in _LISTS["place"]]
