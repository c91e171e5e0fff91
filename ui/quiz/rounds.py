"""A round of the quiz: which questions it has, how far one has come, its result."""

from __future__ import annotations

import streamlit as st

from classroom.questions import rounds
from classroom.questions.variants import Variant
from ui.kit import state, words
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress

RESULT = "result"  # in the address, in place of a question


def go(question: str, seed: int = 0) -> None:
    state.QUESTION.set(question)
    state.SEED.set(seed)
    state.CLICKED.set("")
    state.CLICKED_FOR.set("")


def _restart(ids: tuple[str, ...]) -> None:
    """New numbers; what is kept in the session of the round is forgotten."""
    if (progress := quiz_progress.open_progress()) is not None:
        progress.restart(ids)
        go("")


def choose_round(progress: QuizProgress) -> tuple[str, ...]:
    """The round, and its questions in order. A shared question brings its topic."""
    text, known = words.page("quiz"), quiz_progress.known()
    if progress.deal is not None and state.DEAL.get() == state.DEAL.default:
        state.DEAL.set(progress.deal)
    names = {name: known.topics.get(name) or "" for name in rounds.rounds(known)}
    names |= text.table("rounds")
    state.ROUND.keep_valid(
        state.ROUND.get() if state.ROUND.get() in names else "lesson"
    )
    asked = known.questions.get(state.QUESTION.get())
    if asked and asked.id not in _ids():
        state.ROUND.set(asked.topic)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=330):
            st.selectbox(
                text["round"],
                list(names),
                format_func=names.__getitem__,
                on_change=go,
                args=("",),
                **state.ROUND.widget,
            )
        ids = _ids()
        st.button(
            text["restart"],
            icon=":material/restart_alt:",
            on_click=_restart,
            args=(ids,),
            help=text["restart_class"] if quiz_progress.member(progress) else None,
        )
    return ids


def _ids() -> tuple[str, ...]:
    return rounds.questions_of(
        quiz_progress.known(), state.ROUND.get(), state.DEAL.get()
    )


def current(ids: tuple[str, ...]) -> Variant | None:
    """The question that is asked, with its seed; None: the result is looked at."""
    name = state.QUESTION.get()
    if name == RESULT:
        return None
    if name not in ids:
        name = ids[0]
    state.QUESTION.set(name)
    return Variant(name, state.SEED.get() or state.DEAL.get())


def show_progress(
    progress: QuizProgress, ids: tuple[str, ...], variant: Variant | None
) -> None:
    """How far one has come in the round, and with how many points."""
    lines = rounds.result(quiz_progress.known(), ids, progress.question_states)
    points = sum(line.points for line in lines)
    answered = sum(line.answered for line in lines)
    text = words.page("quiz")
    if variant is None:
        progress_text = text["at_result"].format(answered=answered, count=len(ids))
    else:
        number = ids.index(variant.question) + 1
        progress_text = text["progress"].format(
            number=number, count=len(ids), points=points
        )
    st.progress(answered / len(ids), text=progress_text)


def result(progress: QuizProgress, ids: tuple[str, ...]) -> None:
    """Points by topic, and the questions that are still open."""
    text, known = words.page("quiz").table("result"), quiz_progress.known()
    of = rounds.best(progress.question_states)
    lines = rounds.result(known, ids, progress.question_states)
    st.header(text["heading"], anchor=False)
    judged = sum(line.judged for line in lines)
    st.markdown(
        text[{0: "total_0", 1: "total_1"}.get(judged, "total")].format(
            points=sum(line.points for line in lines), all=judged
        )
    )
    if assessed := sum(line.self_assessed for line in lines):
        points = sum(line.self_assessed_points for line in lines)
        st.markdown(text["own"].format(count=assessed, points=points))
    heads = [text[name] for name in ("topic", "points", "tries", "hints")]
    rows = [
        [
            known.topics[line.topic],
            f"{line.points:.1f} / {line.judged}" if line.judged else text["none"],
            str(line.tries),
            str(line.hints),
        ]
        for line in lines
    ]
    ruled = [heads, ["---", "--:", "--:", "--:"], *rows]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in ruled))
    left = [name for name in ids if name not in of or not of[name].right]
    if not left:
        st.markdown(text["all_right"])
        return
    st.markdown(text["open"])
    with st.container(horizontal=True, gap="small"):
        for name in left:
            st.button(
                words.page("quiz")
                .table("buttons")["again"]
                .format(number=ids.index(name) + 1),
                key=f"quiz_again_{name}",
                on_click=go,
                args=(name,),
            )
