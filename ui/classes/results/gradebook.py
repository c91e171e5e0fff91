"""The gradebook, its files, and one student's data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import exports, gradebook, student_work
from classroom.exams.gradebook import GONE, WHICH, Gradebook
from classroom.people import activities
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from store.database import DatabaseAway
from ui.classes.names import choices, students
from ui.classes.results import totals
from ui.classes.results.answers import choose, page_words
from ui.classes.results.export_routes import address
from ui.kit import cache, state, widgets
from ui.kit.questions import question_language
from ui.kit.questions import student_work as panel
from ui.kit.runs import guesses
from ui.session import permissions

COLUMNS = ("sums", "topics", "questions")


def show(who: Instructor, class_id: str) -> None:
    """The tab: the table, its files, one student's data.

    Raises:
        NotAllowed: the class is another's.
    """
    text = page_words().table("gradebook")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=320):
            every = {totals.ALL: text["all"]}
            exam_id = choose(who, class_id, state.BOOK_OF, text["what"], every)
        which = widgets.choice(
            state.BOOK_WHICH, text["which"], {name: text[name] for name in WHICH}
        )
        columns = ""
        if exam_id != totals.ALL:
            heads = {name: text[name] for name in COLUMNS}
            columns = widgets.choice(state.BOOK_COLUMNS, text["columns"], heads)
    if exam_id == totals.ALL:
        _all(who, class_id, which)
        return
    grades = gradebook.compute(who, class_id, exam_id, which)  # type: ignore[arg-type]
    if not grades.lines:
        st.info(page_words()["nobody"], icon=":material/group_off:")
        return
    names = students(line.pupil for line in grades.lines)
    caption = text["say_practice" if exam_id is None else "say_test"]
    most = "say_maximum_1" if grades.maximum == 1 else "say_maximum"
    most = text[most].format(maximum=grades.maximum)
    st.caption(f"{caption.format(which=text[which])} {most} {text['time']}")
    if waiting := sum(line.unmarked for line in grades.lines):
        key = "say_unmarked_1" if waiting == 1 else "say_unmarked"
        st.info(text[key].format(count=waiting), icon=":material/rate_review:")
    _table(class_id, grades, columns, names)
    if exam_id is not None:
        totals.distribution(class_id, [grades.per_cent(x) for x in grades.lines])
    _files(class_id, exam_id, which)
    _person(
        class_id, names, {line.pupil.id: line.pupil.number for line in grades.lines}
    )


def _all(who: Instructor, class_id: str, which: str) -> None:
    """All tests, their files, one student's data."""
    pupils = gradebook.pupils(who, class_id)
    if not pupils:
        st.info(page_words()["nobody"], icon=":material/group_off:")
        return
    names = totals.show(who, class_id, which)  # type: ignore[arg-type]
    _files(class_id, totals.ALL, which)
    _person(class_id, names, {pupil.id: pupil.number for pupil in pupils})


def _table(
    class_id: str, grades: Gradebook, columns: str, names: dict[str, str]
) -> None:
    text = page_words().table("gradebook")
    table: dict[str, list[Any]] = {
        text["number"]: [line.pupil.number for line in grades.lines],
        text["name"]: [names[line.pupil.id] for line in grades.lines],
        text["points"]: [grades.points(line) for line in grades.lines],
        text["per_cent"]: [grades.per_cent(line) for line in grades.lines],
    }
    points = [text["points"]]
    match columns:
        case "topics":
            heads = topic_titles(class_id)
            for topic in grades.topics:
                most = grades.topic_maximum(topic)
                head = text["of"].format(name=heads[topic], maximum=most)
                points.append(head)
                table[head] = [
                    grades.topic_points(line, topic) for line in grades.lines
                ]
        case "questions":
            shown = question_language.titles(grades.questions)
            for name in grades.questions:
                points.append(shown[name])
                cells = [line.cells.get(name) for line in grades.lines]
                table[shown[name]] = [None if c is None else c.shown for c in cells]
        case _:
            points.append(text["own"])
            table[text["own"]] = [line.self_assessed for line in grades.lines]
            table[text["answered"]] = [line.answered for line in grades.lines]
            if grades.exam is not None:
                table[text["sittings"]] = [line.attempts for line in grades.lines]
            if any(line.extra for line in grades.lines):
                table[text["extra"]] = [line.extra for line in grades.lines]
            if grades.has_open:
                table[text["unmarked"]] = [line.unmarked for line in grades.lines]
            table[text["tries"]] = [line.tries for line in grades.lines]
            table[text["hints"]] = [line.hints for line in grades.lines]
            table[text["minutes"]] = [round(line.seconds / 60) for line in grades.lines]
    totals.points_table(table, points)


def topic_titles(class_id: str) -> dict[str, str]:
    """Topic -> its title, that of questions which are gone among them."""
    known = custom_questions.bank_of(class_id, retired=True)
    topics = question_language.beside(known).topics
    return {**topics, GONE: page_words().table("gradebook")["gone"]}


def _files(class_id: str, exam_id: str | None, which: str) -> None:
    """Links to files: `export_routes` checks permissions again at each."""
    text = page_words().table("gradebook")
    asked = {"class": class_id, "test": exam_id or "", "which": which}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.link_button(
            text["xlsx"],
            address(urlencode(asked | {"format": "xlsx"})),
            type="primary",
            icon=":material/table_view:",
        )
        dialects = {name: text[name] for name in exports.DIALECTS}
        with st.container(width=420):
            dialect = widgets.selection(state.BOOK_CSV, text["csv_for"], dialects)
        st.link_button(
            text["csv"],
            address(urlencode(asked | {"format": "csv", "csv": dialect})),
            icon=":material/csv:",
        )
    st.caption(text["export_say"])


# --- one student ----------------------------------------------------------------------


def _is_number(typed: str, number: int) -> bool:
    """Whether a number was typed, in the digits of any script: not all keyboards have
    the letters of all names."""
    typed = typed.strip()
    return typed.isdecimal() and len(typed) < 9 and int(typed) == number


def _delete(class_id: str, member: str, number: int, name: str) -> None:
    """Deletes a member if their number was typed."""
    if not _is_number(state.BOOK_CONFIRM.get(), number):
        state.BOOK_MESSAGE.set(("mismatch", name))
        return
    try:
        gradebook.forget(permissions.require_instructor(), class_id, member)
    except NotAllowed:  # gone already, from another window; or signed out
        state.BOOK_MESSAGE.set(("no_such", name))
        return
    except DatabaseAway:
        state.BOOK_MESSAGE.set(("away", name))
        return
    cache.class_tallies.clear()
    state.BOOK_CONFIRM.set("")
    state.BOOK_MESSAGE.set(("deleted", name))


def _work(class_id: str, member: str, name: str) -> None:
    """What the student has done, on a page like the one that they have themselves."""
    text, who = page_words().table("person"), permissions.require_instructor()
    box = st.expander(
        text["work"].format(name=escape_markdown(name)),
        icon=":material/fact_check:",
        key=f"work_box_{member}",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        student = student_work.member_of(who, class_id, member)
        found = [guesses.with_class(*one) for one in activities.guessed(student)]
        found += [
            guesses.looked_up(guess)
            for guess in gradebook.guesses(who, class_id)
            if guess.member == member and "arm" in guess.guess
        ]
        language = question_language.current()
        work = student_work.of_member(who, class_id, member, language)
        known = question_language.beside(custom_questions.bank_of(class_id))
        panel.show(work, known, found, own=False)


def _person(class_id: str, names: dict[str, str], numbers: dict[str, int]) -> None:
    text = page_words().table("person")
    st.header(text["heading"], anchor=False)
    if message := state.BOOK_MESSAGE.get():
        kind, name = message
        if kind == "no_such":
            st.warning(page_words()["no_such"])
        else:
            (st.success if kind == "deleted" else st.warning)(
                text[kind].format(name=escape_markdown(name))
            )
        state.BOOK_MESSAGE.set(None)
    options = choices(names)
    if state.BOOK_PERSON.get() not in options:
        state.BOOK_PERSON.set(next(iter(options)))
    with st.container(width=420):
        member = widgets.selection(state.BOOK_PERSON, text["choose"], options)
    name = options[member]
    _work(class_id, member, name)
    asked = {"class": class_id, "member": member, "format": "zip"}
    st.link_button(
        text["export"].format(name=escape_markdown(name)),
        address(urlencode(asked)),
        icon=":material/folder_zip:",
    )
    st.caption(text["delete_say"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            text["confirm"].format(name=escape_markdown(name), number=numbers[member]),
            width=420,
            **state.BOOK_CONFIRM.widget,
        )
        st.button(
            text["delete"],
            icon=":material/delete:",
            on_click=_delete,
            args=(class_id, member, numbers[member], name),
        )
