"""Questions in Moodle's GIFT: read with what it can say, written with all escaped.

A question is `::name::text {answers}`. Its kinds here: one right choice, several, a
number, pairs, a short typed answer, an essay; true or false is a choice of two. What is
none of these is refused with the line and the reason: a file holds as many questions
as are read and refused together. Texts without answers are descriptions, not questions.

Reference: Moodle's question/format/gift/format.php.
"""

from classroom.questions.gift.answers import TrueFalse
from classroom.questions.gift.blocks import check_size
from classroom.questions.gift.items import (
    BYTES,
    FULL,
    LETTERS,
    QUESTIONS,
    GiftChoice,
    GiftItem,
    GiftRefused,
    Kind,
    Near,
    Problem,
    Read,
    Wrong,
    normal,
)
from classroom.questions.gift.numbers import number
from classroom.questions.gift.parsing import read
from classroom.questions.gift.writing import escape, step_of, write

__all__ = [
    "BYTES",
    "FULL",
    "LETTERS",
    "QUESTIONS",
    "GiftChoice",
    "GiftItem",
    "GiftRefused",
    "Kind",
    "Near",
    "Problem",
    "Read",
    "TrueFalse",
    "Wrong",
    "check_size",
    "escape",
    "normal",
    "number",
    "read",
    "step_of",
    "write",
]
