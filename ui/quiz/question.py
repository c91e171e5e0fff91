"""A question of the quiz: asked, answered, given feedback on, with ways on.

Of a question nothing leaves the server but what `classroom.questions.variants.Posed`
holds. The key is looked at when an answer has come, and by the server alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from classroom.questions import variants
from classroom.questions.bank import find
from classroom.questions.grading import Answer
from classroom.questions.question_files import Question
from classroom.questions.question_state import HINT_COST, QuestionState
from classroom.questions.variants import Posed, Variant
from model import weights
from ui import script
from ui.kit import cache, picture, state, words
from ui.kit.network import feature_maps
from ui.kit.questions import answers, question_language
from ui.kit.questions import feedback as feedback_panel
from ui.kit.questions.answers import AnswerFrame
from ui.kit.sections import PAGES
from ui.quiz import keeper, map_reading
from ui.quiz.rounds import RESULT, go
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress
from ui.session.saving import PendingResponse

WIDTH = 860  # pixels: a line of a question is not longer
CHECK = ":material/check:"


# --- responses: of the progress that the page was drawn from --------------------------


def _hint(variant: Variant, number: int) -> None:
    if (progress := quiz_progress.drawn_from()) is not None:
        progress.give(variant, number, "hint")


def _give_up(variant: Variant, number: int) -> None:
    if (progress := quiz_progress.drawn_from()) is not None:
        progress.give(variant, number, "shown", None, state.MEASURED.get().get(variant))


def _begun(variant: Variant) -> None:
    """What the widgets hold is kept, though it is not given yet."""
    if (progress := quiz_progress.drawn_from()) is not None:
        question, posed = find(variant.question), variants.pose(variant)
        progress.keep(variant, _held(question, posed, progress.question_state(variant)))


def _submit(variant: Variant, number: int) -> None:
    """What the widgets hold is the answer."""
    if (progress := quiz_progress.drawn_from()) is not None:
        question, posed = find(variant.question), variants.pose(variant)
        answer = _held(question, posed, progress.question_state(variant))
        truth = state.MEASURED.get().get(variant)
        progress.give(variant, number, "answer", answer, truth)


# --- a question ---------------------------------------------------------------------


def ask(progress: QuizProgress, variant: Variant) -> None:
    """The question, and the widgets for an answer."""
    question, posed = find(variant.question), question_language.pose(variant)
    question_state, waits = progress.question_state(variant), progress.waiting(variant)
    frame, number = (
        _frame(progress, posed, question_state, waits),
        progress.number(variant),
    )
    button: dict[str, Any] = {
        "label": _submit_label(posed, question_state),
        "icon": CHECK,
        "disabled": frame.closed,
        "on_click": _submit,
        "args": (variant, number),
        "key": f"quiz_check_{variant.question}_{variant.seed}_{number}",
    }
    if posed.kind == "layer" and state.CLICKED_FOR.get() != frame.name:
        state.CLICKED.set(frame.last if isinstance(frame.last, str) else "")
        state.CLICKED_FOR.set(frame.name)
    # A form sends what is typed with its button alone; of a choice each step is kept.
    is_typed = posed.kind in answers.TYPED and question_state.in_words is None
    if is_typed:
        frame = replace(frame, changed=None)
    with st.container(border=True, key=keeper.SCOPE):
        kind = words.page("quiz").table("kind")[posed.kind]
        st.caption(f"{quiz_progress.known().topics[question.topic]} · {kind}")
        with question_language.part(question.id, "ask"):
            st.markdown(posed.ask)
        if posed.reading:
            _measure(posed, question_state)
        if is_typed:
            with st.form(f"quiz_{variant.question}_{variant.seed}", border=False):
                _widgets(question, posed, question_state, frame)
                st.form_submit_button(**button)
        else:
            with question_language.part(question.id, "choices"):
                _widgets(question, posed, question_state, frame)
            st.button(**button)
        keeper.saved_line(None if waits else progress.saved(variant))
        # Closed, too: the number of the response that closed it has to come back.
        where = {"question": variant.question, "seed": str(variant.seed)}
        keeper.watch(where, len(question_state.tries), number, checked=True)


def _submit_label(posed: Posed, question_state: QuestionState) -> str:
    text = words.page("quiz").table("answer")
    if posed.kind != "open":
        return str(text["submit"])
    return str(
        text["submit_open" if question_state.in_words is None else "submit_points"]
    )


def _frame(
    progress: QuizProgress,
    posed: Posed,
    question_state: QuestionState,
    waits: PendingResponse | None,
) -> AnswerFrame:
    """Where the widgets start from. Answered, they are others, so that it stays."""
    name = f"quiz_{posed.variant.question}_{posed.variant.seed}"
    last = question_state.tries[-1].answer if question_state.tries else None
    if waits is not None:
        last = waits.answer if waits.kind == "answer" else last
        return AnswerFrame(f"{name}_waits", last, closed=True)
    if question_state.closed:
        return AnswerFrame(f"{name}_closed", last, closed=True)
    draft = progress.draft(posed.variant)
    changed = partial(_begun, posed.variant)
    return AnswerFrame(name, last if draft is None else draft, changed=changed)


def _widgets(
    question: Question, posed: Posed, question_state: QuestionState, frame: AnswerFrame
) -> None:
    """The widgets of a kind; of an open question, its text or then its points."""
    written = question_state.in_words
    if posed.kind != "open" or written is None:
        answers.draw(posed, frame)
        return
    answers.words(replace(frame, name=f"{frame.name}_said", closed=True))
    ticked = frame.last.get("points") if isinstance(frame.last, dict) else None
    st.markdown(
        words.page("quiz")
        .table("feedback")["model"]
        .format(say=question_language.key(question_state.variant).why)
    )
    st.markdown(words.page("quiz").table("feedback")["own"])
    labels = question_language.question(question.id).points
    for place, point in enumerate(question.points):  # kept in English
        st.checkbox(
            labels[place],
            point in (ticked or []),
            key=f"{frame.name}_point_{place}",
            disabled=frame.closed,
            on_change=frame.changed,
        )


def _held(question: Question, posed: Posed, question_state: QuestionState) -> Answer:
    """What the widgets hold, as `classroom.questions.grading` takes it."""
    name = f"quiz_{posed.variant.question}_{posed.variant.seed}"
    written = question_state.in_words
    if posed.kind != "open" or written is None:
        return answers.held(posed, name)
    points = [
        point
        for place, point in enumerate(question.points)
        if state.held(f"{name}_point_{place}")
    ]
    return {"text": written, "points": points}


def _measure(posed: Posed, question_state: QuestionState) -> None:
    """Works out the truth on the visitor's picture; it stays on the server.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    assert posed.reading is not None
    chosen = picture.choose()
    row = weights.REGISTRY.get(state.WEIGHTS.get(), weights.get(weights.DEFAULT))
    st.image(cache.received_photo(chosen.picture, row.spec), width=160, alt=chosen.alt)
    layers = feature_maps.activations(row, chosen)
    prediction = cache.prediction(row.name, layers)
    measured = map_reading.measure(posed.reading, layers, prediction)
    if not question_state.closed:
        state.MEASURED.set({**state.MEASURED.get(), posed.variant: measured})


# --- after an answer ----------------------------------------------------------------


def feedback(progress: QuizProgress, variant: Variant) -> None:
    """Feedback to the last answer, the hints taken, what it is worth by now."""
    question_state, text = (
        progress.question_state(variant),
        words.page("quiz").table("feedback"),
    )
    with question_language.part(variant.question, "feedback"):
        for hint in question_language.key(variant).hints[: question_state.hints]:
            st.info(hint, icon=":material/lightbulb:")
        if question_state.tries:
            feedback_panel.verdict(
                question_language.last_grade(question_state, progress.truth(variant)),
                question_state,
            )
        if question_state.given_up:
            feedback_panel.solution(variant, progress.truth(variant))
    counted = len(question_state.counted)
    if not counted and not question_state.hints:
        return
    facts = [text["tries_1" if counted == 1 else "tries"].format(tries=counted)]
    if question_state.hints:
        name = "hints_1" if question_state.hints == 1 else "hints"
        facts.append(text[name].format(hints=question_state.hints))
    if not question_state.closed:
        facts.append(text["still"].format(worth=question_state.worth))
    elif not question_state.self_assessed:
        facts.append(text["worth"].format(points=question_state.points))
    st.caption(" · ".join(facts))


def help_and_move(
    progress: QuizProgress, ids: tuple[str, ...], variant: Variant
) -> None:
    """Hint, answer, other numbers; back and on."""
    text, question_state, number = (
        words.page("quiz").table("buttons"),
        progress.question_state(variant),
        progress.number(variant),
    )
    hints = variants.pose(variant).hints
    known = question_state.closed or question_state.in_words is not None
    known = known or progress.waiting(variant) is not None
    act = f"{variant.question}_{variant.seed}_{number}"
    at = ids.index(variant.question)
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["hint"].format(cost=HINT_COST),
            icon=":material/lightbulb:",
            on_click=_hint,
            args=(variant, number),
            key=f"quiz_hint_{act}",
            disabled=known or question_state.hints >= hints,
        )
        st.button(
            text["give_up"],
            icon=":material/key:",
            on_click=_give_up,
            args=(variant, number),
            key=f"quiz_give_up_{act}",
            disabled=known,
        )
        if variants.varies(variant.question):
            st.button(
                text["another"],
                icon=":material/casino:",
                on_click=go,
                args=(variant.question, variant.seed % variants.LAST_SEED + 1),
            )
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            icon=":material/arrow_back:",
            on_click=go,
            args=(ids[max(0, at - 1)],),
            disabled=at == 0,
        )
        last = at == len(ids) - 1
        st.button(
            text["finish" if last else "next"],
            icon=":material/arrow_forward:",
            icon_position="right",
            on_click=go,
            args=(RESULT if last else ids[at + 1],),
        )


def links(variant: Variant) -> None:
    """The step that teaches it, the page that shows it, and where it comes from."""
    question, posed = (
        question_language.question(variant.question),
        variants.pose(variant),
    )
    text = words.page("quiz").table("links")
    pages = [name for names in PAGES.values() for name in names]
    step = text["step"].format(step=quiz_progress.known().steps[question.step])
    with st.container(horizontal=True, gap="medium"):
        if "lesson" in pages:
            st.page_link(
                script("lesson"),
                label=step,
                icon=":material/school:",
                query_params={"step": question.step},
            )
        if question.page:
            title = words.page(question.page)["title"]
            st.page_link(
                script(question.page),
                label=text["page"].format(page=title),
                icon=words.page(question.page)["icon"],
                query_params=_query(question, posed),
            )
    notes = [] if "lesson" in pages else [f"{step}."]
    if question.lesson:
        name = words.page("quiz").table("feedback")["lesson_question"]
        notes.append(name.format(name=question.lesson))
    if question.source:
        notes.append(
            words.page("quiz")
            .table("feedback")["source"]
            .format(source=question.source)
        )
    if notes:
        st.caption(" ".join(notes))


def _query(question: Question, posed: Posed) -> dict[str, str]:
    """What the page that shows it has to have in its address."""
    query = dict(question.query)
    if posed.network:
        query["network"] = posed.network
    if posed.reading is not None:
        query["layer"] = posed.reading.layer
        query["unit"] = str(posed.reading.unit)
    return query
