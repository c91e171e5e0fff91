"""The instructor's page: a class is opened, shown, led and put away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from classroom.content import lesson
from classroom.escape import escape_markdown
from classroom.exams import class_tests
from classroom.exams.gradebook import Pupil
from classroom.people import classes
from classroom.people.classes import ClassNow, MemberNow
from classroom.people.codes import clean_code, spaced
from classroom.people.names import LONGEST_CLASS, Refused
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui import script
from ui.classes import bank, exams, results
from ui.classes import names as class_names
from ui.following import join_link
from ui.kit import sections, state, words
from ui.kit.panels import account
from ui.session import addresses, permissions

WIDTH = 420  # pixels of a form
EVERY = 2  # seconds between two looks at who is here

# What a tab shows: the instructor, and the id of the class.
Tab = Callable[[Instructor, str], None]


def text() -> dict[str, Any]:
    """The page's words."""
    return words.page("class")


def page() -> None:
    """The whole page, or what others than instructors see."""
    said = text()
    try:
        who = permissions.instructor()
        if who is None:
            only_instructors()
            return
        st.title(said["heading"], anchor=False)
        chosen = choose(who)
        if chosen is not None:
            tabs(who, chosen.id)
    except NotAllowed as trouble:
        st.error(str(trouble), icon=":material/error:")
    except DatabaseAway:
        st.warning(said["away"], icon=":material/cloud_off:")


def only_instructors() -> None:
    """All that anybody else sees."""
    st.title(text()["title"], anchor=False)
    st.markdown(text()["only"])
    icon = words.page("sign_in")["icon"]
    st.page_link(script("sign_in"), label=text()["sign_in"], icon=icon)


def _try(do: Callable[[], object]) -> bool:
    """Does something about a class; what stands in the way is said by the next run."""
    try:
        do()
    except (Refused, NotAllowed) as trouble:
        state.CLASS_SAID.set(str(trouble))
    except DatabaseAway:
        state.CLASS_SAID.set(text()["away"])
    else:
        return True
    return False


def _said() -> None:
    if state.CLASS_SAID.get():
        st.error(state.CLASS_SAID.get(), icon=":material/error:")
        state.CLASS_SAID.set("")


def _as_instructor(do: Callable[[Instructor], object]) -> bool:
    """Does something as whoever has signed in by now."""
    return _try(lambda: do(permissions.require_instructor()))


# --- which class ----------------------------------------------------------------------


def choose(who: Instructor) -> ClassNow | None:
    """The class that the page is about, and ways to another; None: there is none."""
    said = text()
    _said()
    found = {one.id: one for one in classes.mine(who)}
    if not found:
        st.markdown(said["open_first"])
        _open_form()
        return None
    if state.CLASS.get() not in found:
        state.CLASS.set(next(iter(found)))
    state.CLASS.settle()

    def label(class_id: str) -> str:
        one = found[class_id]
        return one.name if one.is_open else said["closed_mark"].format(name=one.name)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            said["class"],
            list(found),
            format_func=label,
            width=340,
            **state.CLASS.widget,
        )
        _names_switch(found[state.CLASS.get()])
        with st.popover(said["open"], icon=":material/add:"):
            _open_form()
        with st.popover(said["manage"], icon=":material/settings:"):
            _manage(found[state.CLASS.get()])
    chosen = found[state.CLASS.get()]
    state.CLASS_OPEN.set(chosen.is_open)
    if not chosen.is_open:
        st.info(said["is_closed"], icon=":material/lock:")
    return chosen


def _names_switch(chosen: ClassNow) -> None:
    """Names are hidden until they are asked for, on all tabs and after a reload."""
    said = text()
    state.SHOW_NAMES.settle(chosen.names_shown)
    st.toggle(
        said["show_names"],
        help=said["show_names_help"],
        on_change=_show_names,
        args=(chosen.id,),
        width="content",
        **state.SHOW_NAMES.widget,
    )


def _show_names(class_id: str) -> None:
    wanted = state.SHOW_NAMES.get()
    _as_instructor(lambda who: classes.show_names(who, class_id, wanted))


def _open_form() -> None:
    said = text()
    with st.form("open_class", border=False, width=WIDTH):
        st.text_input(
            said["new_name"],
            placeholder=said["new_name_example"],
            max_chars=LONGEST_CLASS,
            key=state.CLASS_NAME.name,
        )
        st.form_submit_button(said["new_submit"], on_click=_open, type="primary")


def _open() -> None:
    def do(who: Instructor) -> None:
        state.CLASS.set(classes.open_class(who, state.CLASS_NAME.get()).id)

    if _as_instructor(do):
        state.CLASS_NAME.set("")


def _shut(class_id: str, is_open: bool) -> None:
    do = classes.close_class if is_open else classes.reopen
    _as_instructor(lambda who: do(who, class_id))


def _manage(chosen: ClassNow) -> None:
    """Another name; closed, opened again, deleted."""
    said = text()
    with st.form("rename_class", border=False):
        name = st.text_input(
            said["new_name"],
            value=chosen.name,
            max_chars=LONGEST_CLASS,
            key=f"rename {chosen.id}",
        )
        if st.form_submit_button(said["rename"]) and name != chosen.name:
            _as_instructor(lambda who: classes.rename(who, chosen.id, name))
            state.rerun()
    if chosen.is_open:
        _what_closing_does(chosen)
    st.button(
        said["close" if chosen.is_open else "reopen"],
        on_click=_shut,
        args=(chosen.id, chosen.is_open),
        help=said["close_help" if chosen.is_open else "reopen_help"],
        key="close_class",
    )
    with st.form("delete_class", border=False, clear_on_submit=True):
        st.markdown(
            said["delete_really"].format(
                name=escape_markdown(chosen.name), members=chosen.members
            )
        )
        code = st.text_input(said["delete_code"], key=f"delete {chosen.id}")
        if st.form_submit_button(said["delete_yes"]):
            if clean_code(code) != chosen.code:
                st.error(said["delete_no"])
            else:
                _as_instructor(lambda who: classes.delete(who, chosen.id))
                state.CLASS.forget()
                state.rerun()


def _what_closing_does(chosen: ClassNow) -> None:
    """Said before it is done; a test that is open is named."""
    said = text()
    st.markdown(said["close_say"])
    who = permissions.require_instructor()
    for test in class_tests.tests(who, chosen.id):
        if test.open:
            seats = class_tests.seats(who, test.id)
            at_it = sum(not seat.over for seat in seats)
            which = {0: "close_test_0", 1: "close_test_1"}.get(at_it, "close_test")
            st.warning(
                said[which].format(title=escape_markdown(test.title), count=at_it),
                icon=":material/assignment_late:",
            )


# --- the tab "Class" ------------------------------------------------------------------


def _join(klass: ClassNow) -> None:
    said = text()
    alt = said["join_alt"].format(code=spaced(klass.code))
    join_link.card(klass, said["join"], alt, 240)
    join_link.choose(said["join_at"], said["join_at_help"])
    where = join_link.address()
    if not addresses.is_reachable(where):
        host = urlsplit(where).netloc
        st.warning(said["unreachable"].format(host=host), icon=":material/wifi_off:")


@st.fragment(run_every=EVERY)
def overview(class_id: str) -> None:
    """Where the class is, how to join it and who is here, anew every two seconds.

    What leads comes first, on a phone too.
    """
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        klass = classes.now(who, class_id)
        members = classes.here(who, class_id)
    except NotAllowed:  # deleted, in another window
        state.rerun()
    except DatabaseAway:
        st.warning(text()["away"], icon=":material/cloud_off:")
        return
    if klass.is_open != state.CLASS_OPEN.get():  # closed or opened in another window
        state.rerun()
    if not klass.is_open:
        _here(klass, members)
        return
    _lead(klass)
    _language(klass)
    _start_switch(klass)
    left, right = st.columns(2, gap="large")
    with left:
        _join(klass)
    with right:
        _here(klass, members)


def _move(class_id: str, step: str, reveal: bool) -> None:
    _as_instructor(lambda who: classes.move(who, class_id, step, reveal))


def _lead(klass: ClassNow) -> None:
    """Where the class is, and the buttons that move it."""
    said = text()
    steps = lesson.load().steps
    slugs = [step.slug for step in steps]
    at = slugs.index(klass.step) if klass.step in slugs else 0
    st.header(said["lead_title"], anchor=False)
    where = said["at"].format(number=at + 1, count=len(steps), title=steps[at].title)
    st.markdown(f"{where} {said['revealed']}" if klass.reveal else where)
    with st.container(horizontal=True, gap="small"):
        st.button(
            said["previous"],
            on_click=_move,
            args=(klass.id, slugs[max(at - 1, 0)], False),
            disabled=at == 0,
            icon=":material/arrow_back:",
            key="class_previous",
        )
        st.button(
            said["next"],
            on_click=_move,
            args=(klass.id, slugs[min(at + 1, len(slugs) - 1)], False),
            disabled=at == len(slugs) - 1,
            icon=":material/arrow_forward:",
            icon_position="right",
            key="class_next",
        )
        st.button(
            said["hide" if klass.reveal else "reveal"],
            on_click=_move,
            args=(klass.id, slugs[at], not klass.reveal),
            icon=":material/visibility_off:"
            if klass.reveal
            else ":material/visibility:",
            key="class_reveal",
        )
    st.page_link(
        script("lesson"),
        label=said["present"],
        icon=":material/present_to_all:",
        query_params={
            "step": klass.step,
            "present": "1",
            "lead": "1",
            "class": klass.id,
        },
    )
    st.caption(said["lead_caption"])


def _language(klass: ClassNow) -> None:
    """What its followers read the lesson and the quiz in."""
    said = text()
    names = {"": said["language_own"]}
    names |= {name: lesson.load(name).name for name in lesson.languages()}
    known = klass.language if klass.language in names else ""
    state.CLASS_LANGUAGE.settle(known)
    st.segmented_control(
        said["language"],
        list(names),
        required=True,
        format_func=names.__getitem__,
        help=said["language_help"],
        on_change=_speak,
        args=(klass.id,),
        **state.CLASS_LANGUAGE.widget,
    )


def _speak(class_id: str) -> None:
    wanted = state.CLASS_LANGUAGE.get() or None
    _as_instructor(lambda who: classes.speak(who, class_id, wanted))


def _start_switch(klass: ClassNow) -> None:
    """Who may start experiments in the lab: everybody in this class, or instructors."""
    said, chosen = text(), klass.students_start
    state.STUDENTS_START.settle(
        permissions.students_start() if chosen is None else chosen
    )
    st.toggle(
        said["students_start"],
        help=said["students_start_help"],
        on_change=_let_start,
        args=(klass.id,),
        **state.STUDENTS_START.widget,
    )


def _let_start(class_id: str) -> None:
    wanted = state.STUDENTS_START.get()
    _as_instructor(lambda who: classes.let_start(who, class_id, wanted))


def _place(step: str) -> str:
    """A step or a page in words."""
    said = text()
    for number, one in enumerate(lesson.load().steps, 1):
        if one.slug == step:
            return str(said["step_at"].format(number=number, title=one.title))
    page = step.replace("-", "_")
    return str(words.page(page)["title"]) if sections.has(page) else said["elsewhere"]


def _here(klass: ClassNow, members: list[MemberNow]) -> None:
    """Who is here and where, and how many at each step."""
    said = text()
    st.header(said["here_title"], anchor=False)
    here = [one for one in members if one.here]
    if not members:
        st.markdown(said["nobody"])
        return
    st.markdown(
        said["here"].format(
            here=len(here),
            members=len(members),
            follow=sum(one.follows for one in here),
        )
    )
    names = class_names.students(
        Pupil(one.id, one.number, one.name, klass.names_shown) for one in members
    )
    rows = sorted(members, key=lambda one: not one.here)
    how = {True: said["follows"], False: said["wanders"]}
    st.table(
        {
            said["column_name"]: [escape_markdown(names[one.id]) for one in rows],
            said["column_at"]: [_place(one.step) for one in rows],
            said["column_how"]: [
                how[one.follows] if one.here else said["gone"] for one in rows
            ],
        },
        border="horizontal",
        hide_index=True,
        alt=said["table_alt"],
    )
    counts = Counter(one.step for one in here)
    if here:
        st.markdown(f"**{said['steps_title']}**")
    order = [step.slug for step in lesson.load().steps]
    for step in sorted(counts, key=lambda s: order.index(s) if s in order else 99):
        label = said["count_at"].format(place=_place(step), count=counts[step])
        st.progress(counts[step] / len(here), text=label)
    if klass.names_shown:
        _lost_code(members)
    else:
        st.caption(said["lost_hidden"])


def _lost_code(members: list[MemberNow]) -> None:
    """A student's own code, for one who has lost it; not on the projector unasked."""
    said = text()
    with st.popover(said["lost"], icon=":material/key:"):
        codes = {one.id: one for one in members}
        chosen = st.selectbox(
            said["lost_who"],
            list(codes),
            index=None,
            format_func=lambda member: codes[member].name if member in codes else "",
            key="lost_code_of",
        )
        if chosen in codes:
            st.markdown(said["lost_own"])
            st.code(spaced(codes[chosen].own_code), language=None)


# Tabs of the page, in their order: what stands on each, and what it shows.
TABS: list[tuple[str, Tab]] = [
    ("tab_class", lambda _, class_id: overview(class_id)),
    ("tab_answers", results.answers),
    ("tab_predictions", results.predictions),
    ("tab_tests", exams.show),
    ("tab_gradebook", results.gradebook),
    ("tab_questions", lambda who, _: bank.show(who)),
    ("tab_account", lambda who, _: account.show(who)),
]


def tabs(who: Instructor, class_id: str) -> None:
    """All tabs about a class."""
    said = text()
    shown = st.tabs(
        [said[name] for name, _ in TABS], key=state.TAB.name, on_change="rerun"
    )
    for tab, (_, show) in zip(shown, TABS, strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                show(who, class_id)
