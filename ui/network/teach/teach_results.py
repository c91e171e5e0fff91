"""How good a layer for one's own classes is, on how many pictures, and on which."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab.results import outcome
from model.analysis.features import neighbours, teach
from model.analysis.features.teach import Amount, LeftOut
from model.weights import WeightSet
from ui.kit import state, widgets, words
from ui.kit.teach import teach as page
from ui.kit.teach.teach_workspace import Features, Taught
from viz import curves

RANDOM = "random"  # the weight set
LEANT = 4  # pictures that are shown
_STYLE = """<style>
ul.taught { list-style: none; margin: 0 !important; padding: 0 !important;
  display: grid; gap: 0.75rem;
  grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); }
.taught li { margin: 0 !important; padding: 0 !important; font-size: 0.85rem;
  line-height: 1.35; overflow-wrap: anywhere; }
.taught img { display: block; width: 96px; height: 96px; object-fit: cover;
  border-radius: 4px; margin-bottom: 0.25rem; }
</style>"""


@dataclass(frozen=True)
class Kind:
    """What a layer is trained on."""

    name: str  # "hidden", RANDOM or "pixels"
    title: str
    values: Features  # (n, numbers)
    decay: float


def panel(weight_set: WeightSet, taught: Taught) -> None:
    """What is missing; else the layer in numbers, and one of three views on it.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    text = page.page_words()
    st.header(text["learned"], anchor=False)
    if lacking := missing(taught, 1):
        st.info(lacking)
        return
    st.markdown(page.trained(weight_set, taught))
    if lacking := missing(taught, 2):
        st.info(lacking)
        return
    view = widgets.choice(state.TAUGHT_VIEW, text["view"], text.table("views"))
    match view:
        case "right":
            _right(weight_set, taught)
        case "many":
            _many(weight_set, taught)
        case "leans":
            _leans(weight_set, taught)


def missing(taught: Taught, least: int) -> str:
    """Which classes have too few pictures, in a sentence; "": none."""
    text = page.page_words()
    few = [
        escape_markdown(name)
        for name, count in zip(page.called(taught), taught.counts, strict=True)
        if count < least
    ]
    if not few:
        return ""
    return text[f"missing_{least}"].format(classes=", ".join(few))


def hidden(weight_set: WeightSet, taught: Taught) -> Kind:
    """The activations of the network's last hidden layer."""
    layer = neighbours.hidden_layer(weight_set.spec)
    assert layer is not None
    title = page.page_words().table("kinds")["hidden"].format(layer=layer.name)
    return Kind("hidden", title, taught.values(weight_set.name), teach.DECAY)


def kinds(weight_set: WeightSet, taught: Taught) -> list[Kind]:
    """What layers are trained on: the network, random weights if asked, pixels."""
    text, name = page.page_words().table("kinds"), weight_set.name
    found = [hidden(weight_set, taught)]
    if state.TAUGHT_RANDOM.get() and name != RANDOM:
        page.look(taught, RANDOM)
        values = taught.values(RANDOM)
        found.append(Kind(RANDOM, text[RANDOM], values, teach.DECAY))
    small = taught.pixels(weight_set.spec)
    return [*found, Kind("pixels", text["pixels"], small, teach.DECAY_PIXELS)]


def left_out(taught: Taught, set_name: str, kind: Kind) -> LeftOut:
    """Leave-one-out of a kind, once for the pictures as they are."""
    return taught.kept(
        ("left out", set_name, kind.name),
        lambda: teach.leave_one_out(
            kind.values, taught.labels, len(taught.classes), kind.decay
        ),
    )


def _random_switch(weight_set: WeightSet) -> None:
    if weight_set.name != RANDOM:
        st.toggle(page.page_words()["random"], **state.TAUGHT_RANDOM.widget)


# --- how often it is right ------------------------------------------------------------


def _right(weight_set: WeightSet, taught: Taught) -> None:
    text, names = page.page_words(), page.called(taught)
    _random_switch(weight_set)
    of_kind = {
        kind.title: left_out(taught, weight_set.name, kind)
        for kind in kinds(weight_set, taught)
    }
    found = next(iter(of_kind.values()))
    st.markdown(verdict(found))
    head = text.table("columns")
    st.table(
        {
            head["kind"]: list(of_kind),
            head["right"]: [
                text["of"].format(right=x.right, count=len(x.labels))
                for x in of_kind.values()
            ],
            head["share"]: [
                words.figures(f"{x.right / len(x.labels):.0%}")
                for x in of_kind.values()
            ],
        },
        border="horizontal",
        hide_index=True,
    )
    st.subheader(text["confusion"], anchor=False)
    st.markdown(confused(found, names))
    rows = found.confusion
    st.table(
        {head["class"]: [escape_markdown(x) for x in names]}
        | {
            text["as"].format(name=escape_markdown(name)): rows[:, place].tolist()
            for place, name in enumerate(names)
        },
        border="horizontal",
        hide_index=True,
    )
    wrong = [
        i for i in range(len(found.labels)) if found.predicted[i] != found.labels[i]
    ]
    st.html(_STYLE + _tiles(taught, wrong, [_mistake(found, i, names) for i in wrong]))


def verdict(found: LeftOut) -> str:
    """How many pictures that were left out are predicted as their class."""
    count, classes = found.probabilities.shape
    low, high = outcome.interval(found.right / count, count)
    return page.page_words()["verdict"].format(
        count=count,
        right=found.right,
        share=f"{found.right / count:.0%}",
        low=f"{low:.0%}",
        high=f"{high:.0%}",
        chance=f"{1 / classes:.0%}",
    )


def confused(found: LeftOut, names: Sequence[str]) -> str:
    """Which classes are taken for each other most often, in a sentence."""
    text, rows = page.page_words(), found.confusion.copy()
    for place in range(len(names)):
        rows[place, place] = 0
    if not rows.any():
        return text["confused_none"]
    given, predicted = divmod(int(rows.argmax()), len(names))
    return text["confused"].format(
        count=int(rows[given, predicted]),
        all=int((found.labels == given).sum()),
        name=escape_markdown(names[given]),
        other=escape_markdown(names[predicted]),
    )


def _mistake(found: LeftOut, at: int, names: Sequence[str]) -> str:
    share = found.probabilities[at].max()
    return page.page_words()["mistake"].format(
        name=names[found.labels[at]],
        other=names[found.predicted[at]],
        share=f"{share:.0%}",
    )


def _tiles(taught: Taught, numbers: Sequence[int], said: Sequence[str]) -> str:
    """Pictures with a sentence each, as HTML."""
    items = []
    for number, sentence in zip(numbers, said, strict=True):
        one = taught.examples[number]
        code = b64encode(one.thumbnail).decode()
        items.append(
            f'<li><img src="data:image/jpeg;base64,{code}" alt="" '
            f'title="{escape(one.title)}">{escape(sentence)}</li>'
        )
    return f'<ul class="taught">{"".join(items)}</ul>'


# --- how many pictures are enough -----------------------------------------------------


def _curve(taught: Taught, set_name: str, kind: Kind) -> list[Amount]:
    return taught.kept(
        ("curve", set_name, kind.name),
        lambda: list(
            teach.learning_curve(
                kind.values, taught.labels, len(taught.classes), kind.decay
            )
        ),
    )


def _many(weight_set: WeightSet, taught: Taught) -> None:
    text = page.page_words()
    st.markdown(text["many_lead"].format(draws=teach.DRAWS))
    _random_switch(weight_set)
    with st.spinner(text["drawing"], show_time=True):
        found = {
            kind.title: _curve(taught, weight_set.name, kind)
            for kind in kinds(weight_set, taught)
        }
    st.markdown(amount_sentence(found))
    st.vega_lite_chart(chart(found, len(taught.classes)), alt=amount_sentence(found))
    middle = teach.MIDDLE[1] - teach.MIDDLE[0]
    st.caption(text["bands"].format(share=f"{middle:.0%}", draws=teach.DRAWS))
    widgets.folded_table(text["as_table"], "teach", lambda: _columns(found))


def amount_sentence(found: dict[str, list[Amount]]) -> str:
    """What the most pictures bring, and how many are nearly as good."""
    text = page.page_words()
    said = []
    for title, curve in found.items():
        last, near = curve[-1], teach.enough(curve)
        form = "enough" if near < last.count else "not_enough"
        said.append(
            text[form if len(curve) > 1 else "one_amount"].format(
                title=title, mean=f"{last.mean:.0%}", most=last.count, near=near
            )
        )
    return " ".join(said)


def chart(found: dict[str, list[Amount]], classes: int) -> dict[str, Any]:
    """The curves with their bands: a Vega-Lite specification."""
    text = page.page_words()
    points, bands = [], []
    for title, curve in found.items():
        for one in curve:
            low, high = one.band
            points.append(curves.Point(one.count, round(one.mean, 4), title, "", title))
            bands.append(curves.Band(one.count, round(low, 4), round(high, 4), title))
    chance = 1 / classes
    label = text["chance"].format(share=f"{chance:.0%}")
    shown = curves.Curves(points, list(found), bands=bands, baseline=(chance, label))
    look = curves.Look(text["axis_x"], text["axis_y"])
    return curves.lines(shown, look, widgets.scheme())


def _columns(found: dict[str, list[Amount]]) -> dict[str, list[Any]]:
    head = page.page_words().table("columns")
    rows = [(title, one) for title, curve in found.items() for one in curve]
    return {
        head["kind"]: [title for title, _ in rows],
        head["pictures"]: [one.count for _, one in rows],
        head["mean"]: [words.figures(f"{one.mean:.1%}") for _, one in rows],
        head["low"]: [words.figures(f"{one.band[0]:.1%}") for _, one in rows],
        head["high"]: [words.figures(f"{one.band[1]:.1%}") for _, one in rows],
    }


# --- which pictures it leans on -------------------------------------------------------


def _leans(weight_set: WeightSet, taught: Taught) -> None:
    text, names = page.page_words(), page.called(taught)
    first = kinds(weight_set, taught)[0]
    found = left_out(taught, weight_set.name, first)
    st.markdown(text["leans_lead"])
    order = (-found.influence).argsort(kind="stable")[:LEANT].tolist()
    st.markdown(leaning(found, names))
    st.html(_STYLE + _tiles(taught, order, [_leant(found, i, names) for i in order]))
    st.caption(text["leans_source"])


def leaning(found: LeftOut, names: Sequence[str]) -> str:
    """How much the first picture counts, and whether those that do are unusual."""
    text = page.page_words()
    ordered = sorted(found.influence.tolist(), reverse=True)
    said = [
        text["leans"].format(
            name=escape_markdown(names[found.labels[found.influence.argmax()]]),
            most=f"{100 * ordered[0]:.2f}",
            median=f"{100 * ordered[len(ordered) // 2]:.2f}",
        )
    ]
    first = (-found.influence).argsort(kind="stable")[:LEANT]
    wrong = int((found.predicted[first] != found.labels[first]).sum())
    said.append(
        text["unusual" if wrong else "unusual_none"].format(
            wrong=wrong,
            shown=len(first),
            others=len(found.labels) - found.right - wrong,
            rest=len(found.labels) - len(first),
        )
    )
    return " ".join(said)


def _leant(found: LeftOut, at: int, names: Sequence[str]) -> str:
    text, other = page.page_words(), int(found.predicted[at])
    form = "tile" if other == found.labels[at] else "tile_wrong"
    return text[form].format(
        name=names[found.labels[at]],
        moved=f"{100 * found.influence[at]:.2f}",
        other=names[other],
    )
