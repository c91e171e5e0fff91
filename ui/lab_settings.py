"""What can be changed of a preset, folded away until wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab import datasets
from lab.datasets import CIFAR, DataRefused, cifar, own
from lab.experiments import (
    LADDER,
    Arm,
    Experiment,
    ExperimentRefused,
    check,
    suggested_rates,
)
from ui import lab_access, lab_source, state, uploads

ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
}
RATES = {
    "relu": 0.004,
    "tanh": 0.02,
    "sigmoid": 0.05,
    "leaky_relu": 0.004,
    "gelu": 0.004,
}
BATCHES = (32, 64, 128, 256)
DEPTHS = 12
ZIP = 200  # megabytes; `lab.datasets.own` looks closer


def _key(preset: str, field: str, default: Any) -> state.Key[Any]:
    """A setting whose widget finds its value there."""
    key = state.setting(preset, field, default)
    key.settle()
    return key


def data_titles() -> dict[str, str]:
    """The data sets that can be chosen here, by name."""
    text = lab_source.text()["settings"]["datasets"]
    here = "cifar-10" if cifar.is_here() else "cifar-10-away"
    return {
        datasets.BUILT_IN: text[datasets.BUILT_IN],
        CIFAR: text[here],
    } | own.kept()


def _arms(preset: Experiment, given: Mapping[str, str]) -> tuple[Arm, ...]:
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
    like = preset.arms[0]
    slow = preset.arms[0].initialisation == "2012"
    return tuple(
        known[name]
        if name in known
        else replace(
            like,
            label=ACTIVATIONS[name],
            activation=name,  # type: ignore[arg-type]
            learning_rate=0.002 if slow else RATES[name],
        )
        for name in ACTIVATIONS
        if name in chosen
    )


def _rates(preset: str, arms: tuple[Arm, ...], given: Mapping[str, str]) -> list[float]:
    """A learning rate for each arm."""
    rates = []
    for column, arm in zip(st.columns(max(len(arms), 1)), arms, strict=False):
        key = _key(preset, f"rate {arm.label}", arm.learning_rate)
        rates.append(
            column.number_input(
                given["rate"].format(arm=arm.label),
                min_value=1e-6,
                max_value=10.0,
                step=None,
                format="%g",
                **key.widget,
            )
        )
    return rates


def _sweep(experiment: Experiment, given: Mapping[str, str]) -> None:
    """The rates that a sweep tries."""
    if not experiment.arms:
        return
    key = _key(experiment.name, "sweep", list(suggested_rates(experiment)))
    st.multiselect(
        given["sweep"],
        LADDER,
        format_func=lambda rate: f"{rate:g}",
        help=given["sweep_help"],
        **key.widget,
    )


def sweep_rates(experiment: Experiment) -> list[float]:
    """The rates that the visitor wants a sweep to try."""
    suggested = list(suggested_rates(experiment))
    return sorted(state.setting(experiment.name, "sweep", suggested).get())


def adopt(experiment: Experiment, rates: Mapping[str, float]) -> None:
    """Makes an experiment's settings the page's, with these learning rates.

    Time and passes stay as the visitor has them: a sweep may be given less.
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
    preset: Experiment, arms: tuple[Arm, ...], given: Mapping[str, Any]
) -> tuple[Arm, ...]:
    """Rate and place of the arm that has dropout."""
    left, right = st.columns(2)
    rate = left.slider(
        given["dropout"], 0.0, 0.8, step=0.05, **_key(preset.name, "rate", 0.5).widget
    )
    places: dict[str, str] = given["dropout_at"]
    where = right.selectbox(
        given["dropout_where"],
        list(places),
        format_func=places.__getitem__,
        **_key(preset.name, "where", "dense").widget,
    )
    label = given["dropout_label"].format(rate=rate)
    return tuple(
        replace(arm, dropout_at=where)
        if arm.dropout == 0
        else replace(arm, dropout=rate, dropout_at=where, label=label)
        for arm in arms
    )


def _alike(preset: Experiment, given: Mapping[str, Any]) -> dict[str, Any]:
    """What all arms share."""
    arm, name, fixed = preset.arms[0], preset.name, preset.difference
    chosen: dict[str, Any] = {}
    first = st.columns(3)
    titles = data_titles()
    key = state.setting(name, "dataset", arm.dataset)
    key.settle(key.get() if key.get() in titles else arm.dataset)
    chosen["dataset"] = first[0].selectbox(
        given["dataset"], list(titles), format_func=titles.__getitem__, **key.widget
    )
    if "pictures" not in fixed:
        count = arm.pictures or datasets.DRAWN_TRAIN
        chosen["pictures"] = first[1].number_input(
            given["pictures"], 100, 50_000, step=500, **_key(name, "n", count).widget
        )
    chosen["seed"] = first[2].number_input(
        given["seed"], 0, 9_999, step=1, **_key(name, "seed", arm.seed).widget
    )
    second = st.columns(3)
    for column, field in zip(second[:2], ("initialisation", "scaling"), strict=True):
        options: dict[str, str] = given[field]
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
        given["epochs"], 1, 1_000, step=10, **_key(name, "epochs", arm.epochs).widget
    )
    chosen["seconds"] = float(
        third[2].number_input(
            given["seconds"],
            5,
            int(lab_access.longest()),
            step=30,
            **_key(name, "seconds", int(arm.seconds)).widget,
        )
    )
    return chosen


def _own_data(given: Mapping[str, Any]) -> None:
    """The class's own pictures, for those who may bring them."""
    if not lab_access.may_bring_data():
        return
    key = f"own data {state.UPLOADS.get()}"
    st.file_uploader(
        given["own"],
        "zip",
        key=key,
        max_upload_size=ZIP,
        on_change=_take_own,
        args=(key, given),
    )
    st.caption(given["own_say"])
    if said := state.OWN_DATA_SAID.get():
        st.markdown(said)


def _take_own(key: str, given: Mapping[str, Any]) -> None:
    """The zip in the uploader is looked through and kept as pixels, or refused."""
    file = st.session_state.get(key)
    if file is None:
        return
    if not lab_access.may_bring_data():  # signed out since the page was drawn
        uploads.drop(file)
        return
    try:
        taken = own.read_zip(file.getvalue(), Path(file.name).stem[:60])
    except DataRefused as refusal:
        state.OWN_DATA_SAID.set(escape_markdown(str(refusal)))
    else:
        own.keep(taken)
        state.OWN_DATA_SAID.set(
            given["own_kept"].format(title=escape_markdown(taken.title))
        )
    state.UPLOADS.set(state.UPLOADS.get() + 1)
    uploads.drop(file)


def choose(preset: Experiment) -> Experiment | None:
    """The preset as the visitor has changed it; None while it is no fair one."""
    given = lab_source.text()["settings"]
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
        _own_data(given)
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
        st.warning(str(refusal), icon=":material/balance:")
        return None
