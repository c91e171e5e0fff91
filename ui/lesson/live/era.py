"""Before 2012, in 2012, and what it cost: ancestors, results, pace."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from classroom.content.lesson import Lesson
from classroom.content.numbers import Number
from model import paper, runtime, training_speed
from model.network import shapes
from model.network.specs import LENET5, ORIGINAL, Dense, Pool, Spec
from ui.kit import cache, picture
from ui.kit.network import feature_maps
from ui.lesson.live.parts import ACTIVATIONS, WEIGHT_SET, LiveText, kind_of, table


def _traits(spec: Spec, text: LiveText) -> dict[str, tuple[str, float | None]]:
    """What a network is, by row: in words, and a number where factors make sense."""
    total = shapes.totals(spec)
    convs = list(spec.convolutions())
    dense = [layer for layer in spec.layers if isinstance(layer, Dense)]
    pools = [layer for layer in spec.layers if isinstance(layer, Pool)]
    grey = text.words["channels_grey" if spec.channels == 1 else "channels_colour"]
    first = convs[0]

    def count(value: int) -> tuple[str, float]:
        return text.number(value), value

    return {
        "size": count(spec.input_size),
        "channels": (grey, spec.channels),
        "convs": count(len(convs)),
        "dense": count(len(dense)),
        "filters": (f"{first.filters}, {first.kernel} × {first.kernel}", first.filters),
        "activation": (dict(ACTIVATIONS)[kind_of(first)], None),
        "pooling": (
            f"{text.words[pools[0].kind]}, {pools[0].size} × {pools[0].size}",
            None,
        ),
        "classes": count(spec.classes),
        "parameters": count(total.parameters),
        "macs": count(total.macs),
        "neurons": count(total.neurons),
    }


def ancestors(text: LiveText) -> None:
    """LeNet-5 beside AlexNet, row by row, and by what factor it grew."""
    old, new = _traits(LENET5, text), _traits(ORIGINAL, text)
    times = [
        f"× {text.number(b / a, ',.0f' if b / a >= 10 else ',.1f')}" if a and b else "–"
        for (_, a), (_, b) in zip(old.values(), new.values(), strict=True)
    ]
    st.table(
        {
            text("row"): [text.words.table("rows")[name] for name in old],
            LENET5.title: [shown for shown, _ in old.values()],
            ORIGINAL.title: [shown for shown, _ in new.values()],
            text("times"): times,
        },
        border="horizontal",
        hide_index=True,
        alt=text("alt"),
    )
    st.caption(text("computed"))


def _error(value: float | None, text: LiveText) -> str:
    return "–" if value is None else text.number(value, ".1%")


def results(text: LiveText) -> None:
    """Tables 1 and 2 of the paper, and a timeline."""
    if text.presented:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _table_2(text)
        with right:
            _table_1(text)
        return
    _table_2(text)
    _table_1(text)
    with st.expander(text("timeline")):
        timeline(text.lesson, text.known)


def _table_2(text: LiveText) -> None:
    st.markdown(text("table_2"))
    rows = [
        [name, *(_error(error, text) for error in errors)]
        for name, *errors in paper.TABLE_2
    ]
    head = ("entry", "top1_validation", "top5_validation", "top5_test")
    table([text(name) for name in head], rows, text("alt"))
    (st.markdown if text.presented else st.caption)(text("star"))


def _table_1(text: LiveText) -> None:
    st.markdown(text("table_1"))
    rows = [
        [name, *(_error(error, text) for error in errors)]
        for name, *errors in paper.TABLE_1
    ]
    table([text(name) for name in ("entry", "top1", "top5")], rows, text("alt"))


def timeline(lesson: Lesson, known: Mapping[str, Number]) -> None:
    """What came before and after, year by year."""
    st.markdown(
        "\n".join(
            f"- **{entry['year']}**: {lesson.markdown(entry['what'], known)}"
            for entry in lesson.tables["timeline"].values()
        )
    )


def measure(text: LiveText) -> None:
    """One forward pass on this machine now, and ImageNet's training at that pace."""
    if not runtime.loading_is_over():
        feature_maps.activations(WEIGHT_SET, picture.current())  # waits, and says so
    seconds = cache.forward_seconds(WEIGHT_SET.name)
    trained = training_speed.recorded(WEIGHT_SET.spec.input_size)
    images, epochs = paper.IMAGES, paper.EPOCHS
    by_forward = training_speed.training_days(
        images, epochs, training_speed.estimated_pace(seconds)
    )
    by_record = training_speed.training_days(images, epochs, trained.pace)
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            text("forward"),
            f"{text.number(1000 * seconds, ',.0f')} ms",
            width="content",
        )
        for label, days in (("estimate", by_forward), ("recorded", by_record)):
            shown = text("days", days=text.number(days, ",.0f"))
            st.metric(text(label), shown, width="content")
    st.button(
        text("again"),
        on_click=cache.measure_again,
        icon=":material/timer:",
        key="again",
    )
    counted = {"images": text.number(images), "epochs": epochs}
    lines = (
        text("how_forward", times=cache.PASSES),
        text("how_estimate", forward=text.number(1000 * seconds, ",.0f"), **counted),
        text(
            "how_recorded",
            pictures=text.number(trained.pictures),
            minutes=text.number(trained.seconds / 60, ",.0f"),
            size=trained.size,
            pace=text.number(trained.pace, ",.0f"),
            **counted,
        ),
        text("paper"),
    )
    st.markdown("\n".join(f"- {line}" for line in lines))
