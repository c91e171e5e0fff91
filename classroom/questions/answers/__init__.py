"""Right answers, worked out from `model.network.specs` and `model.network.shapes`.

Each template draws the numbers of one question from a seeded generator and returns
them with the right answer and the wrong ones of known mistakes, computed by
the same arithmetic. `assets/quiz/<topic>.toml` names the template and has the words.
"""

from classroom.questions.answers import (
    backward,
    bonus,
    counting,
    era_questions,
    generalising,
    ideas,
    layers,
    learning,
    lesson_steps,
    map_questions,
    training,
)
from classroom.questions.answers.templates import (
    TEMPLATES,
    Instance,
    NumberText,
    Phrase,
    Reading,
    Truth,
    Value,
)

__all__ = [
    "TEMPLATES",
    "Instance",
    "NumberText",
    "Phrase",
    "Reading",
    "Truth",
    "Value",
    "backward",
    "bonus",
    "counting",
    "era_questions",
    "generalising",
    "ideas",
    "layers",
    "learning",
    "lesson_steps",
    "map_questions",
    "training",
]
