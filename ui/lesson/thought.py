"""What is known of a step's question in this run: whether it is answered, and by whom.

In a class the answers go into the database like those of the quiz, as practice; a
visitor without a class has them for the browser's session. A class that is asked again
answers another variant of the same question: its seed counts how often it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from classroom.people.classes import ClassNow
from classroom.people.follower import State
from classroom.questions import lesson_questions
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Posed, Variant
from ui.following.follow import Part
from ui.kit import state
from ui.kit.questions import question_language
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress


@dataclass(frozen=True)
class Thought:
    """A step's question, as the visitor has it."""

    variant: Variant
    part: Part | None  # the visitor's, in a class
    progress: QuizProgress | None  # None: nothing can be answered here now

    @property
    def posed(self) -> Posed:
        """What is shown of the question."""
        return question_language.pose(self.variant)

    @property
    def question_state(self) -> QuestionState:
        """What the visitor has done about it."""
        if self.progress is None:
            return QuestionState(self.variant)
        return self.progress.question_state(self.variant)

    @property
    def leads(self) -> ClassNow | None:
        """The class that goes where the visitor goes."""
        return self.part.course if self.part is not None and self.part.leads else None

    @property
    def is_revealed_for(self) -> bool:
        """Whether an instructor decides when the answer is shown."""
        return self.part is not None and self.part.role is State.FOLLOWS

    @property
    def waits_for_class(self) -> bool:
        """Whether an instructor decides, and has not shown the answer yet."""
        return (
            self.part is not None
            and self.part.role is State.FOLLOWS
            and not self.part.course.reveal
        )

    @property
    def answered(self) -> bool:
        """Whether there is an answer that could be read."""
        known = self.question_state
        return bool(known.counted) or known.in_words is not None or self.waits

    @property
    def waits(self) -> bool:
        """Whether an answer is not in the database yet."""
        return self.progress is not None and (
            self.progress.waiting(self.variant) is not None
        )

    @property
    def shown(self) -> bool:
        """Whether the answer is shown: once revealed, or given and not followed."""
        if state.REVEAL.get():
            return True
        alone = self.leads is None and not self.is_revealed_for
        return self.answered and alone and not self.waits


def open_thought(step: str, part: Part | None) -> Thought:
    """The question of a step for the visitor at hand."""
    asked = part.course.asked if part is not None and part.course.step == step else 1
    variant = Variant(lesson_questions.name_of(step), asked)
    if part is not None and part.leads:
        return Thought(variant, part, None)
    return Thought(variant, part, quiz_progress.open_progress())
