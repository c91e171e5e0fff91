"""What the quiz page shows: a round, a question, what is said to an answer, a result.

Of a question nothing leaves the server but what `classroom.questions.variants.Posed`
holds. The key is looked at when an answer has come, and by the server alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from classroom.content import lesson
from classroom.questions import attempts, variants
from classroom.questions.attempts import Attempt
from classroom.questions.bank import Question, find
from classroom.questions.grading import Answer
from classroom.questions.variants import Posed, Variant
from model import weights
from ui import script
from ui.kit import cache, picture, state, words
from ui.kit.panels import answers as quiz_widgets
from ui.kit.panels import feature_maps
from ui.kit.panels import feedback as feedback_panel
from ui.kit.panels import question_language as quiz_language
from ui.kit.panels.answers import Frame
from ui.kit.sections import PAGES
from ui.quiz import book as quiz_book
from ui.quiz import keeper, map_reading
from ui.quiz.book import Book
from ui.session.saving import Pending

WIDTH = 860  # pixels: a line of a question is not longer
CHECK = ":material/check:"
RESULT = "result"  # in the address, in place of a question


def _text(section: str) -> dict[str, Any]:
    return words.page("quiz")[section]  # type: ignore[no-any-return]


# --- the part that a click runs ------------------------------------------------------


@st.fragment
def turn(ids: tuple[str, ...], given: list[Book]) -> None:
    """A question or the result. Clicks in it run nothing else of the page.

    Args:
        given: the book that the page has just opened; used once.
    """
    book = given.pop() if given else quiz_book.open_book()
    if book is None:
        state.rerun()
    variant = current(ids)
    progress(book, ids, variant)
    quiz_book.say()
    quiz_book.banner()
    if variant is None:
        result(book, ids)
    else:
        ask(book, variant)
        feedback(book, variant)
        help_and_move(book, ids, variant)
        links(variant)
    quiz_book.kept(book)
    state.write_url("quiz")


# --- a round ------------------------------------------------------------------------


def _go(question: str, seed: int = 0) -> None:
    state.QUESTION.set(question)
    state.SEED.set(seed)
    state.CLICKED.set("")
    state.CLICKED_FOR.set("")


def _restart(ids: tuple[str, ...]) -> None:
    """New numbers; what is kept in the session of the round is forgotten."""
    if (book := quiz_book.open_book()) is not None:
        book.restart(ids)
        _go("")


def choose_round(book: Book) -> tuple[str, ...]:
    """The round, and its questions in order. A shared question brings its topic."""
    text, known = words.page("quiz"), quiz_book.known()
    if book.deal is not None and state.DEAL.get() == state.DEAL.default:
        state.DEAL.set(book.deal)
    names = {name: known.topics.get(name) or "" for name in attempts.rounds(known)}
    names |= text["rounds"]
    state.ROUND.settle(state.ROUND.get() if state.ROUND.get() in names else "lesson")
    asked = known.questions.get(state.QUESTION.get())
    if asked and asked.id not in _ids():
        state.ROUND.set(asked.topic)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=330):
            st.selectbox(
                text["round"],
                list(names),
                format_func=names.__getitem__,
                on_change=_go,
                args=("",),
                **state.ROUND.widget,
            )
        ids = _ids()
        st.button(
            text["restart"],
            icon=":material/restart_alt:",
            on_click=_restart,
            args=(ids,),
            help=text["restart_class"] if quiz_book.member(book) else None,
        )
    return ids


def _ids() -> tuple[str, ...]:
    return attempts.questions_of(quiz_book.known(), state.ROUND.get(), state.DEAL.get())


def current(ids: tuple[str, ...]) -> Variant | None:
    """The question that is asked, with its seed; None: the result is looked at."""
    name = state.QUESTION.get()
    if name == RESULT:
        return None
    if name not in ids:
        name = ids[0]
    state.QUESTION.set(name)
    return Variant(name, state.SEED.get() or state.DEAL.get())


def progress(book: Book, ids: tuple[str, ...], variant: Variant | None) -> None:
    """How far one has come in the round, and with how many points."""
    lines = attempts.result(quiz_book.known(), ids, book.attempts)
    points = sum(line.points for line in lines)
    answered = sum(line.answered for line in lines)
    text = words.page("quiz")
    if variant is None:
        said = text["at_result"].format(answered=answered, count=len(ids))
    else:
        number = ids.index(variant.question) + 1
        said = text["progress"].format(number=number, count=len(ids), points=points)
    st.progress(answered / len(ids), text=said)


# --- acts: of the book that the page was drawn from -----------------------------------


def _hint(variant: Variant, number: int) -> None:
    if (book := quiz_book.drawn_from()) is not None:
        book.give(variant, number, "hint")


def _give_up(variant: Variant, number: int) -> None:
    if (book := quiz_book.drawn_from()) is not None:
        book.give(variant, number, "shown", None, state.MEASURED.get().get(variant))


def _begun(variant: Variant) -> None:
    """What the widgets hold is kept, though it is not given yet."""
    if (book := quiz_book.drawn_from()) is not None:
        question, posed = find(variant.question), variants.pose(variant)
        book.keep(variant, _held(question, posed, book.attempt(variant)))


def _submit(variant: Variant, number: int) -> None:
    """What the widgets hold is the answer."""
    if (book := quiz_book.drawn_from()) is not None:
        question, posed = find(variant.question), variants.pose(variant)
        answer = _held(question, posed, book.attempt(variant))
        truth = state.MEASURED.get().get(variant)
        book.give(variant, number, "answer", answer, truth)


# --- a question ---------------------------------------------------------------------


def ask(book: Book, variant: Variant) -> None:
    """The question, and the widgets for an answer."""
    question, posed = find(variant.question), quiz_language.pose(variant)
    attempt, waits = book.attempt(variant), book.waiting(variant)
    frame, number = _frame(book, posed, attempt, waits), book.number(variant)
    button: dict[str, Any] = {
        "label": _submit_label(posed, attempt),
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
    is_typed = posed.kind in quiz_widgets.TYPED and attempt.in_words is None
    if is_typed:
        frame = replace(frame, changed=None)
    with st.container(border=True, key=keeper.SCOPE):
        st.caption(
            f"{quiz_book.known().topics[question.topic]} · {_text('kind')[posed.kind]}"
        )
        with quiz_language.part(question.id, "ask"):
            st.markdown(posed.ask)
        if posed.reading:
            _measure(posed, attempt)
        if is_typed:
            with st.form(f"quiz_{variant.question}_{variant.seed}", border=False):
                _widgets(question, posed, attempt, frame)
                st.form_submit_button(**button)
        else:
            with quiz_language.part(question.id, "choices"):
                _widgets(question, posed, attempt, frame)
            st.button(**button)
        quiz_book.saved_line(None if waits else book.saved(variant))
        # Closed, too: the number of the act that closed it has to come back.
        where = {"question": variant.question, "seed": str(variant.seed)}
        keeper.watch(where, len(attempt.tries), number, checked=True)


def _submit_label(posed: Posed, attempt: Attempt) -> str:
    text = _text("answer")
    if posed.kind != "open":
        return str(text["submit"])
    return str(text["submit_open" if attempt.in_words is None else "submit_points"])


def _frame(book: Book, posed: Posed, attempt: Attempt, waits: Pending | None) -> Frame:
    """Where the widgets start from. Answered, they are others, so that it stays."""
    name = f"quiz_{posed.variant.question}_{posed.variant.seed}"
    last = attempt.tries[-1].answer if attempt.tries else None
    if waits is not None:
        last = waits.answer if waits.kind == "answer" else last
        return Frame(f"{name}_waits", last, closed=True)
    if attempt.closed:
        return Frame(f"{name}_closed", last, closed=True)
    draft = book.draft(posed.variant)
    changed = partial(_begun, posed.variant)
    return Frame(name, last if draft is None else draft, changed=changed)


def _widgets(question: Question, posed: Posed, attempt: Attempt, frame: Frame) -> None:
    """The widgets of a kind; of an open question, its text or then its points."""
    said = attempt.in_words
    if posed.kind != "open" or said is None:
        quiz_widgets.draw(posed, frame)
        return
    quiz_widgets.words(replace(frame, name=f"{frame.name}_said", closed=True))
    ticked = frame.last.get("points") if isinstance(frame.last, dict) else None
    st.markdown(
        _text("feedback")["model"].format(say=quiz_language.key(attempt.variant).why)
    )
    st.markdown(_text("feedback")["own"])
    labels = quiz_language.question(question.id).points
    for place, point in enumerate(question.points):  # kept in English
        st.checkbox(
            labels[place],
            point in (ticked or []),
            key=f"{frame.name}_point_{place}",
            disabled=frame.closed,
            on_change=frame.changed,
        )


def _held(question: Question, posed: Posed, attempt: Attempt) -> Answer:
    """What the widgets hold, as `classroom.questions.grading` takes it."""
    name = f"quiz_{posed.variant.question}_{posed.variant.seed}"
    said = attempt.in_words
    if posed.kind != "open" or said is None:
        return quiz_widgets.held(posed, name)
    points = [
        point
        for place, point in enumerate(question.points)
        if state.held(f"{name}_point_{place}")
    ]
    return {"text": said, "points": points}


def _measure(posed: Posed, attempt: Attempt) -> None:
    """Works out the truth on the visitor's picture; it stays on the server.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    assert posed.reading is not None
    chosen = picture.choose()
    row = weights.REGISTRY.get(state.WEIGHTS.get(), weights.get(weights.DEFAULT))
    st.image(cache.received_photo(chosen.picture, row.spec), width=160, alt=chosen.alt)
    layers = feature_maps.look(row, chosen)
    said = cache.answer(row.name, layers)
    measured = map_reading.measure(posed.reading, layers, said)
    if not attempt.closed:
        state.MEASURED.set({**state.MEASURED.get(), posed.variant: measured})


# --- after an answer ----------------------------------------------------------------


def feedback(book: Book, variant: Variant) -> None:
    """What is said to the last answer, the hints taken, what it is worth by now."""
    attempt, text = book.attempt(variant), _text("feedback")
    with quiz_language.part(variant.question, "feedback"):
        for hint in quiz_language.key(variant).hints[: attempt.hints]:
            st.info(hint, icon=":material/lightbulb:")
        if attempt.tries:
            feedback_panel.verdict(
                quiz_language.last_grade(attempt, book.truth(variant)), attempt
            )
        if attempt.given_up:
            feedback_panel.solution(variant, book.truth(variant))
    counted = len(attempt.counted)
    if not counted and not attempt.hints:
        return
    said = [text["tries_1" if counted == 1 else "tries"].format(tries=counted)]
    if attempt.hints:
        name = "hints_1" if attempt.hints == 1 else "hints"
        said.append(text[name].format(hints=attempt.hints))
    if not attempt.closed:
        said.append(text["still"].format(worth=attempt.worth))
    elif not attempt.own:
        said.append(text["worth"].format(points=attempt.points))
    st.caption(" · ".join(said))


def help_and_move(book: Book, ids: tuple[str, ...], variant: Variant) -> None:
    """Hint, answer, other numbers; back and on."""
    text, attempt, number = (
        _text("buttons"),
        book.attempt(variant),
        book.number(variant),
    )
    hints = variants.pose(variant).hints
    known = attempt.closed or attempt.in_words is not None
    known = known or book.waiting(variant) is not None
    act = f"{variant.question}_{variant.seed}_{number}"
    at = ids.index(variant.question)
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["hint"].format(cost=attempts.HINT_COST),
            icon=":material/lightbulb:",
            on_click=_hint,
            args=(variant, number),
            key=f"quiz_hint_{act}",
            disabled=known or attempt.hints >= hints,
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
                on_click=_go,
                args=(variant.question, variant.seed % variants.LAST_SEED + 1),
            )
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            icon=":material/arrow_back:",
            on_click=_go,
            args=(ids[max(0, at - 1)],),
            disabled=at == 0,
        )
        last = at == len(ids) - 1
        st.button(
            text["finish" if last else "next"],
            icon=":material/arrow_forward:",
            icon_position="right",
            on_click=_go,
            args=(RESULT if last else ids[at + 1],),
        )


def links(variant: Variant) -> None:
    """The step that teaches it, the page that shows it, and where it comes from."""
    question, posed = quiz_language.question(variant.question), variants.pose(variant)
    text = _text("links")
    pages = [name for names in PAGES.values() for name in names]
    step = text["step"].format(step=quiz_book.known().steps[question.step])
    with st.container(horizontal=True, gap="medium"):
        if question.instead == "glossary":
            st.page_link(
                script("claims"),
                label=text["glossary"].format(words=_glossary(question)),
                icon=":material/menu_book:",
            )
        elif question.instead == "claims" and question.page != "claims":
            claims = words.page("claims")
            st.page_link(
                script("claims"),
                label=text["page"].format(page=claims["title"]),
                icon=claims["icon"],
            )
        elif "lesson" in pages and not question.instead:
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
    said = [] if "lesson" in pages or question.instead else [f"{step}."]
    if question.lesson:
        name = _text("feedback")["lesson_question"]
        said.append(name.format(name=question.lesson))
    if question.source:
        said.append(_text("feedback")["source"].format(source=question.source))
    if said:
        st.caption(" ".join(said))


def _glossary(question: Question) -> str:
    """The words of the glossary that a question is about."""
    language = quiz_language.current()
    known = lesson.load(
        language if language in lesson.languages() else lesson.DEFAULT
    ).tables["glossary"]
    return ", ".join(known[term]["word"] for term in question.terms)


def _query(question: Question, posed: Posed) -> dict[str, str]:
    """What the page that shows it has to have in its address."""
    query = dict(question.query)
    if posed.network:
        query["network"] = posed.network
    if posed.reading is not None:
        query["layer"] = posed.reading.layer
        query["unit"] = str(posed.reading.unit)
    return query


# --- the end ------------------------------------------------------------------------


def result(book: Book, ids: tuple[str, ...]) -> None:
    """Points by topic, and the questions that are still open."""
    text, known = _text("result"), quiz_book.known()
    of = attempts.best(book.attempts)
    lines = attempts.result(known, ids, book.attempts)
    st.header(text["heading"], anchor=False)
    judged = sum(line.judged for line in lines)
    st.markdown(
        text[{0: "total_0", 1: "total_1"}.get(judged, "total")].format(
            points=sum(line.points for line in lines), all=judged
        )
    )
    if own := sum(line.own for line in lines):
        points = sum(line.own_points for line in lines)
        st.markdown(text["own"].format(count=own, points=points))
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
                _text("buttons")["again"].format(number=ids.index(name) + 1),
                key=f"quiz_again_{name}",
                on_click=_go,
                args=(name,),
            )
