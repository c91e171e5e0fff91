"""Why it happens: gradients, saturation, dropped units, filters. One view at a time.

Only the view that is chosen is computed: watching costs the server little.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lab.experiments import Arm, Experiment
from lab.records import HISTOGRAM_EDGES, MaskReport, Report
from model.network import dropout
from ui.experiments import source
from ui.experiments.findings import first_filters
from ui.kit import state, widgets, words
from ui.kit.components.masks import Mask, masks
from ui.kit.components.stops import Parts, Stop, stops
from ui.kit.runs import run_names, run_sentences
from ui.kit.runs.run_charts import ShownRun
from viz import curves
from viz.dropout_mask import mask_pixels
from viz.mosaic import encode_rgb
from viz.palette import PALETTES, SERIES
from viz.saturation import svg

UNITS = 8  # of the sums on scaling
RATES = tuple(x / 10 for x in range(9))  # of dropout there
STYLE = """<style>
.layers { display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; }
.layers img { display: block; width: 168px; height: 112px; }
</style>"""


def deciding(experiment: Experiment) -> str:
    """The view on what decides the question: it is opened first."""
    if any(arm.dropout for arm in experiment.arms):
        return "masks"
    if "activation" in experiment.difference:
        return "saturation"
    return "filters" if "first_filter" in experiment.difference else "gradients"


def show(shown: ShownRun, run_id: str, live: bool) -> None:
    """The choice of views, and the one chosen; in front what the decisive one says."""
    text = source.text().table("why")
    st.header(text["heading"], anchor="why")
    if sentence := decided(shown):
        st.markdown(sentence)
    first = deciding(shown.experiment)
    views = dict(text.table("views"))
    if not any(arm.dropout for arm in shown.experiment.arms):
        del views["masks"]
    # The decisive one has no name in the address: it opens by itself.
    options = {"": views.pop(first)} | views
    if state.WHY.get() == first:
        state.WHY.set("")
    view = widgets.choice(state.WHY, text["choose"], options) or first
    match view:
        case "gradients":
            _gradients(shown)
        case "saturation":
            _saturation(shown)
        case "filters":
            first_filters.panel(shown, live)
        case "masks":
            _masks(shown)


def decided(shown: ShownRun) -> str:
    """What the decisive view shows, in a sentence; "": it is not measured yet."""
    match deciding(shown.experiment):
        case "saturation":
            return run_sentences.idle_sentence(shown.experiment, shown.events)
        case "masks" if (found := _newest_masks(shown)) is not None:
            return answers_sentence(*found)
        case "gradients":
            return " ".join(_gradient_sentences(shown))
    return ""


def _latest(shown: ShownRun) -> list[tuple[int, Report]]:
    """Each arm's newest report, for those that have one."""
    newest = {event.arm: event.report for event in shown.events}
    return sorted(newest.items())


def _gradient_norms(shown: ShownRun) -> list[tuple[str, float, str]]:
    """(layer, norm, arm) of the last step."""
    return [
        (layer.name, layer.gradient_norm, shown.labels[index])
        for index, report in _latest(shown)
        for layer in report.layers
        if layer.gradient_norm > 0  # a log scale has no zero
    ]


def _gradient_sentences(shown: ShownRun) -> list[str]:
    """How the first and the last layer's gradients compare, arm by arm."""
    text, rows, lines = source.text().table("why"), _gradient_norms(shown), []
    for label in dict.fromkeys(arm for _, _, arm in rows):
        norms = [(name, norm) for name, norm, arm in rows if arm == label]
        lines.append(
            text["gradients_alt"].format(
                arm=label,
                first=norms[0][0],
                first_norm=norms[0][1],
                last=norms[-1][0],
                last_norm=norms[-1][1],
                ratio=_format_number(norms[-1][1] / norms[0][1]),
            )
        )
    return lines


def _gradients(shown: ShownRun) -> None:
    """The size of each layer's gradient in the last step, on a log scale."""
    text, labels = source.text().table("why"), shown.labels
    rows = _gradient_norms(shown)
    st.markdown(text["gradients_say"])
    if not rows:
        st.caption(text["gradients_none"])
        return
    columns = dict(zip(("layer", "value", "arm"), zip(*rows, strict=True), strict=True))
    lines = _gradient_sentences(shown)
    widgets.chart(
        spec=curves.layers(
            columns, labels, widgets.scheme(), title=text["norm"], scale="log"
        ),
        key="gradients",
        alt=" ".join(lines),
    )
    st.caption(" ".join(lines))
    head = source.text().table("table")
    widgets.folded_table(
        text["gradients_table"],
        "gradients",
        lambda: {
            head["arm"]: columns["arm"],
            head["layer"]: columns["layer"],
            head["norm"]: [words.figures(f"{norm:.3g}") for norm in columns["value"]],
        },
    )


def _format_number(number: float) -> str:
    """1,234 or 0.012: never with an exponent where it can be read without."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def _saturation(shown: ShownRun) -> None:
    """Pre-activations over the function, layer by layer; the share of idle units."""
    text, palette = source.text().table("why"), widgets.palette()
    st.markdown(text["saturation_say"])
    edges = [float(x) for x in HISTOGRAM_EDGES]
    for index, report in _latest(shown):
        arm = shown.experiment.arms[index]
        colour = SERIES[widgets.scheme()][index]
        pictures = []
        for layer in report.layers:
            is_last = layer is report.layers[-1]
            picture = svg(
                layer.name,
                layer.histogram,
                edges,
                "softmax" if is_last else arm.activation,
                colour,
                palette,
            )
            data = base64.b64encode(picture.encode()).decode()
            alt = text["saturation_alt"].format(
                layer=layer.name,
                arm=arm.label,
                idle=layer.idle,
                low=layer.middle[0],
                high=layer.middle[1],
            )
            pictures.append(
                f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'
            )
        st.markdown(f"**{arm.label}**")
        st.html(f'{STYLE}<div class="layers">{"".join(pictures)}</div>')
    st.markdown(text["idle_say"])
    rows = [
        (layer.name, layer.idle, shown.labels[index])
        for index, report in _latest(shown)
        for layer in report.layers[:-1]
    ]
    columns = dict(zip(("layer", "value", "arm"), zip(*rows, strict=True), strict=True))
    alt_text = " ".join(
        text["idle_alt"].format(arm=arm, layer=layer, idle=idle)
        for layer, idle, arm in rows
    )
    widgets.chart(
        spec=curves.layers(
            columns,
            shown.labels,
            widgets.scheme(),
            title=text["idle"],
            scale="share",
            height=270,
        ),
        key="idle",
        alt=alt_text,
    )
    head = source.text().table("table")
    layers = [
        (shown.labels[index], layer)
        for index, report in _latest(shown)
        for layer in report.layers
    ]
    widgets.folded_table(
        text["saturation_table"],
        "saturation",
        lambda: {
            head["arm"]: [label for label, _ in layers],
            head["layer"]: [layer.name for _, layer in layers],
            head["low"]: [
                words.figures(f"{layer.middle[0]:.2f}") for _, layer in layers
            ],
            head["high"]: [
                words.figures(f"{layer.middle[1]:.2f}") for _, layer in layers
            ],
            head["idle"]: [words.figures(f"{layer.idle:.1%}") for _, layer in layers],
        },
    )


# --- dropout ------------------------------------------------------------------------


def _masks(shown: ShownRun) -> None:
    """The units dropped, what ten masks make of one picture, and why one scales."""
    found = _newest_masks(shown)
    if found is None:
        st.caption(source.text().table("why")["masks_none"])
    else:
        _one_mask(*found)
    _scaling()


def _newest_masks(shown: ShownRun) -> tuple[Arm, MaskReport] | None:
    """An arm with dropout, and its newest masks."""
    found = None
    for event in shown.events:
        if event.report.masks is not None:
            found = (shown.experiment.arms[event.arm], event.report.masks)
    return found


def answers_sentence(arm: Arm, seen: MaskReport) -> str:
    """What the masks make of one image, against no mask."""
    names = run_names.class_names(arm.dataset, seen.outputs.shape[1])
    best = int(np.argmax(seen.without))
    return (
        source.text()
        .table("why")["answers_say"]
        .format(
            count=len(seen.outputs),
            agree=int((seen.outputs.argmax(axis=1) == best).sum()),
            name=names[best],
            low=float(seen.outputs[:, best].min()),
            high=float(seen.outputs[:, best].max()),
            without=float(seen.without[best]),
        )
    )


def _every_mask(arm: Arm, seen: MaskReport) -> None:
    """The masks one after another, each with what the network predicts under it."""
    text, scheme = source.text().table("why"), widgets.scheme()
    names = run_names.class_names(arm.dataset, seen.outputs.shape[1])
    shown = [
        Mask(
            encode_rgb(mask_pixels(awake, scheme)),
            mask_sentence(arm, awake, names[int(output.argmax())], output.max()),
            output.astype(float).tolist(),
        )
        for awake, output in zip(seen.awake, seen.outputs, strict=True)
    ]
    masks(
        shown,
        seen.without.astype(float).tolist(),
        names,
        (SERIES[scheme][0], PALETTES[scheme].accent),
        {**source.text().table("replay", "component"), **text.table("mask_player")},
        words.language(),
        key="masks",
    )


def mask_sentence(
    arm: Arm, awake: NDArray[np.bool_], name: str, probability: float
) -> str:
    """What one mask keeps, and what is predicted under it."""
    text = source.text().table("why")
    return text["mask_say"].format(
        awake=int(awake.sum()),
        units=len(awake),
        rate=arm.dropout,
        name=name,
        probability=float(probability),
    )


def _one_mask(arm: Arm, seen: MaskReport) -> None:
    text, dataset = source.text().table("why"), arm.dataset
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{text['mask_title'].format(arm=arm.label)}**")
        _every_mask(arm, seen)
    with right:
        st.markdown(f"**{text['answers_title']}**")
        masked, without = text["masked"], text["without"]
        classes = seen.outputs.shape[1]
        names = run_names.class_names(dataset, classes)
        rows = [
            (names[i], float(p), masked)
            for row in seen.outputs
            for i, p in enumerate(row)
        ]
        rows += [(names[i], float(p), without) for i, p in enumerate(seen.without)]
        columns = dict(
            zip(("name", "value", "kind"), zip(*rows, strict=True), strict=True)
        )
        description = answers_sentence(arm, seen)
        widgets.chart(
            spec=curves.answers(
                columns,
                widgets.scheme(),
                masked=masked,
                without=without,
                title=text["probability"],
                classes=classes,
            ),
            key="answers",
            alt=description,
        )
        head = source.text().table("table")
        widgets.folded_table(
            text["answers_table"],
            "answers",
            lambda: {
                head["class"]: names,
                head["without"]: [
                    words.figures(f"{p:.1%}") for p in seen.without.astype(float)
                ],
                head["least"]: [
                    words.figures(f"{p:.1%}") for p in seen.outputs.min(0).astype(float)
                ],
                head["most"]: [
                    words.figures(f"{p:.1%}") for p in seen.outputs.max(0).astype(float)
                ],
            },
        )


def _scaling() -> None:
    """What the next unit receives: in training, in use, with and without scaling."""
    text = source.text().table("why")
    st.markdown(f"**{text['scaling_title']}**")
    stops(
        text["scaling_rate"],
        scalings(),
        RATES.index(0.5),
        Parts(names=text.lines("scaling_rows")),
        words.language(),
        key="scaling",
    )


def scalings() -> list[Stop]:
    """The sums of one unit at each dropout rate, and what follows from them."""
    return _scalings(words.language())


@lru_cache(maxsize=4)
def _scalings(language: str) -> list[Stop]:
    text = words.page("lab", language).table("why")
    rng = np.random.default_rng(2012)
    activations = rng.uniform(0, 1, UNITS).round(2)
    weights = rng.uniform(-0.2, 1, UNITS).round(2)
    shown = []
    for rate in RATES:
        found = dropout.scaling(activations, weights, rate)
        sums = (
            found.training,
            found.unscaled,
            found.paper,
            found.training_inverted,
        )
        sentence = text["scaling_say"].format(
            units=UNITS,
            rate=rate,
            keep=1 - rate,
            factor=1 / (1 - rate),
            unscaled=found.unscaled,
            paper=found.paper,
        )
        shown.append(
            Stop(
                words.figures(f"{rate:.1f}"),
                [words.figures(f"{x:.2f}") for x in sums],
                sentence,
            )
        )
    return shown
