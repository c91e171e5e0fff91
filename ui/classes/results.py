"""The instructor's tabs on what a class has done. Each is of one class of theirs."""

from __future__ import annotations

from classroom.people.roles import Instructor
from ui.classes import answers as class_answers
from ui.classes import gradebook as class_gradebook
from ui.classes import predictions as class_predictions


def answers(who: Instructor, class_id: str) -> None:
    """The answers as they come, and the common mistakes.

    Raises:
        NotAllowed: the class is another's.
    """
    class_answers.show(who, class_id)


def predictions(who: Instructor, class_id: str) -> None:
    """What was guessed before experiments, and what was measured.

    Raises:
        NotAllowed: the class is another's.
    """
    class_predictions.show(who, class_id)


def gradebook(who: Instructor, class_id: str) -> None:
    """Points, tries, hints and time; files; one student's data.

    Raises:
        NotAllowed: the class is another's.
    """
    class_gradebook.show(who, class_id)
