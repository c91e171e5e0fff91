"""States of questions, built again from the stored responses. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from classroom.questions.grading import Grade
from classroom.questions.question_state import GradedAnswer, QuestionState
from classroom.questions.variants import Variant
from store.answers.answers import StoredResponse
from store.answers.marks import StoredMark


def grade_of(response: StoredResponse) -> Grade:
    """The grade that was given to an answer."""
    return Grade(
        response.score,
        response.sentence,
        response.mistake,
        response.counts,
        response.own,
    )


def after(state: QuestionState, response: StoredResponse) -> QuestionState:
    """The state after one more response.

    Raises:
        ValueError: it is none.
    """
    match response.kind:
        case "answer":
            return state.answered(response.answer, grade_of(response))
        case "hint":  # none is written that there was not
            return state.hinted(state.hints + 1)
        case "shown":
            return state.shown()
    raise ValueError(f"a kind is answer, hint or shown. Received: {response.kind!r}")


def _by_variant(
    responses: Iterable[StoredResponse],
) -> dict[Variant, list[StoredResponse]]:
    """Of each variant the responses by number; variants in the order of beginning."""
    found: dict[Variant, list[StoredResponse]] = {}
    for response in sorted(responses, key=lambda response: response.at):
        found.setdefault(Variant(response.question, response.seed), []).append(response)
    return {
        v: sorted(group, key=lambda response: response.number)
        for v, group in found.items()
    }


def of_practice(responses: Iterable[StoredResponse]) -> list[QuestionState]:
    """One member's questions in practice, in the order in which they were begun."""
    return [
        reduce(after, group, QuestionState(variant))
        for variant, group in _by_variant(responses).items()
    ]


def last_answers(responses: Iterable[StoredResponse]) -> dict[Variant, StoredResponse]:
    """What counts in a test: the last answer to each question."""
    answers = (response for response in responses if response.kind == "answer")
    return {variant: group[-1] for variant, group in _by_variant(answers).items()}


def of_exam(
    responses: Iterable[StoredResponse], marks: Mapping[str, StoredMark]
) -> list[QuestionState]:
    """The questions of one attempt at an exam: the last answer, as the only try.

    Args:
        marks: of open answers, by the answers' keys.
    """
    return [
        QuestionState(
            variant, (GradedAnswer(response.answer, _marked(response, marks), 0),)
        )
        for variant, response in last_answers(responses).items()
    ]


def _marked(response: StoredResponse, marks: Mapping[str, StoredMark]) -> Grade:
    """The grade of an answer; the instructor's, where one was given."""
    mark = marks.get(response.key)
    if mark is None or mark.points is None:
        return grade_of(response)
    return Grade(mark.points, mark.comment)
