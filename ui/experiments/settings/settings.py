"""What can be changed of a preset, folded away until wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lab import datasets
from lab.datasets import CIFAR, cifar
from lab.experiments import (
    LADDER,
    Arm,
    Experiment,
    ExperimentRefused,
    check,
    epochs_for,
    share_out,
    suggested_rates,
)
from lab.presets import ACTIVATIONS, with_activations
from ui.experiments import access, source
from ui.kit import state, words
from ui.kit.runs import run_names
from ui.kit.state_key import StateKey
from ui.session import own_images

BATCHES = (32, 64, 128, 256)
DEPTHS = 12
FEWEST = 10  # images that an experiment can be limited to
MOST_EPOCHS = 1_000


def _key(preset: str, field: str, default: Any) -> StateKey[Any]:
    """A setting whose widget finds its value there."""
    key = state.setting(preset, field, default)
    key.keep_valid()
    return key


def data_titles() -> dict[str, str]:
    """The data sets that can be chosen here, by name."""
    text = source.text().table("settings", "datasets")
    here = "cifar-10" if cifar.is_here() else "cifar-10-away"
    return {
        datasets.BUILT_IN: text[datasets.BUILT_IN],
        CIFAR: text[here],
    } | {
        one.name: text["own"].format(title=one.title, count=sum(one.classes.values()))
        for one in own_images.data_sets()
    }


def _english() -> words.PageWords:
    """The words of arms: a run is kept with them, for everybody."""
    return words.page("lab", words.ENGLISH).table("settings")


def _arms(preset: Experiment, given: words.PageWords) -> tuple[Arm, ...]:
    """The arms: of a preset that compares functions, those that are chosen."""
    if preset.difference != ("activation",):
        return preset.arms
    known = {arm.activation: arm for arm in preset.arms}
    key = _key(preset.name, "arms", list(known))
    chosen = st.multiselect(
        given["arms"],
        list(ACTIVATIONS),
        format_func=ACTIVATIONS.__getitem__,
        **key.widget,
    )
    return with_activations(preset, chosen)


def _rates(preset: str, arms: tuple[Arm, ...], given: words.PageWords) -> list[float]:
    """A learning rate for each arm."""
    rates = []
    for column, arm in zip(st.columns(max(len(arms), 1)), arms, strict=False):
        key = _key(preset, f"rate {arm.label}", arm.learning_rate)
        rates.append(
            column.number_input(
                given["rate"].format(arm=run_names.in_words(arm.label)),
                min_value=1e-6,
                max_value=10.0,
                step=None,
                format="%g",
                **key.widget,
            )
        )
    return rates


def _sweep(experiment: Experiment, given: words.PageWords) -> None:
    """The rates that a sweep tries."""
    if not experiment.arms:
        return
    key = _key(experiment.name, "sweep", list(suggested_rates(experiment)))
    shown = {rate: words.figures(f"{rate:g}") for rate in LADDER}
    st.multiselect(
        given["sweep"],
        LADDER,
        format_func=shown.__getitem__,
        help=given["sweep_help"],
        **key.widget,
    )


def sweep_rates(experiment: Experiment) -> list[float]:
    """The rates that the visitor wants a sweep to try."""
    suggested = list(suggested_rates(experiment))
    return sorted(state.setting(experiment.name, "sweep", suggested).get())


def adopt(experiment: Experiment, rates: Mapping[str, float]) -> None:
    """Makes an experiment's settings the page's, with these learning rates.

    Time and epochs stay as the visitor has them: a sweep may be given less.
    """
    arm, name = experiment.arms[0], experiment.name
    chosen: dict[str, Any] = {
        "dataset": arm.dataset,
        "n": arm.pictures or datasets.DRAWN_TRAIN,
        "seed": arm.seed,
        "initialisation": arm.initialisation,
        "scaling": arm.scaling,
        "depth": arm.depth,
        "batch": arm.batch,
    } | {f"rate {label}": rate for label, rate in rates.items()}
    if "activation" in experiment.difference:
        chosen["arms"] = list(dict.fromkeys(x.activation for x in experiment.arms))
    for field, value in chosen.items():
        state.setting(name, field, value).set(value)


def _dropout(
    preset: Experiment, arms: tuple[Arm, ...], given: words.PageWords
) -> tuple[Arm, ...]:
    """Rate and place of the arm that has dropout."""
    left, right = st.columns(2)
    rate = left.slider(
        given["dropout"], 0.0, 0.8, step=0.05, **_key(preset.name, "rate", 0.5).widget
    )
    places = given.table("dropout_at")
    where = right.selectbox(
        given["dropout_where"],
        list(places),
        format_func=places.__getitem__,
        **_key(preset.name, "where", "dense").widget,
    )
    label = _english()["dropout_label"].format(rate=rate)
    return tuple(
        replace(arm, dropout_at=where)
        if arm.dropout == 0
        else replace(arm, dropout=rate, dropout_at=where, label=label)
        for arm in arms
    )


def _alike(preset: Experiment, given: words.PageWords) -> dict[str, Any]:
    """What all arms share."""
    arm, name, fixed = preset.arms[0], preset.name, preset.difference
    chosen: dict[str, Any] = {}
    first = st.columns(3)
    titles = data_titles()
    key = state.setting(name, "dataset", arm.dataset)
    key.keep_valid(key.get() if key.get() in titles else arm.dataset)
    chosen["dataset"] = first[0].selectbox(
        given["dataset"],
        list(titles),
        format_func=titles.__getitem__,
        on_change=_refit,
        args=(preset,),
        **key.widget,
    )
    if "pictures" not in fixed:
        chosen["pictures"] = _count(preset, chosen["dataset"], given, first[1])
    chosen["seed"] = first[2].number_input(
        given["seed"], 0, 9_999, step=1, **_key(name, "seed", arm.seed).widget
    )
    second = st.columns(3)
    for column, field in zip(second[:2], ("initialisation", "scaling"), strict=True):
        options = given.table(field)
        chosen[field] = column.selectbox(
            given[f"{field}_label"],
            list(options),
            format_func=options.__getitem__,
            **_key(name, field, getattr(arm, field)).widget,
        )
    if "depth" not in fixed:
        depth = second[2].number_input(
            given["depth"],
            0,
            DEPTHS,
            step=1,
            help=given["depth_help"],
            **_key(name, "depth", arm.depth).widget,
        )
        chosen["depth"] = depth
    third = st.columns(3)
    chosen["batch"] = third[0].selectbox(
        given["batch"], BATCHES, **_key(name, "batch", arm.batch).widget
    )
    chosen["epochs"] = third[1].number_input(
        given["epochs"],
        1,
        MOST_EPOCHS,
        step=10,
        **_key(name, "epochs", arm.epochs).widget,
    )
    chosen["seconds"] = float(
        third[2].number_input(
            given["seconds"],
            5,
            int(access.longest()),
            step=30,
            **_key(name, "seconds", int(arm.seconds)).widget,
        )
    )
    return chosen


def fit(preset: Experiment, name: str) -> None:
    """Chooses a data set, with as many images as it has, and epochs enough for them."""
    arm = preset.arms[0]
    for field, value in _fitting(arm, name).items():
        state.setting(preset.name, field, value).set(value)
    state.setting(preset.name, "dataset", arm.dataset).set(name)
    state.setting(preset.name, "fitted", arm.dataset).set(name)


def _fitting(arm: Arm, name: str) -> dict[str, int]:
    """How many images to train on, and how many epochs, of that data set."""
    count = _uploaded_count(name)
    if count is None:
        return {"n": arm.pictures or datasets.DRAWN_TRAIN, "epochs": arm.epochs}
    return {"n": count, "epochs": min(epochs_for(arm, count), MOST_EPOCHS)}


def _uploaded_count(name: str) -> int | None:
    """Images to train on in one's own data set; None: it is another."""
    if not name.startswith(datasets.UPLOADED):
        return None
    return next((x.training for x in own_images.data_sets() if x.name == name), None)


def _refit(preset: Experiment) -> None:
    """After another data set was chosen.

    Streamlit also says so of a run that was broken off after `fit`: numbers that were
    typed meanwhile stay.
    """
    chosen = state.setting(preset.name, "dataset", preset.arms[0].dataset).get()
    fitted = state.setting(preset.name, "fitted", preset.arms[0].dataset)
    if chosen != fitted.get():
        fit(preset, chosen)


def _count(
    preset: Experiment, dataset: str, given: words.PageWords, column: DeltaGenerator
) -> int | None:
    """How many images to train on; None: all of one's own."""
    arm = preset.arms[0]
    uploaded_count = _uploaded_count(dataset)
    low, high = 100, datasets.MOST_DRAWN
    if uploaded_count is not None:
        low, high = min(FEWEST, uploaded_count), uploaded_count
    key = state.setting(preset.name, "n", arm.pictures or datasets.DRAWN_TRAIN)
    key.keep_valid(min(max(key.get(), low), high))
    count = column.number_input(
        given["pictures"], low, high, step=500 if high > 2_000 else 10, **key.widget
    )
    return None if count == uploaded_count else int(count)


def _shared_out(arms: tuple[Arm, ...], dataset: str) -> tuple[Arm, ...]:
    """Arms that differ in their number of images, with shares of one's own."""
    count = _uploaded_count(dataset)
    if count is None:
        return arms
    shares = share_out(arms, count, FEWEST)
    return tuple(
        replace(arm, pictures=share, label=_english()["share"].format(count=share))
        for arm, share in zip(arms, shares, strict=True)
    )


def choose(preset: Experiment) -> Experiment | None:
    """The preset as the visitor has changed it; None while it is no fair one."""
    given = source.text().table("settings")
    with st.expander(given["title"], icon=":material/tune:"):
        arms = _arms(preset, given)
        if "dropout" in preset.difference:
            arms = _dropout(preset, arms, given)
        changes = _alike(preset, given)
        if "learning_rate" in preset.tuned:
            st.caption(given["rates_say"])
            rates = _rates(preset.name, arms, given)
            _sweep(replace(preset, arms=arms), given)
        else:
            key = _key(preset.name, "rate of all", preset.arms[0].learning_rate)
            one = st.number_input(
                given["one_rate"], 1e-6, 10.0, step=None, format="%g", **key.widget
            )
            rates = [one] * len(arms)
        if "pictures" in preset.difference:
            arms = _shared_out(arms, changes["dataset"])
    changed = replace(
        preset,
        arms=tuple(
            replace(arm, **changes, learning_rate=float(rate))
            for arm, rate in zip(arms, rates, strict=True)
        ),
    )
    try:
        return check(changed)
    except ExperimentRefused as refusal:
        st.warning(run_names.refused(refusal), icon=":material/balance:")
        return None
