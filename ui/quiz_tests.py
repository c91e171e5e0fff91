"""A test of the class, as whoever sits it sees it: doors, the sitting, the result.

While a sitting runs, /quiz is that sitting and nothing else: no feedback, no hints, no
links to what shows an answer, and nothing of a key goes to the browser. Widgets are
named by their place, so that not even the seed does. Each change of an answer is an
act of its own, saved at once; the browser counts the time down, the server decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from classroom import rich, sittings, variants
from classroom.attempts import Attempt
from classroom.escape import escape_markdown
from classroom.grading import Answer
from classroom.questions import bank, find
from classroom.roles import NotAllowed, Student
from classroom.sittings import Refused, Sat, SittingNow, TestHere
from classroom.variants import Posed, Variant
from store.database import DatabaseAway
from ui import components, quiz_book, quiz_panels, quiz_widgets, state
from ui import words as all_words
from ui.quiz_book import Book, Pending
from ui.quiz_panels import WIDTH
from ui.quiz_widgets import Frame

EVERY = 5.0  # seconds between two looks at whether the sitting is over


def _text() -> dict[str, Any]:
    return all_words.page("quiz")["test"]  # type: ignore[no-any-return]


def show(book: Book) -> tuple[TestHere, ...] | None:
    """A sitting that runs or is looked at has the page: None. Else the class's tests.

    Where the database is away the sitting goes on as it was last known.
    """
    student = quiz_book.member(book)
    if student is None:
        return ()
    try:
        here = tuple(sittings.tests(student))
        sitting = _chosen(here)
        sat = None if sitting is None else sittings.sat(student, sitting.id)
    except DatabaseAway:
        here, sat = (), _last_known(student)
    except NotAllowed:  # the test was deleted at this very moment
        here, sat = (), None
    state.SAT.set(sat)
    if sat is None:
        return here
    if not sat.sitting.over:
        _sitting(sat)
    elif sat.released:
        _result(student, sat)
    else:
        _over(sat)
    return None


def _last_known(student: Student) -> Sat | None:
    """The sitting as this session knew it; its time goes on all the same."""
    sat: Sat | None = state.SAT.get()
    if sat is None or f":{student.member}:" not in sat.sitting.id:
        return None
    ends = sat.sitting.ends
    if ends is not None and sittings.clock() >= ends:
        return replace(sat, sitting=replace(sat.sitting, over=True))
    return sat


def _chosen(here: Sequence[TestHere]) -> SittingNow | None:
    """The sitting that runs; else the one that was just over, or is looked at."""
    running = [test.running for test in here if test.running is not None]
    if running:
        state.RESULT_OF.set(_name(running[0]))
        return running[0]
    named = {_name(s): s for test in here for s in test.sittings}
    return named.get(state.RESULT_OF.get())


def _name(sitting: SittingNow) -> str:
    return f"{sitting.test_id}.{sitting.number}"


# --- doors ----------------------------------------------------------------------------


def doors(book: Book, here: Sequence[TestHere]) -> None:
    """The tests that are open, and the results of those that are closed."""
    for test in here:
        _door(test)
    if quiz_book.member(book) is not None:
        known = tuple(_state_of(test) for test in here)
        st.fragment(_look_for_tests, run_every=EVERY)(known, [True])


def _state_of(test: TestHere) -> tuple[str, bool]:
    return test.id, test.open


def _look_for_tests(known: tuple[tuple[str, bool], ...], fresh: list[bool]) -> None:
    """Draws the page anew when a test has opened or closed; draws nothing itself."""
    if fresh:  # the page has just looked
        fresh.clear()
        return
    try:
        student = quiz_book.who()
        here = sittings.tests(student) if student is not None else []
    except DatabaseAway:
        return
    if tuple(_state_of(test) for test in here) != known:
        state.rerun()


def _about(test: TestHere) -> str:
    """ "12 questions, 20 minutes, sitting 1 of 2"."""
    text = _text()
    count = "questions_1" if test.questions == 1 else "questions"
    said = [text[count].format(count=test.questions)]
    if test.minutes is not None:
        said.append(text["minutes"].format(minutes=test.minutes))
    if test.allowed > 1 and test.next is not None:
        said.append(text["of"].format(number=test.next, allowed=test.allowed))
    if test.open and test.closes is not None:
        said.append(text["closes"].format(time=quiz_book.clock_time(test.closes)))
    return ", ".join(said)


def _door(test: TestHere) -> None:
    text, title = _text(), escape_markdown(test.title)
    with st.container(border=True, width=WIDTH):
        if test.open:
            said = text["open"].format(title=title, about=_about(test))
        else:
            said = text["closed"].format(title=title)
        st.markdown(f":material/assignment: {said}")
        with st.container(horizontal=True, gap="small"):
            if test.next is not None:
                st.button(
                    text["begin"],
                    type="primary",
                    icon=":material/play_arrow:",
                    key=f"test_begin_{test.id}_{test.next}",
                    on_click=_begin,
                    args=(test.id, test.next),
                )
            for sitting in test.sittings:
                name = "result" if not test.open else "handed"
                st.button(
                    text[name].format(number=sitting.number),
                    icon=":material/fact_check:",
                    key=f"test_result_{_name(sitting)}",
                    on_click=_look,
                    args=(_name(sitting),),
                )
        if test.next is not None:
            timed = text["timed"] if test.minutes is not None else ""
            st.caption(f"{text['rules']} {timed}".strip())


def _look(name: str) -> None:
    state.RESULT_OF.set(name)


def _begin(test_id: str, number: int) -> None:
    """The sitting of that number: pressing again begins nothing further."""
    student = quiz_book.who()
    if student is None:
        return
    try:
        sitting = sittings.begin(student, test_id, number)
    except DatabaseAway:
        state.QUIZ_SAID.set(_text()["not_begun"])
    except (Refused, NotAllowed) as refusal:
        state.QUIZ_SAID.set(str(refusal))
    else:
        state.RESULT_OF.set(_name(sitting))
        state.TEST_PLACE.set(0)
        state.HANDING_IN.set(False)


# --- a sitting ------------------------------------------------------------------------


def _sitting(sat: Sat) -> None:
    text, all_of = _text(), sat.sitting.variants
    st.title(escape_markdown(sat.title), anchor=False)
    st.markdown(text["lead"])
    with st.container(width=WIDTH):
        st.fragment(_clock, run_every=EVERY)(sat.sitting.id)
        if not all_of:
            st.info(text["empty"])
            return
        given = _given(sat)
        st.progress(
            len(given) / len(all_of),
            text=text["progress"].format(answered=len(given), count=len(all_of)),
        )
        quiz_book.say()
        quiz_book.banner()
        place = _place(sat, given)
        _question(sat, all_of[place], place, given)
        _moves(place, len(all_of))
        _handing_in(sat, given)


def _pending(sitting_id: str) -> list[Pending]:
    return [p for p in state.PENDING.get() if p.sitting == sitting_id]


def _given(sat: Sat) -> Mapping[Variant, Answer]:
    """The answers so far, those that wait to be saved among them."""
    waiting = {p.variant: p.answer for p in _pending(sat.sitting.id)}
    return {**sat.answers, **waiting}


def _clock(sitting_id: str) -> None:
    """The time that is left; when it is over the page is drawn anew."""
    student = quiz_book.who()
    try:
        sat = None if student is None else sittings.sat(student, sitting_id)
    except DatabaseAway:
        sat = None if student is None else _last_known(student)
    except NotAllowed:  # the test was deleted
        sat = None
    if sat is None or sat.sitting.over:
        state.rerun()
    if sat.sitting.ends is None:
        return
    text = _text()
    components.countdown(
        key=f"test_clock_{_name(sat.sitting)}",
        left=sat.sitting.ends - sittings.clock(),
        text=text["left"],
        soon=text["soon"],
        label=text["clock"],
        on_over=state.unasked,
    )


def _place(sat: Sat, given: Mapping[Variant, Answer]) -> int:
    """The question that is shown, chosen among all; those answered have a tick."""
    all_of, text = sat.sitting.variants, _text()
    if not 0 <= state.TEST_PLACE.get() < len(all_of):
        state.TEST_PLACE.set(0)
    state.TEST_PLACE.settle()
    st.pills(
        text["which"],
        list(range(len(all_of))),
        required=True,
        format_func=lambda at: text["done" if all_of[at] in given else "todo"].format(
            number=at + 1
        ),
        wrap=True,
        **state.TEST_PLACE.widget,
    )
    return state.TEST_PLACE.get()


def _version(sat: Sat, variant: Variant) -> int:
    """Renews a question's widgets when its answer was changed elsewhere."""
    known: dict[Variant, tuple[int, int]] = state.SAT_SEEN.get()
    waiting = sum(p.variant == variant for p in _pending(sat.sitting.id))
    count = sat.counts.get(variant, 0) + waiting
    before, version = known.get(variant, (count, 0))
    if count != before:
        version += 1
    state.SAT_SEEN.set({**known, variant: (count, version)})
    return version


def _question(
    sat: Sat, variant: Variant, place: int, given: Mapping[Variant, Answer]
) -> None:
    """The question, its widgets, and whether what they hold is saved."""
    question, posed = find(variant.question), variants.pose(variant)
    name = f"test_{_name(sat.sitting)}_{place}_{_version(sat, variant)}"
    last = given.get(variant)
    if posed.kind == "layer" and state.CLICKED_FOR.get() != name:
        state.CLICKED.set(last if isinstance(last, str) else "")
        state.CLICKED_FOR.set(name)
    with st.container(border=True):
        kind = _text()["kind_open"] if posed.kind == "open" else None
        kind = kind or all_words.page("quiz")["kind"][posed.kind]
        st.caption(f"{quiz_book.known().topics[question.topic]} · {kind}")
        st.markdown(posed.ask)
        changed = partial(_changed, sat.sitting.id, variant, name)
        quiz_widgets.draw(posed, Frame(name, last, changed=changed))
        _kept(sat, variant, last, quiz_widgets.held(posed, name))


def _kept(sat: Sat, variant: Variant, last: Answer, holds: Answer) -> None:
    """Whether what the widgets hold is saved."""
    text, at = _text(), sat.saved.get(variant)
    if any(p.variant == variant for p in _pending(sat.sitting.id)):
        return  # the banner says it
    if at is None:
        st.caption(text["unsaved"])
    elif holds == last:
        quiz_book.saved_line(at)
    else:
        st.caption(text["differs"].format(time=quiz_book.clock_time(at)))


def _changed(sitting_id: str, variant: Variant, name: str) -> None:
    """Saves what the widgets hold, if it is an answer already."""
    answer = quiz_widgets.held(variants.pose(variant), name)
    student = quiz_book.who()
    if student is None or _blank(answer):
        return
    known: dict[Variant, tuple[int, int]] = state.SAT_SEEN.get()
    count, version = known.get(variant, (0, 0))
    number = quiz_book.give(student, sitting_id, variant, count + 1, "answer", answer)
    if number is not None:  # changed here: the widgets stay as they are
        state.SAT_SEEN.set({**known, variant: (number, version)})


def _blank(answer: Answer) -> bool:
    """Whether something is still to be filled in."""
    match answer:
        case None | "" | []:
            return True
        case list():
            return None in answer
        case {"text": text}:
            return not str(text or "").strip()
        case dict():
            return None in answer.values()
    return False


def _moves(place: int, count: int) -> None:
    text = all_words.page("quiz")["buttons"]
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            icon=":material/arrow_back:",
            key="test_back",
            on_click=state.TEST_PLACE.set,
            args=(place - 1,),
            disabled=place == 0,
        )
        st.button(
            text["next"],
            icon=":material/arrow_forward:",
            icon_position="right",
            key="test_next",
            on_click=state.TEST_PLACE.set,
            args=(place + 1,),
            disabled=place == count - 1,
        )


def _handing_in(sat: Sat, given: Mapping[Variant, Answer]) -> None:
    """Handing in, after a look at what is not answered yet."""
    text = _text()
    if not state.HANDING_IN.get():
        st.button(
            text["hand_in"],
            icon=":material/assignment_turned_in:",
            key="test_hand_in",
            on_click=state.HANDING_IN.set,
            args=(True,),
        )
        return
    left = [
        str(at)
        for at, variant in enumerate(sat.sitting.variants, 1)
        if variant not in given
    ]
    with st.container(border=True):
        said = text["left_open"].format(numbers=", ".join(left)) if left else ""
        st.markdown(said or text["all_answered"])
        if _pending(sat.sitting.id):
            st.markdown(text["waits"])
        with st.container(horizontal=True, gap="small"):
            st.button(
                text["hand_in_now"],
                type="primary",
                key="test_hand_in_now",
                on_click=_hand_in,
                args=(sat.sitting.id,),
                disabled=bool(_pending(sat.sitting.id)),
            )
            st.button(
                text["go_on"],
                key="test_go_on",
                on_click=state.HANDING_IN.set,
                args=(False,),
            )


def _hand_in(sitting_id: str) -> None:
    student = quiz_book.who()
    if student is None:
        return
    try:
        sittings.hand_in(student, sitting_id)
    except DatabaseAway:
        state.QUIZ_SAID.set(_text()["not_handed_in"])
        return
    except NotAllowed as refusal:
        state.QUIZ_SAID.set(str(refusal))
    state.HANDING_IN.set(False)


# --- afterwards -----------------------------------------------------------------------


def _back() -> None:
    st.button(
        _text()["back"],
        icon=":material/arrow_back:",
        key="test_to_practice",
        on_click=_look,
        args=("",),
    )


def _over(sat: Sat) -> None:
    """Handed in, or the time is up; the results are not there yet."""
    text, count = _text(), len(sat.sitting.variants)
    st.title(escape_markdown(sat.title), anchor=False)
    with st.container(width=WIDTH):
        handed = sat.sitting.handed_in
        if handed is not None:
            said = text["is_handed_in"].format(time=quiz_book.clock_time(handed))
        else:
            said = text["time_is_up"]
        st.success(said, icon=":material/assignment_turned_in:")
        quiz_book.say()
        quiz_book.banner()
        answered = count - len(sat.unanswered)
        st.markdown(text["counts"].format(answered=answered, count=count))
        st.markdown(text["later"])
        _back()
    st.fragment(_wait_for_results, run_every=EVERY)(sat.sitting.id)


def _wait_for_results(sitting_id: str) -> None:
    """Draws the page anew once the test is closed; draws nothing itself."""
    student = quiz_book.who()
    try:
        if student is None or not sittings.sat(student, sitting_id).released:
            return
    except (DatabaseAway, NotAllowed):
        return
    state.rerun()


def _result(student: Student, sat: Sat) -> None:
    """One's own result, with what is said to each answer."""
    text, all_of = _text(), sat.sitting.variants
    st.title(escape_markdown(sat.title), anchor=False)
    try:
        found = {a.variant: a for a in sittings.attempts(student, sat.sitting.id)}
    except (DatabaseAway, NotAllowed) as away:
        st.warning(str(away))
        return
    judged = [v for v in all_of if find(v.question).kind != "open"]
    points = sum(found[v].points for v in judged if v in found)
    with st.container(width=WIDTH):
        quiz_book.say()
        st.markdown(text["points"].format(points=points, all=len(judged)))
        if others := len(all_of) - len(judged):
            st.markdown(text["read" if others > 1 else "read_1"].format(count=others))
        for number, variant in enumerate(all_of, 1):
            _answered(number, variant, found.get(variant))
        _back()


def _answered(number: int, variant: Variant, attempt: Attempt | None) -> None:
    """One question, what was answered, what is said to it, and what is right."""
    text = _text()
    posed = variants.pose(variant)
    with st.container(border=True):
        st.markdown(f"**{number}.** {posed.ask}")
        if attempt is None:
            st.markdown(text["no_answer"])
        else:
            st.markdown(text["your_answer"])
            st.text("\n".join(in_words(posed, attempt.tries[-1].answer)))
            if posed.kind != "open":
                _verdict(attempt)
        if attempt is None or not attempt.right or posed.kind == "open":
            quiz_panels.answer(variant, None)
        quiz_panels.links(variant)


def _verdict(attempt: Attempt) -> None:
    """What is said to an answer; not what is meant for a next try."""
    shared, got = bank().grading, attempt.tries[-1].grade
    if got.sentence in (shared["wrong"], shared["wrong_number"]):
        st.warning(_text()["not_right"], icon=":material/close:")
    else:
        quiz_panels.verdict(got, attempt)


def in_words(posed: Posed, answer: Answer) -> list[str]:
    """An answer as it was given, a line each."""
    shown = (*posed.choices, *posed.targets)
    labels = {one.id: rich.words_of(one.label) for one in shown}

    def label(one: object) -> str:
        return labels.get(str(one), str(one))

    match answer:
        case {"text": text}:
            return [str(text)]
        case dict():
            return [f"{label(one)}: {label(to)}" for one, to in answer.items()]
        case list() if posed.kind == "order":
            return [f"{at}. {label(one)}" for at, one in enumerate(answer, 1)]
        case list():
            return [label(one) for one in answer]
    return [label(answer)]
