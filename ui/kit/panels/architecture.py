"""What the architecture page shows: drawing, numbers, differences, code, sums."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import streamlit as st

from model import weights
from model.analysis import keras_code
from model.network import shapes
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    SIMPLIFIED,
    SPECS,
    TORCHVISION,
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
from viz import blocks, charts, diagram
from viz.palette import PALETTES, Scheme
from viz.svg import Direction

NOTHING = "none"
WAYS: tuple[Direction, ...] = ("across", "down")
DESIGNED = {  # a choice of the network's makers; the other traits follow from these
    "filters",
    "kernel",
    "stride",
    "groups",
    "padding",
    "activation",
    "window",
    "pooling",
    "after",
    "n",
    "k",
    "alpha",
    "beta",
    "deviation",
    "bias",
}


def _text(section: str) -> dict[str, Any]:
    return words.page("architecture")[section]  # type: ignore[no-any-return]


def choose() -> tuple[Spec, Spec | None]:
    """The network, and the one beside it if there is one."""
    text = words.page("architecture")
    titles = {name: spec.title for name, spec in SPECS.items()}
    name = widgets.choice(state.NETWORK, text["network"], titles)
    others = {NOTHING: text["nothing"]} | {
        key: title for key, title in titles.items() if key != name
    }
    if state.COMPARE.get() not in others:  # never a network beside itself
        like_the_paper = name in (SIMPLIFIED.name, AUTHORS.name)
        pair = ORIGINAL if like_the_paper else SIMPLIFIED
        state.COMPARE.set(pair.name)
    beside = widgets.choice(state.COMPARE, text["compare"], others)
    return SPECS[name], SPECS.get(beside)


@cache
def _svg(
    names: tuple[str, ...],
    name: str,
    scheme: Scheme,
    way: Direction,
    legend: bool = True,
) -> str:
    """One drawing, on the scale of all the named networks."""
    scale = blocks.scale_for(*(SPECS[n] for n in names))
    return diagram.network_svg(SPECS[name], PALETTES[scheme], scale, way, legend)


def drawing(spec: Spec, other: Spec | None) -> None:
    """One network or two on one scale, for a wide screen and for a phone."""
    text, scheme = _text("drawing"), widgets.scheme()
    st.header(text["heading"], anchor="drawing")
    st.markdown(text["say"].format(about=text["about"][spec.name]))
    if spec is AUTHORS:
        st.markdown(_no_weights())
    shown = [spec] if other is None else [spec, other]
    names = tuple(sorted(s.name for s in shown))
    for one in shown:
        if other is not None:
            st.markdown(f"**{one.title}**")
        across, down = (_svg(names, one.name, scheme, way, one is spec) for way in WAYS)
        widgets.drawing(across, down, diagram.describe(one))
    if other is not None:
        st.caption(text["together"])
    st.download_button(
        text["download"],
        _svg(names, spec.name, scheme, "across"),
        f"{spec.name}.svg",
        "image/svg+xml",
        icon=":material/download:",
        on_click="ignore",
    )


def _no_weights() -> str:
    """Why the fetched ImageNet weights are not offered for the authors' network."""
    theirs = weights.get("original")
    norm = next(x for x in theirs.spec.layers if isinstance(x, Normalise))
    return str(
        _text("drawing")["no_weights"].format(
            title=theirs.title, k=_plain(norm.k), own_k=_plain(_norm1().k)
        )
    )


def _norm1() -> Normalise:
    return next(x for x in AUTHORS.layers if isinstance(x, Normalise))


def _plain(number: float) -> str:
    """0.00002 or 2, never 2e-05."""
    return f"{number:.8f}".rstrip("0").rstrip(".")


def _shares(spec: Spec) -> str:
    total = shapes.totals(spec)
    return str(
        _text("numbers")["shares"].format(
            dense_parameters=total.dense_parameter_share,
            conv_macs=total.conv_mac_share,
        )
    )


@cache
def _bars(name: str, scheme: Scheme) -> bytes:
    """The figure of shares as a PNG, fine enough for a projector."""
    text = _text("numbers")
    rows = [row for row in shapes.table(SPECS[name]) if row.parameters]
    figure = charts.shares(
        [row.name for row in rows],
        [row.kind for row in rows],
        [
            (text["parameters"], [row.parameters for row in rows]),
            (text["macs"], [row.macs for row in rows]),
        ],
        PALETTES[scheme],
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=220)
    return out.getvalue()


def totals(spec: Spec, other: Spec | None) -> None:
    """Four sums, and where the parameters and the work are."""
    text = _text("numbers")
    st.header(text["heading"], anchor="layers")
    ours = shapes.totals(spec)
    theirs = None if other is None else shapes.totals(other)
    names = ("parameters", "macs", "neurons")
    for column, name in zip(st.columns(len(names)), names, strict=True):
        value = getattr(ours, name)
        more = None if theirs is None else value - getattr(theirs, name)
        column.metric(
            text[name],
            words.figures(f"{value:,}"),
            None if more is None else _signed(more),
            delta_color="off",
            delta_arrow="off",
        )
    if other is not None:
        st.caption(text["against"].format(title=other.title))
    figure, say = st.columns(2, gap="medium", vertical_alignment="center")
    shares = _shares(spec)
    # The container sets the size: Streamlit would shrink the picture itself.
    figure.container(width=440).image(
        _bars(spec.name, widgets.scheme()),
        width="stretch",
        alt=text["figure_alt"].format(title=spec.title, shares=shares.replace("*", "")),
    )
    say.markdown(shares)
    say.markdown(text["why"])
    say.caption(text["size_why"].format(megabytes=ours.megabytes))


def _signed(number: int) -> str:
    """+1,234, 0 or −1,234, with a true minus."""
    return words.figures(f"{number:+,}").replace("-", "−") if number else "0"


def layer_table(spec: Spec, other: Spec | None) -> None:
    """One row a layer; what the other network has otherwise is marked."""
    text = _text("numbers")
    rows = shapes.table(spec)
    head = text["columns"]
    columns: dict[str, list[Any]] = {
        head["layer"]: [row.name for row in rows],
        head["output"]: [words.figures(blocks.size_words(row.output)) for row in rows],
        head["parameters"]: [row.parameters or None for row in rows],
        head["macs"]: [row.macs or None for row in rows],
        head["neurons"]: [row.neurons or None for row in rows],
        head["field"]: [row.field for row in rows],
        head["stride"]: [row.stride for row in rows],
        head["kind"]: [_text("kinds")[row.kind] for row in rows],
    }
    if other is not None:
        marked = {d.layer for d in shapes.differences(spec, other)}
        marks = ["≠" if row.name in marked else "" for row in rows]
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
                max_value=max(row.parameters for row in rows),
                width=146,
            ),
            head["macs"]: bar(
                format="localized",
                min_value=0,
                max_value=max(row.macs for row in rows),
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


def _trait(layer: str, what: str, value: shapes.Value) -> str:
    """One differing thing in words; bold if it was chosen."""
    phrases = _text("traits")
    after = value[1] if what == "padding" and isinstance(value, tuple) else None
    key = "padding_after" if after else f"{what}_{value}"
    phrase = phrases.get(key, phrases[what])
    shown: Any = value
    if isinstance(value, float):
        shown = _plain(value)
    elif isinstance(value, tuple):
        shown = blocks.size_words(value)
    elif isinstance(value, int):
        shown = f"{value:,}"
    half = value // 2 if isinstance(value, int) else None
    said = phrase.format(value=shown, half=half, after=after)
    chosen = what in DESIGNED or layer == "input"
    return f"**{said}**" if chosen else str(said)


def _kind(spec: Spec, name: str) -> str:
    """What a layer is, in words."""
    layer = spec.layer(name)
    inside = isinstance(layer, Normalise) and layer.within
    kind = "normalise_within" if inside else shapes.row(spec, name).kind
    if isinstance(layer, Activation):
        before = spec.layers[spec.layers.index(layer) - 1].name
        function = _text("traits")[f"activation_{layer.function}"]
        said = _text("kinds")["activation_after"]
        return str(said.format(function=function, before=before))
    return str(_text("kinds")[kind])


def differences(spec: Spec, other: Spec | None) -> None:
    """What differs between the two, layer by layer, in words."""
    text = _text("differences")
    st.header(text["heading"], anchor="differences")
    if other is None:
        st.markdown(text["none"])
        return
    ours, theirs = (shapes.totals(s).parameters for s in (spec, other))
    st.markdown(
        text["say"].format(
            ours_title=spec.title,
            theirs_title=other.title,
            ours=ours,
            theirs=theirs,
            difference=abs(ours - theirs),
        )
    )
    found: dict[str, tuple[list[str], list[str]]] = {}
    for one in shapes.differences(spec, other):
        here, there = found.setdefault(one.layer, ([], []))
        if one.what == "only":
            owner = spec if one.theirs is None else other
            present = f"**{_kind(owner, one.layer)}**"
            here.append(text["absent"] if one.ours is None else present)
            there.append(text["absent"] if one.theirs is None else present)
        else:
            here.append(_trait(one.layer, one.what, one.ours))
            there.append(_trait(one.layer, one.what, one.theirs))
    st.table(
        {
            text["layer"]: list(found),
            spec.title: [", ".join(here) for here, _ in found.values()],
            other.title: [", ".join(there) for _, there in found.values()],
        },
        border="horizontal",
        hide_index=True,
    )


def _sums(step: shapes.Step) -> list[str]:
    """A layer's arithmetic, one sentence each, with its numbers."""
    text, layer, row = _text("sums"), step.layer, step.row
    lines: list[tuple[str, dict[str, Any]]] = []
    numbers: dict[str, Any] = {
        "parameters": row.parameters,
        "macs": row.macs,
        "units": row.output[0],
        "inputs": step.inputs,
        "maps": step.before[-1],
    }
    if isinstance(layer, Conv | Pool):
        kernel, stride = layer.kernel, layer.stride
        zeros, out = shapes.zeros(layer, step.before[0]), row.output[0]
        whole = step.exact == out
        numbers |= {
            "size": step.before[0],
            "kernel": kernel,
            "stride": stride,
            "zeros": zeros,
            "half": zeros // 2,
            "out": out,
            "exact": f"{out}" if whole else f"{step.exact:g} → {out}",
        }
        before, after = shapes.edges(layer, step.before[0])
        name = "window_padded" if zeros else "window"
        if before != after:
            name = "window_after"
            steps = shapes.exact_size(step.before[0], kernel, stride, 0) - 1
            numbers |= {"steps": f"{steps:g}", "up": out - 1}
        lines.append((name, {}))
    match layer:
        case Conv():
            per_filter = step.inputs // layer.kernel**2
            weights_only = row.parameters - layer.filters
            if layer.groups > 1:
                lines.append(
                    ("conv_groups", {"groups": layer.groups, "inputs": per_filter})
                )
            lines.append(
                ("conv_parameters", {"inputs": per_filter, "filters": layer.filters})
            )
            lines.append(("conv_macs", {"weights": weights_only}))
        case Pool():
            lines.append((f"pool_{layer.kind}", {"window": step.inputs}))
            if layer.size > layer.stride:
                lines.append(("pool_overlap", {"shared": layer.size - layer.stride}))
        case Normalise(_, n, k, alpha, beta, groups, within):
            exact = {"k": _plain(k), "alpha": _plain(alpha), "beta": _plain(beta)}
            how = "_within" if within else "_groups" if groups > 1 else ""
            lines.append((f"normalise{how}", {"n": n, "groups": groups} | exact))
        case Activation(_, function):
            lines.append((f"activation_{function}", {}))
        case Flatten():
            height, width, _ = step.before
            lines.append(("flatten", {"height": height, "width": width}))
        case Dense():
            lines += [("dense_parameters", {}), ("dense_macs", {})]
        case Dropout(_, rate):
            factor = f"{1 / (1 - rate):g}"
            lines.append(("dropout", {"rate": f"{rate:g}", "factor": factor}))
    if isinstance(layer, Conv | Dense) and layer.start is not None:
        start = layer.start
        said = {"deviation": _plain(start.deviation), "bias": _plain(start.bias)}
        lines.append(("start", said))
    if row.field is not None and isinstance(layer, Conv | Pool):
        name = "field_1" if row.stride == 1 else "field"
        lines.append((name, {"field": row.field, "stride": row.stride}))
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
    text = _text("code")
    st.header(text["heading"], anchor="code")
    st.markdown(text["say"])
    names = [layer.name for layer in spec.layers]
    if state.CODE_LAYER.get() not in names:
        state.CODE_LAYER.set(names[0])
    name = widgets.choice(state.CODE_LAYER, text["layer"], {n: n for n in names})
    with st.container(border=True):
        st.code("\n".join(keras_code.lines_of(spec, name)), wrap_lines=True)
        step = next(s for s in shapes.steps(spec) if s.layer.name == name)
        st.markdown("\n".join(f"- {line}" for line in _sums(step)))
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


def sixty_million() -> None:
    """From the paper's network to the lesson's in two steps, and to this app's."""
    text = _text("sixty")
    st.header(text["heading"], anchor="parameters")
    one_tower = shapes.without_groups(ORIGINAL)
    own = weights.get(weights.DEFAULT).spec
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
        for spec in (ORIGINAL, one_tower, SIMPLIFIED, own)
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
                text["classes"].format(before=SIMPLIFIED.classes, after=own.classes),
            ],
            text["change"]: ["", *(_signed(change) for change in changes)],
            text["parameters"]: [words.figures(f"{count:,}") for count in counts],
        },
        border="horizontal",
        hide_index=True,
    )


def positions() -> None:
    """224 pixels and 55 positions do not go together; what does."""
    text = _text("positions")
    st.header(text["heading"], anchor="positions")
    conv1 = next(SIMPLIFIED.convolutions())
    step = shapes.steps(SIMPLIFIED)[0]
    size, larger = SIMPLIFIED.input_size, ORIGINAL.input_size
    out = step.row.output[0]
    st.markdown(
        text["say"].format(
            size=size,
            printed=shapes.row(ORIGINAL, conv1.name).output[0],
            kernel=conv1.kernel,
            stride=conv1.stride,
            exact=step.exact,
            out=out,
            left=size - shapes.span(out, conv1.kernel, conv1.stride),
        )
    )
    padded = next(TORCHVISION.convolutions()).padding
    overhang = next(AUTHORS.convolutions()).padding
    assert isinstance(overhang, tuple)
    rest = SIMPLIFIED.layers[1:]
    cures = {
        text["plain"].format(size=size): SIMPLIFIED,
        text["larger"].format(size=larger): SIMPLIFIED.at(larger),
        text["zeros"].format(size=size, half=padded): replace(
            SIMPLIFIED, layers=(replace(conv1, padding=padded), *rest)
        ),
        text["overhang"].format(size=size, after=overhang[1]): replace(
            SIMPLIFIED, layers=(replace(conv1, padding=overhang), *rest)
        ),
        text["same"].format(size=size): replace(
            SIMPLIFIED, layers=(replace(conv1, padding="same"), *rest)
        ),
    }
    chains = [
        " → ".join(
            str(row.output[0])
            for row in shapes.table(spec)
            if row.name == conv1.name or row.kind == "pool"
        )
        for spec in cures.values()
    ]
    st.table(
        {
            text["cure"]: list(cures),
            text["maps"]: chains,
            text["reads"]: [
                f"{shapes.dense_inputs(spec):,}" for spec in cures.values()
            ],
            text["parameters"]: [
                f"{shapes.totals(spec).parameters:,}" for spec in cures.values()
            ],
        },
        border="horizontal",
        hide_index=True,
    )
