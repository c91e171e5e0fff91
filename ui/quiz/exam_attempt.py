"""An attempt at an exam that runs: its questions, what is answered, handing it in.

Widgets are named by their place, so that not even the seed goes to the browser. Each
change of an answer is a response of its own, saved at once; what is no whole answer yet
is kept beside the responses (`classroom.exams.attempts.keep`). The browser counts the
time down, the server decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

import clock
from classroom.escape import escape_markdown
from classroom.exams import attempts
from classroom.exams.attempts import ExamAttempt
from classroom.exams.timing import AttemptStatus
from classroom.people.roles import NotAllowed, Student
from classroom.questions import variants
from classroom.questions.bank import find
from classroom.questions.grading import Answer
from classroom.questions.variants import Posed, Variant
from store.database import DatabaseAway
from ui.kit import state, times, words
from ui.kit.components.countdown import countdown
from ui.kit.questions import answers
from ui.kit.questions import question_language as language
from ui.kit.questions.answers import AnswerFrame
from ui.quiz import keeper
from ui.quiz.question import WIDTH
from ui.session import progress, saving
from ui.session.saving import PendingResponse

EVERY = 5.0  # seconds between two looks at whether the attempt is over
A_DAY = 86_400.0  # seconds: what has more left has no clock that counts down


def last_known(student: Student) -> ExamAttempt | None:
    """The attempt as this session knew it; its time goes on all the same."""
    attempt: ExamAttempt | None = state.EXAM_ATTEMPT.get()
    if attempt is None or f":{student.member}:" not in attempt.status.id:
        return None
    ends = attempt.status.ends
    if ends is not None and clock.now() >= ends:
        return replace(attempt, status=replace(attempt.status, over=True))
    return attempt


def name(status: AttemptStatus) -> str:
    """What an attempt is called in the page's address."""
    return f"{status.exam_id}.{status.number}"


def show(attempt: ExamAttempt) -> None:
    """The attempt, and nothing else of the page."""
    text, all_of = words.page("quiz").table("test"), attempt.status.variants
    st.title(escape_markdown(attempt.title), anchor=False)
    st.markdown(text["lead_home" if attempt.at_home else "lead"])
    with st.container(width=WIDTH):
        st.fragment(_clock, run_every=EVERY)(attempt.status.id)
        if not all_of:
            st.info(text["empty"])
            return
        given = _given(attempt)
        st.progress(
            len(given) / len(all_of),
            text=text["progress"].format(answered=len(given), count=len(all_of)),
        )
        progress.show_message()
        progress.banner()
        place = _place(attempt, given)
        _question(attempt, all_of[place], place, given)
        _moves(place, len(all_of))
        _handing_in(attempt, given)
        if attempt.at_home:
            st.button(
                text["later_on"],
                icon=":material/arrow_back:",
                key="test_later_on",
                on_click=state.RESULT_OF.set,
                args=("",),
                disabled=bool(_pending(attempt.status.id)),
                help=text["later_on_help"],
            )


def _pending(attempt_id: str) -> list[PendingResponse]:
    return [p for p in state.PENDING.get() if p.attempt_id == attempt_id]


def _given(attempt: ExamAttempt) -> Mapping[Variant, Answer]:
    """The answers so far, those that wait to be saved among them."""
    waiting = {p.variant: p.answer for p in _pending(attempt.status.id)}
    return {**attempt.answers, **waiting}


def _clock(attempt_id: str) -> None:
    """The time that is left; when it is over the page is drawn again."""
    student = progress.who()
    try:
        attempt = (
            None if student is None else attempts.exam_attempt(student, attempt_id)
        )
    except DatabaseAway:
        attempt = None if student is None else last_known(student)
    except NotAllowed:  # the exam was deleted
        attempt = None
    if attempt is None or attempt.status.over:
        state.rerun()
    ends, text = attempt.status.ends, words.page("quiz").table("test")
    if ends is None:
        return
    if ends - clock.now() > A_DAY:
        st.caption(text["until"].format(time=times.clock_time(ends)))
        return
    countdown(
        key=f"test_clock_{name(attempt.status)}",
        left=ends - clock.now(),
        text=text["left"],
        soon=text["soon"],
        lost=text["lost"],
        label=text["clock"],
        on_over=state.unasked,
    )


def _place(attempt: ExamAttempt, given: Mapping[Variant, Answer]) -> int:
    """The question that is shown, chosen among all; those answered have a tick."""
    all_of, text = attempt.status.variants, words.page("quiz").table("test")
    if not 0 <= state.EXAM_PLACE.get() < len(all_of):
        state.EXAM_PLACE.set(0)
    state.EXAM_PLACE.keep_valid()
    st.pills(
        text["which"],
        list(range(len(all_of))),
        required=True,
        format_func=lambda at: text["done" if all_of[at] in given else "todo"].format(
            number=at + 1
        ),
        wrap=True,
        **state.EXAM_PLACE.widget,
    )
    return state.EXAM_PLACE.get()


def widget_version(attempt: ExamAttempt, variant: Variant) -> int:
    """Renews a question's widgets when its answer was changed elsewhere."""
    known: dict[Variant, tuple[int, int]] = state.ATTEMPT_SEEN.get()
    waiting = sum(p.variant == variant for p in _pending(attempt.status.id))
    count = attempt.counts.get(variant, 0) + waiting
    before, version = known.get(variant, (count, 0))
    if count != before:
        version += 1
    state.ATTEMPT_SEEN.set({**known, variant: (count, version)})
    return version


def _question(
    attempt: ExamAttempt, variant: Variant, place: int, given: Mapping[Variant, Answer]
) -> None:
    """The question, its widgets, and whether what they hold is saved."""
    question, posed = find(variant.question), language.pose(variant)
    key = f"test_{name(attempt.status)}_{place}_{widget_version(attempt, variant)}"
    last, draft = given.get(variant), attempt.drafts.get(variant)
    start = last if draft is None else draft
    if posed.kind == "layer" and state.CLICKED_FOR.get() != key:
        state.CLICKED.set(start if isinstance(start, str) else "")
        state.CLICKED_FOR.set(key)
    where = {
        "test": str(attempt.status.exam_id),
        "sitting": str(attempt.status.number),
        "place": str(place),
    }
    with st.container(border=True, key=keeper.SCOPE):
        kind = (
            words.page("quiz").table("test")["kind_open"]
            if posed.kind == "open"
            else None
        )
        kind = kind or words.page("quiz").table("kind")[posed.kind]
        st.caption(f"{progress.known().topics[question.topic]} · {kind}")
        changed = partial(answer_changed, attempt.status.id, variant, key)
        with language.part(question.id, "ask"):
            st.markdown(posed.ask)
            answers.draw(posed, AnswerFrame(key, start, changed=changed))
        _owed(attempt, posed, key, last, owed=keeper.owes(where))
        holds = answers.held(posed, key)
        _kept(attempt, variant, last, holds)
        count = attempt.counts.get(variant, 0)
        differs = _is_new(key, holds, last)
        keeper.watch(where, count, count + 1, checked=False, differs=differs)


def _owed(
    attempt: ExamAttempt, posed: Posed, key: str, last: Answer, *, owed: bool
) -> None:
    """Saves a whole answer that the widgets hold though no change of theirs came.

    It was being typed when the page was left; or the connection was gone, and the
    server has begun a new session, which is told values and not what has changed.
    """
    variant, holds = posed.variant, answers.held(posed, key)
    begun = owed or (holds is not None and holds == attempt.drafts.get(variant))
    if not begun or _pending(attempt.status.id) or not _is_new(key, holds, last):
        return
    answer_changed(attempt.status.id, variant, key)
    state.rerun()


def _is_new(key: str, holds: Answer, last: Answer) -> bool:
    """Whether the widgets hold a complete answer that was not sent yet."""
    is_tried = state.ATTEMPT_TRIED.get() == (key, holds)
    return not _blank(holds) and holds != last and not is_tried


def _kept(attempt: ExamAttempt, variant: Variant, last: Answer, holds: Answer) -> None:
    """Whether what the widgets hold is saved."""
    text, at = words.page("quiz").table("test"), attempt.saved.get(variant)
    if any(p.variant == variant for p in _pending(attempt.status.id)):
        return  # the banner says it
    if at is not None and holds == last:
        keeper.saved_line(at)
        return
    with st.container(key=keeper.SAVED):
        if at is not None:
            caption = text["differs"].format(time=times.clock_time(at))
        elif holds is not None and holds == attempt.drafts.get(variant):
            caption = text["begun"]
        else:
            caption = text["unsaved"]
        st.caption(caption)


def answer_changed(attempt_id: str, variant: Variant, key: str) -> None:
    """Saves what the widgets hold; what is no whole answer yet is kept."""
    answer = answers.held(variants.pose(variant), key)
    student = progress.who()
    if student is None:
        return
    known: dict[Variant, tuple[int, int]] = dict(state.ATTEMPT_SEEN.get())
    count, version = known.get(variant, (0, 0))
    if _blank(answer):
        saving.keep(student, attempt_id, variant, count, answer)
        return
    state.ATTEMPT_TRIED.set((key, answer))
    state.ATTEMPT_SEEN.set(known)  # and changed in place: see `saving._waiting`
    waiting = [p.number for p in _pending(attempt_id) if p.variant == variant]
    number = max((count, *waiting)) + 1
    taken = saving.give(student, attempt_id, variant, number, "answer", answer)
    if taken is not None:  # changed here: the widgets stay as they are
        known[variant] = (taken, version)


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
    text = words.page("quiz").table("buttons")
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            icon=":material/arrow_back:",
            key="test_back",
            on_click=state.EXAM_PLACE.set,
            args=(place - 1,),
            disabled=place == 0,
        )
        st.button(
            text["next"],
            icon=":material/arrow_forward:",
            icon_position="right",
            key="test_next",
            on_click=state.EXAM_PLACE.set,
            args=(place + 1,),
            disabled=place == count - 1,
        )


def _handing_in(attempt: ExamAttempt, given: Mapping[Variant, Answer]) -> None:
    """Handing in, after a look at what is not answered yet."""
    text = words.page("quiz").table("test")
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
        for at, variant in enumerate(attempt.status.variants, 1)
        if variant not in given
    ]
    with st.container(border=True):
        left_open = text["left_open"].format(numbers=", ".join(left)) if left else ""
        st.markdown(left_open or text["all_answered"])
        if _pending(attempt.status.id):
            st.markdown(text["waits"])
        with st.container(horizontal=True, gap="small"):
            st.button(
                text["hand_in_now"],
                type="primary",
                key="test_hand_in_now",
                on_click=_hand_in,
                args=(attempt.status.id,),
                disabled=bool(_pending(attempt.status.id)),
            )
            st.button(
                text["go_on"],
                key="test_go_on",
                on_click=state.HANDING_IN.set,
                args=(False,),
            )


def _hand_in(attempt_id: str) -> None:
    student = progress.who()
    if student is None:
        return
    try:
        attempts.hand_in(student, attempt_id)
    except DatabaseAway:
        state.QUIZ_MESSAGE.set(words.page("quiz").table("test")["not_handed_in"])
        return
    except NotAllowed as refusal:
        state.QUIZ_MESSAGE.set(words.refusal(refusal))
    state.HANDING_IN.set(False)
