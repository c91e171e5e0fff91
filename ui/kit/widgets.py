"""Widgets that pages share: titles, choices tied to the state table, pictures."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from classroom.content.numbers import ENGLISH
from model import measured, weights
from ui.kit import state, weight_sets, words
from ui.kit.state_key import StateKey
from viz import vega
from viz.palette import PALETTES, Palette, Scheme

T = TypeVar("T")

LAB = "AlexNet Lab"  # in the title of every tab


def open_page(name: str, **numbers: Any) -> words.PageWords:
    """Title and lead of a page; returns its words."""
    text = words.page(name)
    st.title(text.get("heading", text["title"]), anchor=False)
    st.markdown(text["lead"].format(**numbers))
    return text


def language(name: str, part: str = "page") -> DeltaGenerator:
    """A part of a page in a language of its own: `with language("de"): …`.

    ui/session/index.js marks it, so that a screen reader speaks it as it is written.

    Args:
        part: which one of the page, where there are several.
    """
    return st.container(key=f"lang-{name}-{part}")


def announce(sentence: str) -> None:
    """Has screen readers say a sentence once, at the next pause; it is not shown.

    For what changes without a click of the visitor's: one a page, short, and the same
    words until there is something new.
    """
    with st.container(key="announced"):
        st.markdown(sentence)


def picked() -> None:
    """In a callback: a tile was clicked, and what it opens is to be on screen."""
    state.PICKS.set(state.PICKS.get() + 1)


@contextmanager
def looked_at() -> Iterator[None]:
    """The part of a page that a pick brings on screen, wherever it stands.

    ui/session/index.js scrolls to it after each pick if it is not on screen.
    """
    with st.container(key=f"look-{state.PICKS.get()}"):
        yield


def scheme() -> Scheme:
    """The visitor's colours, light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    """The colours of figures for this visitor."""
    return PALETTES[scheme()]


def choice(
    key: StateKey[T],
    label: str,
    options: Mapping[Any, str],
    *,
    help_text: str | None = None,
    disabled: bool = False,
    labelled: bool = True,
) -> T:
    """One of a few, side by side; tied to the state table.

    Args:
        help_text: what is told of it on demand.
        labelled: whether the label is seen; it is heard at any rate.
    """
    _keep_among(key, options)
    value: T = st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=options.__getitem__,
        help=help_text,
        disabled=disabled,
        label_visibility="visible" if labelled else "collapsed",
        **key.widget,
    )
    return value


def selection(
    key: StateKey[T], label: str, options: Mapping[Any, str], *, labelled: bool = True
) -> T:
    """One of many, in a list; tied to the state table.

    Args:
        labelled: whether the label is seen; it is heard at any rate.
    """
    _keep_among(key, options)
    value: T = st.selectbox(
        label,
        list(options),
        format_func=options.__getitem__,
        label_visibility="visible" if labelled else "collapsed",
        **key.widget,
    )
    return value


def _keep_among(key: StateKey[T], options: Mapping[Any, str]) -> None:
    """A first visit and an address that names no option get the default."""
    key.keep_valid(key.get() if key.get() in options else key.default)


def number(
    key: StateKey[int],
    label: str,
    count: int,
    on_change: Callable[[], None] | None = None,
) -> int:
    """A number from 0 to count - 1, by hand; tied to the state table."""
    key.keep_valid(key.get() if 0 <= key.get() < count else key.default)
    value: int = st.number_input(
        label, 0, count - 1, step=1, on_change=on_change, **key.widget
    )
    return value


def weight_set() -> weights.WeightSet:
    """The weight set chosen among those that are here, and a way to more of them.

    All of it behind one button.
    """
    text = words.page("weights")
    titles = {one.name: set_title(one) for one in weights.available()}
    with st.popover(text["choose"], icon=":material/database:"):
        name = choice(state.WEIGHTS, text["choose"], titles)
        weight_sets.more_weights()
    return weights.get(name)


def set_title(weight_set: weights.WeightSet) -> str:
    """What a set is called, in the page's language."""
    return words.page("weights").find("titles", weight_set.name) or weight_set.title


def label(weight_set: weights.WeightSet) -> str:
    """What stands beside every picture that a set has made, in the page's language."""
    return words.page("weights").find("labels", weight_set.name) or weight_set.label


def accuracy(weight_set: weights.WeightSet) -> str:
    """What stands beside every prediction: how often this set is right."""
    text = words.page("weights")
    if weight_set.top1 is None or weight_set.top5 is None:
        chance = f"{1 / weight_set.spec.classes:.1%}"
        return text["untrained"].format(label=label(weight_set), chance=chance)
    sentence = text["accuracy"].format(
        label=label(weight_set),
        classes=f"{weight_set.spec.classes:,}",
        top1=f"{weight_set.top1:.1%}",
        top5=f"{weight_set.top5:.1%}",
        measured_on=text.find("measured", weight_set.name) or weight_set.measured_on,
    )
    if found := measured.evaluation(weight_set.name):
        sentence += " " + text["calibrated"].format(
            before=f"{found.ece_before:.1%}", after=f"{found.ece_after:.1%}"
        )
    return str(sentence)


def doubt(weight_set: weights.WeightSet) -> str:
    """That a picture probably shows none of the set's classes, and why it says so."""
    found = measured.evaluation(weight_set.name)
    assert found is not None
    text = words.page("weights")
    return text["doubt"].format(
        classes=weight_set.spec.classes,
        threshold=f"{found.threshold:.0%}",
        wrongly=f"{1 - found.right_kept:.0%}",
        wrong=f"{found.wrong_doubted:.0%}",
        strangers=text.find("strangers", weight_set.name) or found.strangers,
        strangers_share=f"{found.strangers_doubted:.0%}",
    )


def folded_table(
    title: str,
    name: str,
    columns: Callable[[], Mapping[str, Sequence[Any]]],
    alt: str = "",
) -> None:
    """The numbers of a chart as a table, its text alternative; computed once opened.

    Args:
        name: which table of the page it is.
    """
    box = st.expander(
        title, icon=":material/table:", key=f"table {name}", on_change="rerun"
    )
    if box.open:
        with box:
            st.dataframe(dict(columns()), hide_index=True, alt=alt or title)


def stacked_table(columns: Mapping[str, Sequence[str]]) -> None:
    """A table of sentences; in a narrow window its rows are cards, one below another.

    Every line of a card but its first, which names it, is led by its column's head.
    One a page.
    """
    with st.container(key="stacked_table"):
        st.table(columns, border="horizontal", hide_index=True)
    st.html(Path(__file__).with_name("stacked_table.css"))
    heads = "".join(
        f".st-key-stacked_table td:nth-child({place})::before "
        f"{{ content: {_css_string(head)}; }}\n"
        for place, head in enumerate(columns, 1)
        if place > 1
    )
    st.html(f"<style>@media (max-width: 640px) {{ {heads} }}</style>")


def _css_string(text: str) -> str:
    """Any text as a CSS string: letters and digits as they are, all else escaped."""
    escaped = "".join(x if x.isalnum() else f"\\{ord(x):x} " for x in text)
    return f'"{escaped}"'


# A drawing goes from left to right where there is room, else downwards.
_DRAWN = """<style>
.drawn { container-type: inline-size; }
.drawn img { display: block; width: 100%; height: auto; }
.drawn .across { max-width: 1100px; }
.drawn .down { display: none; max-width: 400px; }
@container (max-width: 640px) {
  .drawn .across { display: none; }
  .drawn .down { display: block; }
}
</style>"""


def drawing(across: str, down: str, alt: str) -> None:
    """One thing drawn twice as SVG: for a wide screen, and for a phone."""
    pictures = []
    for way, svg in (("across", across), ("down", down)):
        data = base64.b64encode(svg.encode()).decode()
        pictures.append(
            f'<img class="{way}" alt="{escape(alt)}" '
            f'src="data:image/svg+xml;base64,{data}">'
        )
    st.html(f'{_DRAWN}<div class="drawn">{"".join(pictures)}</div>')


def chart(spec: vega.Spec, *, key: str, alt: str) -> None:
    """A chart that the browser draws, with numbers as the page's language has them."""
    style = words.style()
    if style != ENGLISH:
        spec = vega.localised(spec, style.decimal, style.thousands, style.percent)
    st.vega_lite_chart(spec=spec, key=key, alt=alt)


def pixels(png: bytes, alt: str, width: int | Literal["stretch"] = "stretch") -> None:
    """A small picture as it is, every pixel of it, carried by the page itself.

    Of an RGB picture Streamlit would make a JPEG, and forget it in the next run, while
    a browser may still ask for it.
    """
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    st.image(url, width=width, alt=alt)
