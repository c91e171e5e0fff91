"""Rounds of questions: their names, their questions, and the points by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from classroom.content import lesson
from classroom.questions.question_files import KINDS, Bank
from classroom.questions.question_state import QuestionState

BONUS, LESSON, MIXED = "bonus", "lesson", "mixed"
PART = "part-"  # before the number of a part of the lesson
MIXED_COUNT = 10  # questions


def rounds(bank: Bank) -> tuple[str, ...]:
    """The names of the rounds: the lesson's own, a mixture, its parts, the topics."""
    return (LESSON, MIXED, *_parts(), *bank.topics)


def part_round(number: int) -> str:
    """The round on a part of the lesson, numbered from 1."""
    return f"{PART}{number}"


def _parts() -> Mapping[str, tuple[str, ...]]:
    """The rounds on the lesson's parts, and the steps of each."""
    return {part_round(part.number): part.steps for part in lesson.load().parts}


def questions_of(bank: Bank, name: str, deal: int) -> tuple[str, ...]:
    """The questions of a round, in order, by id; some are dealt by a seed.

    Raises:
        KeyError: no such round.
    """
    if name == LESSON:
        return tuple(q.id for q in bank.questions.values() if q.lesson)
    if name == MIXED:
        return _mixed(bank, deal)
    if name in (parts := _parts()):
        return _of_part(bank, parts[name], f"{name}:{deal}")
    if name not in bank.topics:
        raise KeyError(f"A round is one of {', '.join(rounds(bank))}. Not: {name!r}")
    return tuple(q.id for q in bank.of_topic(name))


def _mixed(bank: Bank, deal: int) -> tuple[str, ...]:
    """Every kind once, then whatever comes; nothing of the bonus round."""
    rng = Random(f"mixed:{deal}")
    pool = [q for q in bank.questions.values() if q.topic != BONUS]
    rng.shuffle(pool)
    first = [next(q for q in pool if q.kind == kind) for kind in KINDS]
    rest = [q for q in pool if q not in first]
    chosen = [*first, *rest][:MIXED_COUNT]
    rng.shuffle(chosen)
    return tuple(q.id for q in chosen)


def _of_part(bank: Bank, steps: Sequence[str], seed: str) -> tuple[str, ...]:
    """One of each step, then whatever comes, in the order of the steps."""
    rng = Random(seed)
    pool = [q for q in bank.questions.values() if q.topic != BONUS and q.step in steps]
    rng.shuffle(pool)
    first = list({q.step: q for q in reversed(pool)}.values())
    rest = [q for q in pool if q not in first]
    chosen = [*first, *rest][:MIXED_COUNT]
    return tuple(q.id for q in sorted(chosen, key=lambda q: steps.index(q.step)))


@dataclass(frozen=True)
class TopicResult:
    """What a topic's questions came to."""

    topic: str
    questions: int
    answered: int
    judged: int  # questions that the server grades
    points: float  # of those
    tries: int
    hints: int
    self_assessed: int  # questions whose points the student awards
    self_assessed_points: float
    judged_answered: int = 0  # of those that the server grades, answered or looked up


def best(states: Iterable[QuestionState]) -> Mapping[str, QuestionState]:
    """For each question the state with the most points, of all its variants."""
    found: dict[str, QuestionState] = {}
    for state in states:
        name = state.variant.question
        old = found.get(name)
        if old is None or (state.points, state.closed) > (old.points, old.closed):
            found[name] = state
    return found


def _is_open(bank: Bank, state: QuestionState) -> bool:
    return bank.questions[state.variant.question].kind == "open"


def result(
    bank: Bank, ids: Sequence[str], states: Iterable[QuestionState]
) -> tuple[TopicResult, ...]:
    """A line for each topic of a round, in the order of the topics."""
    done = [a for a in states if a.variant.question in ids]
    of = best(done)
    lines = []
    for topic in bank.topics:
        names = [i for i in ids if bank.questions[i].topic == topic]
        if not names:
            continue
        mine = [of[name] for name in names if name in of]
        all_tries = [a for a in done if a.variant.question in names]
        lines.append(
            TopicResult(
                topic,
                len(names),
                sum(bool(a.counted) or a.given_up for a in mine),
                sum(bank.questions[name].kind != "open" for name in names),
                sum(a.points for a in mine if not a.self_assessed),
                sum(len(a.counted) for a in all_tries),
                sum(a.hints for a in all_tries),
                sum(a.self_assessed for a in mine),
                sum(a.points for a in mine if a.self_assessed),
                sum(
                    (bool(a.counted) or a.given_up) and not _is_open(bank, a)
                    for a in mine
                ),
            )
        )
    return tuple(lines)
