"""What one student has done, on one page: for the student, and for the instructor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams.student_work import ExamWork, StudentWork
from classroom.exams.timing import AttemptStatus
from classroom.questions.bank import find
from classroom.questions.question_files import Bank
from classroom.questions.titles import short
from lab.results.prediction import Prediction
from ui import script
from ui.kit import times, words
from ui.kit.questions import question_language
from ui.kit.runs import guesses, run_names


def show(
    work: StudentWork, known: Bank, found: Sequence[Prediction], *, own: bool
) -> None:
    """All of it, in parts that are not cut on paper.

    Args:
        known: the questions that are asked of the student, in the page's language.
        found: guesses before experiments.
        own: whether it is the student who reads it, and may be asked again.
    """
    _sums(work)
    with _part("steps"):
        _steps(work)
    with _part("topics"):
        _topics(work, known)
    with _part("repeat"):
        _repeat(work, known, own=own)
    with _part("tests"):
        _tests(work)
    with _part("guesses"):
        _guesses(found)


@contextmanager
def _part(name: str) -> Iterator[None]:
    """A part with its heading, which paper does not cut where that can be helped."""
    with st.container(key=f"sheet-progress-{name}", gap="small"):
        st.header(_words(name)["heading"], anchor=False)
        yield


def _words(*tables: str) -> words.PageWords:
    return words.page("my_progress").table(*tables)


def _title(name: str) -> str:
    """What a question is called, in the page's language, as Markdown."""
    question = find(name, question_language.current())
    return escape_markdown(question.title or short(question.ask))


def _sums(work: StudentWork) -> None:
    text = _words("sums")
    points = sum(line.points for line in work.topics)
    judged = sum(line.judged_answered for line in work.topics)
    own = sum(line.self_assessed for line in work.topics)
    quiz = text["quiz"].format(
        answered=sum(line.answered for line in work.topics),
        points=round(points, 2),
        judged=judged,
    )
    lines = [
        text["steps"].format(answered=work.answered_steps, all=len(work.steps)),
        quiz + (f" · {text['quiz_own'].format(count=own)}" if own else ""),
    ]
    if work.exams:
        taken = sum(bool(one.attempts) for one in work.exams)
        lines.append(text["tests"].format(taken=taken, all=len(work.exams)))
    again = len(work.repeat) + len(work.repeat_steps)
    lines.append(text["repeat"].format(count=again))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _steps(work: StudentWork) -> None:
    text, outcomes = _words("steps"), _words("steps", "outcome")
    _table(
        {
            text["step"]: [
                f"{number} · {step.title}" for number, step in enumerate(work.steps, 1)
            ],
            text["answer"]: [outcomes[step.outcome] for step in work.steps],
        }
    )


def _topics(work: StudentWork, known: Bank) -> None:
    text = _words("topics")
    if not work.topics:
        st.caption(text["none"])
        return
    _table(
        {
            text["topic"]: [known.topics[line.topic] for line in work.topics],
            text["answered"]: [
                text["of"].format(answered=line.answered, all=line.questions)
                for line in work.topics
            ],
            text["points"]: [
                text["points_of"].format(
                    points=round(line.points, 2), all=line.judged_answered
                )
                for line in work.topics
            ],
        }
    )


def _table(columns: dict[str, list[str]]) -> None:
    """A table that is printed whole, as a grid on a canvas is not."""
    st.table(columns, border="horizontal", hide_index=True)


def _repeat(work: StudentWork, known: Bank, *, own: bool) -> None:
    text = _words("repeat")
    if not (work.repeat or work.repeat_steps):
        begun = work.answered_steps or work.topics
        st.caption(text["none" if begun else "nothing_yet"])
        return
    st.caption(text["say"])
    for step in work.repeat_steps:
        with _line(text["of_step"].format(step=escape_markdown(step.title))):
            _step_link(step.slug, step.title)
    for name in work.repeat:
        question = known.questions[name]
        with _line(_title(name)):
            if own:
                st.page_link(
                    script("quiz"),
                    label=text["question"],
                    icon=":material/replay:",
                    query_params={"question": name, "round": question.topic},
                )
            _step_link(question.step, known.steps[question.step])


@contextmanager
def _line(title: str) -> Iterator[None]:
    """A thing to repeat, and beside it what leads there."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(title, width=320)
        yield


def _step_link(slug: str, title: str) -> None:
    st.page_link(
        script("lesson"),
        label=_words("repeat")["step"].format(step=title),
        icon=":material/school:",
        query_params={"step": slug},
    )


# --- tests ----------------------------------------------------------------------------


def _tests(work: StudentWork) -> None:
    if not work.exams:
        st.caption(_words("tests")["none"])
    for one in work.exams:
        lines = [_open(one), *(_sitting(one, sat) for sat in one.attempts)]
        stands = " · ".join(line for line in lines if line)
        st.markdown(f"**{escape_markdown(one.exam.title)}** · {stands}")
        _comments(one)


def _open(one: ExamWork) -> str:
    text, exam = _words("tests"), one.exam
    if not exam.open:
        return ""
    stands = text["is_open"]
    if exam.closes is not None:
        stands = text["due"].format(time=times.clock_time(exam.closes))
    return stands if one.attempts else f"{stands} · {text['not_begun']}"


def _sitting(one: ExamWork, sat: AttemptStatus) -> str:
    text, result = _words("tests"), one.results.get(sat.number)
    if result is not None:
        judged = len(result.judged)
        line = text["points_1" if judged == 1 else "points"].format(
            number=sat.number, points=round(result.points, 2), all=judged
        )
        if left := result.unmarked:
            waits = text["unmarked_1" if left == 1 else "unmarked"]
            line += f" ({waits.format(count=left)})"
        return line
    if sat.handed_in is not None:
        at = times.clock_time(sat.handed_in)
        return text["handed"].format(number=sat.number, time=at)
    return text["time_up" if sat.over else "begun"].format(number=sat.number)


def _comments(one: ExamWork) -> None:
    """What the instructor wrote on open answers."""
    text = _words("tests")
    for result in one.results.values():
        for variant, mark in result.marks.items():
            if mark.comment:
                st.caption(text["comment"].format(question=_title(variant.question)))
                st.text(mark.comment)


# --- guesses --------------------------------------------------------------------------


def _guesses(found: Sequence[Prediction]) -> None:
    text = _words("guesses")
    if not found:
        st.caption(text["none"])
        return
    _table(
        {
            text["experiment"]: [
                escape_markdown(run_names.preset(one.experiment.name)) for one in found
            ],
            text["guess"]: [
                escape_markdown(guesses.amount(one, one.guessed, one.by))
                for one in found
            ],
            text["measured"]: [escape_markdown(guesses.measured(one)) for one in found],
            text["verdict"]: [guesses.verdict(one) or "–" for one in found],
        }
    )
