"""What a step says where it is presented is short, in every language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from classroom.content import lesson
from classroom.content.lesson import FOLDER, LessonStep, count_words
from classroom.content.lesson_files import NUMBER, LessonBroken
from classroom.content.slides import MOST_WORDS, first_sentences
from tests.test_lesson import OWN, ids, read


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "lesson")
    return tmp_path / "lesson"


def with_slide(copy: Path, slide: str | None, body: str | None = None) -> Path:
    """The step of LeNet with another slide, or none, and perhaps other words."""
    path = copy / "en" / "10-lenet.md"
    _, fields, words = path.read_text("utf-8").split("+++\n", 2)
    lines = [line for line in fields.splitlines() if not line.startswith("slide =")]
    at = next(place for place, line in enumerate(lines) if line.startswith("live"))
    if slide is not None:
        lines.insert(at, f'slide = "{slide}"')
    fields = "\n".join(lines)
    path.write_text(f"+++\n{fields}\n+++\n{body or words}", "utf-8")
    return path


@pytest.mark.parametrize(("language", "step"), OWN, ids=ids)
def test_a_slide_has_forty_words_at_most(language: str, step: LessonStep) -> None:
    """With the numbers in them, as the last row reads it."""
    assert 0 < count_words(read(language, step, step.slide)) <= MOST_WORDS


@pytest.mark.parametrize("step", lesson.load().steps, ids=lambda step: step.slug)
def test_every_step_has_a_slide_of_its_own_in_every_language(step: LessonStep) -> None:
    """Written for the last row, with the same numbers: not cut from its words."""
    numbers = set(NUMBER.findall(step.slide))
    for language in lesson.languages():
        own = lesson.load(language).step(step.slug)
        assert own.slide != first_sentences(own.body, count_words), language
        assert set(NUMBER.findall(own.slide)) == numbers, language


def test_a_step_without_a_slide_says_its_first_sentences(copy: Path) -> None:
    words = f"{'One ' * 20}two. {'Three ' * 17}{{top5}}. Four five. Six."
    with_slide(copy, None, words)
    step = lesson.load("en", copy).step("lenet")
    assert step.slide == words.removesuffix(" Six.").removesuffix(" Four five.")


def test_first_sentences_leave_nothing_half_bold() -> None:
    text = "One. **Two. Three** four. Five."
    assert first_sentences(text, count_words) == "One."


def test_a_slide_that_is_too_long_is_named(copy: Path) -> None:
    path = with_slide(copy, "word " * 41)
    line = path.read_text("utf-8").split("slide =")[0].count("\n") + 1
    said = f"en/10-lenet.md:{line}: 41 words, and a slide has at most 40"
    with pytest.raises(LessonBroken, match=re.escape(said)):
        lesson.load("en", copy)


def test_a_first_sentence_that_is_too_long_needs_a_slide(copy: Path) -> None:
    with_slide(copy, None, "word " * 41 + "end. Another.")
    with pytest.raises(LessonBroken, match="the step needs a slide"):
        lesson.load("en", copy)
    with_slide(copy, "Short.", "word " * 41 + "end. Another.")
    assert lesson.load("en", copy).step("lenet").slide == "Short."


def test_the_marks_of_a_slide_are_checked(copy: Path) -> None:
    with_slide(copy, "There are {no_such_number}.")
    with pytest.raises(LessonBroken, match="no_such_number"):
        lesson.load("en", copy)
