"""The lesson of a class: students follow, wander off and return; instructors lead.

`take_part` comes first in the lesson's run and decides who moves whom: where the class
has moved, the lesson goes there; where the visitor has moved, a student wanders from
then on, and a leading instructor takes the class along. `TAKEN` remembers what the
lesson last took over from the class, and so tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from classroom import classes
from classroom import lesson as content
from classroom.classes import ClassNow, Refused, Seat
from classroom.following import following
from classroom.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui import class_join, components, permissions, script, state, visitor
from ui.follow_routes import ADDRESS
from ui.session_routes import path

LESSON_LASTS = 6 * 3600.0  # seconds for which a leading browser may ask about its class


@dataclass(frozen=True)
class Part:
    """The visitor's part in a class, in this run of the lesson."""

    role: Literal["follows", "wanders", "leads"]
    klass: ClassNow


def _text() -> dict[str, str]:
    return dict(_lesson().words)


def _lesson() -> content.Lesson:
    language = state.LANGUAGE.get()
    known = language in content.languages()
    return content.load(language if known else content.DEFAULT)


def seat() -> Seat | None:
    """The visitor's place in a class; as last known while the database is away."""
    try:
        found = classes.seat(visitor.key())
    except DatabaseAway:
        known: Seat | None = state.PLACE.get()
        return known
    state.PLACE.set(found)
    return found


# --- who moves whom -------------------------------------------------------------------


def _moment(klass: ClassNow) -> tuple[str, str, int]:
    return klass.id, klass.step, int(klass.reveal)


def _nothing(klass: ClassNow) -> tuple[str, str, int]:
    """Nothing of the class's has been taken over yet."""
    return klass.id, "", 0


def take_part() -> Part | None:
    """The visitor's part, and the lesson's step set to what it asks for."""
    who = permissions.instructor()
    if who is not None:
        return _lead(who) if state.LEAD.get() else None
    found = seat()
    return None if found is None or not found.klass.is_open else _follow(found)


def _follow(found: Seat) -> Part:
    klass = found.klass
    taken = state.TAKEN.get()
    if taken is None or taken[0] != klass.id:  # the first time, or another class
        state.FOLLOWS.set(found.follows)
        taken = None
    # A link to a step, on another page, is the visitor's wish; a reload is not.
    goes_elsewhere = state.STEP.get() != klass.step and (
        state.STEP.name in state.ARRIVED.get() or taken == _moment(klass)
    )
    if state.FOLLOWS.get() and goes_elsewhere:
        state.FOLLOWS.set(False)
    if not state.FOLLOWS.get():
        state.TAKEN.set(taken or _nothing(klass))
        return Part("wanders", klass)
    if taken != _moment(klass):
        state.STEP.set(klass.step)
        state.REVEAL.set(int(klass.reveal))
        state.TAKEN.set(_moment(klass))
    return Part("follows", klass)


def _back() -> None:
    """To where the class is, and with it from now on."""
    found: Seat | None = state.PLACE.get()
    if found is not None:
        state.FOLLOWS.set(True)
        state.TAKEN.set(_nothing(found.klass))


def _chosen(who: Instructor) -> ClassNow | None:
    """The open class that is led: the one chosen, or the newest."""
    found = [one for one in classes.mine(who) if one.is_open]
    for one in found:
        if one.id == state.CLASS.get():
            return one
    return found[0] if found else None


def _lead(who: Instructor) -> Part | None:
    try:
        klass = _chosen(who)
        if klass is None:
            return None
        state.CLASS.set(klass.id)
        following.allow(visitor.key(), klass.id, LESSON_LASTS)
        taken = state.TAKEN.get()
        wanted = (klass.id, state.STEP.get(), state.REVEAL.get())
        if taken is not None and taken[0] == klass.id and taken != _moment(klass):
            # Another window of the instructor's has moved it.
            state.STEP.set(klass.step)
            state.REVEAL.set(int(klass.reveal))
            state.TAKEN.set(_moment(klass))
        elif wanted != _moment(klass) and _is_step(wanted[1]):
            state.TAKEN.set(wanted)
            klass = replace(
                classes.move(who, klass.id, wanted[1], bool(wanted[2])),
                members=klass.members,
            )
        else:
            state.TAKEN.set(_moment(klass))
    except (DatabaseAway, NotAllowed, Refused):
        state.TAKEN.set(None)
        st.warning(_text()["class_away"], icon=":material/cloud_off:")
        return None
    return Part("leads", klass)


def _is_step(slug: str) -> bool:
    return any(step.slug == slug for step in _lesson().steps)


# --- what is shown --------------------------------------------------------------------


def _steps() -> dict[str, tuple[int, str]]:
    return {
        step.slug: (number, step.title)
        for number, step in enumerate(_lesson().steps, 1)
    }


def _component(
    key: str,
    mode: Literal["follows", "leads", "wanders", "aside"],
    klass: ClassNow,
    at: str,
    follows: bool,
    on_back: Callable[[], None],
) -> None:
    text = _text()
    said = "wanders" if mode == "aside" else mode
    components.follow(
        key=key,
        url=path(ADDRESS),
        class_id=klass.id,
        version=klass.version,
        step=klass.step,
        at=at,
        mode=mode,
        follows=follows,
        steps=_steps(),
        text={
            mode: text[f"class_{said}"]
            .replace("{name}", klass.name)
            .replace("{code}", classes.spaced(klass.code)),
            "lost": text["class_lost"],
            "back": text["class_back"],
        },
        on_moved=state.unasked,
        on_back=on_back,
    )


def bar(part: Part | None) -> None:
    """That the visitor follows or leads; or where the class is, and the way back."""
    if part is not None:
        at, follows = state.STEP.get(), part.role == "follows"
        _component("class_bar", part.role, part.klass, at, follows, _back)


def aside(page: str) -> None:
    """On other pages: where the class is, and the way back to it.

    It also tells the class's instructor that the visitor is here.
    """
    if page == "lesson":
        return
    found = seat()
    if found is None or not found.klass.is_open:
        return
    follows = state.FOLLOWS.get()
    _component(
        "class_aside",
        "aside",
        found.klass,
        page.replace("_", "-"),
        found.follows if follows is None else bool(follows),
        _return,
    )
    if state.GO.get() == "lesson":
        state.GO.set("")
        st.switch_page(script("lesson"))


def _return() -> None:
    _back()
    state.GO.set("lesson")


def controls() -> None:
    """For instructors: whether the class is led, and which."""
    who = permissions.instructor()
    if who is None:
        return
    text = _text()
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
    state.LEADS.settle(bool(state.LEAD.get()))
    st.toggle(
        text["class_lead"], on_change=_switch, width="content", **state.LEADS.widget
    )
    if len(found) > 1:
        state.CLASS.settle()
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
        class_join.dialog(found[state.CLASS.get()], text)


def _switch() -> None:
    """Leading begins where the instructor is, and ends there."""
    state.LEAD.set(int(state.LEADS.get()))
    state.TAKEN.set(None)
