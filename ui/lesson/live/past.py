"""Before 2012, in 2012, and what it cost: ancestors, results, pace."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from classroom.content.lesson import Lesson
from classroom.content.numbers import Number
from model import pace, paper, runtime
from model.network import shapes
from model.network.specs import LENET5, ORIGINAL, Dense, Pool, Spec
from ui.kit import cache, picture
from ui.kit.panels import feature_maps
from ui.lesson.live.parts import ACTIVATIONS, ROW, Say, kind_of, table


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
        "activation": (dict(ACTIVATIONS)[kind_of(first)], None),
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
        for name, *errors in paper.TABLE_2
    ]
    head = ("entry", "top1_validation", "top5_validation", "top5_test")
    table([say(name) for name in head], rows, say("alt"))
    st.caption(say("star"))
    st.markdown(say("table_1"))
    rows = [
        [name, *(_error(error, say) for error in errors)]
        for name, *errors in paper.TABLE_1
    ]
    table([say(name) for name in ("entry", "top1", "top5")], rows, say("alt"))
    with st.expander(say("timeline")):
        timeline(say.lesson, say.known)


def timeline(lesson: Lesson, known: Mapping[str, Number]) -> None:
    """What came before and after, year by year."""
    st.markdown(
        "\n".join(
            f"- **{entry['year']}**: {lesson.say(entry['what'], known)}"
            for entry in lesson.tables["timeline"].values()
        )
    )


def measure(say: Say) -> None:
    """One forward pass on this machine now, and ImageNet's training at that pace."""
    if not runtime.loading_is_over():
        feature_maps.look(ROW, picture.current())  # waits, and says so
    seconds = cache.forward_seconds(ROW.name)
    trained = pace.recorded(ROW.spec.input_size)
    images, epochs = paper.IMAGES, paper.EPOCHS
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
        say("again"), on_click=cache.measure_again, icon=":material/timer:", key="again"
    )
    counted = {"images": say.number(images), "epochs": epochs}
    lines = (
        say("how_forward", times=cache.PASSES),
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
