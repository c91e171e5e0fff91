"""The live thing of each step of the lesson, computed now.

`LIVE` names them as the steps' files do (`live = "slopes"`). Their words are
[live.<name>] of assets/lesson/<language>/words.toml.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from classroom import numbers
from classroom.lesson import Lesson
from classroom.numbers import Number
from model import code, kernels, pace, runtime, shapes, slopes, statistics, weights
from model import dropout as sleep
from model.convolve import convolve, relu, windows
from model.picture import Picture, as_received, to_input
from model.specs import LENET5, ORIGINAL, SIMPLIFIED, Conv, Dense, Dropout, Pool, Spec
from ui import architecture_panels, panels, picture, state, widgets
from ui import cache as kept
from ui.picture import Chosen
from viz import charts, overlay
from viz.mosaic import LEVELS, encode_indices, encode_photo, mosaic, to_indices
from viz.palette import PALETTES, Scheme

ROW = weights.get(weights.DEFAULT)
ACTIVATIONS: tuple[tuple[slopes.Activation, str], ...] = (
    ("relu", "ReLU"),
    ("tanh", "tanh"),
)


@dataclass(frozen=True)
class Say:
    """The words of a live thing, in the lesson's language."""

    lesson: Lesson
    known: Mapping[str, Number]  # the numbers that the words name
    text: Mapping[str, Any]

    def number(self, value: float, form: str = ",d") -> str:
        """A number as the language writes it."""
        return Number(value, form).text(self.lesson.thousands, self.lesson.decimal)

    def __call__(self, name: str, /, **fields: object) -> str:
        """One of the words, filled in."""
        return str(self.text[name]).format(**fields)


def _kind(layer: Conv) -> slopes.Activation:
    return "relu" if layer.activation == "relu" else "tanh"


def _last(spec: Spec) -> str:
    return spec.layers[-1].name


def _first_name(probabilities: Any) -> tuple[str, float]:
    best = int(np.argmax(probabilities))
    return weights.class_names(ROW.name)[best], float(probabilities[best])


# --- start, LeNet, 2012 -------------------------------------------------------------


def guess(say: Say) -> None:
    """The visitor's picture and the five likeliest names."""
    chosen = picture.choose()
    answers = panels.look(ROW, chosen)
    left, right = st.columns(2, gap="medium")
    left.image(
        kept.received_photo(chosen.picture, ROW.spec), width="stretch", alt=chosen.alt
    )
    with right:
        st.markdown(f"**{say('prediction')}**")
        answer = kept.answer(ROW.name, answers)
        for number, share in zip(answer.classes, answer.shares, strict=True):
            name = weights.class_names(ROW.name)[number]
            st.progress(share, text=f"{name} · {say.number(share, '.1%')}")
    st.caption(widgets.accuracy(ROW))


def _traits(spec: Spec, say: Say) -> dict[str, tuple[str, float | None]]:
    """What a network is, by row: in words, and a number where factors make sense."""
    total = shapes.totals(spec)
    convs = list(spec.convolutions())
    dense = [layer for layer in spec.layers if isinstance(layer, Dense)]
    pools = [layer for layer in spec.layers if isinstance(layer, Pool)]
    grey = say.text["channels_grey" if spec.channels == 1 else "channels_colour"]
    first = convs[0]

    def count(value: int) -> tuple[str, float]:
        return say.number(value), value

    return {
        "size": count(spec.input_size),
        "channels": (str(grey), spec.channels),
        "convs": count(len(convs)),
        "dense": count(len(dense)),
        "filters": (f"{first.filters}, {first.kernel} × {first.kernel}", first.filters),
        "activation": (dict(ACTIVATIONS)[_kind(first)], None),
        "pooling": (
            f"{say.text[pools[0].kind]}, {pools[0].size} × {pools[0].size}",
            None,
        ),
        "classes": count(spec.classes),
        "parameters": count(total.parameters),
        "macs": count(total.macs),
        "neurons": count(total.neurons),
    }


def ancestors(say: Say) -> None:
    """LeNet-5 beside AlexNet, row by row, and by what factor it grew."""
    old, new = _traits(LENET5, say), _traits(ORIGINAL, say)
    times = [
        f"× {say.number(b / a, ',.0f' if b / a >= 10 else ',.1f')}" if a and b else "–"
        for (_, a), (_, b) in zip(old.values(), new.values(), strict=True)
    ]
    st.table(
        {
            say("row"): [say.text["rows"][name] for name in old],
            LENET5.title: [text for text, _ in old.values()],
            ORIGINAL.title: [text for text, _ in new.values()],
            say("times"): times,
        },
        border="horizontal",
        hide_index=True,
        alt=say("alt"),
    )
    st.caption(say("computed"))


def _error(value: float | None, say: Say) -> str:
    return "–" if value is None else say.number(value, ".1%")


def results(say: Say) -> None:
    """Tables 1 and 2 of the paper, and a timeline."""
    st.markdown(say("table_2"))
    rows = [
        [name, *(_error(error, say) for error in errors)]
        for name, *errors in numbers.TABLE_2
    ]
    head = ("entry", "top1_validation", "top5_validation", "top5_test")
    _table([say(name) for name in head], rows, say("alt"))
    st.caption(say("star"))
    st.markdown(say("table_1"))
    rows = [
        [name, *(_error(error, say) for error in errors)]
        for name, *errors in numbers.TABLE_1
    ]
    _table([say(name) for name in ("entry", "top1", "top5")], rows, say("alt"))
    with st.expander(say("timeline")):
        timeline(say.lesson, say.known)


def timeline(lesson: Lesson, known: Mapping[str, Number]) -> None:
    """What came before and after, year by year."""
    if "timeline" not in lesson.translated:
        st.caption(lesson.words["missing_words"].format(language=lesson.name))
    st.markdown(
        "\n".join(
            f"- **{entry['year']}**: {lesson.say(entry['what'], known)}"
            for entry in lesson.tables["timeline"].values()
        )
    )


def _table(head: list[str], rows: list[list[str]], alt: str) -> None:
    columns = zip(*rows, strict=True)
    st.table(
        dict(zip(head, (list(c) for c in columns), strict=True)),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )


# --- why a revolution ---------------------------------------------------------------


def measure(say: Say) -> None:
    """One forward pass on this machine now, and ImageNet's training at that pace."""
    if not runtime.settled():
        panels.look(ROW, picture.current())  # waits, and says so
    seconds = kept.forward_seconds(ROW.name)
    trained = pace.recorded(ROW.spec.input_size)
    images, epochs = numbers.IMAGES, numbers.EPOCHS
    by_forward = pace.training_days(images, epochs, pace.estimated_pace(seconds))
    by_record = pace.training_days(images, epochs, trained.pace)
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            say("forward"), f"{say.number(1000 * seconds, ',.0f')} ms", width="content"
        )
        for label, days in (("estimate", by_forward), ("recorded", by_record)):
            shown = say("days", days=say.number(days, ",.0f"))
            st.metric(say(label), shown, width="content")
    st.button(
        say("again"), on_click=kept.measure_again, icon=":material/timer:", key="again"
    )
    counted = {"images": say.number(images), "epochs": epochs}
    lines = (
        say("how_forward", passes=kept.PASSES),
        say("how_estimate", forward=say.number(1000 * seconds, ",.0f"), **counted),
        say(
            "how_recorded",
            pictures=say.number(trained.pictures),
            minutes=say.number(trained.seconds / 60, ",.0f"),
            size=trained.size,
            pace=say.number(trained.pace, ",.0f"),
            **counted,
        ),
        say("paper"),
    )
    st.markdown("\n".join(f"- {line}" for line in lines))


# --- four differences ---------------------------------------------------------------


def switched(convs: bool, rectified: bool, largest: bool, dropout: bool) -> Spec:
    """The lesson's network with some of the four differences taken back."""
    spec = SIMPLIFIED if convs else numbers.shallow(SIMPLIFIED)
    layers = []
    for layer in spec.layers:
        if isinstance(layer, Dropout) and not dropout:
            continue
        if isinstance(layer, Conv | Dense) and layer.activation == "relu":
            layer = replace(layer, activation="relu" if rectified else "tanh")
        if isinstance(layer, Pool):
            layer = replace(layer, kind="max" if largest else "average")
        layers.append(layer)
    return replace(spec, layers=tuple(layers))


def switches(say: Say) -> None:
    """Four switches; size, code and the first layer's answer change with them."""
    keys = (
        (state.SWITCH_CONVS, "convs"),
        (state.SWITCH_RELU, "relu"),
        (state.SWITCH_MAX, "max"),
        (state.SWITCH_DROPOUT, "dropout"),
    )
    with st.container(horizontal=True, gap="large"):
        for key, name in keys:
            key.set(key.get())
            st.toggle(say(name), **key.widget)
    spec = switched(*(key.get() for key, _ in keys))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _sums(spec, say)
        on = "dropout_on" if state.SWITCH_DROPOUT.get() else "dropout_off"
        st.markdown(say(on))
        chosen = picture.choose()
    with right:
        _first_answer(spec, chosen, say)
    st.caption(say("weights", label=ROW.label))
    st.code(code.source(spec))


def _sums(spec: Spec, say: Say) -> None:
    ours, all_on = shapes.totals(spec), shapes.totals(SIMPLIFIED)
    for column, name in zip(st.columns(2), ("parameters", "macs"), strict=True):
        value, before = getattr(ours, name), getattr(all_on, name)
        more = value - before
        column.metric(
            say(name),
            say.number(value),
            say.number(more, "+,d").replace("-", "−") if more else None,
            delta_color="off",
            delta_arrow="off",
            help=say("against") if more else None,
        )


def _first_answer(spec: Spec, chosen: Chosen, say: Say) -> None:
    """One first-layer map after the chosen activation and pooling, by numpy."""
    trained, _ = kept.first_layer(ROW.name)
    number = state.FILTER.get() if state.FILTER.get() < trained.shape[3] else 0
    conv = next(spec.convolutions())
    pool = next(layer for layer in spec.layers if isinstance(layer, Pool))
    kind = _kind(conv)
    about = say("map_alt", activation=conv.activation, pooling=pool.kind)
    small = _pooled(chosen.picture, number, conv.stride, kind, pool, about)
    small.show()
    st.caption(
        say(
            "map",
            number=number,
            title=chosen.title,
            activation=dict(ACTIVATIONS)[kind],
            pooling=pool.kind,
            side=small.side,
            smallest=say.number(small.smallest, ".2f"),
            largest=say.number(small.largest, ".2f"),
        )
    )


@kept.figure
def _pooled(
    picture: Picture,
    number: int,
    stride: int,
    kind: slopes.Activation,
    pool: Pool,
    about: str,
) -> Drawn:
    """A first-layer filter's sums on a picture, then an activation, then a pooling."""
    trained, bias = kept.first_layer(ROW.name)
    one = slice(number, number + 1)
    x = to_input(picture, ROW.spec)[0]
    sums = convolve(x, trained[..., one], bias[one], stride)  # (54, 54, 1)
    answers = slopes.value(kind, sums)
    patches = windows(answers.astype(np.float32), pool.size, pool.stride)
    shrink = patches.max if pool.kind == "max" else patches.mean
    small = shrink(axis=(2, 3))[:, :, 0]  # (26, 26)
    return _map(small, statistics.describe_map(about, number, small))


@dataclass(frozen=True)
class Drawn:
    """A figure, and what is said of it."""

    image: bytes
    alt: str
    side: int  # of the map that was drawn, in values
    smallest: float
    largest: float

    def show(self) -> None:
        """The figure, as wide as there is room."""
        st.image(self.image, width="stretch", alt=self.alt)


def _map(values: Any, alt: str) -> Drawn:
    """One map in colours: zero dark, or in the middle where something is negative."""
    smallest, largest = float(values.min()), float(values.max())
    png = encode_indices(
        to_indices(values[:, :, None], "map")[:, :, 0],
        "diverging" if smallest < 0 else "viridis",
        enlarge=max(1, 448 // values.shape[0]),
    )
    return Drawn(png, alt, values.shape[0], smallest, largest)


# --- the flow -----------------------------------------------------------------------


def flow(say: Say) -> None:
    """The picture's way through the layers, one layer at a time."""
    chosen = picture.choose()
    answers = panels.look(ROW, chosen)
    names = panels.layer_names(ROW.spec)
    name = widgets.choice(state.FLOW, say("layer"), {n: n for n in names})
    values = answers[name]
    png, alt = _flow_png(chosen.picture, name)
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.image(
            kept.received_photo(chosen.picture, ROW.spec),
            width="stretch",
            alt=chosen.alt,
        )
        first, share = _first_name(answers[_last(ROW.spec)])
        st.markdown(
            say(
                "prediction",
                title=chosen.title,
                name=first,
                share=say.number(share, ".1%"),
            )
        )
    with right:
        st.image(png, width="stretch", alt=alt)
        shape = " × ".join(say.number(n) for n in values.shape)
        st.caption(
            say("shape", shape=shape, count=say.number(int(values.size)), alt=alt)
        )
        st.markdown(panels.layer_words(ROW, name)[1])
    st.caption(say("made_by", label=ROW.label))


@kept.figure
def _flow_png(picture: Picture, layer: str) -> tuple[bytes, str]:
    """A layer's maps, and their text alternative."""
    drawn, _ = kept.layer_mosaic(ROW.name, picture, layer, "map", "index", 2.2)
    enlarge = max(1, 1000 // drawn.pixels.shape[1])
    alt = statistics.describe_layer(layer, kept.activations(ROW.name, picture)[layer])
    return encode_indices(drawn.pixels, drawn.colours, enlarge), alt


# --- ReLU ---------------------------------------------------------------------------


_SMALLEST = 1e-12  # what is left of a correction; less is off the chart
_CHARTS = ("value", "slope", "product")


@kept.figure
def _curves_png(
    which: str, title: str, at: float, layers: int, scheme: Scheme
) -> bytes:
    """One of the three charts: the activations, their slopes, what is left."""
    x = np.arange(layers + 1.0) if which == "product" else np.linspace(-3, 3, 241)

    def values(kind: slopes.Activation) -> Any:
        if which == "product":
            return slopes.through(kind, at, layers)
        return (slopes.value if which == "value" else slopes.slope)(kind, x)

    figure = charts.curves(
        x,
        [(name, values(kind)) for kind, name in ACTIVATIONS],
        title,
        PALETTES[scheme],
        at=None if which == "product" else at,
        smallest=_SMALLEST if which == "product" else None,
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=150)
    return out.getvalue()


def multiplied(say: Say) -> None:
    """ReLU and tanh, their slopes, and the slopes multiplied through n layers."""
    left, right = st.columns(2, gap="large")
    state.SUM.set(state.SUM.get())
    state.DEPTH.set(state.DEPTH.get())
    at = left.slider(say("x"), -3.0, 3.0, step=0.25, **state.SUM.widget)
    layers = right.slider(say("layers"), 1, 20, **state.DEPTH.widget)
    left_over = {
        kind: float(slopes.through(kind, at, layers)[-1]) for kind, _ in ACTIVATIONS
    }
    numbers_of = {
        "layers": layers,
        "x": say.number(at, ".2f"),
        "relu": say.number(left_over["relu"], ".2g"),
        "tanh": say.number(left_over["tanh"], ".2g"),
    }
    for column, which in zip(st.columns(3, gap="small"), _CHARTS, strict=True):
        title = say(f"{which}_title")
        column.image(
            _curves_png(which, title, at, layers, widgets.scheme()),
            width="stretch",
            alt=say(f"{which}_alt", **numbers_of),
        )
    lines = [
        say(
            "after",
            name=f"**{name}**",
            slope=say.number(float(slopes.slope(kind, np.asarray(at))), ".3g"),
            layers=layers,
            product=say.number(left_over[kind], ".2g"),
        )
        for kind, name in ACTIVATIONS
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption(say("honest"))


# --- layers and code ----------------------------------------------------------------


def layers(say: Say) -> None:
    """The layer table, and "60 million" counted."""
    architecture_panels.layer_table(SIMPLIFIED, None)
    architecture_panels.sixty_million()


def keras_code(say: Say) -> None:
    """The network as code, a layer with its line and its sums."""
    architecture_panels.code_of(SIMPLIFIED)


# --- dropout ------------------------------------------------------------------------


def dropout(say: Say) -> None:
    """Which units sleep in a training step, and ten half-asleep networks' answers."""
    chosen = picture.choose()
    answers = panels.look(ROW, chosen)
    left, right = st.columns(2, gap="large")
    state.MASK.set(min(max(state.MASK.get(), 1), 50))
    state.RATE.set(state.RATE.get())
    step = left.slider(say("step"), 1, 50, **state.MASK.widget)
    rate = right.slider(say("rate"), 0.0, 0.9, step=0.1, **state.RATE.widget)
    with left:
        _mask(len(answers["fc6"]), step, rate, chosen, say)
    with right:
        _ten_answers(chosen, step, rate, say)
    st.caption(say("computed", label=ROW.label))


@kept.figure
def _mask_png(picture: Picture, step: int, rate: float) -> tuple[bytes, int, int]:
    """fc6 with a step's sleepers left blank; how many sleep, how many others fire."""
    fc6 = kept.activations(ROW.name, picture)["fc6"]
    factors = sleep.factors(len(fc6), rate, step, 6)
    drawn = mosaic(fc6 * factors)
    pixels = drawn.pixels.copy()
    pixels.reshape(-1)[: len(fc6)][factors == 0] = LEVELS  # see-through
    asleep = int((factors == 0).sum())
    firing = int(((fc6 * factors) > 0).sum())
    return encode_indices(pixels, drawn.colours, 8), asleep, firing


def _mask(count: int, step: int, rate: float, chosen: Chosen, say: Say) -> None:
    png, asleep, firing = _mask_png(chosen.picture, step, round(rate, 1))
    st.image(
        png,
        width="stretch",
        alt=say("mask_alt", count=count, asleep=asleep, firing=firing),
    )
    st.markdown(
        say(
            "asleep",
            title=chosen.title,
            step=step,
            asleep=say.number(asleep),
            count=say.number(count),
            firing=say.number(firing),
            factor=say.number(1 / (1 - rate), ".3g"),
        )
    )


def _ten_answers(chosen: Chosen, step: int, rate: float, say: Say) -> None:
    found = kept.masked(ROW.name, chosen.picture, round(rate, 1), step)
    whole, share = _first_name(found.whole)
    rows = [[say("none"), whole, say.number(share, ".1%"), "0"]]
    agree = 0
    for i, (answer, asleep) in enumerate(
        zip(found.answers, found.asleep, strict=True), step
    ):
        name, share = _first_name(answer)
        agree += name == whole
        rows.append([str(i), name, say.number(share, ".1%"), say.number(asleep)])
    st.markdown(f"**{say('answers')}**")
    head = [say(n) for n in ("mask", "name", "share", "asleep_column")]
    _table(head, rows, say("alt"))
    st.markdown(say("agree", agree=agree, name=whole))


# --- analogy ------------------------------------------------------------------------


def focus(say: Say) -> None:
    """The answer from the strongest units of fc6 alone, and where conv5 fires most."""
    chosen = picture.choose()
    answers = panels.look(ROW, chosen)
    found = kept.strongest_only(ROW.name, chosen.picture)
    if state.KEEP.get() not in kept.KEEPS:
        state.KEEP.set(state.KEEP.default)
    else:
        state.KEEP.set(state.KEEP.get())
    left, right = st.columns([3, 2], gap="large")
    with left:
        keep = st.select_slider(
            say("keep"), list(kept.KEEPS), format_func=say.number, **state.KEEP.widget
        )
        _kept(found, answers["fc6"], kept.KEEPS.index(keep), say)
    with right:
        photo, alt = _strongest(chosen.picture)
        alt = say("map_alt", title=chosen.title, alt=alt)
        st.image(photo, width="stretch", alt=alt)
        st.caption(say("map"))
    st.caption(say("made_by", label=ROW.label))


@kept.figure
def _strongest(picture: Picture) -> tuple[bytes, str]:
    """Where conv5's strongest map fires, over the picture; its text alternative."""
    conv5 = kept.activations(ROW.name, picture)["conv5"]
    best = int(statistics.peaks(conv5).argmax())
    one = conv5[:, :, best]
    over = overlay.over(as_received(picture, ROW.spec), one)
    return encode_photo(over), statistics.describe_map("conv5", best, one)


def _kept(found: Any, fc6: Any, at: int, say: Say) -> None:
    firsts = [_first_name(row) for row in found]
    whole, _ = firsts[-1]
    name, share = firsts[at]
    for column, label, value in zip(
        st.columns([2, 1]),
        ("name", "share"),
        (name, say.number(share, ".1%")),
        strict=True,
    ):
        column.metric(say(label), value)
    same = "same" if name == whole else "changed"
    st.markdown(say(same, count=say.number(len(fc6)), name=whole))
    fewest = kept.KEEPS[-1]
    for keep, (first, _) in zip(reversed(kept.KEEPS), reversed(firsts), strict=True):
        if first != whole:
            break
        fewest = keep
    st.markdown(
        say(
            "fewest",
            fewest=say.number(fewest),
            name=whole,
            firing=say.number(int((fc6 > 0).sum())),
        )
    )


# --- practice -----------------------------------------------------------------------


def first_filters(say: Say) -> None:
    """Filters of 3, 5, 7 and 11 pixels on the picture, and what each would cost."""
    chosen = picture.choose()
    sizes = {size: f"{size} × {size}" for size in kernels.SIZES}
    trained, _ = kept.first_layer(ROW.name)
    last = trained.shape[3] - 1
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width="content"):
            size = widgets.choice(state.KERNEL, say("size"), sizes)
        with st.container(width=220):
            number = widgets.number(state.FILTER, say("filter", last=last), last + 1)
    stride = next(SIMPLIFIED.convolutions()).stride
    framed, edge = _edge(chosen.picture, size, say("edge_alt", size=size))
    columns = st.columns(3, gap="medium")
    with columns[0]:
        alt = say("patch_alt", title=chosen.title, size=size)
        st.image(framed, width="stretch", alt=alt)
        st.caption(say("patch", size=size, input=SIMPLIFIED.input_size))
    with columns[1]:
        edge.show()
        st.caption(say("edge", size=size))
    with columns[2]:
        about = say("crop_alt", size=size, number=number)
        _crop(chosen.picture, size, number, about).show()
        whole = size == trained.shape[0]
        st.caption(
            say(
                "crop_whole" if whole else "crop",
                size=size,
                number=number,
                whole=trained.shape[0],
            )
        )
    st.markdown(say("table", stride=stride))
    _costs(say)
    st.caption(say("made_by", label=ROW.label))


@kept.figure
def _edge(picture: Picture, size: int, about: str) -> tuple[bytes, Drawn]:
    """A drawn edge's answers, and the picture with a frame where it answers most."""
    stride = next(SIMPLIFIED.convolutions()).stride
    x = to_input(picture, ROW.spec)[0]
    edge = convolve(x, kernels.drawn_edge(size), np.zeros(1, np.float32), stride)
    values = edge[:, :, 0]
    place = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    top, left = (int(p) * stride for p in place)
    framed = overlay.framed(
        as_received(picture, ROW.spec), (top, left, top + size, left + size)
    )
    alt = statistics.describe_map(about, 0, values)
    return encode_photo(framed), _map(values, alt)


@kept.figure
def _crop(picture: Picture, size: int, number: int, about: str) -> Drawn:
    """The answers of the middle of a trained filter."""
    trained, bias = kept.first_layer(ROW.name)
    one = slice(number, number + 1)
    stride = next(SIMPLIFIED.convolutions()).stride
    cut = kernels.centre(trained[..., one], size)
    x = to_input(picture, ROW.spec)[0]
    answers = relu(convolve(x, cut, bias[one], stride))[:, :, 0]
    return _map(answers, statistics.describe_map(about, number, answers))


def _costs(say: Say) -> None:
    rows = []
    for size in kernels.SIZES:
        spec = kernels.with_first(SIMPLIFIED, size)
        first, last = shapes.row(spec, "conv1"), shapes.row(spec, "pool5")
        rows.append(
            [
                f"{size} × {size}",
                str(first.field),
                str(last.field),
                str(first.output[0]),
                say.number(first.parameters),
                say.number(first.macs),
            ]
        )
    names = ("size", "field", "field_last", "side", "parameters", "macs")
    _table([say(f"column_{name}") for name in names], rows, say("alt"))


# --- next ---------------------------------------------------------------------------

MAPS = 256  # of the layers that are compared


def stack(say: Say) -> None:
    """Stacks of 3 × 3 against single larger filters."""
    st.markdown(say("maps", maps=MAPS))
    rows = []
    for count in (2, 3, 5):
        field, many = kernels.stacked(count, MAPS)
        one = field**2 * MAPS**2
        rows.append([say("one", side=field), str(field), say.number(one), "1"])
        label = say("many", count=count)
        rows.append([label, str(field), say.number(many), str(count)])
    names = ("layers", "field", "parameters", "relus")
    _table([say(f"column_{name}") for name in names], rows, say("alt"))
    st.caption(say("computed"))


LIVE: dict[str, Callable[[Say], None]] = {
    "guess": guess,
    "ancestors": ancestors,
    "results": results,
    "pace": measure,
    "switches": switches,
    "flow": flow,
    "slopes": multiplied,
    "layers": layers,
    "code": keras_code,
    "dropout": dropout,
    "focus": focus,
    "kernels": first_filters,
    "stack": stack,
}
