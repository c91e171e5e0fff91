"""What the page on architecture and the lesson show: layer table, code with sums."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import streamlit as st

from classroom.content.numbers import decimal
from model import weights
from model.analysis import keras_code
from model.network import shapes
from model.network.specs import (
    ORIGINAL,
    SIMPLIFIED,
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Normalise,
    Pool,
    Spec,
)
from ui.kit import state, widgets, words
from viz import blocks


def text_of(section: str) -> words.PageWords:
    return words.page("architecture").table(section)


def signed(number: int) -> str:
    """+1,234, 0 or −1,234, with a true minus."""
    return words.figures(f"{number:+,}").replace("-", "−") if number else "0"


def layer_table(spec: Spec, other: Spec | None) -> None:
    """One line a layer; what the other network has otherwise is marked."""
    text = text_of("numbers")
    layers = shapes.table(spec)
    head = text.table("columns")
    columns: dict[str, list[Any]] = {
        head["layer"]: [layer.name for layer in layers],
        head["output"]: [
            words.figures(blocks.size_words(layer.output)) for layer in layers
        ],
        head["parameters"]: [layer.parameters or None for layer in layers],
        head["macs"]: [layer.macs or None for layer in layers],
        head["neurons"]: [layer.neurons or None for layer in layers],
        head["field"]: [layer.field for layer in layers],
        head["stride"]: [layer.stride for layer in layers],
        head["kind"]: [text_of("kinds")[layer.kind] for layer in layers],
    }
    if other is not None:
        marked = {d.layer for d in shapes.differences(spec, other)}
        marks = ["≠" if layer.name in marked else "" for layer in layers]
        names, *rest = columns.items()
        columns = dict([names, (head["differs"], marks), *rest])
    number, bar = st.column_config.NumberColumn, st.column_config.ProgressColumn
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        row_height=34,
        placeholder="",
        column_config={
            head["layer"]: st.column_config.TextColumn(pinned=True, width=72),
            head["differs"]: st.column_config.TextColumn(width=36),
            head["kind"]: st.column_config.TextColumn(width=100),
            head["output"]: st.column_config.TextColumn(width=94),
            head["parameters"]: bar(
                format="localized",
                min_value=0,
                max_value=max(layer.parameters for layer in layers),
                width=146,
            ),
            head["macs"]: bar(
                format="localized",
                min_value=0,
                max_value=max(layer.macs for layer in layers),
                width=146,
            ),
            head["neurons"]: number(format="localized", width=76),
            head["field"]: number(width=56),
            head["stride"]: number(width=56),
        },
        alt=text["table_alt"].format(title=words.network(spec)),
    )
    note = (
        "" if other is None else " " + text["marked"].format(title=words.network(other))
    )
    st.caption(text["table_say"] + note)


def _window(step: shapes.LayerStep, layer: Conv | Pool) -> tuple[str, dict[str, Any]]:
    """Which sentence tells of a layer's window, and the numbers in it."""
    kernel, stride = layer.kernel, layer.stride
    size, out = step.before[0], step.info.output[0]
    zeros = shapes.zeros(layer, size)
    numbers: dict[str, Any] = {
        "size": size,
        "kernel": kernel,
        "stride": stride,
        "zeros": zeros,
        "half": zeros // 2,
        "out": out,
        "exact": f"{out}" if step.exact == out else f"{step.exact:g} → {out}",
    }
    before, after = shapes.edges(layer, size)
    if before != after:
        steps = shapes.exact_size(size, kernel, stride, 0) - 1
        return "window_after", numbers | {"steps": f"{steps:g}", "up": out - 1}
    return "window_padded" if zeros else "window", numbers


def _of_kind(step: shapes.LayerStep) -> list[tuple[str, dict[str, Any]]]:
    """Which sentences tell of a layer's kind, each with its numbers."""
    layer = step.layer
    match layer:
        case Conv():
            inputs = step.inputs // layer.kernel**2
            lines: list[tuple[str, dict[str, Any]]] = []
            if layer.groups > 1:
                lines.append(
                    ("conv_groups", {"groups": layer.groups, "inputs": inputs})
                )
            lines.append(
                ("conv_parameters", {"inputs": inputs, "filters": layer.filters})
            )
            weights_only = step.info.parameters - layer.filters
            return [*lines, ("conv_macs", {"weights": weights_only})]
        case Pool():
            lines = [(f"pool_{layer.kind}", {"window": step.inputs})]
            if layer.size > layer.stride:
                lines.append(("pool_overlap", {"shared": layer.size - layer.stride}))
            return lines
        case Normalise(_, n, k, alpha, beta, groups, within):
            exact = {
                "k": decimal(k),
                "alpha": decimal(alpha),
                "beta": decimal(beta),
            }
            how = "_within" if within else "_groups" if groups > 1 else ""
            return [(f"normalise{how}", {"n": n, "groups": groups} | exact)]
        case Activation(_, function):
            return [(f"activation_{function}", {})]
        case Flatten():
            height, width, _ = step.before
            return [("flatten", {"height": height, "width": width})]
        case Dense():
            return [("dense_parameters", {}), ("dense_macs", {})]
        case Dropout(_, rate):
            factor = f"{1 / (1 - rate):g}"
            return [("dropout", {"rate": f"{rate:g}", "factor": factor})]
    return []


def _sums(step: shapes.LayerStep) -> list[str]:
    """A layer's arithmetic, one sentence each, with its numbers."""
    text, layer, info = text_of("sums"), step.layer, step.info
    lines: list[tuple[str, dict[str, Any]]] = []
    numbers: dict[str, Any] = {
        "parameters": info.parameters,
        "macs": info.macs,
        "units": info.output[0],
        "inputs": step.inputs,
        "maps": step.before[-1],
    }
    if isinstance(layer, Conv | Pool):
        name, window = _window(step, layer)
        numbers |= window
        lines.append((name, {}))
    lines += _of_kind(step)
    if isinstance(layer, Conv | Dense) and layer.start is not None:
        start = {
            "deviation": decimal(layer.start.deviation),
            "bias": decimal(layer.start.bias),
        }
        lines.append(("start", start))
    if info.field is not None and isinstance(layer, Conv | Pool):
        name = "field_1" if info.stride == 1 else "field"
        lines.append((name, {"field": info.field, "stride": info.stride}))
    return [
        text[name].format(
            **{
                key: f"{value:,}" if isinstance(value, int) else value
                for key, value in (numbers | extra).items()
            }
        )
        for name, extra in lines
    ]


def code_of(spec: Spec) -> None:
    """The whole code, and one layer's line with its sums."""
    text = text_of("code")
    st.header(text["heading"], anchor="code")
    st.markdown(text["say"])
    _line_of(spec)
    st.markdown(f"**{text['whole']}**")
    st.code(keras_code.source(spec))
    st.download_button(
        text["download"],
        # Made at the click: a file of a run cut short would be gone, and a 404 logged.
        lambda: keras_code.source(spec),
        text["file"].format(name=spec.name),
        "text/x-python",
        icon=":material/download:",
        on_click="ignore",
    )


def code_beside(spec: Spec) -> None:
    """The same for a projector: one layer's line beside the whole code."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _line_of(spec)
    right.code(keras_code.source(spec))


def _line_of(spec: Spec) -> None:
    """One layer's line, and its sums."""
    text = text_of("code")
    names = [layer.name for layer in spec.layers]
    if state.CODE_LAYER.get() not in names:
        state.CODE_LAYER.set(names[0])
    name = widgets.choice(state.CODE_LAYER, text["layer"], {n: n for n in names})
    with st.container(border=True):
        st.code("\n".join(keras_code.lines_of(spec, name)), wrap_lines=True)
        step = shapes.step_of(spec, name)
        st.markdown("\n".join(f"- {line}" for line in _sums(step)))


def sixty_million() -> None:
    """From the paper's network to the lesson's in two steps, and to this app's."""
    text = text_of("sixty")
    st.header(text["heading"], anchor="parameters")
    one_tower = shapes.without_groups(ORIGINAL)
    spec_here = weights.get(weights.DEFAULT).spec
    ours, theirs = shapes.totals(SIMPLIFIED), shapes.totals(ORIGINAL)
    st.markdown(
        text["say"].format(
            original=theirs.parameters,
            original_neurons=theirs.neurons,
            simplified=ours.parameters,
            simplified_neurons=ours.neurons,
        )
    )
    grouped = [conv.name for conv in ORIGINAL.convolutions() if conv.groups > 1]
    layers = f"{', '.join(grouped[:-1])} {text['joined']} {grouped[-1]}"
    before, after = (shapes.dense_inputs(spec) for spec in (one_tower, SIMPLIFIED))
    counts = [
        shapes.totals(spec).parameters
        for spec in (ORIGINAL, one_tower, SIMPLIFIED, spec_here)
    ]
    changes = [b - a for a, b in pairwise(counts)]
    st.table(
        {
            text["step"]: [
                text["original"].format(size=ORIGINAL.input_size),
                text["one_tower"].format(layers=layers),
                text["smaller"].format(
                    size=SIMPLIFIED.input_size, before=before, after=after
                ),
                text["classes"].format(
                    before=SIMPLIFIED.classes, after=spec_here.classes
                ),
            ],
            text["change"]: ["", *(signed(change) for change in changes)],
            text["parameters"]: [words.figures(f"{count:,}") for count in counts],
        },
        border="horizontal",
        hide_index=True,
    )
