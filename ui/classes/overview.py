"""The tab "Class": how to join it, where it is, and who is here."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import streamlit as st

from classroom.content import lesson
from classroom.escape import escape_markdown
from classroom.exams.gradebook import Pupil
from classroom.people import classes
from classroom.people.classes import ClassNow, MemberNow
from classroom.people.codes import spaced
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui import script
from ui.classes.actions import page_words
from ui.classes.names import students
from ui.following import join_link
from ui.following.together import as_instructor
from ui.kit import sections, state, words
from ui.session import addresses, permissions, presented

EVERY = 2  # seconds between two looks at who is here


def _join(course: ClassNow) -> None:
    text = page_words()
    alt = text["join_alt"].format(code=spaced(course.code))
    join_link.card(course, text["join"], alt, 240)
    join_link.choose(text["join_at"], text["join_at_help"])
    where = join_link.address()
    if not addresses.is_reachable(where):
        host = urlsplit(where).netloc
        st.warning(text["unreachable"].format(host=host), icon=":material/wifi_off:")


@st.fragment(run_every=EVERY)
def overview(class_id: str) -> None:
    """The class's position, how to join it and who is here, every two seconds.

    What leads comes first, on a phone too.
    """
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        course = classes.now(who, class_id)
        members = classes.here(who, class_id)
    except NotAllowed:  # deleted, in another window
        state.rerun()
    except DatabaseAway:
        st.warning(page_words()["away"], icon=":material/cloud_off:")
        return
    if course.is_open != state.CLASS_OPEN.get():  # closed or opened in another window
        state.rerun()
    if not course.is_open:
        _here(course, members)
        return
    if not presented.is_presented("class"):
        _lead(course)
        _language(course)
        _start_switch(course)
    _room(course, members)


def _room(course: ClassNow, members: list[MemberNow]) -> None:
    """How to join, and who has; all that is shown of a class on a projector."""
    wide = presented.is_presented("class")
    left, right = st.columns([3, 2] if wide else 2, gap="large")
    with left:
        _join(course)
    with right, st.container(key="class_here"):
        _here(course, members)


def _move(class_id: str, step: str, reveal: bool) -> None:
    as_instructor(lambda who: classes.move(who, class_id, step, reveal))


def _lead(course: ClassNow) -> None:
    """Where the class is, and the buttons that move it."""
    text = page_words()
    steps = lesson.load(words.language()).steps
    slugs = [step.slug for step in steps]
    at = slugs.index(course.step) if course.step in slugs else 0
    st.header(text["lead_title"], anchor=False)
    where = text["at"].format(number=at + 1, count=len(steps), title=steps[at].title)
    st.markdown(f"{where} {text['revealed']}" if course.reveal else where)
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["previous"],
            on_click=_move,
            args=(course.id, slugs[max(at - 1, 0)], False),
            disabled=at == 0,
            icon=":material/arrow_back:",
            key="class_previous",
        )
        st.button(
            text["next"],
            on_click=_move,
            args=(course.id, slugs[min(at + 1, len(slugs) - 1)], False),
            disabled=at == len(slugs) - 1,
            icon=":material/arrow_forward:",
            icon_position="right",
            key="class_next",
        )
        st.button(
            text["hide" if course.reveal else "reveal"],
            on_click=_move,
            args=(course.id, slugs[at], not course.reveal),
            icon=":material/visibility_off:"
            if course.reveal
            else ":material/visibility:",
            key="class_reveal",
        )
    st.page_link(
        script("lesson"),
        label=text["present"],
        icon=":material/present_to_all:",
        query_params={
            "step": course.step,
            "present": "1",
            "lead": "1",
            "class": course.id,
        },
    )
    st.page_link(
        script("handout"),
        label=text["prepare"],
        icon=":material/print:",
        query_params={"with": "notes"},
    )
    st.caption(text["lead_caption"])


def _language(course: ClassNow) -> None:
    """What its followers read the lesson and the quiz in."""
    text = page_words()
    names = {"": text["language_own"]}
    names |= {name: lesson.load(name).name for name in lesson.languages()}
    known = course.language if course.language in names else ""
    state.CLASS_LANGUAGE.keep_valid(known)
    st.segmented_control(
        text["language"],
        list(names),
        required=True,
        format_func=names.__getitem__,
        help=text["language_help"],
        on_change=_speak,
        args=(course.id,),
        **state.CLASS_LANGUAGE.widget,
    )


def _speak(class_id: str) -> None:
    wanted = state.CLASS_LANGUAGE.get() or None
    as_instructor(lambda who: classes.speak(who, class_id, wanted))


def _start_switch(course: ClassNow) -> None:
    """Who may start experiments in the lab: everybody in this class, or instructors."""
    text, chosen = page_words(), course.students_start
    state.STUDENTS_START.keep_valid(
        permissions.students_start() if chosen is None else chosen
    )
    st.toggle(
        text["students_start"],
        help=text["students_start_help"],
        on_change=_let_start,
        args=(course.id,),
        **state.STUDENTS_START.widget,
    )


def _let_start(class_id: str) -> None:
    wanted = state.STUDENTS_START.get()
    as_instructor(lambda who: classes.let_start(who, class_id, wanted))


def _place(step: str) -> str:
    """A step or a page in words."""
    text = page_words()
    for number, one in enumerate(lesson.load(words.language()).steps, 1):
        if one.slug == step:
            return str(text["step_at"].format(number=number, title=one.title))
    page = step.replace("-", "_")
    return words.page(page)["title"] if sections.has(page) else text["another_page"]


def _here(course: ClassNow, members: list[MemberNow]) -> None:
    """Who is here and where, and how many at each step."""
    text = page_words()
    st.header(text["here_title"], anchor=False)
    here = [one for one in members if one.here]
    if not members:
        st.markdown(text["nobody"])
        return
    st.markdown(
        text["here"].format(
            here=len(here),
            members=len(members),
            follow=sum(one.follows for one in here),
        )
    )
    names = students(
        Pupil(one.id, one.number, one.name, course.names_shown) for one in members
    )
    shown = sorted(members, key=lambda one: not one.here)
    how = {True: text["follows"], False: text["wanders"]}
    st.table(
        {
            text["column_name"]: [escape_markdown(names[one.id]) for one in shown],
            text["column_at"]: [_place(one.step) for one in shown],
            text["column_how"]: [
                how[one.follows] if one.here else text["gone"] for one in shown
            ],
        },
        border="horizontal",
        hide_index=True,
        alt=text["table_alt"],
    )
    counts = Counter(one.step for one in here)
    if here:
        st.markdown(f"**{text['steps_title']}**")
    order = [step.slug for step in lesson.load().steps]
    for step in sorted(counts, key=lambda s: order.index(s) if s in order else 99):
        label = text["count_at"].format(place=_place(step), count=counts[step])
        st.progress(counts[step] / len(here), text=label)
    if presented.is_presented("class"):
        return
    if course.names_shown:
        _lost_code(members)
    else:
        st.caption(text["lost_hidden"])


def _lost_code(members: list[MemberNow]) -> None:
    """A student's own code, for one who has lost it; not on the projector unasked."""
    text = page_words()
    with st.popover(text["lost"], icon=":material/key:"):
        codes = {one.id: one for one in members}
        chosen = st.selectbox(
            text["lost_who"],
            list(codes),
            index=None,
            format_func=lambda member: codes[member].name if member in codes else "",
            key="lost_code_of",
        )
        if chosen in codes:
            st.markdown(text["lost_own"])
            st.code(spaced(codes[chosen].own_code), language=None)
