"""The stored results of a class, for the instructor who owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from classroom.people.roles import Instructor, NotAllowed
from classroom.questions.question_files import Bank
from store.answers.answers import Answers, StoredExam
from store.answers.results import Results
from store.database import Database, shared

# The database that is asked. A test puts another one here.
database: Callable[[], Database] = shared


def of_class(who: Instructor, class_id: str) -> Results:
    """The results, for the owner of the class.

    Raises:
        NotAllowed: who asks does not.
    """
    results = Results(database())
    if results.owner(class_id) != who.account:
        raise NotAllowed("There is no such class of yours.")
    return results


def exams(results: Results, class_id: str) -> list[StoredExam]:
    """The class's exams, the newest first."""
    return Answers(results.database).exams(class_id)


def exam(results: Results, class_id: str, exam_id: str | None) -> StoredExam | None:
    """An exam of the class; None for None, which stands for practice.

    Raises:
        NotAllowed: the class has no such exam.
    """
    if exam_id is None:
        return None
    for one in exams(results, class_id):
        if one.id == exam_id:
            return one
    raise NotAllowed("There is no such test in this class.")


def in_order(bank: Bank, names: Iterable[str]) -> list[str]:
    """As in the bank; what it no longer has at the end."""
    place = {name: at for at, name in enumerate(bank.questions)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))
