"""A step's question: answered first, then told, and what a class thinks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from classroom.exams import tallies
from classroom.exams.tallies import Counted
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.names import ClassRefused
from classroom.people.roles import NotAllowed
from classroom.questions import answer_text
from classroom.questions.grading import Answer
from classroom.questions.variants import Posed, Variant, solution
from store.database import DatabaseAway
from ui.kit import state
from ui.kit.questions import answers, question_language
from ui.kit.questions import feedback as feedback_panel
from ui.kit.questions.answers import AnswerFrame
from ui.lesson import navigation
from ui.lesson.lesson_view import LessonView
from ui.session import permissions
from ui.session import progress as quiz_progress

EVERY = 1.5  # seconds between two looks at what the class has answered
MOST_ROWS = 6  # of answers that are no choices


def panel(view: LessonView) -> None:
    """The question, a way to answer it, and its answer once it is shown."""
    thought = view.thought
    with st.container(border=True, key="think"):
        st.markdown(f"**{view.word('question')}**")
        st.markdown(view.shown.question)
        if thought.leads is not None:
            _of_class(view)
        elif thought.answered:
            _given(view)
        elif not thought.shown:
            _ask(view)
        if thought.shown:
            st.markdown(f"**{view.word('answer')}**")
            st.markdown(view.shown.answer)
        _reveal(view)


def is_covered(view: LessonView) -> bool:
    """Whether what is live would give the answer away now."""
    return view.step.think.covers and not view.thought.shown


def cover(view: LessonView) -> bool:
    """Whether what is live would give the answer away; then a line stands for it."""
    thought = view.thought
    if not is_covered(view):
        return False
    led = thought.leads is not None or thought.is_revealed_for
    with st.container(border=True, key="think_covered"):
        text = view.word("think_covered_class" if led else "think_covered")
        st.markdown(f":material/visibility_off: {text}")
    return True


def _reveal(view: LessonView) -> None:
    """Shows the answer, or hides it; followers wait for their instructor."""
    thought = view.thought
    if thought.waits_for_class or (thought.shown and not state.REVEAL.get()):
        return
    shown = bool(state.REVEAL.get())
    st.button(
        view.word("hide" if shown else "reveal"),
        on_click=navigation.reveal_or_class if thought.leads else navigation.reveal,
        args=(view, not shown) if thought.leads else (not shown,),
        icon=":material/visibility_off:" if shown else ":material/visibility:",
        key="reveal_answer",
    )


# --- one's own answer -----------------------------------------------------------------


def _ask(view: LessonView) -> None:
    """The widgets: one tap answers a choice."""
    thought = view.thought
    if thought.progress is None:
        st.info(view.word("think_away"), icon=":material/cloud_off:")
        return
    if thought.variant.seed > 1:
        st.markdown(view.word("think_again"))
    for unread in thought.question_state.tries[-1:]:
        st.info(unread.grade.sentence, icon=":material/keyboard:")
    posed, number = thought.posed, thought.progress.number(thought.variant)
    name = f"think_{thought.variant.question}_{thought.variant.seed}_{number}"
    if posed.kind == "single":
        for place, choice in enumerate(posed.choices):
            st.button(
                choice.label,
                on_click=_give,
                args=(thought.variant, number, choice.id),
                key=f"{name}_{place}",
                width="stretch",
            )
        return
    frame = AnswerFrame(name)
    button: dict[str, Any] = {
        "label": view.word("think_give"),
        "on_click": _submit,
        "args": (thought.variant, number, name),
        "type": "primary",
        "key": f"{name}_give",
    }
    if posed.kind == "layer":  # the drawing and the list follow each other at once
        if state.CLICKED_FOR.get() != name:
            state.CLICKED.set("")
            state.CLICKED_FOR.set(name)
        answers.draw(posed, frame)
        st.button(**button)
        return
    with st.form(f"{name}_form", border=False):
        answers.draw(posed, frame)
        st.form_submit_button(**button)


def _give(variant: Variant, number: int, answer: Answer) -> None:
    if (progress := quiz_progress.drawn_from()) is not None:
        progress.give(variant, number, "answer", answer)


def _submit(variant: Variant, number: int, name: str) -> None:
    _give(variant, number, answers.held(question_language.pose(variant), name))


def _given(view: LessonView) -> None:
    """What was answered, and what is to be said to it once the answer is shown."""
    thought = view.thought
    known = thought.question_state
    quiz_progress.show_message()
    if thought.waits:
        quiz_progress.banner()
        return
    if known.in_words is not None:
        st.markdown(view.word("think_yours", answer=""))
        st.text(known.in_words)
    elif known.counted:
        said = _said(thought.posed, known.counted[0].answer)
        st.markdown(view.word("think_yours", answer=said))
    if not thought.shown:
        st.info(view.word("think_waits"), icon=":material/how_to_vote:")
        return
    if known.in_words is not None:
        points = question_language.question(thought.variant.question).points
        lines = [view.word("think_points"), "", *(f"- {point}" for point in points)]
        st.markdown("\n".join(lines))
    elif known.counted:
        grade = question_language.last_grade(known)
        feedback_panel.verdict(grade, known)


def _said(posed: Posed, answer: Answer) -> str:
    """An answer in words."""
    if isinstance(answer, dict):
        return "; ".join(answer_text.lines(posed, answer))
    labels = {choice.id: choice.label for choice in posed.choices}
    chosen = answer if isinstance(answer, list) else [answer]
    return ", ".join(labels.get(str(one), str(one)) for one in chosen)


# --- a class's answers ----------------------------------------------------------------


def _of_class(view: LessonView) -> None:
    """For who leads: how many have answered, then what, then once more."""
    course = view.thought.leads
    assert course is not None
    st.fragment(_live, run_every=EVERY)(view, course)
    if _is_out(view, course):
        st.button(
            view.word("class_again"),
            on_click=_ask_again,
            args=(course.id, course.asked),
            icon=":material/replay:",
            key="ask_again",
        )


def _is_out(view: LessonView, course: ClassNow) -> bool:
    """Whether the class's answers are on the screen."""
    out = navigation.answers_of(view, course)
    return bool(state.REVEAL.get()) or state.CLASS_ANSWERS.get() == out


def _live(view: LessonView, course: ClassNow) -> None:
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        asked = tallies.of_step(who, course.id, view.thought.variant.question)
        here = sum(one.here for one in classes.here(who, course.id))
    except (DatabaseAway, NotAllowed):
        st.warning(view.word("class_away"), icon=":material/cloud_off:")
        return
    now = asked.get(course.asked)
    answered = 0 if now is None else len(now[0].members)
    here = max(here, answered)
    st.markdown(f"### {view.word('class_answered', answered=answered, here=here)}")
    if _is_out(view, course) and asked:
        st.markdown(f"**{view.word('class_answers')}**")
        _answers(view, asked)


def _answers(view: LessonView, asked: Mapping[int, Counted]) -> None:
    """How often each answer was given; which is right only once it is revealed."""
    posed, solved = view.thought.posed, question_language.key(view.thought.variant)
    revealed = bool(state.REVEAL.get())
    if posed.kind == "open":
        count = max(len(tally.members) for tally, _ in asked.values())
        st.markdown(view.word("class_texts", count=count))
        return
    truth = solved.truth if isinstance(solved.truth, tuple) else ()
    choices = posed.choices if posed.kind != "match" else ()
    rows = [(c.label, c.id in truth, c.id) for c in choices]
    if not rows:  # a number, a layer, pairs: what was given is what there is to show
        bars = dict.fromkeys(
            (b.label, b.right) for t, _ in asked.values() for b in t.bars
        )
        rows = [(label, right, label) for label, right in list(bars)[:MOST_ROWS]]
    for label, right, name in rows:
        mark = ":material/check: " if revealed and right else ""
        st.markdown(f"{mark}{label}")
        for number, (tally, chosen) in asked.items():
            counts = chosen if choices else {b.label: b.count for b in tally.bars}
            count = counts.get(name, 0)
            when = "class_first" if number == 1 else "class_later"
            st.progress(
                count / max(1, len(tally.members)),
                text=view.word(when, number=number, count=count),
            )
    if revealed and not choices:
        st.markdown(f":material/check: {', '.join(solution(posed, solved))}")


def _ask_again(class_id: str, asked: int) -> None:
    try:
        if (who := permissions.instructor()) is not None:
            classes.ask_again(who, class_id, asked)
            state.REVEAL.set(0)
    except (DatabaseAway, NotAllowed, ClassRefused):
        pass  # the next run says why the class is not led
