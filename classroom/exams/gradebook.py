"""What a class has done, for its instructor: the answers as they come, the gradebook.

Every function takes the `Instructor` who asks, and refuses another's class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, get_args

from classroom.content import rich
from classroom.exams import sittings
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import own, rebuilt
from classroom.questions.attempts import Attempt
from classroom.questions.bank import Bank, Question
from classroom.questions.grading import Answer, fold
from classroom.questions.typed import parse
from classroom.questions.variants import Posed, Variant, pose, varies
from store.database import Database, shared
from store.results import Results, StoredAct, StoredExam, StoredGuess

Which = Literal["first", "best", "last"]
WHICH: tuple[Which, ...] = get_args(Which)
PAUSE = 300.0  # seconds: a longer one between two acts counts as so long
GONE = "gone"  # the topic of questions that are no longer in the bank
GUESSES = 200  # runs, the newest

# The database that is asked. A test puts another one here.
database: Callable[[], Database] = shared


def _results(who: Instructor, class_id: str) -> Results:
    """The results, for whoever owns the class.

    Raises:
        NotAllowed: who asks does not.
    """
    results = Results(database())
    if results.owner(class_id) != who.account:
        raise NotAllowed("There is no such class of yours.")
    return results


@dataclass(frozen=True)
class Pupil:
    """A member; the number, from 1, is theirs for good."""

    id: str
    number: int
    name: str
    shown: bool = False  # whether the instructor has names on their screen


def class_name(who: Instructor, class_id: str) -> str:
    """What the class is called.

    Raises:
        NotAllowed: it is another's.
    """
    return _results(who, class_id).class_name(class_id)


def pupils(who: Instructor, class_id: str) -> list[Pupil]:
    """The class, in the order of joining.

    Raises:
        NotAllowed: it is another's.
    """
    found = _results(who, class_id).members(class_id)
    return [Pupil(one.id, one.number, one.name, one.shown) for one in found]


def tests(who: Instructor, class_id: str) -> list[StoredExam]:
    """The class's tests, the newest first.

    Raises:
        NotAllowed: it is another's.
    """
    return _results(who, class_id).tests(class_id)


def stamp(who: Instructor, class_id: str, test: str | None) -> tuple[int, float]:
    """Changes when an answer comes: one cheap question.

    Raises:
        NotAllowed: the class is another's.
    """
    return _results(who, class_id).stamp(class_id, test)


def given(who: Instructor, class_id: str, test: str | None) -> list[StoredAct]:
    """All that was given in practice, or in a test, in the order of time.

    Raises:
        NotAllowed: the class is another's, or has no such test.
    """
    results = _results(who, class_id)
    if _exam(results, class_id, test) is not None and test is not None:
        sittings.settle(test)
    return results.acts(class_id, test)


# --- the gradebook --------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What one member did about one question, over its variants."""

    points: float | None  # None: nobody grades it, or it was not answered
    own: float | None = None  # points by the member's own judgement
    tries: int = 0
    hints: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """One member's line."""

    pupil: Pupil
    cells: Mapping[str, Cell] = field(default_factory=dict)  # question -> cell
    sittings: int | None = None  # of a test; None: of practice
    extra: float = 0.0  # minutes more than the others in a test

    @property
    def came(self) -> bool:
        """Whether there is anything to grade: in a test, an empty sitting too."""
        return bool(self.cells) if self.sittings is None else self.sittings > 0

    @property
    def points(self) -> float:
        """The sum, without what the member judged."""
        return sum(cell.points or 0.0 for cell in self.cells.values())

    @property
    def own(self) -> float:
        """The points by the member's own judgement."""
        return sum(cell.own or 0.0 for cell in self.cells.values())

    @property
    def answered(self) -> int:
        """Questions answered, or looked up."""
        return len(self.cells)

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
class Book:
    """A gradebook: of practice, or of a test."""

    test: StoredExam | None
    which: Which
    questions: tuple[str, ...]  # the columns
    topics: Mapping[str, tuple[str, ...]]  # topic -> its questions among them
    rows: tuple[Row, ...]
    judged: frozenset[str] = frozenset()  # questions that give points

    @property
    def maximum(self) -> int:
        """The points that can be had."""
        return len(self.judged)

    def topic_maximum(self, topic: str) -> int:
        """The points that can be had in a topic."""
        return len(self.judged & set(self.topics[topic]))

    def points(self, row: Row) -> float | None:
        """A member's points; None: they have not come."""
        return row.points if row.came else None

    def per_cent(self, row: Row) -> float | None:
        """A member's points, of those that can be had; None: nothing to say."""
        if not row.came or not self.maximum:
            return None
        return 100 * row.points / self.maximum

    def topic_points(self, row: Row, topic: str) -> float | None:
        """A member's points in a topic; None: they have not come."""
        if not row.came:
            return None
        cells = (row.cells.get(name) for name in self.topics[topic])
        return sum(cell.points or 0.0 for cell in cells if cell)


def book(who: Instructor, class_id: str, test: str | None, which: Which) -> Book:
    """The gradebook of practice (None) or of a test.

    In practice each question counts by its first, best or last attempt, whatever the
    variant. A test counts as a whole: the first, the best or the last sitting, and
    what was not answered in it is worth nothing.

    Raises:
        NotAllowed: the class is another's, or has no such test.
    """
    results = _results(who, class_id)
    exam = _exam(results, class_id, test)
    bank = own.bank_of(class_id, retired=True)
    sat: dict[str, list[int]] = {}
    extras: dict[str, float] = {}
    if test is not None:
        sittings.settle(test)
        extras = results.extras(test)
        for sitting in results.sittings(test):
            sat.setdefault(sitting.member, []).append(sitting.number)
    acts: dict[str, list[StoredAct]] = {}
    for act in results.acts(class_id, test):
        acts.setdefault(act.member, []).append(act)
    rows = tuple(
        Row(
            pupil,
            _cells(acts.get(pupil.id, ()), sat.get(pupil.id, ()), exam, which),
            None if exam is None else len(sat.get(pupil.id, ())),
            extras.get(pupil.id, 0.0),
        )
        for pupil in pupils(who, class_id)
    )
    asked = {act.question for member in acts.values() for act in member}
    names = _in_order(bank, asked if exam is None else {*exam.questions, *asked})
    if exam is not None:
        place = {name: at for at, name in enumerate(exam.questions)}
        names = sorted(names, key=lambda name: place.get(name, len(place)))
    topics: dict[str, tuple[str, ...]] = {}
    for name in names:
        topic = bank.questions[name].topic if name in bank.questions else GONE
        topics[topic] = (*topics.get(topic, ()), name)
    order = [*bank.topics, GONE]
    by_topic = {topic: topics[topic] for topic in order if topic in topics}
    return Book(
        exam, which, tuple(names), by_topic, rows, _judged_of(bank, names, rows)
    )


def _judged_of(bank: Bank, names: Iterable[str], rows: Iterable[Row]) -> frozenset[str]:
    """Questions that give points; of what is gone, those that have given any."""
    given = {n for row in rows for n, cell in row.cells.items() if cell.points}
    return frozenset(
        name
        for name in names
        if (bank.questions[name].kind != "open" if name in bank.questions else False)
        or name in given
    )


def _exam(results: Results, class_id: str, test: str | None) -> StoredExam | None:
    if test is None:
        return None
    for exam in results.tests(class_id):
        if exam.id == test:
            return exam
    raise NotAllowed("There is no such test in this class.")


def _in_order(bank: Bank, names: Iterable[str]) -> list[str]:
    """As in the bank; what it no longer has at the end."""
    place = {name: at for at, name in enumerate(bank.questions)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def _cells(
    acts: Sequence[StoredAct],
    numbers: Sequence[int],
    exam: StoredExam | None,
    which: Which,
) -> dict[str, Cell]:
    done = rebuilt.practised(acts) if exam is None else _sitting(acts, numbers, which)
    chosen: dict[str, Attempt] = {}
    for attempt in done:
        name, old = attempt.variant.question, chosen.get(attempt.variant.question)
        better = old is not None and attempt.points > old.points
        if old is None or which == "last" or (which == "best" and better):
            chosen[name] = attempt
    tries, hints = Counter[str](), Counter[str]()
    for act in acts:
        tries[act.question] += act.kind == "answer" and act.counts
        hints[act.question] += act.kind == "hint"
    seconds = _seconds(acts)
    return {
        name: Cell(
            _judged(attempt),
            attempt.points if attempt.own else None,
            tries[name],
            hints[name],
            seconds[name],
        )
        for name, attempt in chosen.items()
    }


def _judged(attempt: Attempt) -> float | None:
    """The points that the server gave; None: it has not been asked."""
    if attempt.own or not (attempt.counted or attempt.given_up):
        return None
    return attempt.points


def _sitting(
    acts: Sequence[StoredAct], numbers: Sequence[int], which: Which
) -> list[Attempt]:
    """The sitting of a test that counts; one in which nothing was given counts, too."""
    all_of = sorted({*numbers, *(act.sitting for act in acts)})
    sat = [rebuilt.sat(a for a in acts if a.sitting == n) for n in all_of]
    if not sat:
        return []
    if which == "best":
        return max(sat, key=lambda s: sum(attempt.points for attempt in s))
    return sat[0 if which == "first" else -1]


def _seconds(acts: Sequence[StoredAct]) -> Counter[str]:
    """Question -> seconds: from the act before it, in the same sitting, to each act."""
    found = Counter[str]()
    for _, sitting in groupby(
        sorted(acts, key=lambda a: (a.sitting, a.at)), key=lambda a: a.sitting
    ):
        before: float | None = None
        for act in sitting:
            since = act.at - (act.started if before is None else before)
            found[act.question] += min(max(since, 0.0), PAUSE)  # type: ignore[assignment]
            before = act.at
    return found


# --- the answers, as they come --------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """How many gave an answer."""

    label: str
    count: int
    right: bool


@dataclass(frozen=True)
class Common:
    """A known mistake, and how many made it at least once."""

    name: str
    sentence: str  # as it was said to the last of them
    count: int


@dataclass(frozen=True)
class Written:
    """An open answer."""

    member: str
    text: str


@dataclass(frozen=True)
class Tally:
    """One question, over all its variants: each member once, by the last answer."""

    question: str
    variant: Variant  # the one that was answered last
    right: int
    partly: int
    wrong: int
    bars: tuple[Bar, ...]
    mistakes: tuple[Common, ...]
    written: tuple[Written, ...]
    members: frozenset[str]  # who has answered

    @property
    def answered(self) -> int:
        """How many members."""
        return self.right + self.partly + self.wrong + len(self.written)


OTHER = "other"  # labels for what no name is known of; words are the page's
RIGHT = "right"


def tallies(who: Instructor, class_id: str, test: str | None) -> list[Tally]:
    """Each question that was answered, in the bank's order.

    Raises:
        NotAllowed: the class is another's, or has no such test.
    """
    results = _results(who, class_id)
    if _exam(results, class_id, test) is not None and test is not None:
        sittings.settle(test)
    bank = own.bank_of(class_id, retired=True)
    answers: dict[str, list[StoredAct]] = {}
    for act in results.acts(class_id, test):
        if act.kind == "answer" and (act.counts or act.own):
            answers.setdefault(act.question, []).append(act)
    return [
        _tally(name, bank.questions.get(name), answers[name])
        for name in _in_order(bank, answers)
    ]


def _tally(name: str, question: Question | None, acts: Sequence[StoredAct]) -> Tally:
    last = {act.member: act for act in acts}  # in the order of time
    kind = question.kind if question else ""
    bars: Counter[tuple[str, bool]] = Counter()
    written: list[Written] = []
    grades = Counter[str]()
    for act in last.values():
        if kind == "open":
            text = act.answer.get("text") if isinstance(act.answer, dict) else ""
            written.append(Written(act.member, str(text)))
            continue
        grade = "right" if act.score >= 1 else "partly" if act.score else "wrong"
        grades[grade] += 1
        for label, right in dict.fromkeys(_labels(question, act)):
            bars[label, right] += 1
    ranked = sorted(bars.items(), key=lambda x: (-x[1], not x[0][1], x[0][0]))
    latest = acts[-1]
    return Tally(
        name,
        Variant(name, latest.seed),
        grades["right"],
        grades["partly"],
        grades["wrong"],
        tuple(Bar(label, count, right) for (label, right), count in ranked),
        _mistakes(acts),
        tuple(written),
        frozenset(last),
    )


def _mistakes(acts: Iterable[StoredAct]) -> tuple[Common, ...]:
    members: dict[str, set[str]] = {}
    sentences: dict[str, str] = {}
    for act in acts:
        if act.mistake:
            members.setdefault(act.mistake, set()).add(act.member)
            sentences[act.mistake] = act.sentence
    found = [Common(m, sentences[m], len(who)) for m, who in members.items()]
    return tuple(sorted(found, key=lambda x: (-x.count, x.name)))


def _labels(question: Question | None, act: StoredAct) -> list[tuple[str, bool]]:
    """What an answer counts as, so that variants can be counted together."""
    right = act.score >= 1
    by_grade = RIGHT if right else _spoken(act.mistake) if act.mistake else OTHER
    if question is None:
        return [(by_grade, right)]
    chosen = pose(Variant(question.id, act.seed))
    match question.kind:
        case "layer":
            return [(str(act.answer), right)]
        case "single" | "several" if not question.answer:
            truth = {option.id for option in question.options if option.right}
            return [(_named(chosen, x), x in truth) for x in _chosen(act.answer)]
        case "short":
            return [(_word(question, str(act.answer)), right)]
        case "number" if not varies(question.id):
            typed = parse(str(act.answer), question.unit)
            return [(f"{typed.value:,.7g}" if typed else OTHER, right)]
    return [(by_grade, right)]


def _chosen(answer: Answer) -> list[str]:
    ids = answer if isinstance(answer, list) else [answer]
    return [x for x in ids if isinstance(x, str)]


def _named(posed: Posed, choice: str) -> str:
    found = next((c.label for c in posed.choices if c.id == choice), choice)
    return rich.words_of(found)


def _word(question: Question, typed: str) -> str:
    """A typed word, as the question has it where only case or spaces differ."""
    for option in question.options:
        if fold(option.say) == fold(typed):
            return option.say
    return " ".join(typed.split()).casefold()[:80] or OTHER


def _spoken(mistake: str) -> str:
    """no_bias -> no bias."""
    return mistake.replace("_", " ").replace("-", " ")


# --- predictions, and one member's data -----------------------------------------------


def guesses(who: Instructor, class_id: str) -> list[StoredGuess]:
    """What members guessed before experiments, the newest first.

    Raises:
        NotAllowed: the class is another's.
    """
    return _results(who, class_id).guesses(class_id, GUESSES)


def everything(who: Instructor, class_id: str, member: str) -> dict[str, object]:
    """All that is kept about a member, as plain data.

    Raises:
        NotAllowed: the class is another's, or the member is in another.
    """
    found = _results(who, class_id).everything(class_id, member)
    if found is None:
        raise NotAllowed("There is nobody like that in this class.")
    return found


def forget(who: Instructor, class_id: str, member: str) -> None:
    """Deletes a member and all that is kept about them, runs too.

    Raises:
        NotAllowed: the class is another's, or the member is in another.
    """
    if not _results(who, class_id).forget(class_id, member):
        raise NotAllowed("There is nobody like that in this class.")
