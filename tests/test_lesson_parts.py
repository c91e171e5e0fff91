"""The lesson's parts: what belongs to them, how far one has come, where they end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.content.lesson_files import LessonBroken
from classroom.questions import lesson_questions, rounds
from classroom.questions.bank import bank
from tests.page_links import links
from tests.test_pages import said, visit
from ui.kit import words

KNOWN = lesson.load()
PARTS = KNOWN.parts


def labels(app: AppTest) -> list[str]:
    """What stands on the buttons that lead to the parts."""
    keys = [f"part_{part.name}" for part in PARTS]
    return [b.label for b in app.button if b.key in keys]


# --- as data --------------------------------------------------------------------------


def test_every_step_is_in_one_part_in_order() -> None:
    steps = [step.slug for step in KNOWN.steps]
    assert [slug for part in PARTS for slug in part.steps] == steps
    for part in PARTS:
        assert steps[part.first] == part.steps[0]
        assert steps[part.last] == part.steps[-1]
        assert KNOWN.part_of(part.first) == KNOWN.part_of(part.last) == part
    assert [part.number for part in PARTS] == [1, 2, 3]


def test_the_parts_begin_where_the_lesson_says() -> None:
    assert [part.steps[0] for part in PARTS][:1] == ["start"]
    assert PARTS[0].steps[-1] == "flow"
    assert {"relu", "layers", "code"} <= set(PARTS[1].steps)
    assert {"dropout", "analogy", "practice", "next"} <= set(PARTS[2].steps)


def test_every_language_has_the_same_parts_with_words_of_its_own() -> None:
    said_by = {}
    for language in lesson.languages():
        own = lesson.load(language)
        assert own.parts == PARTS
        assert set(own.words["parts"]) == {part.name for part in PARTS}
        said_by[language] = own.words["parts"]
        for part in own.words["parts"].values():
            assert set(part) == {"title", "covered"}
            assert lesson.count_words(part["covered"]) <= 70
    assert said_by["en"] != said_by["de"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from = 31", "from = 99", r"\[generalising\] begins before"),
        ("from = 48", "from = 99", r"\[generalising\] has no step"),
        ("from = 5\n", "from = 6\n", "the first step comes before"),
        ("from = 31", "from = true", "are numbers above 0"),
        ("minutes = 30", "minute = 30", r"\[network\] has from and minutes"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    shutil.copytree(lesson.FOLDER, tmp_path / "lesson")
    path = tmp_path / "lesson" / "parts.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(LessonBroken, match=rf"parts\.toml:\d+: .*{message}"):
        lesson.load("en", tmp_path / "lesson")


# --- on the page ----------------------------------------------------------------------


@pytest.mark.parametrize("language", lesson.languages())
def test_the_parts_are_shown_with_what_is_answered(language: str) -> None:
    own = lesson.load(language)
    app = visit("lesson", step="lenet", lang=language)
    titles = [own.words["parts"][part.name]["title"] for part in PARTS]
    assert labels(app) == [
        f"{part.number} · {title} · 0/{len(part.steps)}"
        for part, title in zip(PARTS, titles, strict=True)
    ]
    first = lesson_questions.questions(language)["think-lenet"].options[0].text
    next(b for b in app.button if b.label == first).click()
    app = app.run()
    assert labels(app)[0].endswith(f"1/{len(PARTS[0].steps)}")
    assert labels(app)[1].endswith(f"0/{len(PARTS[1].steps)}")


def test_a_part_leads_to_its_first_step_and_progress_is_its_own() -> None:
    app = visit("lesson", step="lenet")
    part = PARTS[1]
    (button,) = (b for b in app.button if b.key == f"part_{part.name}")
    app = button.click().run()
    assert app.header[0].value == KNOWN.step(part.steps[0]).title
    (bar,) = app.get("progress")
    assert bar.proto.text.startswith("Part 2 of 3: How it computes and learns · step 1")
    assert bar.proto.value == int(100 / len(part.steps))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_last_step_of_a_part_says_what_it_covered(part: lesson.LessonPart) -> None:
    text = KNOWN.words["parts"][part.name]["covered"]
    app = visit("lesson", step=part.steps[-1])
    assert text in said(app)
    queries = [link.query_string for link in links(app) if link.page == "quiz"]
    assert f"round=part-{part.number}" in queries
    assert text in said(visit("lesson", step=part.steps[-1], notes="1"))
    assert text not in said(visit("lesson", step=part.steps[0]))
    onward = [b for b in app.button if b.key == "next_part"]
    if part == PARTS[-1]:
        assert not onward
        return
    app = onward[0].click().run()
    assert app.header[0].value == KNOWN.step(PARTS[part.number].steps[0]).title


def test_the_handout_has_the_parts_as_headings() -> None:
    for language in lesson.languages():
        own = lesson.load(language)
        app = visit("handout", lang=language)
        titles = [own.words["parts"][part.name]["title"] for part in PARTS]
        shown = [x.value.partition(": ")[2] for x in app.main.header]
        assert shown == titles
        for part in PARTS:
            assert own.words["parts"][part.name]["covered"] in said(app)


# --- the quiz on a part ---------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_parts_round_asks_about_each_of_its_steps(part: lesson.LessonPart) -> None:
    known, name = bank(), rounds.part_round(part.number)
    dealt = {deal: rounds.questions_of(known, name, deal) for deal in range(5)}
    asked = {q.step for q in known.questions.values() if q.topic != rounds.BONUS}
    for ids in dealt.values():
        steps = [known.questions[one].step for one in ids]
        assert len(set(ids)) == rounds.MIXED_COUNT
        assert set(steps) == set(part.steps) & asked
        assert steps == sorted(steps, key=part.steps.index)
    assert len(set(dealt.values())) > 1
    assert dealt[3] == rounds.questions_of(known, name, 3)
    assert name in words.page("quiz").as_dict()["rounds"]
