"""What the quiz page shows: a round, a question, what is said to an answer, a result.

Of a question nothing leaves the server but what `classroom.variants.Posed` holds. The
key is looked at when an answer has come, and by the server alone.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache as remember
from typing import Any

import streamlit as st

from classroom import attempts, grading, variants
from classroom.attempts import Attempt
from classroom.grading import Answer, Grade, Measured
from classroom.questions import Question, bank
from classroom.variants import Posed, Variant
from model import weights
from model.specs import SPECS
from ui import cache, components, panels, picture, quiz_reading, script, state, widgets
from ui import words as all_words
from ui.sections import PAGES
from viz import diagram
from viz.palette import PALETTES, Scheme

WIDTH = 860  # pixels: a line of a question is not longer
CHECK = ":material/check:"
RESULT = "result"  # in the address, in place of a question


def _text(section: str) -> dict[str, Any]:
    return all_words.page("quiz")[section]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Asked:
    """What the widgets say in this run."""

    answer: Answer
    submitted: bool
    truth: Measured | None = None  # of a question on the visitor's picture


# --- a round ------------------------------------------------------------------------


def _go(question: str, seed: int = 0) -> None:
    state.QUESTION.set(question)
    state.SEED.set(seed)
    state.CLICKED.set("")


def _restart(ids: tuple[str, ...]) -> None:
    """New numbers for all questions of the round; its answers are forgotten."""
    state.DEAL.set(secrets.randbelow(variants.LAST_SEED) + 1)
    kept = [a for a in state.ATTEMPTS.get() if a.variant.question not in ids]
    state.ATTEMPTS.set(tuple(kept))
    _go("")


def choose_round() -> tuple[str, ...]:
    """The round, and its questions in order. A shared question brings its topic."""
    text, known = all_words.page("quiz"), bank()
    names = {name: known.topics.get(name) or "" for name in attempts.rounds(known)}
    names |= text["rounds"]
    state.ROUND.set(state.ROUND.get() if state.ROUND.get() in names else "lesson")
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
        )
    return ids


def _ids() -> tuple[str, ...]:
    return attempts.questions_of(bank(), state.ROUND.get(), state.DEAL.get())


def current(ids: tuple[str, ...]) -> Variant | None:
    """The question that is asked, with its seed; None: the result is looked at."""
    name = state.QUESTION.get()
    if name == RESULT:
        return None
    if name not in ids:
        name = ids[0]
    state.QUESTION.set(name)
    return Variant(name, state.SEED.get() or state.DEAL.get())


def progress(ids: tuple[str, ...], variant: Variant | None) -> None:
    """How far one has come in the round, and with how many points."""
    lines = attempts.result(bank(), ids, state.ATTEMPTS.get())
    points = sum(line.points for line in lines)
    answered = sum(line.answered for line in lines)
    text = all_words.page("quiz")
    if variant is None:
        said = text["at_result"].format(answered=answered, count=len(ids))
    else:
        number = ids.index(variant.question) + 1
        said = text["progress"].format(number=number, count=len(ids), points=points)
    st.progress(answered / len(ids), text=said)


def _attempt(variant: Variant) -> Attempt:
    found = (a for a in state.ATTEMPTS.get() if a.variant == variant)
    return next(found, Attempt(variant))


def _keep(attempt: Attempt) -> None:
    others = [a for a in state.ATTEMPTS.get() if a.variant != attempt.variant]
    state.ATTEMPTS.set((*others, attempt))


def _hint(variant: Variant) -> None:
    """One more hint: of the attempt as it is by now, not as it was drawn."""
    _keep(_attempt(variant).hinted(variants.pose(variant).hints))


def _give_up(variant: Variant) -> None:
    _keep(_attempt(variant).shown())


# --- a question ---------------------------------------------------------------------


def ask(variant: Variant) -> Asked:
    """The question, and the widgets for an answer."""
    question, posed = bank().questions[variant.question], variants.pose(variant)
    attempt = _attempt(variant)
    with st.container(border=True):
        st.caption(f"{bank().topics[question.topic]} · {_text('kind')[posed.kind]}")
        st.markdown(posed.ask)
        truth = _measured(posed) if posed.reading else None
        label = _submit_label(posed, attempt)
        if posed.kind == "layer":  # list and drawing follow each other at once
            _drawing(posed, attempt)
            answer = _widget(question, posed, attempt)
            submitted = st.button(label, icon=CHECK, disabled=attempt.closed)
        else:
            with st.form(f"quiz_{variant.question}_{variant.seed}", border=False):
                answer = _widget(question, posed, attempt)
                submitted = st.form_submit_button(
                    label, icon=CHECK, disabled=attempt.closed
                )
    return Asked(answer, submitted, truth)


def _submit_label(posed: Posed, attempt: Attempt) -> str:
    text = _text("answer")
    if posed.kind != "open":
        return str(text["submit"])
    return str(text["submit_open" if attempt.in_words is None else "submit_points"])


def _widget(question: Question, posed: Posed, attempt: Attempt) -> Answer:
    """The widget of a kind; what it holds, as `classroom.grading` takes it.

    Keys are made of places, not of ids: nothing of the answer is in them.
    """
    text = _text("answer")
    name = f"quiz_{posed.variant.question}_{posed.variant.seed}"
    closed, last = attempt.closed, attempt.tries[-1].answer if attempt.tries else None
    if closed:  # widgets of their own, so that what was answered stays in them
        name += "_closed"
    labels = {choice.id: choice.label for choice in posed.choices}
    match posed.kind:
        case "single":
            return st.radio(
                text["text"],
                list(labels),
                index=_place(last, labels),
                format_func=labels.__getitem__,
                key=f"{name}_one",
                disabled=closed,
                label_visibility="collapsed",
            )
        case "several":
            ticked = last if isinstance(last, list) else []
            return [
                one
                for place, (one, label) in enumerate(labels.items())
                if st.checkbox(
                    label, one in ticked, key=f"{name}_{place}", disabled=closed
                )
            ]
        case "number" | "picture":
            label = text["number_unit" if posed.unit else "number"]
            return st.text_input(
                label.format(unit=posed.unit),
                last if isinstance(last, str) else "",
                key=f"{name}_number",
                max_chars=60,
                disabled=closed,
                persist_state="session",
                width=330,
            )
        case "order":
            st.markdown("\n".join(f"- {label}" for label in labels.values()))
            order = last if isinstance(last, list) else []
            order = [*order, *[None] * (len(labels) - len(order))]
            return [
                st.selectbox(
                    text["place"].format(number=place + 1),
                    list(labels),
                    index=_place(order[place], labels),
                    format_func=labels.__getitem__,
                    placeholder=text["choose"],
                    key=f"{name}_{place}",
                    disabled=closed,
                )
                for place in range(len(labels))
            ]
        case "match":
            targets = {choice.id: choice.label for choice in posed.targets}
            pairs = last if isinstance(last, dict) else {}
            return {
                one: st.selectbox(
                    label,
                    list(targets),
                    index=_place(pairs.get(one), targets),
                    format_func=targets.__getitem__,
                    placeholder=text["choose"],
                    key=f"{name}_{place}",
                    disabled=closed,
                )
                for place, (one, label) in enumerate(labels.items())
            }
        case "layer" if closed:
            return st.selectbox(
                text["layer"],
                [str(last or text["choose"])],
                key=f"{name}_layer",
                disabled=True,
                width=330,
            )
        case "layer":
            layers = ["", *_plain(posed.network, "light", "across").places]
            if state.CLICKED.get() not in layers:
                state.CLICKED.set("")
            return st.selectbox(
                text["layer"],
                layers,
                format_func=lambda layer: layer or text["choose"],
                width=330,
                **state.CLICKED.widget,
            )
        case "open":
            return _own_words(question, name, attempt)


def _place(answer: Answer, among: dict[str, str]) -> int | None:
    """Where an id stands among the choices; None: nowhere."""
    if isinstance(answer, str) and answer in among:
        return list(among).index(answer)
    return None


def _own_words(question: Question, name: str, attempt: Attempt) -> Answer:
    """First the text; once the model answer is there, the points that it makes."""
    said = attempt.in_words
    closed = attempt.closed
    text = st.text_area(
        _text("answer")["text"],
        said or "",
        key=f"{name}_text" if said is None else f"{name}_said",
        max_chars=grading.LONGEST,
        height=160,
        disabled=said is not None or closed,
        persist_state="session",
    )
    if said is None:
        return {"text": text, "points": None}
    last = attempt.tries[-1].answer
    ticked = (last.get("points") if isinstance(last, dict) else None) or []
    st.markdown(
        _text("feedback")["model"].format(say=variants.key(attempt.variant).why)
    )
    st.markdown(_text("feedback")["own"])
    points = [
        point
        for place, point in enumerate(question.points)
        if st.checkbox(
            point, point in ticked, key=f"{name}_point_{place}", disabled=closed
        )
    ]
    return {"text": said, "points": points}


@remember
def _plain(network: str, scheme: Scheme, way: diagram.Direction) -> diagram.Plain:
    return diagram.plain(SPECS[network], PALETTES[scheme], way)


def _drawing(posed: Posed, attempt: Attempt) -> None:
    """The network without numbers; a click chooses, the list below shows what."""
    closed, selected = attempt.closed, state.CLICKED.get()
    if closed:
        selected = str(attempt.tries[-1].answer) if attempt.tries else ""
    text, scheme = _text("answer"), widgets.scheme()
    components.diagram(
        [
            _plain(posed.network, scheme, "across"),
            _plain(posed.network, scheme, "down"),
        ],
        key=f"quiz_diagram_{posed.network}",
        selected=selected,
        alt=text["diagram_alt"].format(network=SPECS[posed.network].title),
        label=text["diagram_label"],
        tip=text["diagram_tip"],
        disabled=closed,
        on_pick=state.CLICKED.set,
    )


def _measured(posed: Posed) -> Measured:
    """The truth on the visitor's picture; it stays on the server.

    Raises:
        model.runtime.Busy, model.weights.WeightsBroken: the shell says why.
    """
    assert posed.reading is not None
    chosen = picture.choose()
    row = weights.REGISTRY.get(state.WEIGHTS.get(), weights.get(weights.DEFAULT))
    st.image(cache.received_photo(chosen.picture, row.spec), width=160, alt=chosen.alt)
    measured = quiz_reading.measure(posed.reading, panels.look(row, chosen))
    if not _attempt(posed.variant).closed:
        state.MEASURED.set({**state.MEASURED.get(), posed.variant: measured.value})
    return measured


def check(variant: Variant, asked: Asked) -> None:
    """Grades an answer that was handed in, and remembers it."""
    if not asked.submitted:
        return
    question, attempt = bank().questions[variant.question], _attempt(variant)
    grade = grading.grade(question, variant, asked.answer, asked.truth)
    _keep(attempt.answered(asked.answer, grade))
    st.rerun()


# --- after an answer ----------------------------------------------------------------


def feedback(variant: Variant) -> None:
    """What is said to the last answer, the hints taken, what it is worth by now."""
    attempt, text = _attempt(variant), _text("feedback")
    for hint in variants.key(variant).hints[: attempt.hints]:
        st.info(hint, icon=":material/lightbulb:")
    if attempt.tries:
        _say(attempt.tries[-1].grade, attempt)
    if attempt.given_up:
        _answer(variant)
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


def _say(grade: Grade, attempt: Attempt) -> None:
    text = _text("feedback")
    if grade.own:
        if attempt.own:
            st.success(
                text["own_done"].format(points=attempt.points), icon=":material/edit:"
            )
    elif not grade.counts:
        st.info(grade.sentence, icon=":material/keyboard:")
    elif grade.right:
        st.success(text["right"].format(say=grade.sentence), icon=":material/check:")
    else:
        name = "partly" if grade.score else "wrong"
        st.warning(text[name].format(say=grade.sentence), icon=":material/close:")


def _answer(variant: Variant) -> None:
    """The answer and why, for whoever asked for it."""
    posed, solved, text = variants.pose(variant), variants.key(variant), "feedback"
    value = state.MEASURED.get().get(variant)
    lines = variants.solution(posed, solved, value)
    if not lines:
        st.info(_text(text)["model"].format(say=solved.why), icon=":material/key:")
        return
    numbered = [f"{i}. {line}" for i, line in enumerate(lines, 1)]
    listed = numbered if posed.kind == "order" else [f"- {line}" for line in lines]
    shown = lines[0] if len(lines) == 1 else "\n\n" + "\n".join(listed)
    st.info(
        _text(text)["answer"].format(answer=shown) + f"\n\n{solved.why}",
        icon=":material/key:",
    )


def help_and_move(ids: tuple[str, ...], variant: Variant) -> None:
    """Hint, answer, other numbers; back and on."""
    text, attempt = _text("buttons"), _attempt(variant)
    hints = variants.pose(variant).hints
    known = attempt.closed or attempt.in_words is not None
    at = ids.index(variant.question)
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["hint"].format(cost=attempts.HINT_COST),
            icon=":material/lightbulb:",
            on_click=_hint,
            args=(variant,),
            disabled=known or attempt.hints >= hints,
        )
        st.button(
            text["give_up"],
            icon=":material/key:",
            on_click=_give_up,
            args=(variant,),
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
    question, posed = bank().questions[variant.question], variants.pose(variant)
    text = _text("links")
    pages = [name for names in PAGES.values() for name in names]
    step = text["step"].format(step=bank().steps[question.step])
    with st.container(horizontal=True, gap="medium"):
        if "lesson" in pages:
            st.page_link(
                script("lesson"),
                label=step,
                icon=":material/school:",
                query_params={"step": question.step},
            )
        if question.page:
            title = all_words.page(question.page)["title"]
            st.page_link(
                script(question.page),
                label=text["page"].format(page=title),
                icon=all_words.page(question.page)["icon"],
                query_params=_query(question, posed),
            )
    said = [] if "lesson" in pages else [f"{step}."]
    if question.lesson:
        name = _text("feedback")["lesson_question"]
        said.append(name.format(name=question.lesson))
    if question.source:
        said.append(_text("feedback")["source"].format(source=question.source))
    if said:
        st.caption(" ".join(said))


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


def result(ids: tuple[str, ...]) -> None:
    """Points by topic, and the questions that are still open."""
    text, known = _text("result"), bank()
    of = attempts.best(state.ATTEMPTS.get())
    lines = attempts.result(known, ids, state.ATTEMPTS.get())
    st.subheader(text["heading"], anchor=False)
    judged = sum(line.judged for line in lines)
    st.markdown(
        text["total"].format(points=sum(line.points for line in lines), all=judged)
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
