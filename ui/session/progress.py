"""Where answers go: into the database for members of a class, else the session.

For a member of a class nothing depends on the session but what is not saved yet:
responses wait in `state.PENDING`, in order, while the database is away, and "Saved" is
said after the commit alone. A response has the number that it had when its widget was
drawn, so a message that comes again finds its number taken and changes nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Protocol

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import practice
from classroom.exams.attempts import Kind
from classroom.exams.practice import Work
from classroom.people.roles import NotAllowed, Student
from classroom.questions import again, grading, variants
from classroom.questions.bank import bank, beside, find
from classroom.questions.grading import Answer, Measured
from classroom.questions.question_files import Bank
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui import script
from ui.kit import cache, state, words
from ui.kit.questions import question_language as language
from ui.session import permissions, saving, visitor, visitor_drafts
from ui.session.saving import EVERY, PendingResponse

NOBODY = "nobody"  # in `state.MEMBER`: known not to have joined a class


class QuizProgress(Protocol):
    """The questions that a visitor has worked on, wherever they are kept."""

    @property
    def deal(self) -> int | None:
        """The seed of their numbers; None: the address says."""

    @property
    def question_states(self) -> Sequence[QuestionState]:
        """Those that count for a round's progress."""

    @property
    def due(self) -> tuple[Variant, ...]:
        """What was missed and is to be asked again now."""

    def question_state(self, variant: Variant) -> QuestionState:
        """What was done about a variant, as far as it is kept."""

    def number(self, variant: Variant) -> int:
        """The number that the next response about it has."""

    def waiting(self, variant: Variant) -> PendingResponse | None:
        """The newest response about it that is not saved yet."""

    def saved(self, variant: Variant) -> float | None:
        """When its last response was saved; None: none, or not in a database."""

    def truth(self, variant: Variant) -> float | None:
        """The truth on the visitor's picture, as it was when they answered."""

    def give(
        self,
        variant: Variant,
        number: int,
        kind: Kind,
        answer: Answer = None,
        truth: Measured | None = None,
    ) -> None:
        """One more response."""

    def draft(self, variant: Variant) -> Answer:
        """What was begun about it and not given yet; None: nothing."""

    def keep(self, variant: Variant, answer: Answer) -> None:
        """Keeps what was begun, as far as it has come."""

    def restart(self, ids: tuple[str, ...]) -> None:
        """Other numbers from now on."""


# --- a visitor without a class --------------------------------------------------------


class SessionProgress:
    """Kept until the page is reloaded."""

    @property
    def deal(self) -> int | None:
        return None

    @property
    def question_states(self) -> Sequence[QuestionState]:
        found: Sequence[QuestionState] = state.QUESTION_STATES.get()
        return found

    @property
    def due(self) -> tuple[Variant, ...]:
        return again.due(self.question_states, lambda _: None)

    def question_state(self, variant: Variant) -> QuestionState:
        found = (a for a in self.question_states if a.variant == variant)
        return next(found, QuestionState(variant))

    def number(self, variant: Variant) -> int:
        question_state = self.question_state(variant)
        return (
            len(question_state.tries)
            + question_state.hints
            + question_state.given_up
            + 1
        )

    def waiting(self, variant: Variant) -> PendingResponse | None:
        return None

    def saved(self, variant: Variant) -> float | None:
        return None

    def truth(self, variant: Variant) -> float | None:
        known: Measured | None = state.MEASURED.get().get(variant)
        return None if known is None else known.value

    def give(
        self,
        variant: Variant,
        number: int,
        kind: Kind,
        answer: Answer = None,
        truth: Measured | None = None,
    ) -> None:
        if number < self.number(variant):
            return
        question_state = self.question_state(variant)
        match kind:
            case "hint":
                question_state = question_state.hinted(variants.pose(variant).hints)
            case "shown":
                question_state = question_state.shown()
            case "answer":
                question = find(variant.question)
                got = grading.grade(question, variant, answer, truth)
                question_state = question_state.answered(answer, got)
        others = [a for a in self.question_states if a.variant != variant]
        state.QUESTION_STATES.set((*others, question_state))
        if kind != "hint":
            visitor_drafts.forget(visitor.key(), variant)

    def draft(self, variant: Variant) -> Answer:
        return visitor_drafts.of(visitor.key(), variant)

    def keep(self, variant: Variant, answer: Answer) -> None:
        visitor_drafts.keep(visitor.key(), variant, answer)

    def restart(self, ids: tuple[str, ...]) -> None:
        state.DEAL.set(secrets.randbelow(variants.LAST_SEED) + 1)
        kept = [a for a in self.question_states if a.variant.question not in ids]
        state.QUESTION_STATES.set(tuple(kept))


# --- a member of a class --------------------------------------------------------------


class StoredProgress:
    """Kept in the database, each response as it is given."""

    def __init__(self, student: Student, work: Work) -> None:
        self.student = student
        self.work = work
        self._of = {
            question_state.variant: question_state
            for question_state in work.question_states
        }

    @property
    def deal(self) -> int | None:
        return self.work.attempt.seed

    @property
    def question_states(self) -> Sequence[QuestionState]:
        return [a for a in self.work.question_states if a.variant in self.work.since]

    @property
    def due(self) -> tuple[Variant, ...]:
        return again.due(self.work.question_states, self.work.saved.get)

    def question_state(self, variant: Variant) -> QuestionState:
        return self._of.get(variant, QuestionState(variant))

    def number(self, variant: Variant) -> int:
        waiting = sum(p.variant == variant for p in self._pending())
        return self.work.counts.get(variant, 0) + waiting + 1

    def waiting(self, variant: Variant) -> PendingResponse | None:
        mine = (p for p in reversed(self._pending()) if p.variant == variant)
        return next(mine, None)

    def saved(self, variant: Variant) -> float | None:
        return self.work.saved.get(variant)

    def truth(self, variant: Variant) -> float | None:
        return self.work.truths.get(variant)

    def give(
        self,
        variant: Variant,
        number: int,
        kind: Kind,
        answer: Answer = None,
        truth: Measured | None = None,
    ) -> None:
        waits = self.waiting(variant)
        if waits is None or waits.number < number:
            here = self.work.attempt.id
            saving.give(self.student, here, variant, number, kind, answer, truth)

    def draft(self, variant: Variant) -> Answer:
        return self.work.drafts.get(variant)

    def keep(self, variant: Variant, answer: Answer) -> None:
        answers = len(self.question_state(variant).tries)
        saving.keep(self.student, self.work.attempt.id, variant, answers, answer)

    def restart(self, ids: tuple[str, ...]) -> None:
        try:
            attempt = practice.restart(self.student)
        except DatabaseAway:
            state.QUIZ_MESSAGE.set(words.page("quiz").table("away")["restart"])
        else:
            state.DEAL.set(attempt.seed)

    def _pending(self) -> list[PendingResponse]:
        here = self.work.attempt.id
        return [p for p in state.PENDING.get() if p.attempt_id == here]


def open_progress() -> QuizProgress | None:
    """The visitor's progress; None: the database is away and the visitor unknown.

    What waits is tried again first.
    """
    try:
        student = permissions.student()
        state.MEMBER.set(student or NOBODY)
        if student is None:
            return SessionProgress()
        saving.flush_now_and_then(student)
        work = practice.work(student)
    except NotAllowed:  # taken out of the class at this very moment
        return SessionProgress()
    except DatabaseAway:
        if state.MEMBER.get() == NOBODY:
            return SessionProgress()
        student, work = state.MEMBER.get(), state.WORK.get()
        if student is None or work is None:
            return None
        if work.attempt.id != practice.attempt_id(student):
            return None
        return StoredProgress(student, work)
    state.WORK.set(work)
    return StoredProgress(student, work)


def drawn_from() -> QuizProgress | None:
    """The progress that the page at hand was drawn from, for what a click brings.

    Asking the database anew is the next run's. If the student has left meanwhile, or
    another tab was quicker, `give` finds that out when it commits.
    """
    student, work = state.MEMBER.get(), state.WORK.get()
    if not isinstance(student, Student) or work is None:
        return open_progress()
    if work.attempt.id != practice.attempt_id(student):
        return open_progress()
    return StoredProgress(student, work)


def who() -> Student | None:
    """The student who is here; while the database is away, as last known."""
    try:
        return permissions.student()
    except DatabaseAway:
        known = state.MEMBER.get()
        return known if isinstance(known, Student) else None


def known() -> Bank:
    """The questions there are: the bank's, and those of the class's instructor."""
    return beside(_known(), language.current())


def _known() -> Bank:
    student = state.MEMBER.get()
    if not isinstance(student, Student):
        return bank()
    try:
        return cache.class_bank(student.class_id)
    except DatabaseAway:
        return bank()


def member(progress: QuizProgress | None) -> Student | None:
    """Whose progress it is, if it is a member's of a class."""
    return progress.student if isinstance(progress, StoredProgress) else None


def show_message() -> None:
    """A message that is shown once: why a response was not taken."""
    if message := state.QUIZ_MESSAGE.get():
        st.warning(message, icon=":material/info:")
        state.QUIZ_MESSAGE.set("")


def banner() -> None:
    """While anything waits: that it is not saved yet, and a try every few seconds."""
    if state.PENDING.get():
        st.fragment(_try_again, run_every=EVERY)()


def _try_again() -> None:
    text = words.page("quiz").table("away")
    student = state.MEMBER.get()
    if isinstance(student, Student):
        saving.flush_now_and_then(student)
    waiting = len(state.PENDING.get())
    if not waiting:
        state.rerun()
    name = "waiting_1" if waiting == 1 else "waiting"
    with st.container(border=True):
        st.warning(text[name].format(count=waiting), icon=":material/cloud_off:")
        st.button(text["now"], icon=":material/sync:", on_click=_at_once)


def _at_once() -> None:
    state.TRIED.set(0.0)


def nobody_knows() -> None:
    """Instead of the quiz, until the database can be asked who this is."""
    st.fragment(_ask_again, run_every=EVERY)()


def _ask_again() -> None:
    if time.monotonic() - state.TRIED.get() >= EVERY / 2:
        if open_progress() is not None:
            state.rerun()
        state.TRIED.set(time.monotonic())
    st.warning(words.page("quiz").table("away")["unknown"], icon=":material/cloud_off:")


def kept(progress: QuizProgress) -> None:
    """Where answers are kept, and a door to the class where there is one."""
    student = member(progress)
    text = words.page("quiz")
    if student is not None:
        st.caption(text["kept_class"].format(name=escape_markdown(student.name)))
        _to_my_progress()
        return
    st.caption(text["kept"])
    _to_my_progress()
    st.page_link(script("join"), label=text["join"], icon=":material/group_add:")


def _to_my_progress() -> None:
    """A door to all that one has answered."""
    own = words.page("my_progress")
    st.page_link(script("my_progress"), label=own["title"], icon=own["icon"])
