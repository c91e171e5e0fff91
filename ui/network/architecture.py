"""What the architecture page alone shows: drawing, totals, differences, positions."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any

import streamlit as st

from classroom.content import lesson
from classroom.content.numbers import decimal
from model import weights
from model.network import shapes
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    SIMPLIFIED,
    SPECS,
    TORCHVISION,
    Activation,
    Normalise,
    Spec,
)
from ui.kit import state, widgets, words
from ui.kit.network.architecture import signed, text_of
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


def choose() -> tuple[Spec, Spec | None]:
    """The network, and the one beside it if there is one."""
    text = words.page("architecture")
    titles = {name: words.network(spec) for name, spec in SPECS.items()}
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


def labels(spec: Spec, language: str | None = None) -> dict[str, str]:
    """What stands in the drawing of a network and what is said of it, as templates."""
    found = words.page("architecture", language).table("drawing", "labels").as_dict()
    return found | {"name": words.network(spec, language)}


@cache
def _svg(
    names: tuple[str, ...],
    name: str,
    scheme: Scheme,
    way: Direction,
    legend: bool,
    language: str,
) -> str:
    """One drawing, on the scale of all the named networks."""
    scale = blocks.scale_for(*(SPECS[n] for n in names))
    spec, palette = SPECS[name], PALETTES[scheme]
    said = labels(spec, language)
    return diagram.network_svg(spec, palette, said, scale, way, legend)


def drawing(spec: Spec, other: Spec | None) -> None:
    """One network or two on one scale, for a wide screen and for a phone."""
    text, scheme, spoken = text_of("drawing"), widgets.scheme(), words.language()
    st.header(text["heading"], anchor="drawing")
    st.markdown(text["say"].format(about=text.table("about")[spec.name]))
    if spec is AUTHORS:
        st.markdown(_no_weights())
    shown = [spec] if other is None else [spec, other]
    names = tuple(sorted(s.name for s in shown))
    for one in shown:
        if other is not None:
            st.markdown(f"**{words.network(one)}**")
        across, down = (
            _svg(names, one.name, scheme, way, one is spec, spoken) for way in WAYS
        )
        widgets.drawing(across, down, diagram.describe(one, labels(one)))
    if other is not None:
        st.caption(text["together"])
    st.download_button(
        text["download"],
        _svg(names, spec.name, scheme, "across", True, spoken),
        f"{spec.name}.svg",
        "image/svg+xml",
        icon=":material/download:",
        on_click="ignore",
    )


def _no_weights() -> str:
    """Why the fetched ImageNet weights are not offered for the authors' network."""
    theirs = weights.get("original")
    norm = next(x for x in theirs.spec.layers if isinstance(x, Normalise))
    return text_of("drawing")["no_weights"].format(
        title=widgets.set_title(theirs), k=decimal(norm.k), own_k=decimal(_norm1().k)
    )


def _norm1() -> Normalise:
    return next(x for x in AUTHORS.layers if isinstance(x, Normalise))


def _shares(spec: Spec) -> str:
    total = shapes.totals(spec)
    return text_of("numbers")["shares"].format(
        dense_parameters=total.dense_parameter_share,
        conv_macs=total.conv_mac_share,
    )


@cache
def _bars(name: str, scheme: Scheme, language: str) -> bytes:
    """The figure of shares as a PNG, fine enough for a projector."""
    text = words.page("architecture", language).table("numbers")
    layers = [layer for layer in shapes.table(SPECS[name]) if layer.parameters]
    figure = charts.shares(
        [layer.name for layer in layers],
        [layer.kind for layer in layers],
        [
            (text["parameters"], [layer.parameters for layer in layers]),
            (text["macs"], [layer.macs for layer in layers]),
        ],
        PALETTES[scheme],
        lesson.load(language).style.figures,
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=220)
    return out.getvalue()


def totals(spec: Spec, other: Spec | None) -> None:
    """Four sums, and where the parameters and the work are."""
    text = text_of("numbers")
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
            None if more is None else signed(more),
            delta_color="off",
            delta_arrow="off",
        )
    if other is not None:
        st.caption(text["against"].format(title=words.network(other)))
    figure, explanation = st.columns(2, gap="medium", vertical_alignment="center")
    shares = _shares(spec)
    # The container sets the size: Streamlit would shrink the picture itself.
    figure.container(width=440).image(
        _bars(spec.name, widgets.scheme(), words.language()),
        width="stretch",
        alt=text["figure_alt"].format(
            title=words.network(spec), shares=shares.replace("*", "")
        ),
    )
    explanation.markdown(shares)
    explanation.markdown(text["why"])
    explanation.caption(text["size_why"].format(megabytes=ours.megabytes))


def _trait(layer: str, what: str, value: shapes.Value) -> str:
    """One differing thing in words; bold if it was chosen."""
    phrases = text_of("traits")
    after = value[1] if what == "padding" and isinstance(value, tuple) else None
    key = "padding_after" if after else f"{what}_{value}"
    phrase = phrases.get(key, phrases[what])
    shown: Any = value
    if isinstance(value, float):
        shown = decimal(value)
    elif isinstance(value, tuple):
        shown = blocks.size_words(value)
    elif isinstance(value, int):
        shown = f"{value:,}"
    half = value // 2 if isinstance(value, int) else None
    phrase = phrase.format(value=shown, half=half, after=after)
    chosen = what in DESIGNED or layer == "input"
    return f"**{phrase}**" if chosen else str(phrase)


def _kind(spec: Spec, name: str) -> str:
    """What a layer is, in words."""
    layer = spec.layer(name)
    inside = isinstance(layer, Normalise) and layer.within
    kind = "normalise_within" if inside else shapes.layer_info(spec, name).kind
    if isinstance(layer, Activation):
        before = spec.layers[spec.layers.index(layer) - 1].name
        function = text_of("traits")[f"activation_{layer.function}"]
        phrase = text_of("kinds")["activation_after"]
        return str(phrase.format(function=function, before=before))
    return str(text_of("kinds")[kind])


def differences(spec: Spec, other: Spec | None) -> None:
    """What differs between the two, layer by layer, in words."""
    text = text_of("differences")
    st.header(text["heading"], anchor="differences")
    if other is None:
        st.markdown(text["none"])
        return
    ours, theirs = (shapes.totals(s).parameters for s in (spec, other))
    st.markdown(
        text["say"].format(
            ours_title=words.network(spec),
            theirs_title=words.network(other),
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
            words.network(spec): [", ".join(here) for here, _ in found.values()],
            words.network(other): [", ".join(there) for _, there in found.values()],
        },
        border="horizontal",
        hide_index=True,
    )


def positions() -> None:
    """224 pixels and 55 positions do not go together; what does."""
    text = text_of("positions")
    st.header(text["heading"], anchor="positions")
    conv1 = next(SIMPLIFIED.convolutions())
    step = shapes.steps(SIMPLIFIED)[0]
    size, larger = SIMPLIFIED.input_size, ORIGINAL.input_size
    out = step.info.output[0]
    st.markdown(
        text["say"].format(
            size=size,
            printed=shapes.layer_info(ORIGINAL, conv1.name).output[0],
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
            str(layer.output[0])
            for layer in shapes.table(spec)
            if layer.name == conv1.name or layer.kind == "pool"
        )
        for spec in cures.values()
    ]
    st.table(
        {
            text["cure"]: list(cures),
            text["maps"]: chains,
            text["reads"]: [
                words.figures(f"{shapes.dense_inputs(spec):,}")
                for spec in cures.values()
            ],
            text["parameters"]: [
                words.figures(f"{shapes.totals(spec).parameters:,}")
                for spec in cures.values()
            ],
        },
        border="horizontal",
        hide_index=True,
    )
