"""The inventory taken by a class: once before its lesson, once after.

The instructor opens and closes both rounds, and sees what the class has gained; each
student takes one form before and the other one after, by the class's seed. Nothing of
it is a grade: no point of it is in any gradebook, and students see their own results
once the second round is closed. What an instructor asks about a class is refused to
another, as in `classroom.people.classes`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import clock
from classroom.content import lesson
from classroom.inventory import gain, papers
from classroom.inventory.gain import Believed, ClassGain, Taken
from classroom.inventory.items import RIGHT, Form, concept, concepts, other
from classroom.inventory.papers import Question
from classroom.people import classes
from classroom.people.following import following
from classroom.people.roles import Instructor, NotAllowed, Student
from store import database
from store.answers.inventories import Inventories, RoundClosed, StoredPaper, StoredRound

Moment = Literal["before", "after"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)


class InventoryRefused(RuntimeError):
    """It cannot be done now; the message is one sentence for the visitor."""


@dataclass(frozen=True)
class RoundNow:
    """One of a class's two rounds."""

    moment: Moment
    opened: float | None  # None: not yet
    closed: float | None
    begun: int = 0  # papers
    handed_in: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it can be taken."""
        return self.opened is not None and self.closed is None

    @property
    def is_over(self) -> bool:
        """Whether it was taken."""
        return self.closed is not None


@dataclass(frozen=True)
class InventoryNow:
    """Both rounds of a class."""

    before: RoundNow
    after: RoundNow
    class_open: bool

    @property
    def rounds(self) -> tuple[RoundNow, RoundNow]:
        """In the order in which they are taken."""
        return self.before, self.after


@dataclass(frozen=True)
class Paper:
    """A student's copy of a form."""

    moment: Moment
    form: Form
    seed: int
    handed_in: bool
    choices: Mapping[str, str]  # concept -> "right" or a misconception

    def questions(self, language: str = lesson.DEFAULT) -> tuple[Question, ...]:
        """Its questions, in its order."""
        return papers.questions(self.form, self.seed, language)

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Places from 1 of the questions without an answer."""
        asked = enumerate(self.questions(), 1)
        return tuple(at for at, one in asked if one.concept not in self.choices)

    @property
    def counts(self) -> bool:
        """Whether it is compared: it was handed in, or has every answer."""
        return self.handed_in or not self.unanswered


@dataclass(frozen=True)
class StudentInventory:
    """Both rounds as one student sees them."""

    open: Moment | None  # the round that can be taken
    papers: Mapping[Moment, Paper]
    released: bool  # whether results are shown
    known: bool  # whether the class takes the inventory at all

    @property
    def to_take(self) -> Moment | None:
        """The round that is open, if it was not handed in yet."""
        paper = None if self.open is None else self.papers.get(self.open)
        return None if paper is not None and paper.handed_in else self.open


@dataclass(frozen=True)
class PupilNow:
    """How far one student is in each round: "", "begun" or "done"."""

    member: str
    states: Mapping[Moment, str]


@dataclass(frozen=True)
class FormScore:
    """Before the lesson, who took a form: real students, to compare both forms."""

    form: Form
    students: int
    right: float  # mean share


@dataclass(frozen=True)
class Results:
    """What a class's two rounds say."""

    gain: ClassGain | None  # None: no student has taken both
    believed: tuple[Believed, ...]  # of those who took both
    only_one: int  # students who took one round alone, and are not compared
    forms: tuple[FormScore, ...]
    at_first: tuple[Believed, ...] = ()  # of all who took it before


def _store() -> Inventories:
    return Inventories(database.shared())


# --- the instructor's -----------------------------------------------------------------


def of_class(who: Instructor, class_id: str) -> InventoryNow:
    """Both rounds, and how many have taken them.

    Raises:
        NotAllowed: the class is not theirs.
    """
    course = classes.now(who, class_id)
    known, counts = _store().rounds(class_id), _store().counts(class_id)
    before, after = (
        _round(one, known.get(one), counts.get(one, (0, 0))) for one in MOMENTS
    )
    return InventoryNow(before, after, course.is_open)


def _round(
    moment: Moment, found: StoredRound | None, counts: tuple[int, int]
) -> RoundNow:
    if found is None:
        return RoundNow(moment, None, None)
    return RoundNow(moment, found.opened, found.closed, *counts)


def open_round(who: Instructor, class_id: str, moment: Moment) -> None:
    """Opens a round, or the first one again. The second ends the first.

    Raises:
        InventoryRefused: the class is closed, or it is not this round's turn.
        NotAllowed: the class is not theirs.
    """
    now = of_class(who, class_id)
    if not now.class_open:
        raise InventoryRefused("This class is closed: open it again first.")
    if moment == "before" and now.after.opened is not None:
        raise InventoryRefused("The second round has begun: the first one is over.")
    if moment == "after" and now.before.opened is None:
        raise InventoryRefused("The class has not taken the inventory before yet.")
    if moment == "after" and now.after.is_over:
        raise InventoryRefused("Students have seen the answers: it is over.")
    known = _store().rounds(class_id).get("before")
    seed = secrets.randbelow(papers.LAST_SEED) + 1 if known is None else known.seed
    try:
        _store().open(
            StoredRound(class_id, moment, seed, clock.now()),
            "before" if moment == "after" else None,
        )
    except RoundClosed as gone:
        raise NotAllowed(classes.NOT_YOURS) from gone
    following.changed(class_id)


def close_round(who: Instructor, class_id: str, moment: Moment) -> None:
    """Ends a round; of the second, students see their results.

    Raises:
        NotAllowed: the class is not theirs.
    """
    classes.check(who, class_id)
    _store().close(class_id, moment, clock.now())
    following.changed(class_id)


def start_over(who: Instructor, class_id: str) -> None:
    """Deletes both rounds with all answers.

    Raises:
        NotAllowed: the class is not theirs.
    """
    classes.check(who, class_id)
    _store().forget(class_id)
    following.changed(class_id)


def pupils(who: Instructor, class_id: str) -> list[PupilNow]:
    """Who has begun and who is done, of those who have; in the order of joining.

    Raises:
        NotAllowed: the class is not theirs.
    """
    found: dict[str, dict[Moment, str]] = {}
    for member, paper in _papers(who, class_id):
        states = found.setdefault(member, dict.fromkeys(MOMENTS, ""))
        states[paper.moment] = "done" if paper.counts else "begun"
    return [PupilNow(member, states) for member, states in found.items()]


def results(who: Instructor, class_id: str) -> Results:
    """What the class gained, concept by concept, and what it still thinks.

    Raises:
        NotAllowed: the class is not theirs.
    """
    found: dict[str, dict[Moment, Paper]] = {}
    for member, paper in _papers(who, class_id):
        if paper.counts:
            found.setdefault(member, {})[paper.moment] = paper
    both = [one for one in found.values() if len(one) == len(MOMENTS)]
    taken = [Taken(one["before"].choices, one["after"].choices) for one in both]
    first = [one["before"] for one in found.values() if "before" in one]
    return Results(
        gain.of_class(taken, concepts()),
        tuple(gain.believed(taken, concepts())),
        len(found) - len(both),
        tuple(_form_score(first)),
        tuple(gain.believed([Taken(x.choices, {}) for x in first], concepts())),
    )


def _form_score(first: list[Paper]) -> list[FormScore]:
    scores: dict[Form, list[float]] = {}
    for one in first:
        share = sum(x == RIGHT for x in one.choices.values()) / len(concepts())
        scores.setdefault(one.form, []).append(share)
    return [
        FormScore(form, len(found), sum(found) / len(found))
        for form, found in sorted(scores.items())
    ]


def _papers(who: Instructor, class_id: str) -> list[tuple[str, Paper]]:
    classes.check(who, class_id)
    return [(one.member_id, _paper(one)) for one in _store().papers_of_class(class_id)]


def _paper(found: StoredPaper) -> Paper:
    return Paper(
        cast(Moment, found.moment),
        cast(Form, found.form),
        found.seed,
        found.handed_in is not None,
        found.choices,
    )


# --- the student's --------------------------------------------------------------------


def of_student(student: Student) -> StudentInventory:
    """Both rounds, and what the student has answered in them."""
    known = _store().rounds(student.class_id)
    open_now = [x for x in MOMENTS if x in known and known[x].closed is None]
    after = known.get("after")
    return StudentInventory(
        open_now[-1] if open_now else None,
        {
            cast(Moment, moment): _paper(one)
            for moment, one in _store().papers(student.member).items()
        },
        after is not None and after.closed is not None,
        bool(known),
    )


def begin(student: Student, moment: Moment) -> Paper:
    """The student's paper: pressing again begins no second one.

    Raises:
        InventoryRefused: the round is not open.
    """
    new = StoredPaper(
        student.member,
        moment,
        "",
        secrets.randbelow(papers.LAST_SEED) + 1,
        clock.now(),
    )
    try:
        return _paper(_store().begin(student.class_id, new, _assign))
    except RoundClosed as closed:
        raise InventoryRefused(str(closed)) from closed


def _assign(seed: int, place: int, taken: str | None) -> str:
    """The other form than before; else by the class's seed, balanced."""
    if taken is not None:
        return other(cast(Form, taken))
    return papers.first_form(seed, place)


def choose(student: Student, moment: Moment, choices: Mapping[str, str]) -> None:
    """Keeps choices; they may change until the paper is handed in.

    Raises:
        InventoryRefused: the round is over, or the paper was handed in.
        KeyError: there is no such concept.
        ValueError: it is none of the options.
    """
    for name, choice in choices.items():
        if choice not in {RIGHT, *concept(name).misconceptions}:
            raise ValueError(f"{name} has no option {choice!r}")
    try:
        _store().choose(student.class_id, student.member, moment, choices, clock.now())
    except RoundClosed as closed:
        raise InventoryRefused(str(closed)) from closed


def hand_in(student: Student, moment: Moment) -> None:
    """Ends the student's paper.

    Raises:
        InventoryRefused: the round is over.
    """
    try:
        _store().hand_in(student.class_id, student.member, moment, clock.now())
    except RoundClosed as closed:
        raise InventoryRefused(str(closed)) from closed
