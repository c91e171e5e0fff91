"""Right answers, worked out from `model.network.specs` and `model.network.shapes`.

Each template draws the numbers of one question from a seeded generator and returns
them with the right answer and the wrong ones that betray a known mistake, computed by
the same arithmetic. `assets/quiz/<topic>.toml` names the template and has the words;
the modules here have the topics' names.
"""

from classroom.questions.answers import (
    bonus,
    counting,
    history,
    layers,
    learning,
    seeing,
)
from classroom.questions.answers.drawn import (
    TEMPLATES,
    Drawn,
    Figures,
    Reading,
    Said,
    Truth,
    Value,
)

__all__ = [
    "TEMPLATES",
    "Drawn",
    "Figures",
    "Reading",
    "Said",
    "Truth",
    "Value",
    "bonus",
    "counting",
    "history",
    "layers",
    "learning",
    "seeing",
]
