"""Where the paper's factor comes from: the map of all searched settings.

It is covered until the visitor has guessed, or wants to see it without a guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from lab.factor import EPOCHS, TARGET, Search, SettingFactor, factors
from lab.results import spread
from ui.kit import cache, state, widgets, words
from ui.kit.components.number_line import Place, number_line
from viz import factor as chart
from viz.number_line import NumberLine

TICKS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # of the guess


def page_words() -> words.PageWords:
    """The words of this part of the page."""
    return words.page("relu_vs_tanh").table("factor")


def panel() -> None:
    """The guess, then the figure with what it shows in sentences."""
    found = factors(cache.factor_searches())
    if not found:
        return
    text = page_words()
    st.header(text["title"], anchor=False)
    st.markdown(text["say"])
    shown, guess = state.FACTOR_SHOWN, state.FACTOR_GUESS
    if not shown.get():
        number_line(
            NumberLine(
                [(x, text["tick"].format(by=x)) for x in TICKS],
                logarithmic=True,
                ends=(text["left"], text["right"]),
            ),
            guess_places(),
            guess.get(),
            text["guess"],
            text["unset"],
            guess.set,
            key="guess of the factor",
            colour=widgets.palette().accent,
            language=words.language(),
        )
        with st.container(horizontal=True):
            st.button(
                text["show"],
                type="primary",
                icon=":material/visibility:",
                disabled=not guess.get(),
                key="show factors",
                on_click=shown.set,
                args=("guess",),
            )
            st.button(
                text["skip"],
                type="tertiary",
                key="show factors without a guess",
                on_click=shown.set,
                args=("skipped",),
            )
        return
    guessed = guess.get() if shown.get() == "guess" else None
    rows = [estimate(one) for one in found]
    lines = [
        chart.ReferenceLine(1.0, text["even"], "even"),
        chart.ReferenceLine(spread.SIX, text["paper"], "paper"),
    ]
    if guessed is not None:
        lines.append(chart.ReferenceLine(guessed, text["yours"], "guess"))
    widgets.chart(
        spec=chart.chart(rows, lines, widgets.scheme(), text["axis"]),
        key="factors",
        alt=text["alt"].format(rows="; ".join(f"{x.setting}: {x.text}" for x in rows)),
    )
    for sentence in sentences(found):
        st.markdown(f"- {sentence}")
    st.caption(text["how"].format(target=TARGET, epochs=EPOCHS))
    widgets.folded_table(
        text["table"], "factors", lambda: table(cache.factor_searches())
    )


def guess_places() -> list[Place]:
    """Everything that can be guessed, in words."""
    text = page_words()
    low, high = round(20 * TICKS[0]), round(10 * TICKS[-1])
    values = [x / 20 for x in range(low, 20)] + [x / 10 for x in range(10, high + 1)]
    places = []
    for by in values:
        form = "said_even" if by == 1 else "said_relu" if by > 1 else "said_tanh"
        places.append(
            Place(
                by,
                text["mark" if by >= 1 else "mark_below"].format(by=by),
                text[form].format(by=max(by, 1 / by)),
            )
        )
    return places


def setting(found: SettingFactor) -> str:
    """A setting in few words: start, images, and the depth unless it is three."""
    text, of = page_words(), found.setting
    start = text.table("starts")["authors" if of.is_authors else of.start]
    form = "setting" if of.depth == 3 else "deep"
    return text[form].format(
        start=start.format(network=of.network), images=of.images, depth=of.depth
    )


def amount(found: SettingFactor) -> str:
    """6.6×, at least 8×, or that the seeds do not tell the two apart."""
    text = page_words()
    if found.is_bound:
        return text["at_least"].format(mean=found.mean)
    form = "times" if found.distinguishable else "level"
    return text[form].format(mean=found.mean)


def estimate(found: SettingFactor) -> chart.FactorEstimate:
    return chart.FactorEstimate(
        setting(found), found.mean, found.low, found.high, amount(found)
    )


def sentences(found: Sequence[SettingFactor]) -> list[str]:
    """What the figure shows, setting by setting, with the ranges and the seeds."""
    text, lines = page_words(), []
    for one in found:
        if one.is_bound:
            form = "bound"
        elif not one.distinguishable:
            form = "not_apart"
        else:
            form = "relu_first" if one.mean > 1 else "tanh_first"
        few = min(one.seeds) < 2 and not one.is_bound
        by = one.mean if one.mean >= 1 else 1 / one.mean
        low, high = sorted(
            (one.low, one.high) if one.mean >= 1 else (1 / one.high, 1 / one.low)
        )
        sentence = text[form].format(
            setting=setting(one), by=by, low=low, high=high, epochs=EPOCHS
        )
        more = [text["one_seed"]] if few else []
        names = ("ReLU", one.other)
        more += [
            text["one_rate"].format(activation=name)
            for name, tried in zip(names, one.rates, strict=True)
            if tried == 1
        ]
        lines.append(" ".join([sentence, *more]))
    return lines


def table(searches: Sequence[Search]) -> dict[str, list[str]]:
    """Every run of every search: rate, seed, epochs, and why it ended."""
    text = page_words()
    head = text.table("columns")
    found: dict[str, list[str]] = {title: [] for title in head.values()}
    for search in searches:
        whole = SettingFactor(search.setting, "tanh", 1.0, 1.0, math.inf, (0, 0))
        for trial in search.trials:
            row = {
                "setting": setting(whole),
                "activation": trial.activation,
                "rate": words.figures(f"{trial.rate:g}"),
                "seed": str(trial.seed),
                "loss": words.figures(f"{trial.first_loss:.2f}"),
                "reached": "–"
                if trial.reached is None
                else words.figures(f"{trial.reached:.1f}"),
                "end": text.table("ends")[trial.end].format(epochs=trial.epochs),
            }
            for name, value in row.items():
                found[head[name]].append(value)
    return found
