"""A class's students, answers and gradebook, for its instructor.

Every function takes the `Instructor` who asks, and refuses another's class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from classroom.exams import attempts, results
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions, replay
from classroom.questions.question_files import Bank
from classroom.questions.question_state import QuestionState
from store.answers.answers import Answers, StoredAttempt, StoredExam, StoredResponse
from store.answers.marks import Marks, StoredMark
from store.answers.results import Results, StoredGuess
from store.classes import Classes, StoredClass

Which = Literal["first", "best", "last"]
WHICH: tuple[Which, ...] = get_args(Which)
PAUSE = 300.0  # seconds: a longer one between two responses counts as so long
GONE = "gone"  # the topic of questions that are no longer in the bank
GUESSES = 200  # runs, the newest

Done = tuple[StoredAttempt, list[StoredResponse]]  # responses in the order of time


@dataclass(frozen=True)
class Pupil:
    """A member; the number, from 1, is theirs for good."""

    id: str
    number: int
    name: str
    shown: bool = False  # whether the instructor has names on their screen


def _class(found: Results, class_id: str) -> StoredClass:
    record = Classes(found.database).get(class_id)
    if record is None:  # deleted since we looked
        raise NotAllowed("There is no such class of yours.")
    return record


def class_name(who: Instructor, class_id: str) -> str:
    """What the class is called.

    Raises:
        NotAllowed: it is another's.
    """
    return _class(results.of_class(who, class_id), class_id).name


def pupils(who: Instructor, class_id: str) -> list[Pupil]:
    """The class, in the order of joining.

    Raises:
        NotAllowed: it is another's.
    """
    found = results.of_class(who, class_id)
    shown = _class(found, class_id).names_shown
    members = Classes(found.database).members(class_id)
    return [Pupil(one.id, one.number, one.name, shown) for one in members]


def exams(who: Instructor, class_id: str) -> list[StoredExam]:
    """The class's exams, the newest first.

    Raises:
        NotAllowed: it is another's.
    """
    return results.exams(results.of_class(who, class_id), class_id)


def marks(who: Instructor, class_id: str, exam_id: str) -> Mapping[str, StoredMark]:
    """Key of an open answer in an exam -> its mark.

    Raises:
        NotAllowed: the class is another's, or has no such exam.
    """
    found = results.of_class(who, class_id)
    results.exam(found, class_id, exam_id)
    return Marks(found.database).of_exam(exam_id)


def stamp(who: Instructor, class_id: str, exam_id: str | None) -> tuple[int, float]:
    """A version that changes with each answer: one cheap query.

    Raises:
        NotAllowed: the class is another's.
    """
    return results.of_class(who, class_id).stamp(class_id, exam_id)


def responses(
    who: Instructor, class_id: str, exam_id: str | None
) -> list[tuple[StoredAttempt, StoredResponse]]:
    """All responses in practice, or in an exam, in the order of time.

    Raises:
        NotAllowed: the class is another's, or has no such exam.
    """
    found = results.of_class(who, class_id)
    if results.exam(found, class_id, exam_id) is not None and exam_id is not None:
        attempts.give_drafts(exam_id)
    return found.responses(class_id, exam_id)


# --- the gradebook --------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What one member did about one question, over its variants."""

    points: float | None  # None: it is not graded, or was not answered
    self_assessed: float | None = None  # points that the member awarded
    tries: int = 0
    hints: int = 0
    seconds: float = 0.0
    unmarked: bool = False  # an open answer that the instructor has not marked

    @property
    def shown(self) -> float | None:
        """The points in a table: the member's own where they awarded them."""
        return self.points if self.self_assessed is None else self.self_assessed


@dataclass(frozen=True)
class GradebookLine:
    """One member's line."""

    pupil: Pupil
    cells: Mapping[str, Cell] = field(default_factory=dict)  # question -> cell
    attempts: int | None = None  # of an exam; None: of practice
    extra: float = 0.0  # minutes more than the others in an exam

    @property
    def came(self) -> bool:
        """Whether there is anything to grade: in an exam, an empty attempt too."""
        return bool(self.cells) if self.attempts is None else self.attempts > 0

    @property
    def points(self) -> float:
        """The sum, without what the member judged."""
        return sum(cell.points or 0.0 for cell in self.cells.values())

    @property
    def self_assessed(self) -> float:
        """The points by the member's own judgement."""
        return sum(cell.self_assessed or 0.0 for cell in self.cells.values())

    @property
    def answered(self) -> int:
        """Questions answered, or looked up."""
        return len(self.cells)

    @property
    def unmarked(self) -> int:
        """Open answers that are not marked yet."""
        return sum(cell.unmarked for cell in self.cells.values())

    @property
    def tries(self) -> int:
        return sum(cell.tries for cell in self.cells.values())

    @property
    def hints(self) -> int:
        return sum(cell.hints for cell in self.cells.values())

    @property
    def seconds(self) -> float:
        return sum(cell.seconds for cell in self.cells.values())


@dataclass(frozen=True)
class Gradebook:
    """A gradebook: of practice, or of an exam."""

    exam: StoredExam | None
    which: Which
    questions: tuple[str, ...]  # the columns
    topics: Mapping[str, tuple[str, ...]]  # topic -> its questions among them
    lines: tuple[GradebookLine, ...]
    judged: frozenset[str] = frozenset()  # questions that give points
    has_open: bool = False  # an exam with questions that its instructor marks

    @property
    def maximum(self) -> int:
        """The points that can be had."""
        return len(self.judged)

    def topic_maximum(self, topic: str) -> int:
        """The points that can be had in a topic."""
        return len(self.judged & set(self.topics[topic]))

    def points(self, line: GradebookLine) -> float | None:
        """A member's points; None: they have not come."""
        return line.points if line.came else None

    def per_cent(self, line: GradebookLine) -> float | None:
        """A member's points, of those that can be had; None: nothing to say."""
        if not line.came or not self.maximum:
            return None
        return 100 * line.points / self.maximum

    def topic_points(self, line: GradebookLine, topic: str) -> float | None:
        """A member's points in a topic; None: they have not come."""
        if not line.came:
            return None
        cells = (line.cells.get(name) for name in self.topics[topic])
        return sum(cell.points or 0.0 for cell in cells if cell)


def compute(
    who: Instructor, class_id: str, exam_id: str | None, which: Which
) -> Gradebook:
    """The gradebook of practice (None) or of an exam.

    In practice each question counts by its first, best or last attempt, whatever the
    variant. An exam counts as a whole: the first, the best or the last attempt, and
    what was not answered in it is worth nothing.

    Raises:
        NotAllowed: the class is another's, or has no such exam.
    """
    found = results.of_class(who, class_id)
    exam = results.exam(found, class_id, exam_id)
    bank = custom_questions.bank_of(class_id, retired=True)
    extras: dict[str, float] = {}
    marks: Mapping[str, StoredMark] = {}
    if exam_id is not None:
        attempts.give_drafts(exam_id)
        extras = Answers(found.database).extras(exam_id)
        marks = Marks(found.database).of_exam(exam_id)
    done: dict[str, list[Done]] = {}  # member -> attempts, by number
    by_attempt: dict[str, list[StoredResponse]] = {}
    for attempt in found.attempts(class_id, exam_id):
        by_attempt[attempt.id] = []
        done.setdefault(attempt.member_id, []).append((attempt, by_attempt[attempt.id]))
    for attempt, response in found.responses(class_id, exam_id):
        if attempt.id in by_attempt:  # not one begun since the look at attempts
            by_attempt[attempt.id].append(response)
    lines = tuple(
        GradebookLine(
            pupil,
            _cells(done.get(pupil.id, ()), exam, which, marks),
            None if exam is None else len(done.get(pupil.id, ())),
            extras.get(pupil.id, 0.0),
        )
        for pupil in pupils(who, class_id)
    )
    asked = {one.question for responses in by_attempt.values() for one in responses}
    names = results.in_order(bank, asked if exam is None else {*exam.questions, *asked})
    if exam is not None:
        place = {name: at for at, name in enumerate(exam.questions)}
        names = sorted(names, key=lambda name: place.get(name, len(place)))
    topics: dict[str, tuple[str, ...]] = {}
    for name in names:
        topic = bank.questions[name].topic if name in bank.questions else GONE
        topics[topic] = (*topics.get(topic, ()), name)
    order = [*bank.topics, GONE]
    by_topic = {topic: topics[topic] for topic in order if topic in topics}
    is_open = [n in bank.questions and bank.questions[n].kind == "open" for n in names]
    return Gradebook(
        exam,
        which,
        tuple(names),
        by_topic,
        lines,
        _judged_of(bank, names, lines, marks),
        exam is not None and any(is_open),
    )


def _judged_of(
    bank: Bank,
    names: Iterable[str],
    lines: Iterable[GradebookLine],
    marks: Mapping[str, StoredMark],
) -> frozenset[str]:
    """Questions that give points; of what is gone, those that have given any.

    An open question does once an answer to it is marked.
    """
    given = {n for line in lines for n, cell in line.cells.items() if cell.points}
    given |= {one.question for one in marks.values() if one.points is not None}
    return frozenset(
        name
        for name in names
        if (bank.questions[name].kind != "open" if name in bank.questions else False)
        or name in given
    )


def _cells(
    done: Sequence[Done],
    exam: StoredExam | None,
    which: Which,
    marks: Mapping[str, StoredMark],
) -> dict[str, Cell]:
    every = [one for _, responses in done for one in responses]
    states = replay.of_practice(every) if exam is None else _counted(done, which, marks)
    chosen: dict[str, QuestionState] = {}
    for state in states:
        name, old = state.variant.question, chosen.get(state.variant.question)
        better = old is not None and state.points > old.points
        if old is None or which == "last" or (which == "best" and better):
            chosen[name] = state
    tries, hints = Counter[str](), Counter[str]()
    for one in every:
        tries[one.question] += one.kind == "answer" and one.counts
        hints[one.question] += one.kind == "hint"
    seconds = _seconds(done)
    return {
        name: Cell(
            _judged(state),
            state.points if state.self_assessed else None,
            tries[name],
            hints[name],
            seconds[name],
            exam is not None and state.awaits_mark,
        )
        for name, state in chosen.items()
    }


def _judged(state: QuestionState) -> float | None:
    """The points that the server gave; None: it has not been asked."""
    if state.self_assessed or not (state.counted or state.given_up):
        return None
    return state.points


def _counted(
    done: Sequence[Done], which: Which, marks: Mapping[str, StoredMark]
) -> list[QuestionState]:
    """The attempt at an exam that counts; one without a response counts, too."""
    states = [replay.of_exam(responses, marks) for _, responses in done]
    if not states:
        return []
    if which == "best":
        return max(states, key=lambda found: sum(state.points for state in found))
    return states[0 if which == "first" else -1]


def _seconds(done: Iterable[Done]) -> Counter[str]:
    """Question -> seconds: to each response from the one before, in an attempt."""
    found = Counter[str]()
    for attempt, responses in done:
        before = attempt.started
        for one in responses:
            found[one.question] += min(max(one.at - before, 0.0), PAUSE)  # type: ignore[assignment]
            before = one.at
    return found


# --- predictions, and one member's data -----------------------------------------------


def guesses(who: Instructor, class_id: str) -> list[StoredGuess]:
    """What members guessed before experiments, the newest first.

    Raises:
        NotAllowed: the class is another's.
    """
    return results.of_class(who, class_id).guesses(class_id, GUESSES)


def everything(who: Instructor, class_id: str, member: str) -> dict[str, object]:
    """All that is kept about a member, as plain data.

    Raises:
        NotAllowed: the class is another's, or the member is in another.
    """
    found = results.of_class(who, class_id).everything(class_id, member)
    if found is None:
        raise NotAllowed("This class has no such student.")
    return found


def forget(who: Instructor, class_id: str, member: str) -> None:
    """Deletes a member and all that is kept about them, runs too.

    Raises:
        NotAllowed: the class is another's, or the member is in another.
    """
    if not results.of_class(who, class_id).forget(class_id, member):
        raise NotAllowed("This class has no such student.")
