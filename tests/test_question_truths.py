"""The answers of questions on learning, worked out another way than by their templates.

By numpy, by simulation, by Keras or by counting: from what the question *says*, read
off its words, wherever it says it all.
"""

from __future__ import annotations

import re
from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest

from classroom.content import recorded, runs_2012
from classroom.questions.answers import backward, generalising, ideas
from classroom.questions.bank import bank
from classroom.questions.variants import AnswerKey, Posed, Variant, key, pose, solution
from lab import recordings
from lab.results import metrics
from model import paper
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, Conv, Pool

SEEDS = range(60)


def variants(name: str) -> list[tuple[Posed, AnswerKey]]:
    every = [Variant(name, seed) for seed in SEEDS]
    return [(pose(variant), key(variant)) for variant in every]


def numbers(text: str) -> list[float]:
    """Those of a text, its minus signs and thousands read."""
    found = re.findall(r"-?\d[\d,]*(?:\.\d+)?", text.replace("−", "-"))
    return [float(x.replace(",", "")) for x in found]


def bold(text: str) -> list[list[float]]:
    return [numbers(part) for part in re.findall(r"\*\*([^*]+)\*\*", text)]


def code(text: str) -> str:
    found = re.search(r"```\w+\n(.*?)\n```", text, re.DOTALL)
    assert found, text
    return found[1]


# --- gradients ------------------------------------------------------------------------


def test_relu_passes_the_gradient_of_its_own_slope() -> None:
    for posed, solved in variants("relu-backward"):
        before, gradients = (np.array(x) for x in bold(posed.ask))
        step = 1e-6
        slope = (np.maximum(before + step, 0) - np.maximum(before, 0)) / step
        assert numbers(solved.truth[0]) == pytest.approx(slope * gradients)  # type: ignore[index]


def test_the_maximum_passes_a_gradient_to_its_largest_number() -> None:
    for posed, solved in variants("pool-backward"):
        window, (gradient,) = bold(posed.ask)
        step = 1e-6
        for at, given in enumerate(numbers(solved.truth[0])):  # type: ignore[index]
            moved = list(window)
            moved[at] += step
            assert given == pytest.approx(gradient * (max(moved) - max(window)) / step)


def test_what_two_windows_pass_is_added() -> None:
    for posed, solved in variants("pool-overlap"):
        row = numbers(code(posed.ask))
        first, second = numbers(posed.ask.split("```")[2])

        def loss(x: list[float], a: float = first, b: float = second) -> float:
            return a * max(x[:3]) + b * max(x[2:])

        moved = [*row[:2], row[2] + 1e-6, *row[3:]]
        assert solved.truth == pytest.approx((loss(moved) - loss(row)) / 1e-6, abs=1e-3)


def test_slopes_are_those_of_the_functions() -> None:
    functions = {
        "relu": lambda x: max(x, 0.0),
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }
    assert functions.keys() == backward.SLOPES.keys()
    for name, function in functions.items():
        for x in (0.5, 1.0, 1.5):
            slope = (function(x + 1e-6) - function(x - 1e-6)) / 2e-6
            assert backward.SLOPES[name](x) == pytest.approx(slope, abs=1e-6)


def test_the_sizes_of_gradients_tell_the_functions_apart() -> None:
    for posed, solved in variants("gradient-sizes"):
        left = dict(zip("ABC", numbers(code(posed.ask)), strict=True))
        in_order = sorted(left, key=lambda name: left[name])
        assert [solved.truth[x] for x in in_order] == [  # type: ignore[index,call-overload]
            "f_sigmoid", "f_tanh", "f_relu"
        ]  # fmt: skip
        assert len(set(left.values())) == 3 and min(left.values()) > 0


def test_two_linear_layers_are_one() -> None:
    for posed, solved in variants("two-linear-layers"):
        a, c, b, d, weight = numbers(posed.ask)[:5]
        for x in (0.0, 1.0, -2.5):
            assert b * (a * x + c) + d == weight * x + solved.truth


def test_a_filter_that_is_never_above_zero_gets_no_gradient() -> None:
    rng = np.random.default_rng(0)
    images, weights, bias = rng.random((50, 9)), -rng.random(9), -0.1
    before = images @ weights + bias
    assert (before < 0).all()
    upstream = rng.normal(size=50) * (before > 0)
    assert not (upstream @ images).any() and not upstream.sum()
    leaky = rng.normal(size=50) * np.where(before > 0, 1, 0.01)
    assert (leaky @ images).all()


# --- softmax and loss -----------------------------------------------------------------


def softmax(logits: Any) -> Any:
    powers = np.exp(np.asarray(logits, float))
    return powers / powers.sum()


def test_softmax_of_three_logits() -> None:
    for posed, solved in variants("softmax-one"):
        assert solved.truth == pytest.approx(softmax(bold(posed.ask)[0])[0], abs=1e-4)


def test_changed_logits_do_what_is_said() -> None:
    says = key(Variant("logits-changed", 1)).truth
    for logits in ([2.0, 1.0, 0.0], [-1.0, 4.0, 0.5, 0.5]):
        before = softmax(logits)
        change = {
            "add": softmax(np.add(logits, 10)).max() - before.max(),
            "double": softmax(np.multiply(logits, 2)).max() - before.max(),
            "halve": softmax(np.multiply(logits, 0.5)).max() - before.max(),
        }
        for name, by in change.items():
            way = "higher" if by > 1e-9 else "lower" if by < -1e-9 else "nothing"
            assert way in says[name]  # type: ignore[index,call-overload]


def test_equal_probabilities_have_the_loss_that_is_asked_for() -> None:
    for posed, solved in variants("loss-at-start"):
        (classes,) = bold(posed.ask)[0]
        equal = softmax(np.zeros(int(classes)))
        assert solved.truth == pytest.approx(-np.log(equal[0]))


def test_a_recorded_run_did_start_at_that_loss() -> None:
    said = numbers(bank().questions["start-too-high"].ask)[0]
    assert said == pytest.approx(recorded.first_loss("dropout-small"), abs=0.005)
    assert said > 2 * np.log(10)


# --- steps ----------------------------------------------------------------------------


def test_momentum_adds_up_equal_gradients() -> None:
    for posed, solved in variants("momentum-limit"):
        momentum, velocity = numbers(posed.ask)[0], 0.0
        for _ in range(2000):
            velocity = momentum * velocity + 1
        assert solved.truth == pytest.approx(velocity, rel=1e-6)


def test_momentum_cancels_gradients_that_change_their_sign() -> None:
    along, across = 0.0, 0.0
    for step in range(1000):
        along = 0.9 * along + 1
        across = 0.9 * across + (4 if step % 2 == 0 else -4)
    assert along == pytest.approx(10)
    assert 0.4 < abs(across) / 4 < 0.6


def test_weight_decay_alone_step_by_step() -> None:
    for posed, solved in variants("decay-alone"):
        weight, _, rate, decay, steps = numbers(posed.ask)
        for _ in range(int(steps)):
            weight -= rate * decay * weight
        assert solved.truth == pytest.approx(weight)


def test_larger_batches_have_less_noise() -> None:
    rng = np.random.default_rng(1)
    for posed, solved in variants("batch-noise")[:6]:
        small, large = (int(x) for x in numbers(posed.ask)[:2])
        noise = [rng.normal(size=(2000, n)).mean(axis=1).std() for n in (small, large)]
        assert noise[0] / noise[1] == pytest.approx(solved.truth, rel=0.1)


def test_the_rate_of_run_145_is_the_notebooks() -> None:
    history = runs_2012.notebook().history
    for posed, solved in variants("rate-of-145"):
        epoch = numbers(posed.ask.split("epoch ")[-1])[0]
        rates = [x.rate for x in history if x.rate and x.epoch < epoch <= 91]
        assert solved.truth == rates[-1]
        assert paper.RATE / rates[-1] in (pytest.approx(10), pytest.approx(100),
                                          pytest.approx(1000))  # fmt: skip


# --- recorded curves ------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab_runs() -> dict[str, recordings.Recording]:
    return recordings.read_all(recordings.FOLDER)


USED = sorted(
    {name for name, *_ in (*generalising.OVERFITS, *generalising.LEARNS_NOTHING,
                           *generalising.STILL_FALLS)}
    | {name for name, *_ in (*generalising.DECIDED, *generalising.UNDECIDED)}
)  # fmt: skip


@pytest.mark.parametrize("name", USED)
def test_curves_are_read_as_the_lab_reads_them(
    name: str, lab_runs: dict[str, recordings.Recording]
) -> None:
    for run, (_, events) in zip(
        recorded.runs(name), lab_runs[name].by_seed, strict=True
    ):
        for arm, curve in enumerate(run):
            assert [(p.epoch, p.training, p.validation) for p in curve] == [
                (x.epoch, 100 * x.training_error, 100 * (1 - x.validation_accuracy))
                for x in metrics.measured(events, arm)
            ]


def test_each_curve_is_what_it_is_said_to_be() -> None:
    for place in generalising.OVERFITS:
        last = generalising.curve_of(place)[-1]
        assert last.training < 1 and last.validation > 40
    for place in generalising.LEARNS_NOTHING:
        for point in generalising.curve_of(place):
            assert point.training > 87 and point.validation > 87
    for place in generalising.STILL_FALLS:
        *_, before, last = generalising.curve_of(place)
        assert last.training < 60 and last.validation - last.training < 8
        assert last.training < before.training or last.validation < before.validation


def test_dropout_helped_and_stopping_early_would_not_have() -> None:
    for name, seed, arm in generalising.OVERFITS:
        plain, dropped = (recorded.runs(name)[seed][x] for x in (arm, arm + 1))
        assert dropped[-1].validation < plain[-1].validation
        early = recorded.at(plain, generalising.EARLY)
        assert early.validation > plain[-1].validation + 1


def test_runs_decide_where_their_rows_do_not_overlap() -> None:
    for name, first, second in (*generalising.DECIDED, *generalising.UNDECIDED):
        a, b = (generalising.last_errors(name, arm) for arm in (first, second))
        apart = max(a) < min(b) or max(b) < min(a)
        assert apart == ((name, first, second) in generalising.DECIDED)
        if apart and len(a) < 5:  # three runs apart may be chance: these are far apart
            low, high = sorted((a, b))
            assert min(high) - max(low) > max(high) - min(high)
    seen = set()
    for posed, solved in variants("is-it-decided"):
        rows = [numbers(line[1:]) for line in code(posed.ask).splitlines()]
        (truth,) = solved.truth  # type: ignore[misc]
        apart = max(rows[0]) < min(rows[1]) or max(rows[1]) < min(rows[0])
        assert (truth != "undecided") == apart
        if apart:
            assert truth == ("a" if max(rows[0]) < min(rows[1]) else "b")
        seen.add(truth)
    assert seen == {"a", "b", "undecided"}


# --- counting -------------------------------------------------------------------------


def test_conv1_as_a_dense_layer() -> None:
    """Of truth by hand: 42.1 billion weights in place of 34,848."""
    seen = {}
    for posed, solved in variants("shared-weights"):
        seen[posed.ask.split(":")[0]] = solved.truth
    inputs, outputs, weights = 224 * 224 * 3, 54 * 54 * 96, 11 * 11 * 3 * 96
    assert (inputs * outputs, weights) == (42_138_206_208, 34_848)
    assert seen[SIMPLIFIED.title] == inputs * outputs / weights
    assert len(seen) == 3


def test_padding_keeps_the_size() -> None:
    for posed, solved in variants("same-padding"):
        kernel, size = (int(numbers(posed.ask)[i]) for i in (0, 3))
        padded = size + 2 * solved.truth  # type: ignore[operator]
        assert shapes.output_size(padded, kernel, 1, "valid") == size


def test_small_kernels_see_as_far_and_weigh_less() -> None:
    for posed, solved in variants("small-kernels"):
        layers, large = (int(numbers(posed.ask)[i]) for i in (0, 3))
        assert 1 + layers * (3 - 1) == large
        left = layers * 3 * 3 / (large * large)
        assert solved.truth == pytest.approx(100 * (1 - left), abs=0.06)


def test_a_new_last_layer_for_ten_classes() -> None:
    found = {
        int(numbers(p.ask)[0]): s.truth for p, s in variants("transfer-parameters")
    }
    assert found[10] == 40_970


def test_maps_move_with_the_image_where_it_is_said() -> None:
    """On a line of random pixels, through windows as the network's."""
    rng = np.random.default_rng(2)
    pixels = rng.random(1200)

    def maps(line: Any) -> dict[str, Any]:
        found, values = {}, line
        for layer in ORIGINAL.layers:
            if isinstance(layer, Conv | Pool):
                size = layer.kernel if isinstance(layer, Conv) else layer.size
                weights = np.random.default_rng(size).random(size)
                starts = range(0, len(values) - size + 1, layer.stride)
                windows = np.array([values[at : at + size] for at in starts])
                is_pool = isinstance(layer, Pool)
                values = windows.max(axis=1) if is_pool else windows @ weights
                found[layer.name] = values
        return found

    def alike(one: Any, other: Any) -> bool:
        length = min(len(one), len(other))
        return length > 5 and np.allclose(one[:length], other[:length])

    before = maps(pixels)
    for posed, solved in variants("moved-image"):
        (shift,) = bold(posed.ask)[0]
        after = maps(pixels[int(shift) :])
        moved = {
            name
            for name in ideas.MOVED
            for by in range(1, int(shift) + 1)
            if alike(after[name], before[name][by:])
        }
        assert moved == set(solved.truth)  # type: ignore[arg-type]


# --- votes, errors, certainty ---------------------------------------------------------


def test_majorities_by_counting_every_case() -> None:
    for posed, solved in variants("vote-of-three"):
        p = numbers(posed.ask)[0]
        right = sum(
            np.prod([p if one else 1 - p for one in votes])
            for votes in product((True, False), repeat=3)
            if sum(votes) >= 2
        )
        assert solved.truth == pytest.approx(100 * right)
        assert comb(3, 2) == 3


def test_errors_by_counting_lines() -> None:
    for posed, solved in variants("top-errors"):
        lines = [line.split() for line in code(posed.ask).splitlines()[1:]]
        first = 2 if "top-1" in posed.ask else 6
        wrong = sum(right not in five[: first - 1] for right, *five in lines)
        assert all(len(line) == 6 and len({*line[1:]}) == 5 for line in lines)
        assert solved.truth == 100 * wrong / len(lines)


def test_certainty_is_compared_with_what_was_right() -> None:
    seen = set()
    for posed, solved in variants("calibrated"):
        said, right = np.array(numbers(code(posed.ask))[1:]).reshape(3, 2).T
        off = (right - said).tolist()
        (truth,) = solved.truth  # type: ignore[misc]
        assert max(right) <= 100
        assert truth == (
            "overconfident" if max(off) < -6
            else "underconfident" if min(off) > 6 else "calibrated"
        )  # fmt: skip
        seen.add(truth)
    assert len(seen) == 3


def test_the_screening_adds_up() -> None:
    for posed, solved in variants("always-healthy"):
        images, sick, a, found, _, alarms, b = numbers(posed.ask)
        assert solved.truth == ("finds",)
        assert a == pytest.approx(100 * (images - sick) / images)
        assert b == pytest.approx(100 * (found + images - sick - alarms) / images)
        assert found > 0.8 * sick and a > b


def test_three_runs_lie_below_three_others_by_chance_once_in_twenty() -> None:
    assert comb(6, 3) == 20
    assert "once in twenty times" in bank().questions["two-changes"].why
    assert "einem von zwanzig" in bank("de").questions["two-changes"].why


def test_labels_that_a_change_spoils() -> None:
    for kind, kept in generalising.KEEPS_LABEL.items():
        assert "cropped" not in kept
        assert ("mirrored" in kept) == (kind == "leaves")
    seen = {s.truth for _, s in variants("allowed-changes")}
    assert seen == set(generalising.KEEPS_LABEL.values())


# --- code -----------------------------------------------------------------------------


@pytest.mark.parametrize("bug", [*ideas.BUGS, ""])
def test_a_listing_has_the_mistake_that_it_is_said_to_have(bug: str) -> None:
    """Run by Keras itself: shapes, losses and what softmax makes of them."""
    import keras

    text = ideas.listing_with(bug) if bug else ideas.CODE.format(**ideas.SOUND)
    known = {name: getattr(keras.layers, name) for name in (
        "Conv2D", "MaxPooling2D", "Flatten", "Dense")}  # fmt: skip
    known |= {
        "Sequential": keras.Sequential,
        "Input": keras.Input,
        "SparseCategoricalCrossentropy": keras.losses.SparseCategoricalCrossentropy,
    }
    exec(text, known)
    model: Any = known["model"]
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    linear = all(x.activation is keras.activations.linear for x in convolutions)
    found = {
        "flatten": len(model.output_shape) > 2,
        "activation": linear,
        "units": model.output_shape[-1] != 10,
        "logits": model.loss.get_config()["from_logits"],
    }
    assert {name for name, is_it in found.items() if is_it} == ({bug} if bug else set())


def test_a_number_is_shown_as_short_as_it_is_asked_for() -> None:
    for name in ("softmax-one", "small-kernels", "vote-of-three"):
        for posed, solved in variants(name):
            (shown,) = solution(posed, solved)
            assert len(shown.removesuffix("\u00a0%")) <= 6, (name, shown)


def test_the_message_in_front_of_fc6_is_that_of_another_size() -> None:
    seen = set()
    for posed, solved in variants("wrong-size"):
        wanted, _, given = numbers(code(posed.ask))[-3:]
        assert wanted == shapes.dense_inputs(SIMPLIFIED) != given
        assert solved.truth == ("larger" if given > wanted else "smaller",)
        seen.add(solved.truth)
    assert len(seen) == 2


def test_keras_says_what_the_question_quotes() -> None:
    import keras

    layer = keras.layers.Dense(3, name="fc6")
    layer(np.zeros((1, 5), "float32"))
    with pytest.raises(ValueError) as caught:
        layer(np.zeros((1, 7), "float32"))
    quoted = code(pose(Variant("wrong-size", 1)).ask).replace("\n", " ")
    wanted, _, given = re.findall(r"\d+", quoted)[-3:]
    said = quoted.replace(wanted, "5").replace(given, "7")
    assert said in str(caught.value)


def test_confusions_go_one_way() -> None:
    for posed, solved in variants("confused-classes"):
        lines = code(posed.ask).splitlines()[1:]
        table = {
            line[0]: dict(zip("ABC", numbers(line[1:]), strict=True)) for line in lines
        }
        assert all(sum(row.values()) == 100 for row in table.values())
        (right,) = (c.label for c in posed.choices if (c.id,) == solved.truth)
        often, taken_for = re.findall(r"\b[ABC]\b", right)
        assert table[often][taken_for] > 3 * table[taken_for][often]
        assert min(table, key=lambda row: table[row][row]) == often
