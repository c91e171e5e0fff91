"""The presenter's second window: it leads the projector and the class.

On the left what is said of the step, and where to go; on the right the clock, and the
class.
"""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from classroom.content import lesson, plan
from classroom.escape import escape_markdown
from classroom.exams import tallies
from classroom.people import classes
from classroom.people.classes import ClassNow, MemberNow
from classroom.people.names import ClassRefused
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui import script
from ui.following import class_page, follow
from ui.kit import state, widgets, words
from ui.kit.components.pace import PacedStep, pace
from ui.lesson import navigation, presenter, think
from ui.lesson.lesson_view import LessonView
from ui.session import permissions


def show(view: LessonView) -> None:
    """All of the window."""
    with st.container(key="notes"), widgets.language(view.lesson.language):
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.title(view.step.title, anchor=False)
            navigation.progress(view)
            _moves(view)
            navigation.keys(view, "notes")
            presenter.texts(view)
            _then(view)
        with right:
            _class(view)
            _pace(view)
            st.page_link(
                script("handout"),
                label=view.word("prepare"),
                icon=":material/print:",
                query_params={"with": "notes"},
            )
        presenter.words_of_notes(view)


def _moves(view: LessonView) -> None:
    """Steps and the step's question, for the projector and the class."""
    at = navigation.stage(view)
    with st.container(horizontal=True, gap="small", key="note_moves"):
        navigation.buttons(view)
        onward = _onward(view)
        if onward is not None and onward != view.at + 1:
            title = view.lesson.steps[onward].title
            st.button(
                view.word("plan_onward", title=title),
                on_click=navigation.go,
                args=(view, onward),
                icon=":material/fast_forward:",
                key="plan_onward",
            )
        asked = at not in (navigation.HIDDEN, navigation.KNOWN)
        st.button(
            view.word("ask_close" if asked else "ask"),
            on_click=navigation.ask,
            args=(view,),
            icon=":material/close:" if asked else ":material/contact_support:",
            key="ask_question",
        )
        shown = at >= navigation.REVEALED
        st.button(
            view.word("hide" if shown else "reveal"),
            on_click=_reveal,
            args=(view, not shown),
            icon=":material/visibility_off:" if shown else ":material/visibility:",
            key="reveal_answer",
        )


def _reveal(view: LessonView, wanted: bool) -> None:
    state.ASKS.set(1)
    navigation.reveal_or_class(view, wanted)


def _then(view: LessonView) -> None:
    """What the next step shows."""
    if view.at < view.last:
        following = view.at_step(view.at + 1).step
        st.markdown(view.markdown(lesson.without_marks(following.slide)))


# --- the clock ------------------------------------------------------------------------


def _planned(view: LessonView) -> list[PacedStep]:
    """Every step, and when the plan has it."""
    length = state.PLAN.get()
    if length not in plan.lengths():
        state.PLAN.set(state.PLAN.default)
        length = state.PLAN.default
    steps = view.lesson.steps
    found = {one.slug: one for one in plan.plan(length, [s.slug for s in steps])}
    paced, at = [], 0
    for number, one in enumerate(steps, 1):
        begins, ends = at, at
        if one.slug in found:
            begins, ends = found[one.slug].begins, found[one.slug].ends
        paced.append(PacedStep(one.slug, f"{number}. {one.title}", begins, ends))
        at = ends
    return paced


def _onward(view: LessonView) -> int | None:
    """The place of the next step of the plan; None: this is its last."""
    for place, step in enumerate(_planned(view)):
        if place > view.at and step.ends > step.begins:
            return place
    return None


def _pace(view: LessonView) -> None:
    text = words.of_lesson(view.lesson.language).table("pace_clock").as_dict()
    widgets.choice(
        state.PLAN,
        view.word("plan"),
        {n: view.word("plan_minutes", minutes=n) for n in plan.lengths()},
    )
    course = _course(view)
    name = "lesson" if course is None else course.id
    pace(name, _planned(view), view.step.slug, text, key="pace")


# --- the class ------------------------------------------------------------------------


def _course(view: LessonView) -> ClassNow | None:
    return view.part.course if view.part is not None and view.part.leads else None


def _class(view: LessonView) -> None:
    """Whether a class is led, where it is, who is here, and who has answered."""
    follow.bar(view.part)
    follow.controls()
    course = _course(view)
    if course is None:
        return
    beside = class_page.read(course.page)
    if beside is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            title = words.page(beside.page)["title"]
            st.markdown(view.word("notes_beside", title=title), width="content")
            st.button(
                view.word("class_to_lesson"),
                on_click=_to_the_lesson,
                args=(course.id, course.step, course.reveal),
                icon=":material/school:",
                key="class_to_lesson",
            )
    st.fragment(_present, run_every=think.EVERY)(view, course)


def _to_the_lesson(class_id: str, step: str, reveal: bool) -> None:
    # What stands in the way, the next run says: the class is not led then.
    with suppress(DatabaseAway, NotAllowed, ClassRefused):
        classes.move(permissions.require_instructor(), class_id, step, reveal)


def _present(view: LessonView, course: ClassNow) -> None:
    """Who is here, and who of them has answered, as it is now."""
    try:
        who = permissions.require_instructor()
        members = [one for one in classes.here(who, course.id) if one.here]
        asked = tallies.of_step(who, course.id, view.thought.variant.question)
    except (DatabaseAway, NotAllowed):
        st.warning(view.word("class_away"), icon=":material/cloud_off:")
        return
    now = asked.get(course.asked)
    answered = set() if now is None else set(now[0].members)
    here = max(len(members), len(answered))
    st.markdown(f"**{view.word('class_answered', answered=len(answered), here=here)}**")
    lines = [_line(one, course, one.id in answered) for one in members]
    with st.container(height=160 if len(lines) > 6 else "content", key="notes_here"):
        st.markdown("\n".join(lines) if lines else view.word("notes_nobody"))


def _line(one: MemberNow, course: ClassNow, answered: bool) -> str:
    """A student, by name only where the class's names are shown."""
    name = one.name
    if not course.names_shown:
        name = words.page("class_results")["hidden"].format(number=one.number)
    icon = ":material/check_circle:" if answered else ":material/more_horiz:"
    return f"- {icon} {escape_markdown(name)}"
