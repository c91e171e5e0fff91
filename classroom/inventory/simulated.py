"""Students whose misconceptions are known, to hold the two forms to be parallel.

A student knows a concept, or has some misconceptions of it, or neither, and then
guesses: any option, or by the look of the options. Now and then a hand slips, and
any option is taken. From this follows how probable each option is, in either form; no
student is drawn for that. Real students decide whether the forms are equally hard:
the instructor's page compares them, and half of a class takes each first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from classroom.inventory import papers
from classroom.inventory.gain import Taken
from classroom.inventory.items import FORMS, RIGHT, Concept, Form, Item, other

Guess = Callable[[Item], Sequence[str]]  # the options that one who guesses takes


def any_option(item: Item) -> Sequence[str]:
    """Every option is taken equally often."""
    return list(item.options)


def longest(item: Item) -> Sequence[str]:
    """The longest option, which in careless tests is the right one."""
    return [max(item.options, key=lambda one: len(item.options[one]))]


def shortest(item: Item) -> Sequence[str]:
    """The shortest option."""
    return [min(item.options, key=lambda one: len(item.options[one]))]


@dataclass(frozen=True)
class Mind:
    """What a student thinks, concept by concept."""

    knows: frozenset[str] = frozenset()  # concepts
    believes: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """How students are drawn, and how they answer."""

    knows: float = 0.3  # of a concept, before the lesson
    misconceptions: tuple[float, ...] = (0.4, 0.45, 0.15)  # none, one, two: the others
    learns: float = 0.5  # a concept that they did not know
    slips: float = 0.05
    guess: Guess = any_option


def chances(
    item: Item,
    knows: bool,
    believes: frozenset[str] = frozenset(),
    kind: Kind = Kind(),
) -> dict[str, float]:
    """How probable each option is."""
    thought = [RIGHT] if knows else sorted(believes & item.options.keys())
    taken = thought or list(kind.guess(item))
    slip = kind.slips / len(item.options)
    return {
        one: slip + (1 - kind.slips) * taken.count(one) / len(taken)
        for one in item.options
    }


def expected(
    concepts: Sequence[Concept], form: Form, mind: Mind, kind: Kind
) -> dict[str, float]:
    """Concept -> how probable the right option is."""
    none: frozenset[str] = frozenset()
    return {
        one.id: chances(
            one.forms[form],
            one.id in mind.knows,
            mind.believes.get(one.id, none),
            kind,
        )[RIGHT]
        for one in concepts
    }


def draw_mind(concepts: Sequence[Concept], kind: Kind, draw: random.Random) -> Mind:
    """A student before the lesson."""
    knows, believes = set(), {}
    for one in concepts:
        if draw.random() < kind.knows:
            knows.add(one.id)
            continue
        (count,) = draw.choices(range(len(kind.misconceptions)), kind.misconceptions)
        believes[one.id] = frozenset(draw.sample(sorted(one.misconceptions), count))
    return Mind(frozenset(knows), believes)


def taught(
    mind: Mind, concepts: Sequence[Concept], kind: Kind, draw: random.Random
) -> Mind:
    """The same student after the lesson: some concepts are known now."""
    new = {one.id for one in concepts if draw.random() < kind.learns}
    return Mind(mind.knows | new, mind.believes)


def answer(
    concepts: Sequence[Concept],
    form: Form,
    mind: Mind,
    kind: Kind,
    draw: random.Random,
) -> dict[str, str]:
    """What a student answers in a form: concept -> option, by `chances`."""
    found, none = {}, frozenset[str]()
    for one in concepts:
        item = one.forms[form]
        if draw.random() < kind.slips:
            taken: Sequence[str] = list(item.options)
        elif one.id in mind.knows:
            taken = [RIGHT]
        else:
            thought = mind.believes.get(one.id, none) & item.options.keys()
            taken = sorted(thought) or kind.guess(item)
        found[one.id] = draw.choice(taken)
    return found


def take(
    concepts: Sequence[Concept], students: int, kind: Kind, seed: int
) -> list[tuple[Form, Taken]]:
    """A class that takes the inventory before and after: first form, and answers."""
    draw, found = random.Random(seed), []
    for place in range(students):
        first = papers.first_form(seed, place)
        mind = draw_mind(concepts, kind, draw)
        before = answer(concepts, first, mind, kind, draw)
        after = taught(mind, concepts, kind, draw)
        given = answer(concepts, other(first), after, kind, draw)
        found.append((first, Taken(before, given)))
    return found


def true_gain(kind: Kind) -> float:
    """The gain of students of a kind who guess any option, in either form.

    One who does not know is right by guessing, or by a slip.
    """
    options = 4
    guessed = 1 / options
    known = (1 - kind.slips) + kind.slips / options
    unknown = (1 - kind.slips) * kind.misconceptions[0] * guessed + kind.slips / options
    return (1 - kind.knows) * kind.learns * (known - unknown)


__all__ = [
    "FORMS",
    "Kind",
    "Mind",
    "answer",
    "any_option",
    "chances",
    "draw_mind",
    "expected",
    "longest",
    "shortest",
    "take",
    "taught",
    "true_gain",
]
