"""The state of one question: answers, hints and points, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from classroom.questions.grading import Answer, Grade
from classroom.questions.variants import Variant

HINT_COST = 0.2  # of the question's point, for each hint
TRY_COST = 0.2  # of the question's point, for each try after the first


@dataclass(frozen=True)
class GradedAnswer:
    """One answer, and what it got."""

    answer: Answer
    grade: Grade
    hints: int  # taken before it


@dataclass(frozen=True)
class QuestionState:
    """Answers and hints of one person for one variant."""

    variant: Variant
    tries: tuple[GradedAnswer, ...] = ()
    hints: int = 0
    given_up: bool = False

    @property
    def counted(self) -> tuple[GradedAnswer, ...]:
        """The tries that count: not what could not be read."""
        return tuple(x for x in self.tries if x.grade.counts)

    @property
    def right(self) -> bool:
        """Whether an answer was wholly right."""
        return any(x.grade.right for x in self.counted)

    @property
    def closed(self) -> bool:
        """Whether the answer is known by now."""
        return self.given_up or self.right or self.self_assessed

    @property
    def points(self) -> float:
        """The best try's score less what hints and tries before it cost, 0 to 1."""
        worth = (
            x.grade.score - HINT_COST * x.hints - TRY_COST * before
            for before, x in enumerate(self.counted)
        )
        return max(0.0, *worth) if self.counted else 0.0

    @property
    def worth(self) -> float:
        """What a right answer would get now, 0 to 1."""
        spent = HINT_COST * self.hints + TRY_COST * len(self.counted)
        return max(0.0, 1 - spent)

    @property
    def self_assessed(self) -> bool:
        """Whether the student awarded the points."""
        return any(x.grade.self_assessed for x in self.counted)

    @property
    def awaits_mark(self) -> bool:
        """Whether it is an open answer in an exam and has no mark yet."""
        return not self.counted and any(x.grade.self_assessed for x in self.tries)

    @property
    def in_words(self) -> str | None:
        """The open answer that the model answer was shown for; None: none yet."""
        for one in reversed(self.tries):
            if one.grade.self_assessed and isinstance(one.answer, Mapping):
                return str(one.answer.get("text"))
        return None

    def answered(self, answer: Answer, grade: Grade) -> QuestionState:
        """After one more answer; a closed question stays as it is."""
        if self.closed:
            return self
        return replace(
            self, tries=(*self.tries, GradedAnswer(answer, grade, self.hints))
        )

    def hinted(self, hints: int) -> QuestionState:
        """After one more hint of so many; a closed question stays as it is."""
        if self.closed:
            return self
        return replace(self, hints=min(self.hints + 1, hints))

    def shown(self) -> QuestionState:
        """After the answer was asked for."""
        return self if self.closed else replace(self, given_up=True)
