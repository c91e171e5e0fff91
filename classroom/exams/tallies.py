"""How a class answered each question, for its instructor while the answers come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classroom.content import rich
from classroom.exams import gradebook, results
from classroom.people.roles import Instructor
from classroom.questions import custom_questions, grading, replay
from classroom.questions.answer_text import lines
from classroom.questions.bank import beside, find, is_known
from classroom.questions.grading import Answer, fold
from classroom.questions.number_input import parse
from classroom.questions.question_files import ENGLISH, Bank, Question
from classroom.questions.titles import short
from classroom.questions.variants import Posed, Variant, key, pose, varies
from store.answers.answers import StoredResponse


@dataclass(frozen=True)
class Bar:
    """How many gave an answer."""

    label: str
    count: int
    right: bool


@dataclass(frozen=True)
class Common:
    """A known mistake, and how many made it at least once."""

    name: str
    sentence: str  # as it was said to the last of them, in the language asked for
    count: int


@dataclass(frozen=True)
class Written:
    """An open answer."""

    member: str
    text: str


@dataclass(frozen=True)
class Tally:
    """One question, over all its variants: each member once, by the last answer."""

    question: str
    variant: Variant  # the one that was answered last
    right: int
    partly: int
    wrong: int
    bars: tuple[Bar, ...]
    mistakes: tuple[Common, ...]
    written: tuple[Written, ...]
    members: frozenset[str]  # who has answered

    @property
    def answered(self) -> int:
        """How many members."""
        return self.right + self.partly + self.wrong + len(self.written)


Counted = tuple[Tally, Mapping[str, int]]  # a tally, and how many chose each option

OTHER = "other"  # labels for what no name is known of; words are the page's
RIGHT = "right"


def tallies(
    who: Instructor, class_id: str, exam_id: str | None, language: str = ENGLISH
) -> list[Tally]:
    """Each question that was answered, in the bank's order.

    Args:
        language: of what was answered, and of what was said to it.

    Raises:
        NotAllowed: the class is another's, or has no such exam.
    """
    bank = beside(custom_questions.bank_of(class_id, retired=True), language)
    answers: dict[str, list[tuple[str, StoredResponse]]] = {}
    for attempt, one in gradebook.responses(who, class_id, exam_id):
        if one.kind == "answer" and (one.counts or one.own):
            answers.setdefault(one.question, []).append((attempt.member_id, one))
    return [
        _tally(name, _question(bank, name, language), answers[name], language)
        for name in results.in_order(bank, answers)
    ]


def of_step(who: Instructor, class_id: str, question: str) -> dict[int, Counted]:
    """The class's answers to a lesson's question: how often it was asked -> a tally.

    Each member counts once each time it was asked, by their last answer. Beside the
    tally stands how many chose each option, by its id.

    Raises:
        NotAllowed: the class is another's.
    """
    found = results.of_class(who, class_id).answers_to(class_id, question)
    asked: dict[int, list[tuple[str, StoredResponse]]] = {}
    for member, one in found:
        if one.counts or one.own or isinstance(one.answer, dict):
            asked.setdefault(one.seed, []).append((member, one))
    return {
        seed: (
            _tally(question, find(question), answers),
            Counter(x for _, a in dict(answers).items() for x in _chosen(a.answer)),
        )
        for seed, answers in sorted(asked.items())
    }


def _tally(
    name: str,
    question: Question | None,
    answers: Sequence[tuple[str, StoredResponse]],
    language: str = ENGLISH,
) -> Tally:
    last = dict(answers)  # member -> the newest: they are in the order of time
    kind = question.kind if question else ""
    bars: Counter[tuple[str, bool]] = Counter()
    written: list[Written] = []
    grades = Counter[str]()
    for member, answer in last.items():
        if kind == "open":
            text = answer.answer.get("text") if isinstance(answer.answer, dict) else ""
            written.append(Written(member, str(text)))
            continue
        grade = "right" if answer.score >= 1 else "partly" if answer.score else "wrong"
        grades[grade] += 1
        for label, right in dict.fromkeys(_labels(question, answer, language)):
            bars[label, right] += 1
    ranked = sorted(bars.items(), key=lambda x: (-x[1], not x[0][1], x[0][0]))
    latest = answers[-1][1]
    return Tally(
        name,
        Variant(name, latest.seed),
        grades["right"],
        grades["partly"],
        grades["wrong"],
        tuple(Bar(label, count, right) for (label, right), count in ranked),
        _mistakes(answers, language),
        tuple(written),
        frozenset(last),
    )


def _question(known: Bank, name: str, language: str) -> Question | None:
    """The bank's or the lesson's; None: it is gone."""
    if name in known.questions:
        return known.questions[name]
    return find(name, language) if is_known(name) else None


def _mistakes(
    answers: Iterable[tuple[str, StoredResponse]], language: str
) -> tuple[Common, ...]:
    members: dict[str, set[str]] = {}
    last: dict[str, StoredResponse] = {}
    for member, answer in answers:
        if answer.mistake:
            members.setdefault(answer.mistake, set()).add(member)
            last[answer.mistake] = answer
    found = [
        Common(m, _sentence(last[m], language), len(who)) for m, who in members.items()
    ]
    return tuple(sorted(found, key=lambda x: (-x.count, x.name)))


def _sentence(answer: StoredResponse, language: str) -> str:
    """What is said to an answer; of a question that is gone, as it is stored."""
    if language == ENGLISH or not is_known(answer.question):
        return answer.sentence
    variant, truth = Variant(answer.question, answer.seed), answer.truth
    known = float(truth) if isinstance(truth, int | float) else None
    got = replay.grade_of(answer)
    return grading.in_language(got, variant, answer.answer, language, known).sentence


def _labels(
    question: Question | None, answer: StoredResponse, language: str
) -> list[tuple[str, bool]]:
    """What an answer counts as, so that variants can be counted together."""
    right = answer.score >= 1
    by_grade = RIGHT if right else _named_mistake(question, answer.mistake)
    if question is None:
        return [(by_grade, right)]
    chosen = pose(Variant(question.id, answer.seed), language)
    match question.kind:
        case "layer":
            return [(str(answer.answer), right)]
        case "single" | "several" if not question.answer:
            truth = {option.id for option in question.options if option.right}
            return [(_named(chosen, x), x in truth) for x in _chosen(answer.answer)]
        case "match" if isinstance(answer.answer, dict) and not varies(question.id):
            pairs, belongs = lines(chosen, answer.answer), key(chosen.variant).truth
            assert isinstance(belongs, Mapping)
            kept = [belongs.get(one) == to for one, to in answer.answer.items()]
            return list(zip(pairs, kept, strict=True))
        case "short":
            return [(_word(question, str(answer.answer)), right)]
        case "number" if not varies(question.id):
            typed = parse(str(answer.answer), question.unit)
            return [(f"{typed.value:,.7g}" if typed else OTHER, right)]
    return [(by_grade, right)]


def _chosen(answer: Answer) -> list[str]:
    ids = answer if isinstance(answer, list) else [answer]
    return [x for x in ids if isinstance(x, str)]


def _named(posed: Posed, choice: str) -> str:
    found = next((c.label for c in posed.choices if c.id == choice), choice)
    return rich.words_of(found)


def _word(question: Question, typed: str) -> str:
    """A typed word, as the question has it where only case or spaces differ."""
    for option in question.options:
        if fold(option.text) == fold(typed):
            return option.text
    return " ".join(typed.split()).casefold()[:80] or OTHER


def _named_mistake(question: Question | None, mistake: str | None) -> str:
    """no_bias -> no bias; in other languages how the feedback to it begins."""
    if not mistake:
        return OTHER
    if question and question.language not in (ENGLISH, ""):  # "": a custom one
        known = question.mistakes.get(mistake)
        if known and known.feedback:
            return short(re.sub(r"\{[^}]*\}", "…", rich.words_of(known.feedback)))
    return mistake.replace("_", " ").replace("-", " ")
