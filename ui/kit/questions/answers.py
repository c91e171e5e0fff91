"""The widgets that a question is answered with, and the answer that they hold.

Keys are made of places, not of ids: nothing of the answer is in them. `held` reads
them in a callback, so that an answer is taken even when its question is left at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache as remember
from itertools import count, product
from string import ascii_uppercase

import streamlit as st

from classroom.content import rich
from classroom.questions import grading
from classroom.questions.grading import Answer
from classroom.questions.variants import Choice, Posed
from model.network.specs import SPECS
from ui.kit import state, widgets
from ui.kit import words as all_words
from ui.kit.components.diagram import diagram as clickable
from viz import diagram
from viz.palette import PALETTES, Scheme
from viz.svg import Direction

TYPED = ("number", "short", "picture", "open")  # kinds whose answer is typed


@dataclass(frozen=True)
class AnswerFrame:
    """How the widgets of one question are to be."""

    name: str  # their keys begin with it; another one makes new widgets
    last: Answer = None  # what they start from
    closed: bool = False
    changed: Callable[[], None] | None = None  # called at each change; not in a form


def place(answer: Answer, among: dict[str, str]) -> int | None:
    """The index of an id among the choices; None: not among them."""
    if isinstance(answer, str) and answer in among:
        return list(among).index(answer)
    return None


def draw(posed: Posed, frame: AnswerFrame) -> None:
    """The widgets of a question's kind."""
    match posed.kind:
        case "single":
            _single(posed, frame)
        case "several":
            _several(posed, frame)
        case "number" | "picture":
            _number(posed, frame)
        case "short":
            _short(frame)
        case "order":
            _order(posed, frame)
        case "match":
            _match(posed, frame)
        case "layer":
            _layer(posed, frame)
        case "open":
            words(frame)


def held(posed: Posed, name: str) -> Answer:
    """What the widgets of that name hold, as `classroom.questions.grading` takes it."""
    match posed.kind:
        case "single":
            return state.held(f"{name}_one")
        case "several":
            return [
                choice.id
                for at, choice in enumerate(posed.choices)
                if state.held(f"{name}_{at}")
            ]
        case "number" | "picture":
            return state.held(f"{name}_number")
        case "short":
            return state.held(f"{name}_word")
        case "order":
            return [state.held(f"{name}_{at}") for at in range(len(posed.choices))]
        case "match":
            return {
                choice.id: state.held(f"{name}_{at}")
                for at, choice in enumerate(posed.choices)
            }
        case "layer":
            return state.CLICKED.get()
        case "open":
            return {"text": state.held(f"{name}_text"), "points": None}


def _lettered(choices: Sequence[Choice], whole: bool) -> dict[str, str]:
    """Id -> what its widget is called.

    A label has one line, and the entries of a list have no Markdown: code, formulas
    and whatever else has lines stands above, with a letter for each.

    Args:
        whole: the widget is a list, whose entries are plain text.
    """
    marked = any(
        rich.is_block(one.label) or (whole and rich.is_marked(one.label))
        for one in choices
    )
    labels = {
        one.id: rich.words_of(one.label) if whole else one.label for one in choices
    }
    if not marked:
        return labels
    for letter, one in zip(letters(), choices, strict=False):
        with st.container(horizontal=True, gap="small"):
            st.markdown(f"**{letter}**", width=24)
            st.markdown(one.label)
    short = {one.id: letter for letter, one in zip(letters(), choices, strict=False)}
    if not whole:
        return short
    return {
        name: letter if "\n" in labels[name] else f"{letter}: {labels[name]}"
        for name, letter in short.items()
    }


def letters() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for size in count(1):
        for found in product(ascii_uppercase, repeat=size):
            yield "".join(found)


def _single(posed: Posed, frame: AnswerFrame) -> None:
    labels = _lettered(posed.choices, False)
    st.radio(
        all_words.page("quiz").table("answer")["text"],
        list(labels),
        index=place(frame.last, labels),
        format_func=labels.__getitem__,
        key=f"{frame.name}_one",
        disabled=frame.closed,
        label_visibility="collapsed",
        on_change=frame.changed,
    )


def _several(posed: Posed, frame: AnswerFrame) -> None:
    ticked = frame.last if isinstance(frame.last, list) else []
    labels = _lettered(posed.choices, False)
    for at, choice in enumerate(posed.choices):
        st.checkbox(
            labels[choice.id],
            choice.id in ticked,
            key=f"{frame.name}_{at}",
            disabled=frame.closed,
            on_change=frame.changed,
        )


def _number(posed: Posed, frame: AnswerFrame) -> None:
    label = all_words.page("quiz").table("answer")[
        "number_unit" if posed.unit else "number"
    ]
    st.text_input(
        label.format(unit=posed.unit),
        frame.last if isinstance(frame.last, str) else "",
        key=f"{frame.name}_number",
        max_chars=60,
        disabled=frame.closed,
        persist_state="session",
        width=330,
        on_change=frame.changed,
    )


def _short(frame: AnswerFrame) -> None:
    st.text_input(
        all_words.page("quiz").table("answer")["text"],
        frame.last if isinstance(frame.last, str) else "",
        key=f"{frame.name}_word",
        max_chars=grading.LONGEST_WORD,
        disabled=frame.closed,
        persist_state="session",
        width=420,
        on_change=frame.changed,
    )


def _order(posed: Posed, frame: AnswerFrame) -> None:
    labels = {choice.id: choice.label for choice in posed.choices}
    st.markdown("\n".join(f"- {label}" for label in labels.values()))
    labels = {name: rich.words_of(label) for name, label in labels.items()}
    order = frame.last if isinstance(frame.last, list) else []
    order = [*order, *[None] * (len(labels) - len(order))]
    for at in range(len(labels)):
        st.selectbox(
            all_words.page("quiz").table("answer")["place"].format(number=at + 1),
            list(labels),
            index=place(order[at], labels),
            format_func=labels.__getitem__,
            placeholder=all_words.page("quiz").table("answer")["choose"],
            key=f"{frame.name}_{at}",
            disabled=frame.closed,
            on_change=frame.changed,
        )


def _match(posed: Posed, frame: AnswerFrame) -> None:
    targets = _lettered(posed.targets, True)
    pairs = frame.last if isinstance(frame.last, dict) else {}
    for at, choice in enumerate(posed.choices):
        if rich.is_block(choice.label):
            st.markdown(choice.label)
        st.selectbox(
            rich.words_of(choice.label).replace("\n", " ")
            if rich.is_block(choice.label)
            else choice.label,
            list(targets),
            index=place(pairs.get(choice.id), targets),
            format_func=targets.__getitem__,
            placeholder=all_words.page("quiz").table("answer")["choose"],
            key=f"{frame.name}_{at}",
            disabled=frame.closed,
            on_change=frame.changed,
        )


def words(frame: AnswerFrame) -> None:
    """An answer in one's own words."""
    typed = frame.last.get("text") if isinstance(frame.last, dict) else None
    st.text_area(
        all_words.page("quiz").table("answer")["text"],
        typed or "",
        key=f"{frame.name}_text",
        max_chars=grading.LONGEST,
        height=160,
        disabled=frame.closed,
        persist_state="session",
        on_change=frame.changed,
    )


# --- a layer of the drawing -----------------------------------------------------------


@remember
def _drawing_to_click(
    network: str, scheme: Scheme, way: Direction, alt: str
) -> diagram.LayerDrawing:
    return diagram.without_numbers(SPECS[network], PALETTES[scheme], alt, way)


def _layer(posed: Posed, frame: AnswerFrame) -> None:
    """List and drawing; they follow each other at once."""
    text = all_words.page("quiz").table("answer")
    layers = ["", *_drawing_to_click(posed.network, "light", "across", "").places]
    if state.CLICKED.get() not in layers:
        state.CLICKED.set("")
    _drawing(posed, frame)
    if frame.closed:
        st.selectbox(
            text["layer"],
            [str(frame.last or text["choose"])],
            key=f"{frame.name}_layer",
            disabled=True,
            width=330,
        )
        return
    st.selectbox(
        text["layer"],
        layers,
        format_func=lambda layer: layer or text["choose"],
        width=330,
        on_change=frame.changed,
        **state.CLICKED.widget,
    )


def _drawing(posed: Posed, frame: AnswerFrame) -> None:
    """The network without numbers; a click chooses, the list below shows what."""
    selected = str(frame.last or "") if frame.closed else state.CLICKED.get()
    text, scheme = all_words.page("quiz").table("answer"), widgets.scheme()
    alt = text["diagram_alt"].format(network=all_words.network(SPECS[posed.network]))

    def picked(layer: str) -> None:
        state.CLICKED.set(layer)
        if frame.changed is not None:
            frame.changed()

    clickable(
        [
            _drawing_to_click(posed.network, scheme, "across", alt),
            _drawing_to_click(posed.network, scheme, "down", alt),
        ],
        key=f"quiz_diagram_{posed.network}",
        selected=selected,
        alt=alt,
        label=text["diagram_label"],
        tip=text["diagram_tip"],
        disabled=frame.closed,
        on_pick=picked,
    )
