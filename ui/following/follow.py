"""The lesson of a class: students follow, wander off and return; instructors lead.

`follow_or_lead` comes first in the lesson's run. Who moves whom is decided by the table
of `classroom.people.follower`; `TAKEN` is the class's position that the lesson last
went along with, `FOLLOWS` tells a follower from a student who wanders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from classroom.content import lesson
from classroom.escape import escape_markdown
from classroom.people import activities, classes, places
from classroom.people.classes import ClassNow, Membership
from classroom.people.codes import spaced
from classroom.people.follower import (
    TRANSITIONS,
    Action,
    Event,
    LessonPosition,
    State,
    leaders_event,
    students_event,
)
from classroom.people.following import following
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui import script
from ui.following import class_page, join_link, place
from ui.following.routes import ADDRESS
from ui.kit import sections, state, widgets, words
from ui.kit.components.follow import Followed, Reactions, Visit, follow
from ui.session import permissions, visitor
from ui.session.routes import path

LESSON_LASTS = 6 * 3600.0  # seconds for which a leading browser may ask about its class
NEWS = (
    *("test_open", "test_running", "test_results"),
    *("inventory_before", "inventory_after"),
)


@dataclass(frozen=True)
class Part:
    """The visitor's part in a class, in this run of the lesson."""

    role: State  # FOLLOWS, WANDERS or LEADS
    course: ClassNow

    @property
    def leads(self) -> bool:
        """Whether the class goes where the visitor goes."""
        return self.role is State.LEADS


def lesson_words() -> words.PageWords:
    return words.of_lesson(_lesson().language)


def _lesson() -> lesson.Lesson:
    language = state.LANGUAGE.get()
    known = language in lesson.languages()
    return lesson.load(language if known else lesson.DEFAULT)


# --- who moves whom -------------------------------------------------------------------


def position(course: ClassNow) -> LessonPosition:
    """Where a class is."""
    return course.id, course.step, int(course.reveal), course.page


def _nothing(course: ClassNow) -> LessonPosition:
    """Nothing of the class's has been taken over yet."""
    return course.id, "", 0, ""


def page_goes(course: ClassNow, page: str = "lesson") -> None:
    """The page goes where the class is: to its step, or to the page it was brought to.

    The presenter's notes stay with the step.
    """
    state.STEP.set(course.step)
    if course.reveal and not state.REVEAL.get() and state.PRESENT.get():
        state.ASKS.set(1)  # on a projector the answer lies over the step
    state.REVEAL.set(int(course.reveal))
    state.TAKEN.set(position(course))
    found = class_page.read(course.page)
    if page == "lesson" and state.NOTES.get():
        return
    if found is not None:
        class_page.choose(found)
    wanted = "lesson" if found is None else found.page
    if wanted != page:
        st.switch_page(script(wanted))


def follow_or_lead() -> Part | None:
    """The visitor's part; sets the lesson's step accordingly."""
    who = permissions.instructor()
    if who is not None:
        return lead(who) if state.LEAD.get() else None
    found = None if state.NOTES.get() else place.here()
    return None if found is None or not found.course.is_open else _follow(found)


def _follow(found: Membership) -> Part:
    course = found.course
    taken = state.TAKEN.get()
    if taken is None or taken[0] != course.id:  # the first time, or another class
        state.FOLLOWS.set(found.follows)
        taken = None
    by_link = state.STEP.name in state.ARRIVED.get()
    event = students_event(taken, position(course), state.STEP.get(), by_link=by_link)
    before = State.FOLLOWS if state.FOLLOWS.get() else State.WANDERS
    after, action = TRANSITIONS[before, event]
    if after is not before:
        state.FOLLOWS.set(after is State.FOLLOWS)
    if action is Action.PAGE_GOES:
        page_goes(course)
    if after is State.FOLLOWS:
        _listen(course)
    else:
        state.TAKEN.set(taken or _nothing(course))
    return Part(after, course)


def _listen(course: ClassNow) -> None:
    """Who follows a class reads in its language, whatever they chose for themselves."""
    if course.language in lesson.languages():
        state.LANGUAGE.set(str(course.language))


def follows() -> ClassNow | None:
    """The class that the visitor follows, in the lesson and beside it."""
    found = place.here()
    if found is None or not found.course.is_open:
        return None
    chosen = state.FOLLOWS.get()
    return found.course if (found.follows if chosen is None else chosen) else None


def listen(page: str) -> None:
    """Before a page: in the language of a class that is followed.

    The lesson finds out itself whether it still is: see `follow_or_lead`.
    """
    course = None if page == "lesson" else follows()
    if course is not None:
        _listen(course)


def _back() -> None:
    """To where the class is, and with it from now on."""
    found: Membership | None = state.PLACE.get()
    if found is not None:
        after, _ = TRANSITIONS[State.WANDERS, Event.RETURNED]
        state.FOLLOWS.set(after is State.FOLLOWS)
        state.TAKEN.set(_nothing(found.course))  # so the page goes where the class is


def _chosen(who: Instructor) -> ClassNow | None:
    """The class that is led: the one chosen, or else the newest that is open.

    The one chosen stays it when it is closed: leading another instead is never meant.
    """
    found = classes.mine(who)
    chosen = state.CLASS.get()
    for one in found:
        if one.id == chosen or (not chosen and one.is_open):
            return one
    return None


def _ended(course: ClassNow | None) -> None:
    """The class that was led is led no more: it was closed or deleted elsewhere."""
    state.LEAD.set(0)
    state.TAKEN.set(None)
    state.SPOKEN.set(None)
    if state.CLASS.get():  # it was led, and is not just looked for
        which = "class_deleted" if course is None else "class_closed"
        name = "" if course is None else escape_markdown(course.name)
        state.LED_MESSAGE.set(lesson_words()[which].replace("{name}", name))
    if course is None:
        state.CLASS.forget()


def lead(who: Instructor, page: str = "lesson") -> Part | None:
    """The part of who leads; in the lesson, their step moves the class."""
    try:
        course = _chosen(who)
        if course is None or not course.is_open:
            _ended(course)
            return None
        state.CLASS.set(course.id)
        following.allow(visitor.key(), course.id, LESSON_LASTS)
        if page == "lesson":
            course = _speak(who, course)
        now, at = position(course), _leaders_position(course, page)
        is_step = _is_step(at[1])
        # The notes begin where the class is, other windows where they are.
        taken = state.TAKEN.get() or (_nothing(course) if state.NOTES.get() else None)
        event = leaders_event(taken, now, at, is_step=is_step)
        role, action = TRANSITIONS[State.LEADS, event]
        if action is Action.CLASS_GOES:
            state.TAKEN.set(at)
            activities.end(who, course.id)  # the class goes on in the lesson
            moved = classes.move(who, course.id, at[1], bool(at[2]))
            course = replace(moved, members=course.members)
        elif action is Action.STAY:
            state.TAKEN.set(now)
    except (DatabaseAway, NotAllowed, ClassRefused):
        state.TAKEN.set(None)
        st.warning(lesson_words()["class_away"], icon=":material/cloud_off:")
        return None
    if action is Action.PAGE_GOES:
        page_goes(course, page)
    return Part(role, course)


def _leaders_position(course: ClassNow, page: str) -> LessonPosition:
    """Where the leader's page is; their notes know of steps, other pages of none."""
    if page != "lesson":
        return position(course)
    beside = course.page if state.NOTES.get() else ""
    return course.id, state.STEP.get(), state.REVEAL.get(), beside


def _speak(who: Instructor, course: ClassNow) -> ClassNow:
    """The class in the leader's language once they change it; else they take its own.

    Where a class has none yet, leading in another language than English is a change.
    """
    mine, known = state.LANGUAGE.get(), state.SPOKEN.get()
    is_led = known is not None and known[0] == course.id
    if is_led and known[1] == course.language:
        changes = mine != known[2]
    else:  # leading begins, or the class has another language since
        changes = not is_led and not course.language and mine != lesson.DEFAULT
        if course.language in lesson.languages():
            mine = str(course.language)
            state.LANGUAGE.set(mine)
    if changes and mine in lesson.languages() and mine != course.language:
        told = classes.speak(who, course.id, mine)
        course = replace(told, members=course.members)
    state.SPOKEN.set((course.id, course.language, mine))
    return course


def _is_step(slug: str) -> bool:
    return any(step.slug == slug for step in _lesson().steps)


# --- what is shown --------------------------------------------------------------------


def _steps() -> dict[str, tuple[int, str]]:
    return {
        step.slug: (number, step.title)
        for number, step in enumerate(_lesson().steps, 1)
    }


def _pages() -> dict[str, str]:
    """The titles of the pages that a class may be brought to, by their addresses."""
    names = [name for names in sections.PAGES.values() for name in names]
    return {
        name.replace("_", "-"): words.page(name)["title"]
        for name in names
        if class_page.may_bring(name)
    }


def leaders_bar(course: ClassNow, at: str) -> None:
    """That the instructor leads, which is heard here too when the class moves."""
    _component("class_bar", State.LEADS, course, at)


def _component(
    key: str,
    mode: State,
    course: ClassNow,
    at: str,
    *,
    follows: bool = False,
    found: Membership | None = None,
) -> None:
    """The component that polls the class's position, and shows it.

    Args:
        found: the student's place; None: it is the instructor who asks.
    """
    text = lesson_words()
    ended = "ended" if found else "closed"
    form = {State.ELSEWHERE: "wanders", State.ENDED: ended}.get(mode, mode.value)
    name = "" if found is None else found.student.name
    follow(
        path(ADDRESS),
        Followed(
            course.id,
            course.version,
            course.step,
            course.is_open,
            _steps(),
            page=course.page,
            pages=_pages(),
            together=activities.current(course.id) is not None,
        ),
        Visit(at, mode, follows),
        {
            "sentence": text[f"class_{form}"]
            .replace("{name}", course.name)
            .replace("{code}", spaced(course.code)),
            "at_page": text["class_at_page"],
            "lost": text["class_lost"],
            "together": text["class_together"],
            "button": text["class_results" if mode is State.ENDED else "class_back"],
            "who": name,
            "not": text["class_not"],
            "to_test": text["class_to_test"],
            **{name: text[f"class_{name}"] for name in NEWS},
        },
        Reactions(
            moved=state.unasked,
            back=_return if at not in _steps() else _back,
            test=lambda: state.GO.set("quiz"),
            inventory=lambda: state.GO.set("inventory"),
            who=lambda: state.ASKS_WHO.set(True),
        ),
        key=key,
        pause=places.PAUSE,
    )


def bar(part: Part | None) -> None:
    """In the lesson: that the instructor leads; for students, see `_foot`."""
    if state.LED_MESSAGE.get():
        st.warning(state.LED_MESSAGE.get(), icon=":material/lock:")
        state.LED_MESSAGE.set("")
    if part is not None and part.leads:
        leaders_bar(part.course, state.STEP.get())
    else:
        foot(state.STEP.get(), part)


def led(part: Part | None) -> dict[str, str]:
    """What the address of another window needs to be about the class that is led."""
    if part is None or not part.leads:
        return {}
    return {state.CLASS.name: part.course.id, state.LEAD.name: "1"}


def foot(at: str, part: Part | None = None) -> None:
    """A slim bar at the foot of a student's page, and what leads on from it.

    It says where the class is or that it has ended, and which test is open; it has the
    way back, and who is taken to be here. It also tells the class's instructor that
    the visitor is there.
    """
    found = place.here()
    if found is None and state.PARTED.get() is None:
        return
    with st.bottom, st.container(key="class_foot"):
        if found is None or state.PARTED.get() is not None:
            place.parted(at)
        if found is None:
            return
        follows = state.FOLLOWS.get()
        mode = State.ELSEWHERE if part is None else part.role
        with widgets.language(_lesson().language, "foot"):
            _component(
                "class_foot_bar",
                mode if found.course.is_open else State.ENDED,
                found.course,
                at,
                follows=found.follows if follows is None else bool(follows),
                found=found,
            )


def _return() -> None:
    _back()
    state.GO.set("lesson")


def controls() -> None:
    """For instructors: whether the class is led, and which."""
    who = permissions.instructor()
    if who is None:
        return
    text = lesson_words()
    try:
        found = {one.id: one for one in classes.mine(who) if one.is_open}
    except DatabaseAway:
        return
    if not found:
        state.LEAD.set(0)
        st.page_link(
            script("class"), label=text["class_none"], icon=":material/co_present:"
        )
        return
    if state.CLASS.get() not in found:
        state.CLASS.set(next(iter(found)))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _controls(found, text)


def _controls(found: Mapping[str, ClassNow], text: Mapping[str, str]) -> None:
    state.LEADS.keep_valid(bool(state.LEAD.get()))
    st.toggle(
        text["class_lead"], on_change=_switch, width="content", **state.LEADS.widget
    )
    if len(found) > 1:
        state.CLASS.keep_valid()
        st.selectbox(
            text["class_which"],
            list(found),
            format_func=lambda name: found[name].name,
            label_visibility="collapsed",
            width=220,
            on_change=state.TAKEN.set,
            args=(None,),
            **state.CLASS.widget,
        )
    if not state.LEAD.get():
        return
    st.button(
        text["class_join"],
        on_click=state.JOIN.set,
        args=(True,),
        icon=":material/qr_code_2:",
        key="how_to_join",
    )
    if state.JOIN.get():
        state.JOIN.set(False)
        join_link.dialog(found[state.CLASS.get()], text)


def _switch() -> None:
    """Leading begins where the instructor is, and ends there."""
    state.LEAD.set(int(state.LEADS.get()))
    state.TAKEN.set(None)
    state.SPOKEN.set(None)
