"""Grading: a question, its variant and an answer give a score and a sentence.

Pure: nothing is remembered, nothing is raised for what an answer may hold. An answer
is plain data, as JSON has it:

    single, layer     the id chosen
    several, order    a list of ids
    match             an object: id -> id of what it belongs to
    number, picture,
    short             the text as typed
    open              {"text": …, "points": null or the points that it makes}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import assert_never

from classroom.questions.answers import Truth
from classroom.questions.bank import bank, find
from classroom.questions.number_input import Typed, otherwise, parse, unreadable
from classroom.questions.question_files import ENGLISH, Question
from classroom.questions.variants import AnswerKey, Posed, Variant, key, pose
from model.network.specs import SPECS

Answer = object  # any JSON value: each grader checks its type

UNREADABLE = "unreadable"
LONGEST = 4000  # characters of an open answer
LONGEST_WORD = 300  # of a short one


@dataclass(frozen=True)
class Grade:
    """What an answer is worth, and the feedback to it."""

    score: float  # 0 to 1
    sentence: str
    mistake: str | None = None
    counts: bool = True  # False: no try is used up
    self_assessed: bool = False  # the student's points for an open answer

    @property
    def right(self) -> bool:
        """Whether nothing is missing."""
        return self.score >= 1


@dataclass(frozen=True)
class Measured:
    """The truth of a question on the visitor's own picture, handed in by the page."""

    value: float
    mistakes: Mapping[str, float] = field(default_factory=dict)


def grade(
    question: Question, variant: Variant, answer: Answer, truth: Measured | None = None
) -> Grade:
    """The grade of an answer.

    Args:
        question: the template that the variant is of; the sentence is in its language.
        answer: plain data; see the top of this module.
        truth: for the kind "picture" alone.

    Raises:
        ValueError: the variant is of another question, or a truth is missing: our
            own mistakes, never an answer's.
    """
    if variant.question != question.id:
        raise ValueError(f"{variant} is no variant of {question.id}")
    spoken = question.language or ENGLISH
    posed, solved = pose(variant, spoken), key(variant, spoken)
    match question.kind:
        case "single":
            return _one(question, solved, answer, {c.id for c in posed.choices})
        case "layer":
            names = {"input", *(x.name for x in SPECS[posed.network].layers)}
            return _one(question, solved, answer, names)
        case "several":
            return _several(question, posed, solved, answer)
        case "short":
            return _short(question, solved, answer)
        case "order":
            return _order(question, solved, answer)
        case "match":
            return _match(question, posed, solved, answer)
        case "number":
            assert isinstance(solved.truth, int | float)
            return _number(question, solved, answer, solved.truth, solved.mistakes)
        case "picture":
            if truth is None:
                raise ValueError(f"{question.id}: the page has to hand the truth in")
            return _number(question, solved, answer, truth.value, truth.mistakes)
        case "open":
            return _open(question, solved, answer)
    assert_never(question.kind)


def in_language(
    got: Grade, variant: Variant, answer: Answer, language: str, truth: float | None
) -> Grade:
    """A grade with its sentence in a language: answers are kept with the English one.

    Args:
        truth: of a question on the visitor's picture, if it is known.
    """
    question = find(variant.question, language)
    if language == ENGLISH or question.language != language:
        return got
    if question.kind != "picture":
        return replace(got, sentence=grade(question, variant, answer).sentence)
    feedback = key(variant, language).feedback.get(got.mistake or "", "")
    if not feedback:  # of a mistake only the name is stored
        feedback = grade(question, variant, answer, Measured(truth or 0.0)).sentence
    if got.right:
        feedback = key(variant, language).why
    return replace(got, sentence=feedback)


def general() -> frozenset[str]:
    """The feedback to wrong answers without a known mistake: meant for a next try."""
    known = bank().grading
    return frozenset(known[name] for name in known if name.startswith("wrong"))


def _shared_feedback(question: Question, name: str, **numbers: object) -> str:
    return bank(question.language or ENGLISH).grading[name].format(**numbers)


def _unreadable(question: Question, name: str, **numbers: object) -> Grade:
    feedback = _shared_feedback(question, name, **numbers)
    return Grade(0.0, feedback, UNREADABLE, counts=False)


def _wrong(
    solved: AnswerKey, mistake: str | None, otherwise: str, score: float = 0
) -> Grade:
    """The mistake's own sentence, or one for all."""
    feedback = solved.feedback.get(mistake, "") if mistake else ""
    for_all = solved.feedback.get("otherwise", "") or otherwise
    return Grade(score, feedback or for_all, mistake if feedback else None)


def _right(solved: AnswerKey, chosen: str) -> Grade:
    """One of several right answers may have a sentence of its own."""
    feedback = solved.feedback.get(chosen, "")
    return Grade(1.0, "\n\n".join(x for x in (feedback, solved.why) if x))


def _share(question: Question, chosen: str) -> float:
    """What an option is worth, -1 to 1, where it is not simply right or wrong."""
    for option in question.options:
        if option.id == chosen and option.share is not None:
            return option.share
    return 0.0


def _known_mistake(
    question: Question, solved: AnswerKey, mistake: str | None, got: float
) -> Grade:
    """A known mistake with its sentence; some are right in part, or right, too."""
    known = question.mistakes.get(mistake or "")
    score = max(got, known.share if known else 0.0)
    if score >= 1 and mistake:
        return _right(solved, mistake)
    return _wrong(solved, mistake, _wrong_number(question), score)


def _wrong_number(question: Question) -> str:
    return _shared_feedback(
        question, f"wrong_{question.work}" if question.work else "wrong"
    )


def _one(
    question: Question, solved: AnswerKey, answer: Answer, known: set[str]
) -> Grade:
    if not isinstance(answer, str) or answer not in known:
        return _unreadable(question, "choose_one")
    assert isinstance(solved.truth, tuple)
    if answer in solved.truth:
        alone = len(solved.truth) == 1
        return Grade(1.0, solved.why) if alone else _right(solved, answer)
    score = max(0.0, _share(question, answer))
    return _known_mistake(question, solved, _mistake_of(solved, {answer}), score)


def _mistake_of(solved: AnswerKey, chosen: set[str]) -> str | None:
    """The first known mistake among what was wrongly chosen."""
    for name, ids in solved.mistakes.items():
        if isinstance(ids, tuple) and chosen & set(ids):
            return name
    return None


def _ids(answer: Answer) -> list[str] | None:
    """A list of different ids; None: it is none."""
    if not isinstance(answer, list | tuple):
        return None
    ids = [x for x in answer if isinstance(x, str)]
    return ids if len(ids) == len(answer) == len(set(ids)) else None


def _several(
    question: Question, posed: Posed, solved: AnswerKey, answer: Answer
) -> Grade:
    ids = _ids(answer)
    if not ids or set(ids) - {choice.id for choice in posed.choices}:
        return _unreadable(question, "tick_some")
    assert isinstance(solved.truth, tuple)
    right, chosen = set(solved.truth), set(ids)
    if chosen == right:
        return Grade(1.0, solved.why)
    wrong = chosen - right
    score = max(0.0, _weighed(question, right, chosen))
    mistake = _mistake_of(solved, wrong)
    return _wrong(
        solved,
        mistake,
        _shared_feedback(question, "too_many" if wrong else "missing"),
        score,
    )


def _weighed(question: Question, right: set[str], chosen: set[str]) -> float:
    """What ticks are worth: shares where the question has them, else each alike."""
    shares = {o.id: o.share for o in question.options if o.share is not None}
    whole = sum(shares.get(name, 1 / len(right)) for name in right)
    got = sum(shares.get(name, 1 / len(right)) for name in chosen & right)
    # Shares are of the whole, whatever they come to; a penalty is of the point.
    lost = sum(shares.get(name, -1 / len(right)) for name in chosen - right)
    return got / whole + min(0.0, lost)


def fold(word: str) -> str:
    """A typed word without what does not matter: case, spaces, kinds of quotes."""
    alike = unicodedata.normalize("NFKC", word).translate(_ALIKE)
    return " ".join(alike.casefold().split())


_ALIKE = {ord(a): b for a, b in zip("‘’‚‛“”„‟‐‑–—−", "''''\"\"\"\"-----", strict=True)}


def accepts(pattern: str, word: str) -> bool:
    """Whether a typed word is that of an option; * stands for any letters."""
    pieces = [
        fold(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*", pattern)
    ]
    rest = fold(word)
    if len(pieces) == 1:
        return rest == pieces[0]
    first, *middle, last = pieces
    if len(rest) < len(first) + len(last):
        return False
    if not (rest.startswith(first) and rest.endswith(last)):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    for piece in middle:  # each as early as it comes: no other place can be better
        at = rest.find(piece)
        if at < 0:
            return False
        rest = rest[at + len(piece) :]
    return True


def _short(question: Question, solved: AnswerKey, answer: Answer) -> Grade:
    if not isinstance(answer, str) or not answer.strip():
        return _unreadable(question, "type_a_word")
    if len(answer) > LONGEST_WORD:
        return _unreadable(question, "too_long", limit=LONGEST_WORD)
    fits = [option for option in question.options if accepts(option.text, answer)]
    worth = {o.id: 1.0 if o.right else o.share or 0.0 for o in fits}
    if not worth:
        return _wrong(solved, None, _shared_feedback(question, "wrong"))
    best = max(worth, key=lambda name: worth[name])
    if worth[best] >= 1:
        return _right(solved, best)
    return _wrong(
        solved, best, _shared_feedback(question, "wrong"), max(0.0, worth[best])
    )


def _order(question: Question, solved: AnswerKey, answer: Answer) -> Grade:
    ids = _ids(answer)
    assert isinstance(solved.truth, tuple)
    if ids is None or set(ids) != set(solved.truth):
        return _unreadable(question, "each_once")
    if tuple(ids) == solved.truth:
        return Grade(1.0, solved.why)
    at = {name: place for place, name in enumerate(ids)}
    pairs = list(combinations(solved.truth, 2))
    kept = sum(at[a] < at[b] for a, b in pairs)
    # Kendall's tau: an order by chance is worth nothing.
    score = max(0.0, 2 * kept / len(pairs) - 1)
    mistake = next(
        (
            name
            for name, wrong in solved.mistakes.items()
            if isinstance(wrong, tuple)
            and (
                at[wrong[0]] < at[wrong[1]] if len(wrong) == 2 else tuple(ids) == wrong
            )
        ),
        None,
    )
    if (known := question.mistakes.get(mistake or "")) and known.share:
        return _known_mistake(question, solved, mistake, score)
    feedback = _shared_feedback(question, "pairs", kept=kept, pairs=len(pairs))
    return _wrong(solved, mistake, feedback, score)


def _match(
    question: Question, posed: Posed, solved: AnswerKey, answer: Answer
) -> Grade:
    left = {choice.id for choice in posed.choices}
    targets = {choice.id for choice in posed.targets}
    if (
        not isinstance(answer, Mapping)
        or answer.keys() != left
        or not all(isinstance(x, str) and x in targets for x in answer.values())
    ):
        return _unreadable(question, "match_all")
    truth = solved.truth
    assert isinstance(truth, Mapping)
    kept = sum(answer[name] == truth[name] for name in truth)
    if kept == len(truth):
        return Grade(1.0, solved.why)
    mistake = next(
        (
            name
            for name, wrong in solved.mistakes.items()
            if isinstance(wrong, Mapping)
            and all(answer.get(k) == v for k, v in wrong.items())
        ),
        None,
    )
    feedback = _shared_feedback(question, "matched", kept=kept, all=len(truth))
    return _wrong(solved, mistake, feedback, kept / len(truth))


def _number(
    question: Question,
    solved: AnswerKey,
    answer: Answer,
    truth: float,
    mistakes: Mapping[str, Truth],
) -> Grade:
    text = answer if isinstance(answer, str) else ""
    typed = parse(text, question.unit)
    if typed is None:
        why = unreadable(text, question.unit)
        unit = bank(question.language or ENGLISH).units.get(question.unit, "")
        return _unreadable(question, f"{why}_in" if unit else why, unit=unit)
    got = _of_number(question, solved, typed, truth, mistakes)
    other = None if got.score else otherwise(text, question.unit)
    if other is None:
        return got
    # 2.178 is 2,178 to many: it is taken as what it may mean, if that is anything.
    meant = _of_number(question, solved, other, truth, mistakes)
    return meant if meant.score or (meant.mistake and not got.mistake) else got


def _of_number(
    question: Question,
    solved: AnswerKey,
    typed: Typed,
    truth: float,
    mistakes: Mapping[str, Truth],
) -> Grade:
    def fits(value: float, slack: float = 0.0) -> bool:
        room = max(question.tolerance * abs(value), question.within, slack)
        return abs(typed.value - value) <= room + 1e-9 * max(1.0, abs(value))

    def is_it(name: str, wrong: float, slack: float) -> bool:
        known = question.mistakes.get(name)
        if known is None or known.within is None:
            return fits(wrong, slack)
        return abs(typed.value - wrong) <= max(known.within, slack) + 1e-9 * abs(wrong)

    def nearest(slack: float = 0.0) -> str | None:
        near = [
            (abs(typed.value - wrong), name)
            for name, wrong in mistakes.items()
            if isinstance(wrong, int | float) and is_it(name, wrong, slack)
        ]
        return min(near)[1] if near else None

    # What a mistake gives exactly is that mistake, though rounded it may be right.
    exact = nearest()
    if fits(truth) or (exact is None and fits(truth, typed.slack)):
        return Grade(1.0, solved.why)
    if (worth := _worth(question, typed.value)) is not None:
        name, share = worth
        if share >= 1:
            return _right(solved, name)
        return _wrong(solved, name, _wrong_number(question), share)
    return _known_mistake(question, solved, exact or nearest(typed.slack), 0.0)


def _worth(question: Question, value: float) -> tuple[str, float] | None:
    """Another number of the question that is right too, or partly; the best of them."""
    found = []
    for name, known in question.mistakes.items():
        wanted = known.answer
        if not known.share or not isinstance(wanted, int | float):
            continue
        room = question.within if known.within is None else known.within
        if abs(value - wanted) <= room + 1e-9 * max(1.0, abs(wanted)):
            found.append((known.share, name))
    if not found:
        return None
    share, name = max(found)
    return name, share


def _open(question: Question, solved: AnswerKey, answer: Answer) -> Grade:
    """First the model answer, then the student's own judgement, marked as such."""
    text = answer.get("text") if isinstance(answer, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        return _unreadable(question, "write_something")
    if len(text) > LONGEST:
        return _unreadable(question, "too_long", limit=LONGEST)
    assert isinstance(answer, Mapping)
    if answer.get("points") is None:
        return Grade(0.0, solved.why, counts=False, self_assessed=True)
    points, known = _ids(answer["points"]), find(question.id).points  # in English
    if points is None or set(points) - set(known):
        return _unreadable(question, "tick_points")
    return Grade(len(points) / len(known), solved.why, self_assessed=True)
