"""Two questions after a step of the lesson: one of it, one of an earlier step.

That of the step is the exercise of the written lesson that belongs there, if one does.
The earlier one comes back at growing distances: from one step ago, three, six.
(Retrieval that is spaced out: Roediger and Karpicke 2006, Cepeda et al. 2006.)
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom.questions.question_files import Bank, Question

DISTANCES = (1, 3, 6)  # steps back, in turn


def follow_up(known: Bank, steps: Sequence[str], step: str) -> tuple[Question, ...]:
    """The questions to ask after a step: at the first step, one.

    Args:
        steps: the lesson's, in order.

    Raises:
        ValueError: the lesson has no such step.
    """
    asked: set[str] = set()
    for at in range(steps.index(step) + 1):
        distance = DISTANCES[at % len(DISTANCES)]
        # From that step, or else from one before it, or after it, with a question left.
        far = max(0, at - distance)
        back = [*range(far, -1, -1), *range(far + 1, at)] if at else []
        chosen = _first(known, [steps[at]], asked)
        chosen += _first(known, [steps[one] for one in back], asked)
    return tuple(chosen)


def _first(known: Bank, steps: Sequence[str], asked: set[str]) -> list[Question]:
    """The first question of the first step that has one which was not asked yet."""
    for step in steps:
        for question in _taught(known, step):
            if question.id not in asked:
                asked.add(question.id)
                return [question]
    return []


def _taught(known: Bank, step: str) -> list[Question]:
    """What a step teaches, exercises first; of others, what the server grades."""
    found = [
        question
        for question in known.questions.values()
        if question.step == step
        and question.kind != "picture"
        and (question.lesson or question.kind != "open")
    ]
    return sorted(found, key=lambda question: not question.lesson)
