"""What was missed comes back: after one step, then three, then six.

Each question of the lesson that is answered is a step on, and so is a new sitting,
hours after the last answer. A question that was not right at the first try is due one
step later, with other numbers; right then, three steps after that, then six, and then
it is done. Missed again, it starts over.
(Retrieval that is spaced out: Cepeda et al. 2006, Karpicke and Roediger 2008.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from classroom.questions.follow_up import DISTANCES
from classroom.questions.lesson_questions import PREFIX
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import LAST_SEED, Variant

SITTING = 4 * 3600.0  # seconds without an answer, after which a new sitting begins


@dataclass
class _Missed:
    """A question that was missed, and how it has gone since."""

    seed: int  # of the variant answered last
    place: int  # where that was
    stage: int = 0  # how often it was right since


def due(
    states: Iterable[QuestionState], at: Callable[[Variant], float | None]
) -> tuple[Variant, ...]:
    """The variants to be asked now, those first that wait longest.

    Args:
        states: what was worked on, in the order in which it was begun.
        at: when a variant was answered, in seconds; None: unknown.
    """
    missed: dict[str, _Missed] = {}
    place, before = 0, None
    for state in states:
        if not state.counted and not state.given_up:
            continue
        now = at(state.variant)
        if now is not None:
            place += before is not None and now - before > SITTING
            before = now
        if state.variant.question.startswith(PREFIX):
            place += 1
        elif not state.self_assessed:
            _learn(missed, state, place)
    waits = {
        name: place - one.place - DISTANCES[one.stage] for name, one in missed.items()
    }
    ready = [name for name, steps in waits.items() if steps >= 0]
    return tuple(
        Variant(name, missed[name].seed % LAST_SEED + 1)
        for name in sorted(ready, key=lambda name: -waits[name])
    )


def _learn(missed: dict[str, _Missed], state: QuestionState, place: int) -> None:
    """One more time that a question was answered."""
    name, seed = state.variant.question, state.variant.seed
    known = missed.get(name)
    if not was_right(state):
        missed[name] = _Missed(seed, place)
    elif known is not None and known.stage + 1 < len(DISTANCES):
        missed[name] = _Missed(seed, place, known.stage + 1)
    else:
        missed.pop(name, None)


def was_right(state: QuestionState) -> bool:
    """Whether the first try was, without a hint."""
    first = state.counted[:1]
    return bool(first) and first[0].grade.right and not first[0].hints
