"""The bank of questions: assets/quiz/*.toml, read once and checked.

index.toml has the topics in order and the words that all questions share; every other
file is a topic. The lesson's steps come from the lesson itself. A folder with a
language's name has the same words in that language (`questions.translations`). A
mistake in a file is reported with the file and the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from classroom.content import lesson
from classroom.content.toml_file import ContentBroken, TomlFile
from classroom.questions.answers import TEMPLATES, Truth
from paths import ASSETS

FOLDER = ASSETS / "quiz"
INDEX = "index"
LONGEST_TITLE = 40  # characters
ENGLISH = lesson.DEFAULT

Kind = Literal[
    "single", "several", "number", "short", "order", "match", "layer", "picture", "open"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# How a number is found; it chooses the feedback to a wrong one.
Work = Literal["", "calculation", "power", "reading", "recall"]
WORKS: tuple[Work, ...] = get_args(Work)
# What it takes to answer, by Bloom's revised taxonomy, in its order. Reading a number
# off is "remember"; a formula with numbers put in is "apply".
Level = Literal["remember", "understand", "apply", "analyse", "evaluate", "create"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Option:
    """A thing to choose, to put in its place, to match, or a word that is typed.

    Of pairs, one without a text is a place that belongs to none. Of short answers,
    `text` is not Markdown, and * in it stands for any letters.
    """

    id: str
    text: str  # `say` in the file
    right: bool = False
    because: str = ""  # why choosing it, or not, is wrong
    to: str = ""  # what it belongs to
    shown: str = ""  # that as Markdown, if it is not
    share: float | None = None  # of the point, -1 to 1; None: 1 if right, else 0


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that shows a known mistake, and the sentence for it."""

    feedback: str  # `say` in the file
    answer: Truth | None = None  # None: the question's function computes it
    share: float = 0.0  # of the point, 0 to 1; 1: it is right, too
    within: float | None = None  # absolute; None: as the question's


@dataclass(frozen=True)
class Question:
    """One template; a seed makes a variant of it."""

    id: str
    topic: str
    kind: Kind
    step: str  # the lesson's step that it belongs to
    ask: str
    why: str  # shown once it is answered; of an open question, the model answer
    hints: tuple[str, ...]
    title: str = ""  # a few words for it: see classroom.titles
    page: str = ""  # the page that shows it, if one does
    answer: str = ""  # the function of classroom.answers that has the answer
    query: Mapping[str, str] = field(default_factory=dict)  # for that page's address
    unit: str = ""
    tolerance: float = 0.0  # share of the right number
    within: float = 0.0  # absolute
    value: float | None = None  # the right number, where no function computes it
    label: str = "{:,}"  # how a computed number is written as an option
    options: tuple[Option, ...] = ()
    mistakes: Mapping[str, Mistake] = field(default_factory=dict)
    points: tuple[str, ...] = ()  # of a good open answer
    lesson: str = ""  # the lesson's own question, by its name there
    source: str = ""
    otherwise: str = ""  # feedback to a wrong answer that is no known mistake
    fixed: bool = False  # its texts are as they are: there is nothing to fill in
    terms: tuple[str, ...] = ()  # words of the lesson's glossary that it is about
    work: Work = ""
    level: Level | Literal[""] = ""  # none: a class's own question
    level_why: str = ""  # in English
    retired: bool = False  # asked no more; its old answers are read
    language: str = ENGLISH  # of its texts; none: unknown


@dataclass(frozen=True)
class Bank:
    """All questions, by id, and what they share."""

    questions: Mapping[str, Question]  # that are asked
    topics: Mapping[str, str]  # name -> title, in order
    steps: Mapping[str, str]  # the lesson's steps: slug -> title
    grading: Mapping[str, str]  # sentences that all questions share
    custom: Mapping[str, str] = field(default_factory=dict)  # texts of custom questions
    units: Mapping[str, str] = field(default_factory=dict)  # unit -> as it is shown
    words: Mapping[str, str] = field(default_factory=dict)  # phrases of the templates
    language: str = ENGLISH
    retired: Mapping[str, Question] = field(default_factory=dict)

    @property
    def every(self) -> dict[str, Question]:
        """The retired ones, too: for answers that are stored."""
        return {**self.questions, **self.retired}

    def of_topic(self, topic: str) -> tuple[Question, ...]:
        """A topic's questions, in order."""
        return tuple(q for q in self.questions.values() if q.topic == topic)


_NEEDED = {
    "id", "title", "kind", "step", "terms", "level", "level_why", "ask", "why", "hints",
}  # fmt: skip
_ALLOWED = _NEEDED | {
    "page", "answer", "query", "unit", "tolerance", "within", "label", "options",
    "mistakes", "points", "lesson", "source", "otherwise", "work",
    "retired",
}  # fmt: skip
_OPTION = {"id", "say", "right", "because", "to", "share"}


class QuestionFile(TomlFile):
    """One file of questions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, path.parent)

    def wrong(self, what: str, number: int | None = None) -> ContentBroken:
        """An error on the file, or on its question of that number, from 0."""
        heads = [m.start() for m in re.finditer(r"^\[\[question\]\]", self.text, re.M)]
        known = number is not None and number < len(heads)
        return self.broken(self.line_at(heads[number or 0]) if known else 1, what)


def _option(raw: Mapping[str, Any], question: str) -> Option:
    if extra := raw.keys() - _OPTION:
        raise ValueError(f"{question}: an option has {', '.join(sorted(_OPTION))}. "
                         f"Received: {', '.join(sorted(extra))}")  # fmt: skip
    if missing := {"id", "say"} - raw.keys():
        raise ValueError(f"{question}: an option lacks {', '.join(sorted(missing))}")
    return Option(text=raw["say"], **{k: v for k, v in raw.items() if k != "say"})


def _mistake(raw: Any, question: str) -> Mistake:
    if isinstance(raw, str):
        return Mistake(raw)
    if isinstance(raw, dict) and "say" in raw.keys() <= {"say", "answer", "share"}:
        answer = raw.get("answer")
        return Mistake(
            raw["say"],
            tuple(answer) if isinstance(answer, list) else answer,
            raw.get("share", 0.0),
        )
    raise ValueError(
        f"{question}: a mistake is a sentence, or a table of say, answer and share. "
        f"Received: {raw!r}"
    )


def _question(raw: Mapping[str, Any], topic: str, steps: Mapping[str, str]) -> Question:
    """One [[question]] table as a Question.

    Raises:
        ValueError: it is not one; the message names the question.
    """
    name = str(raw.get("id", "a question without id"))
    if missing := _NEEDED - raw.keys():
        raise ValueError(f"{name}: it lacks {', '.join(sorted(missing))}")
    if extra := raw.keys() - _ALLOWED:
        raise ValueError(f"{name}: unknown keys: {', '.join(sorted(extra))}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 40:
        raise ValueError(f"{name}: an id is of small letters, digits and hyphens")
    if not 0 < len(raw["title"]) <= LONGEST_TITLE:
        raise ValueError(
            f"{name}: a title has 1 to {LONGEST_TITLE} characters. "
            f"Received: {len(raw['title'])}"
        )
    if raw["kind"] not in KINDS:
        raise ValueError(f"{name}: a kind is one of {', '.join(KINDS)}. "
                         f"Received: {raw['kind']!r}")  # fmt: skip
    if raw["step"] not in steps:
        raise ValueError(f"{name}: a step is one of {', '.join(steps)}. "
                         f"Received: {raw['step']!r}")  # fmt: skip
    if raw.get("answer", "") and raw["answer"] not in TEMPLATES:
        raise ValueError(
            f"{name}: classroom/questions/answers/ has no template {raw['answer']!r}"
        )
    question = Question(
        **{
            **raw,
            "topic": topic,
            "hints": tuple(raw["hints"]),
            "options": tuple(_option(x, name) for x in raw.get("options", ())),
            "mistakes": {
                k: _mistake(v, name) for k, v in raw.get("mistakes", {}).items()
            },
            "points": tuple(raw.get("points", ())),
            "terms": tuple(raw["terms"]),
        }
    )
    _check(question)
    return question


def _check(question: Question) -> None:
    """That a question has what its kind needs.

    Raises:
        ValueError: what is missing.
    """
    rights = sum(option.right for option in question.options)
    ids = [option.id for option in question.options]
    need = ""
    if len(set(ids)) != len(ids):
        need = "options of different ids"
    match question.kind:
        case "single":
            if not question.answer and (rights != 1 or len(ids) < 3):
                need = "three options or more, one of them right"
        case "several":
            if not question.answer and not (1 < rights < len(ids)):
                need = "two right options or more, and a wrong one"
        case "short":
            if not rights:
                need = "an option or more that is right"
        case "order":
            if not question.answer and len(ids) < 3:
                need = "three options or more, in the right order"
        case "match":
            targets = {option.to for option in question.options}
            if not question.answer and ("" in targets or len(targets) < 3):
                need = "three options or more, each with a `to`"
        case "number" | "layer" | "picture":
            if not question.answer:
                need = "an `answer`, the function that computes it"
        case "open":
            if len(question.points) < 2:
                need = "two points or more that a good answer makes"
    if question.kind in ("number", "picture") and question.work not in WORKS[1:]:
        need = f"a `work` of {', '.join(WORKS[1:])}"
    if need:
        raise ValueError(f"{question.id}: the kind {question.kind} needs {need}")
    if question.level not in LEVELS:
        raise ValueError(f"{question.id}: a level is one of {', '.join(LEVELS)}. "
                         f"Received: {question.level!r}")  # fmt: skip
    if not question.level_why.strip():
        raise ValueError(f"{question.id}: level_why is empty")
    if not question.hints:
        raise ValueError(f"{question.id}: it needs a hint")


# The tables that all questions share, and where a `Bank` has them.
SHARED = {
    "topics": "topics", "grading": "grading", "own": "custom", "units": "units",
    "words": "words",
}  # fmt: skip


def read_index(index: QuestionFile) -> dict[str, dict[str, str]]:
    """What all questions share.

    Raises:
        ContentBroken: a table is missing.
    """
    head = index.toml()
    for part in SHARED:
        if not isinstance(head.get(part), dict):
            raise index.wrong(f"it needs a table [{part}]")
    return {part: head[part] for part in SHARED}


def load(folder: Path = FOLDER) -> Bank:
    """Every question in a folder, in English.

    Raises:
        ContentBroken: the first thing that is wrong in a file.
    """
    index = QuestionFile(folder / f"{INDEX}.toml")
    head = read_index(index)
    steps = {
        step.slug: lesson.without_marks(step.title) for step in lesson.load().steps
    }
    files = {p.stem for p in folder.glob("*.toml")} - {INDEX}
    if odd := files ^ head["topics"].keys():
        raise index.broken(
            index.line_of(r"^\[topics\]"),
            "[topics] has to list the files of the folder. Different: "
            f"{', '.join(sorted(odd))}",
        )
    found: dict[str, Question] = {}
    for topic in head["topics"]:
        file = QuestionFile(folder / f"{topic}.toml")
        raws = file.toml().get("question")
        if not isinstance(raws, list):
            raise file.wrong("it has no [[question]]")
        for number, raw in enumerate(raws):
            try:
                question = _question(raw, topic, steps)
                if question.unit not in head["units"].keys() | {""}:
                    raise ValueError(f"{question.id}: [units] lacks {question.unit!r}")
            except ValueError as error:
                raise file.wrong(str(error), number) from error
            if question.id in found:
                raise file.wrong(f"{question.id}: the id is taken", number)
            found[question.id] = question
    asked, retired = apart(found)
    return Bank(
        asked, head["topics"], steps, head["grading"], head["own"], head["units"],
        head["words"], retired=retired,
    )  # fmt: skip


def apart(
    found: Mapping[str, Question],
) -> tuple[dict[str, Question], dict[str, Question]]:
    """The questions that are asked, and those that are retired."""
    return (
        {name: one for name, one in found.items() if not one.retired},
        {name: one for name, one in found.items() if one.retired},
    )
