"""Experiments as data: fair, or refused with the reason; and their networks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import networks
from lab.experiments import (
    LADDER,
    RULES,
    Arm,
    Experiment,
    ExperimentRefused,
    check,
    differing,
    is_sweep,
    suggested_rates,
    sweep_of,
    swept,
)
from lab.presets import PRESETS
from model.network import shapes
from model.network.specs import Conv, Dropout, Normalise, Pool

PAIR = PRESETS["relu-vs-tanh-2012"]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_preset_is_fair_and_survives_json(preset):
    assert check(preset) is preset
    assert Experiment.from_dict(json.loads(json.dumps(preset.to_dict()))) == preset
    assert preset.difference
    assert set(differing(preset.arms)) <= {*preset.difference, *preset.tuned}


def test_the_papers_preset_is_the_papers():
    """Section 3.1 and figure 1: four layers with weights, no regularisation, 25 %."""
    assert PAIR.difference == ("activation",)
    assert PAIR.tuned == ("learning_rate",)
    assert PAIR.target == 0.25
    for arm in PAIR.arms:
        rows = shapes.table(networks.spec(arm, 32, 10))
        assert sum(row.parameters > 0 for row in rows) == 4
        assert (arm.dropout, arm.weight_decay, arm.augment) == (0, 0, False)
        assert (arm.initialisation, arm.scaling) == ("2012", "centred")


# One other legal value for every field that could make a comparison unfair.
OTHER = {
    "network": "alexnet",
    "initialisation": "today",
    "scaling": "standardised",
    "depth": 4,
    "first_filter": 7,
    "pooling": "average",
    "overlapping": False,
    "normalise": True,
    "dropout": 0.5,
    "dropout_at": "both",
    "momentum": 0.5,
    "bias_rate": 2.0,
    "weight_decay": 0.01,
    "batch": 64,
    "dataset": "cifar-10",
    "pictures": 500,
    "augment": True,
    "seed": 3,
    "epochs": 7,
    "seconds": 60.0,
    "until": 0.1,
}


def test_every_field_has_a_rule_and_a_case_here():
    fields = set(Arm.__dataclass_fields__)
    assert set(RULES) == fields
    assert set(OTHER) | {"label", "activation", "learning_rate"} == fields


@pytest.mark.parametrize("field", OTHER)
def test_a_second_difference_is_refused_by_name(field):
    one, other = PAIR.arms
    unfair = replace(PAIR, arms=(one, replace(other, **{field: OTHER[field]})))
    with pytest.raises(ExperimentRefused, match=f"also differ in {field}"):
        check(unfair)


def test_the_declared_difference_must_be_there():
    alike = replace(PAIR, arms=tuple(replace(a, activation="relu") for a in PAIR.arms))
    with pytest.raises(ExperimentRefused, match="alike in activation"):
        check(alike)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arms": PAIR.arms[:1]}, "2 to 16 arms"),
        ({"difference": ()}, "declare"),
        ({"name": ""}, "name"),
        ({"target": 2}, "target"),
        ({"measure": "colour"}, "measure"),
        ({"difference": ("colour",)}, "colour"),
        ({"arms": (PAIR.arms[0], replace(PAIR.arms[1], label="ReLU"))}, "same label"),
        (
            {"arms": (*PAIR.arms, replace(PAIR.arms[0], label="again"))},
            "two arms are alike",
        ),
    ],
)
def test_unfair_experiment_is_refused(changes, words):
    with pytest.raises(ExperimentRefused, match=words):
        check(replace(PAIR, **changes))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", float("nan")),
        ("learning_rate", 0.0),
        ("batch", 0),
        ("batch", 2.5),
        ("batch", True),
        ("first_filter", 4),
        ("dropout", 1.0),
        ("activation", "softmax"),
        ("seconds", float("inf")),
        ("pictures", 3),
        ("label", ""),
        ("label", ["ReLU"]),
        ("activation", ["relu"]),
        ("augment", 1),
    ],
)
def test_impossible_value_is_refused_with_field_and_value(field, value):
    with pytest.raises(ExperimentRefused, match=field):
        check(PAIR.vary(**{field: value}))


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@settings(max_examples=50)
@given(
    PLAIN | st.lists(PLAIN, max_size=3) | st.lists(st.dictionaries(st.text(), PLAIN))
)
def test_anything_else_is_refused_in_one_way(data):
    with pytest.raises(ExperimentRefused):
        check(Experiment.from_dict({"arms": data, "name": "x", "difference": data}))


# --- networks -----------------------------------------------------------------------


def test_overlapping_pools_leave_maps_of_the_same_size():
    """31, 15, 7, 3 are odd: windows of 3 and of 2 agree, and so do all parameters."""
    arms = PRESETS["overlapping"].arms
    with_3, with_2 = (shapes.table(networks.spec(arm, 32, 10)) for arm in arms)
    assert [row.output for row in with_3] == [row.output for row in with_2]
    assert [row.output[0] for row in with_3 if row.kind == "pool"] == [15, 7, 3]


@pytest.mark.parametrize("name", networks.PLANS)
def test_arm_decides_its_network(name):
    arm = Arm("x", network=name, activation="tanh", first_filter=7, depth=4)
    spec = networks.spec(arm, 32, 10)
    convolutions = list(spec.convolutions())
    assert len(convolutions) == 4
    assert convolutions[0].kernel == 7
    assert {layer.activation for layer in convolutions} == {"tanh"}
    assert spec.classes == 10
    assert not any(isinstance(x, Dropout) for x in spec.layers)
    across = [x for x in spec.layers if isinstance(x, Normalise) and not x.within]
    assert across == []


def test_the_authors_19pct_network_is_theirs():
    """layers-19pct.cfg: pools round up, one takes the maximum; 89,578 parameters."""
    spec = networks.spec(Arm("x", network="19pct", pooling="average"), 32, 10)
    rows = shapes.table(spec)
    assert [row.output[0] for row in rows if row.kind == "pool"] == [16, 8, 4]
    pools = [layer.kind for layer in spec.layers if isinstance(layer, Pool)]
    assert pools == ["max", "average", "average"]
    assert sum(row.parameters for row in rows) == 89_578


def test_dropout_normalisation_and_pooling_go_where_they_are_asked_for():
    arm = Arm("x", network="alexnet", dropout=0.3, normalise=True, pooling="average")
    layers = networks.spec(arm, 32, 10).layers
    names = [layer.name for layer in layers]
    assert [x.rate for x in layers if isinstance(x, Dropout)] == [0.3, 0.3]
    # After the activation and before the pool, as in the paper's section 3.5.
    assert names[:3] == ["conv1", "norm1", "pool1"]
    assert {x.kind for x in layers if isinstance(x, Pool)} == {"average"}
    everywhere = networks.spec(replace(arm, dropout_at="both"), 32, 10).layers
    assert sum(isinstance(x, Dropout) for x in everywhere) == 5
    inner = networks.spec(replace(arm, dropout_at="convolutions"), 32, 10).layers
    assert sum(isinstance(x, Dropout) for x in inner) == 3


def test_small_alexnet_has_alexnets_shape():
    spec = networks.spec(Arm("x", network="alexnet"), 32, 10)
    assert [type(x) for x in spec.layers if isinstance(x, Conv)] == [Conv] * 5
    assert [row.kind for row in shapes.table(spec)].count("dense") == 3


def test_too_small_pictures_are_refused():
    with pytest.raises(ValueError, match="too small"):
        networks.spec(Arm("x"), 8, 10)


def test_sweep_is_every_arm_at_every_rate_and_fair():
    sweep = swept(PAIR, (0.002, 0.001, 0.004))
    assert check(sweep) is sweep and is_sweep(sweep) and not is_sweep(PAIR)
    assert sweep.difference == ("activation", "learning_rate")
    assert sweep.tuned == ()
    assert sweep_of(sweep) == {"ReLU": (0, 1, 2), "tanh": (3, 4, 5)}
    for label, places in sweep_of(sweep).items():
        own = [sweep.arms[i] for i in places]
        assert [arm.learning_rate for arm in own] == [0.001, 0.002, 0.004]
        (arm,) = (arm for arm in PAIR.arms if arm.label == label)
        assert {replace(x, label=label, learning_rate=0.001) for x in own} == {
            replace(arm, learning_rate=0.001, until=PAIR.target)
        }
    assert Experiment.from_dict(json.loads(json.dumps(sweep.to_dict()))) == sweep


def test_sweep_keeps_labels_with_commas_apart():
    sweep = swept(PRESETS["overlapping"], (0.01, 0.02))
    labels = [arm.label for arm in PRESETS["overlapping"].arms]
    assert list(sweep_of(sweep)) == labels
    assert {arm.until for arm in sweep.arms} == {None}, "nothing is timed"


@pytest.mark.parametrize("rates", [(), (0.01,), (0.01, 0.01), (0.0, 0.1)])
def test_sweep_needs_two_rates_that_differ(rates):
    with pytest.raises(ExperimentRefused):
        swept(PAIR, rates)


def test_sweep_has_an_end():
    with pytest.raises(ExperimentRefused, match="2 to 16 arms"):
        swept(PAIR, [0.001 * i for i in range(1, 10)])


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_suggested_rates_make_a_sweep(preset):
    rates = suggested_rates(preset)
    assert set(rates) <= set(LADDER) and len(rates) >= 3
    own = [arm.learning_rate for arm in preset.arms]
    assert rates[0] <= min(own) and rates[-1] >= max(own)
    assert check(swept(preset, rates))
