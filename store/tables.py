"""The tables. A change here needs a migration in store/migrations/versions."""

from __future__ import annotations

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables of the lab."""


class Run(Base):
    """One run of an experiment. Times are seconds since 1970."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_created", "created"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    owner: Mapped[str] = mapped_column(String(64), index=True)
    experiment: Mapped[str] = mapped_column(Text)  # JSON
    guess: Mapped[str] = mapped_column(Text)  # JSON, what was predicted
    state: Mapped[str] = mapped_column(String(16))
    summary: Mapped[str] = mapped_column(Text)  # JSON, the arms as they ended
    created: Mapped[float]
    ended: Mapped[float | None]
    # When the process that runs it last said so: a run whose process is gone is told
    # from one that goes on elsewhere.
    alive: Mapped[float]


class RunEvent(Base):
    """One report of a run."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arm: Mapped[int]
    report: Mapped[bytes] = mapped_column(LargeBinary)  # as the writer packed it


class RunState(Base):
    """The newest saved state of an arm, from which Retry goes on."""

    __tablename__ = "run_states"

    run_id: Mapped[str] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    arm: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    state: Mapped[bytes] = mapped_column(LargeBinary)


# --- who may sign in ------------------------------------------------------------------
# Of every secret (a visitor's cookie, a sign-in, a set-up link) only its SHA-256 in
# hexadecimal digits is here: who reads a backup cannot become anyone.


class Account(Base):
    """An instructor."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)  # typed to sign in
    password: Mapped[str | None] = mapped_column(Text)  # Argon2id; None: OIDC alone
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)  # of OIDC
    email: Mapped[str | None] = mapped_column(String(254))  # OIDC's, if verified there
    created: Mapped[float]


class SignIn(Base):
    """One browser of an instructor, until it ends here."""

    __tablename__ = "sign_ins"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[float]
    seen: Mapped[float]
    ends: Mapped[float]


class Ticket(Base):
    """A password was right; the browser that typed it fetches its cookie, once."""

    __tablename__ = "tickets"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    visitor: Mapped[str] = mapped_column(String(64))  # SHA-256: for no other browser
    ends: Mapped[float]


class SetUp(Base):
    """A link by which an account can be made, or given a new password, once."""

    __tablename__ = "set_ups"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(  # whose password; None: a new one
        ForeignKey("accounts.id", ondelete="CASCADE")
    )
    created: Mapped[float]
    ends: Mapped[float]


class KnownBrowser(Base):
    """A browser in which its owner has signed in: no stranger's try counts there."""

    __tablename__ = "known_browsers"

    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[float]  # of the last sign-in


class SignInTry(Base):
    """A password that was wrong. Kept for as long as tries are counted."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("sign_in_tries_whose", "account", "address", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))  # SHA-256 of what was typed
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[float]


# --- a class --------------------------------------------------------------------------


class Class(Base):
    """A class, and where its instructor is in the lesson."""

    __tablename__ = "classes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(12), unique=True)  # to join by
    opened: Mapped[float]
    closed: Mapped[float | None]  # since when nobody can join or follow
    step: Mapped[str] = mapped_column(String(40))  # of the lesson
    reveal: Mapped[bool]
    version: Mapped[int]  # counts the instructor's moves
    moved: Mapped[float]  # when the last was
    numbered: Mapped[int] = mapped_column(default=0, server_default="0")  # the last no.
    # Whether students' names are on the instructor's screen, which may be a projector.
    names_shown: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether its students may start experiments; none: as the server has it.
    students_start: Mapped[bool | None]
    # That its lesson and quiz are followed in; none: each student's own.
    language: Mapped[str | None] = mapped_column(String(8))
    # How often the question of its step was asked; more often: again, after discussion.
    asked: Mapped[int] = mapped_column(default=1, server_default="1")
    # The page that it was brought to; empty: it is at the step.
    page: Mapped[str] = mapped_column(String(300), default="", server_default="")


class Member(Base):
    """A student in a class: the browser, and the name that it gave."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("class_id", "visitor"),
        UniqueConstraint("class_id", "own_code"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    visitor: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256
    name: Mapped[str] = mapped_column(String(80))
    own_code: Mapped[str] = mapped_column(String(16))  # to come back from elsewhere
    joined: Mapped[float]  # since when they are in this browser
    seen: Mapped[float]
    step: Mapped[str] = mapped_column(String(40))  # where they were when last seen
    follows: Mapped[bool]
    # In the order of joining, from 1; never given again, and never another.
    number: Mapped[int] = mapped_column(default=0, server_default="0")
    came: Mapped[float] = mapped_column(default=0.0, server_default="0")  # joined last
    # SHA-256 of the browser's session in which somebody said that it is them.
    browsing: Mapped[str | None] = mapped_column(String(64))


class DataSet(Base):
    """A class's own images, shrunk, for the experiments of its instructor's classes."""

    __tablename__ = "data_sets"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(  # None: before any account
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(Text)  # JSON: images by class, how many to train
    made: Mapped[float]
    used: Mapped[float]  # when it was brought, or last trained on
    pixels: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class OwnQuestion(Base):
    """A question that an instructor brought, for all of their classes."""

    __tablename__ = "own_questions"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    place: Mapped[int]  # in the file that it came in
    made: Mapped[float]
    retired: Mapped[float | None]  # since when it is asked no more: answers are kept
    data: Mapped[str] = mapped_column(Text)  # JSON: it never changes


# --- what a class does together -------------------------------------------------------


class Activity(Base):
    """Something that a whole class does at once, from its start to its end."""

    __tablename__ = "activities"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))  # "guess" or "teach"
    about: Mapped[str] = mapped_column(Text)  # JSON: the experiment, or the classes
    stage: Mapped[str] = mapped_column(String(12))  # how far it has come
    run_id: Mapped[str | None] = mapped_column(String(32))  # that is trained for it
    created: Mapped[float]
    ended: Mapped[float | None]


class ClassGuess(Base):
    """What one student guesses in an activity: one row, however often it is changed."""

    __tablename__ = "class_guesses"

    activity_id: Mapped[str] = mapped_column(
        ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    guess: Mapped[str] = mapped_column(Text)  # JSON: an arm, and by how much
    at: Mapped[float]


# --- what was answered ----------------------------------------------------------------


class Exam(Base):
    """An exam: questions that a class answers between opening and closing."""

    __tablename__ = "tests"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(120))
    questions: Mapped[str] = mapped_column(Text)  # JSON: ids, in order
    seed: Mapped[int]
    shuffled: Mapped[bool]  # each attempt has an order of its own
    minutes: Mapped[float | None]  # for an attempt
    attempts_allowed: Mapped[int] = mapped_column("sittings")  # per student
    created: Mapped[float]
    opened: Mapped[float | None]
    closes: Mapped[float | None]  # when it will close by itself
    closed: Mapped[float | None]


class Attempt(Base):
    """One student's go at an exam, or all of their practice (no exam).

    Its id is made of what it belongs to, so that two tabs that begin at once begin
    the same one.
    """

    __tablename__ = "sittings"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), index=True
    )
    exam_id: Mapped[str | None] = mapped_column(
        "test_id", ForeignKey("tests.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]  # from 1
    seed: Mapped[int]  # of the order and the variants
    started: Mapped[float]
    ends: Mapped[float | None]  # by the server's clock
    handed_in: Mapped[float | None]


class ExtraTime(Base):
    """Minutes that one student has more than others, in every attempt at an exam."""

    __tablename__ = "extra_times"

    exam_id: Mapped[str] = mapped_column(
        "test_id", ForeignKey("tests.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    minutes: Mapped[float]


class Draft(Base):
    """What a student has begun to answer and not given yet: one for each variant."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(
        "sitting_id", ForeignKey("sittings.id", ondelete="CASCADE"), index=True
    )
    question: Mapped[str] = mapped_column(String(40))
    seed: Mapped[int]  # of the variant
    acts: Mapped[int]  # given about the variant before it; with more it is out of date
    answer: Mapped[str] = mapped_column(Text)  # JSON, as far as it has come
    at: Mapped[float]


class Response(Base):
    """One thing done about a question: an answer, a hint taken, the answer shown.

    The key is made of the attempt, the variant and the number: doing it again, in
    another tab or after a lost reply, changes nothing.
    """

    __tablename__ = "given"
    __table_args__ = (Index("given_of_question", "question", "sitting_id"),)

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(
        "sitting_id", ForeignKey("sittings.id", ondelete="CASCADE"), index=True
    )
    question: Mapped[str] = mapped_column(String(40))
    seed: Mapped[int]  # of the variant
    number: Mapped[int]  # of what was done about it, from 1
    kind: Mapped[str] = mapped_column(String(8))  # "answer", "hint" or "shown"
    answer: Mapped[str] = mapped_column(Text)  # JSON, as it came
    truth: Mapped[str] = mapped_column(Text)  # JSON: what was true of one's own picture
    score: Mapped[float]
    sentence: Mapped[str] = mapped_column(Text)
    mistake: Mapped[str | None] = mapped_column(String(40))
    counts: Mapped[bool]
    own: Mapped[bool]  # the student's own judgement
    at: Mapped[float]


class Mark(Base):
    """What an instructor gave one open answer in a test.

    It is tied to that answer, so one that is changed later has no mark yet.
    """

    __tablename__ = "marks"

    key: Mapped[str] = mapped_column(
        String(160), ForeignKey("given.key", ondelete="CASCADE"), primary_key=True
    )
    points: Mapped[float | None]  # 0 to 1; none: not marked, or taken back
    comment: Mapped[str] = mapped_column(Text)
    version: Mapped[int]  # counts the changes, from 1
    at: Mapped[float]  # of the last


# --- the concept inventory ------------------------------------------------------------


class InventoryRound(Base):
    """The concept inventory taken by a class, before or after its lesson."""

    __tablename__ = "inventory_rounds"

    class_id: Mapped[str] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True
    )
    moment: Mapped[str] = mapped_column(String(8), primary_key=True)  # before, after
    seed: Mapped[int]  # of who takes which form first
    opened: Mapped[float]
    closed: Mapped[float | None]


class InventoryPaper(Base):
    """One student's copy of a form."""

    __tablename__ = "inventory_papers"

    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True
    )
    moment: Mapped[str] = mapped_column(String(8), primary_key=True)
    form: Mapped[str] = mapped_column(String(1))
    seed: Mapped[int]  # of the order of questions and options
    started: Mapped[float]
    handed_in: Mapped[float | None]


class InventoryChoice(Base):
    """What a student chose for one concept; it may change until it is handed in."""

    __tablename__ = "inventory_choices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "moment"],
            ["inventory_papers.member_id", "inventory_papers.moment"],
            ondelete="CASCADE",
        ),
    )

    member_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    moment: Mapped[str] = mapped_column(String(8), primary_key=True)
    concept: Mapped[str] = mapped_column(String(40), primary_key=True)
    choice: Mapped[str] = mapped_column(String(40))  # "right" or a misconception
    at: Mapped[float]
