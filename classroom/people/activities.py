"""What a class does together: it guesses before an experiment, or teaches a network.

An instructor begins an activity, takes it from stage to stage, and ends it; students
who follow the class are there. A guess counts until guessing is closed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import clock
from classroom.people import classes
from classroom.people.following import following
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed, Student
from store import database
from store.activities import (
    Activities,
    ActivityGone,
    Kind,
    StoredActivity,
    StoredClassGuess,
)


class Stage(StrEnum):
    """How far an activity has come."""

    GUESS = "guess"  # guesses are taken
    CLOSED = "closed"  # and shown
    WATCH = "watch"  # the experiment is on the instructor's screen
    VERDICT = "verdict"  # everybody sees how it came out
    COLLECT = "collect"  # photographs are taken


FIRST: dict[Kind, Stage] = {"guess": Stage.GUESS, "teach": Stage.COLLECT}
THEN = {
    Stage.GUESS: Stage.CLOSED,
    Stage.CLOSED: Stage.WATCH,
    Stage.WATCH: Stage.VERDICT,
}


def _store() -> Activities:
    return Activities(database.shared())


# --- the instructor's -----------------------------------------------------------------


def begin(
    who: Instructor, class_id: str, kind: Kind, about: Mapping[str, Any]
) -> StoredActivity:
    """Begins one; what the class did before has ended.

    Raises:
        NotAllowed: the class is another's.
        ClassRefused: it is closed.
    """
    if not classes.now(who, class_id).is_open:
        raise ClassRefused("This class is closed: open it again to lead it.")
    new = StoredActivity(
        uuid.uuid4().hex, class_id, kind, dict(about), FIRST[kind], clock.now()
    )
    try:
        _store().begin(new)
    except ActivityGone:
        raise NotAllowed(classes.NOT_YOURS) from None
    following.changed(class_id)
    return new


def go_on(who: Instructor, activity: StoredActivity, run_id: str | None = None) -> bool:
    """To the next stage; False: it is there already, or the activity has ended.

    Raises:
        NotAllowed: the class is another's.
        KeyError: it is at its last stage.
    """
    classes.check(who, activity.class_id)
    then = THEN[Stage(activity.stage)]
    moved = _store().go_on(activity.id, activity.stage, then, run_id)
    following.changed(activity.class_id)
    return moved


def end(who: Instructor, class_id: str) -> bool:
    """Ends what the class does together; whether there was something.

    Raises:
        NotAllowed: the class is another's.
    """
    classes.check(who, class_id)
    ended = _store().end(class_id, clock.now())
    if ended:
        following.changed(class_id)
    return ended


def current(class_id: str) -> StoredActivity | None:
    """What a class does now, for those who are in it or lead it."""
    return _store().current([class_id]).get(class_id)


def guesses(who: Instructor, activity: StoredActivity) -> list[StoredClassGuess]:
    """All guesses of an activity.

    Raises:
        NotAllowed: the class is another's.
    """
    classes.check(who, activity.class_id)
    return _store().guesses(activity.id)


def finished(who: Instructor, class_id: str) -> list[StoredActivity]:
    """Whatever the class has guessed about, the newest first.

    Raises:
        NotAllowed: the class is another's.
    """
    classes.check(who, class_id)
    return _store().of_class(class_id, "guess")


# --- the student's --------------------------------------------------------------------


def guess(student: Student, activity: StoredActivity, given: Mapping[str, Any]) -> bool:
    """Keeps a guess, or changes it; False: guessing is closed by now."""
    new = StoredClassGuess(activity.id, student.member, dict(given), clock.now())
    return _store().guess(new, Stage.GUESS)


def of_class(student: Student, activity: StoredActivity) -> list[Mapping[str, Any]]:
    """All guesses without names, once guessing is closed; none before."""
    if activity.stage == Stage.GUESS or activity.class_id != student.class_id:
        return []
    return [one.guess for one in _store().guesses(activity.id)]


def mine(student: Student, activity: StoredActivity) -> Mapping[str, Any] | None:
    """The student's own guess; None: there is none."""
    return next(
        (
            one.guess
            for one in _store().guesses(activity.id)
            if one.member_id == student.member
        ),
        None,
    )


def last(student: Student) -> StoredActivity | None:
    """The newest activity in which the student has guessed, ended or not."""
    return next((one for one, _ in guessed(student)), None)


def guessed(student: Student) -> list[tuple[StoredActivity, Mapping[str, Any]]]:
    """The activities in which the student has guessed, the newest first, and what."""
    found = (
        (one, mine(student, one))
        for one in _store().of_class(student.class_id, "guess")
    )
    return [(one, given) for one, given in found if given is not None]


def is_told(activity: StoredActivity) -> bool:
    """Whether those who guessed may see how it came out."""
    return activity.stage == Stage.VERDICT or activity.ended is not None
