"""The lesson as a visitor has it open: its language, its step, its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache as once
from functools import cached_property
from typing import NamedTuple

from classroom.content import lesson as content
from classroom.content import numbers
from classroom.content.lesson import Lesson, LessonStep
from classroom.content.lesson_files import Source
from classroom.content.lesson_parts import LessonPart
from classroom.content.numbers import Number
from classroom.content.terms import Finder
from ui.following.follow import Part
from ui.kit import state, words
from ui.lesson import thought
from ui.lesson.measured_numbers import measured_numbers


class StepTexts(NamedTuple):
    """A step's texts as Markdown, words of the glossary linked where they are first."""

    body: str
    question: str
    answer: str


@dataclass(frozen=True)
class LessonView:
    """The lesson in the visitor's language, and where they are."""

    lesson: Lesson
    step: LessonStep
    at: int  # place among the steps
    known: Mapping[str, Number]  # the numbers that the words name
    part: Part | None = None  # the visitor's, in a class

    def markdown(self, text: str) -> str:
        """Words as Markdown: numbers filled in, glossary words linked."""
        return self.lesson.markdown(text, self.known)

    @cached_property
    def thought(self) -> thought.Thought:
        """The step's question, as the visitor has it."""
        return thought.open_thought(self.step.slug, self.part)

    @cached_property
    def finder(self) -> Finder:
        """Of the glossary's words in the step, whose language may be another."""
        return content.load(self.step.language).finder

    def _step_markdown(self, *texts: str) -> tuple[str, ...]:
        return self.lesson.step_markdown(texts, self.known, self.finder)

    @cached_property
    def shown(self) -> StepTexts:
        """The step's texts in the order of reading."""
        return StepTexts(
            *self._step_markdown(self.step.body, self.step.question, self.step.answer)
        )

    @cached_property
    def noted(self) -> tuple[str, ...]:
        """Note, question and answer, as the presenter's second window has them."""
        return self._step_markdown(self.step.note, self.step.question, self.step.answer)

    def word(self, name: str, **fields: object) -> str:
        """What stands on a button or over a part."""
        return words.of_lesson(self.lesson.language)[name].format(**fields)

    @property
    def lesson_part(self) -> LessonPart:
        """The part of the lesson that the step belongs to."""
        return self.lesson.part_of(self.at)

    def part_words(self, part: LessonPart) -> words.PageWords:
        """A part's title, and what it has covered."""
        return words.of_lesson(self.lesson.language).table("parts").table(part.name)

    @property
    def is_led(self) -> bool:
        """Whether the visitor follows a class: the step itself comes first then."""
        return self.part is not None and not self.part.leads

    def at_step(self, place: int) -> LessonView:
        """The same at another step."""
        return replace(self, step=self.lesson.steps[place], at=place)

    @property
    def last(self) -> int:
        """The place of the last step."""
        return len(self.lesson.steps) - 1


@once
def _known(language: str) -> Mapping[str, Number]:
    """The numbers that the words name: the same in every run."""
    return numbers.numbers(measured_numbers(content.load(language)))


def open_lesson(part: Part | None = None) -> LessonView:
    """The lesson at the step of the address; an unknown step becomes the first."""
    if state.LANGUAGE.get() not in content.languages():
        state.LANGUAGE.set(state.LANGUAGE.default)
    lesson = content.load(state.LANGUAGE.get())
    slugs = [step.slug for step in lesson.steps]
    if state.STEP.get() not in slugs:
        state.STEP.set(state.STEP.default)
    at = slugs.index(state.STEP.get())
    known = _known(lesson.language)
    return LessonView(lesson, lesson.steps[at], at, known, part)


def cited(lesson: Lesson, source: Source) -> str:
    """A source as one line with its link and note."""
    entry = lesson.tables["references"][source.reference]
    place = f", {source.place}" if source.place else ""
    note = f". {entry['note']}" if "note" in entry else ""
    return f"[{entry['text'].rstrip('.')}]({entry['link']}){place}{note}"
