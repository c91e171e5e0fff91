"""One student's copy of a form: which form, and in which order, drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from classroom.content import lesson
from classroom.inventory.items import FORMS, Concept, Form, concepts

LAST_SEED = 999_999


@dataclass(frozen=True)
class Question:
    """One question as a student reads it."""

    concept: str  # id
    ask: str
    options: tuple[tuple[str, str], ...]  # id and text, in the order shown


def first_form(seed: int, place: int) -> Form:
    """The form that the student at a place (from 0) takes first.

    Of each two that follow each other one gets A and the other B, so that the forms
    are never taken by numbers that differ by more than one.

    Args:
        seed: of the class.
    """
    pair: list[Form] = list(FORMS)
    random.Random(f"{seed} {place // len(FORMS)}").shuffle(pair)
    return pair[place % len(FORMS)]


def questions(
    form: Form,
    seed: int,
    language: str = lesson.DEFAULT,
    known: Sequence[Concept] | None = None,
) -> tuple[Question, ...]:
    """All questions of a form, and their options, in the order that a seed draws.

    Args:
        seed: of the student's copy.
        known: the concepts, where they are not those of the language.
    """
    found = list(concepts(language) if known is None else known)
    random.Random(f"{seed} {form}").shuffle(found)
    return tuple(_question(one, form, seed) for one in found)


def _question(concept: Concept, form: Form, seed: int) -> Question:
    item = concept.forms[form]
    ids = sorted(item.options)  # alike in every language
    random.Random(f"{seed} {form} {concept.id}").shuffle(ids)
    return Question(concept.id, item.ask, tuple((x, item.options[x]) for x in ids))
