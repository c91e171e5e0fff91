"""Attempts, built again from what the database holds of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from classroom.attempts import Attempt, Try
from classroom.grading import Grade
from classroom.variants import Variant
from store.results import StoredAct


def grade_of(act: StoredAct) -> Grade:
    """The grade that was given to an answer."""
    return Grade(act.score, act.sentence, act.mistake, act.counts, act.own)


def _after(attempt: Attempt, act: StoredAct) -> Attempt:
    match act.kind:
        case "answer":
            return attempt.answered(act.answer, grade_of(act))
        case "hint":  # none is written that there was not
            return attempt.hinted(attempt.hints + 1)
        case "shown":
            return attempt.shown()
    raise ValueError(f"an act is an answer, a hint or shown. Received: {act.kind!r}")


def _by_variant(acts: Iterable[StoredAct]) -> dict[Variant, list[StoredAct]]:
    """In the order in which the variants were begun; of each, the acts by number."""
    found: dict[Variant, list[StoredAct]] = {}
    for act in sorted(acts, key=lambda act: act.at):
        found.setdefault(Variant(act.question, act.seed), []).append(act)
    return {v: sorted(own, key=lambda act: act.number) for v, own in found.items()}


def practised(acts: Iterable[StoredAct]) -> list[Attempt]:
    """One member's attempts in practice, in the order in which they were begun."""
    return [
        reduce(_after, own, Attempt(variant))
        for variant, own in _by_variant(acts).items()
    ]


def sat(acts: Iterable[StoredAct]) -> list[Attempt]:
    """The attempts of one sitting of a test: the last answer, as the only try."""
    answers = _by_variant(act for act in acts if act.kind == "answer")
    return [
        Attempt(variant, (Try(own[-1].answer, grade_of(own[-1]), 0),))
        for variant, own in answers.items()
    ]
