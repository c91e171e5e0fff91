"""Training one arm: what is the same each time, and what ends it."""

from __future__ import annotations

import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from lab import checkpoints, datasets, networks, run
from lab.datasets import Dataset
from lab.experiments import Arm
from lab.presets import PRESETS
from lab.records import HISTOGRAM_EDGES, MEASURED_ON, Control
from lab.run import images as run_images
from lab.run import schedule, watcher
from lab.run.images import Images
from lab.run.initialise import LOGITS, network, scale_to_unit_variance
from lab.run.optimiser import PaperSGD
from lab.run.probe import SHOWN, Probe, idle_share
from lab.run.schedule import EVALUATE_EVERY, order, steps_between

# Small enough for a second a run: 96 pictures of 16 pixels, 6 batches a pass.
ARM = Arm("x", batch=16, pictures=96, epochs=3, learning_rate=0.01, seconds=300)


def pictures(seed=0, count=96):
    """Dark and bright pictures of 16 pixels with noise: easy to tell apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count).astype(np.int32)
    noise = rng.normal(0, 30, (count, 16, 16, 3))
    values = np.clip(noise + 80 + 90 * labels[:, None, None, None], 0, 255)
    return values.astype(np.uint8), labels


DATA = Dataset("tiny", "Tiny", ("dark", "bright"), *pictures(), *pictures(1, 40))


class Journal:
    """Keeps reports and states; may answer with a command."""

    def __init__(self, wanted=lambda journal: Control()):
        self.reports, self.saved, self.wanted = [], [], wanted

    def train(self, arm=ARM, sample=MEASURED_ON, **more):
        return run.train(
            arm,
            self.reports.append,
            lambda: self.wanted(self),
            data=DATA,
            keep=lambda state, epoch: self.saved.append((epoch, state)),
            measuring=run.Measuring(sample, 32),  # every other batch
            **more,
        )

    def curve(self):
        """What does not depend on the machine's speed."""
        return {
            r.step: (r.loss, r.training_error, r.validation_accuracy, r.layers)
            for r in self.reports
            if r.step == r.evaluated_step
        }


def test_same_seed_gives_the_same_curve_and_another_does_not():
    one, two, other = Journal(), Journal(), Journal()
    assert one.train().state == "finished"
    two.train()
    other.train(replace(ARM, seed=1))
    assert list(one.curve()) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert one.curve() == two.curve()
    assert one.curve() != other.curve()


def test_shifts_and_dropout_follow_the_seed_too():
    arm = replace(ARM, augment=True, dropout=0.5, epochs=1)
    one, two = Journal(), Journal()
    one.train(arm)
    two.train(arm)
    assert one.curve() == two.curve()
    masks = one.reports[-1].masks
    assert masks.outputs.shape == (10, 2)
    assert masks.awake.shape[0] == 10
    assert len({row.tobytes() for row in masks.awake}) > 1, "ten masks"
    assert 0.2 < masks.awake.mean() < 0.8
    np.testing.assert_allclose(masks.without.sum(), 1, atol=1e-2)


def test_arm_learns_and_reports_what_it_says():
    journal = Journal()
    ending = journal.train(replace(ARM, epochs=10, momentum=0.5))
    assert ending.sentence == "All 10 epochs are done."
    first, last = journal.reports[0], journal.reports[-1]
    assert (first.step, first.epoch) == (0, 0.0)
    assert last.step == 60
    assert last.epoch == 10
    assert last.training_error < first.training_error
    assert last.validation_accuracy > 0.9
    assert last.loss < first.loss
    assert last.filters.shape == (5, 5, 3, 32)
    assert last.filters.dtype == np.float16
    assert [layer.name for layer in last.layers] == ["conv1", "conv2", "conv3", "fc4"]
    for layer in last.layers:
        assert layer.gradient_norm > 0
        assert 0 <= layer.idle <= 1
        assert len(layer.histogram) == len(HISTOGRAM_EDGES) - 1
        assert sum(layer.histogram) > 0
    assert [r.step for r in journal.reports] == sorted(r.step for r in journal.reports)


def test_gradient_norm_is_the_gradients():
    """Against the definition: without momentum a step is -rate * gradient."""
    arm = replace(ARM, momentum=0.0, epochs=1, learning_rate=0.01)
    spec = networks.spec(arm, 16, 2)
    net = network(arm, spec)
    optimizer = PaperSGD(arm)
    optimizer.build(net.trainable_variables)
    rng = np.random.default_rng(0)
    gradients = [
        rng.normal(size=v.shape).astype("float32") for v in net.trainable_variables
    ]
    before = [np.array(v) for v in net.trainable_variables]
    optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients])
    for old, gradient, variable in zip(
        before, gradients, net.trainable_variables, strict=True
    ):
        expected = old - 0.01 * gradient
        np.testing.assert_allclose(np.array(variable), expected, atol=1e-6)
    first = math.hypot(*(np.linalg.norm(g) for g in gradients[:2]))
    np.testing.assert_allclose(np.array(optimizer.norms)[0], first, rtol=1e-5)


def test_weight_decay_is_the_papers():
    """Section 5 with v = 0: w <- w - rate * (gradient + decay * w). Biases do not."""
    arm = replace(ARM, weight_decay=0.0005, learning_rate=0.01)
    net = network(arm, networks.spec(arm, 16, 2))
    optimizer = PaperSGD(arm)
    optimizer.build(net.trainable_variables)
    for variable in net.trainable_variables:
        variable.assign(np.ones(variable.shape, np.float32))
    optimizer.apply([keras.ops.full(v.shape, 2.0) for v in net.trainable_variables])
    for variable in net.trainable_variables:
        expected = 0.979995 if len(variable.shape) > 1 else 0.98
        np.testing.assert_allclose(np.array(variable), expected, rtol=1e-6)


def test_stop_pause_and_single_steps():
    """Paused before the start, two single steps, then a stop."""
    asked = []

    def wanted(journal):
        asked.append(len(journal.reports))
        if len(asked) < 5:
            return Control("pause")
        if len(asked) < 40:
            return Control("pause", steps=2)
        return Control("stop", reason="Enough.")

    journal = Journal(wanted)
    ending = journal.train()
    assert (ending.state, ending.sentence) == ("stopped", "Enough.")
    assert [r.step for r in journal.reports] == [0, 1, 2]
    assert [r.evaluated_step for r in journal.reports] == [0, 1, 2]


def test_pause_takes_no_time_of_the_budget_and_changes_no_curve():
    def wanted(journal):
        journal.asked = getattr(journal, "asked", 0) + 1
        return Control("pause") if 8 <= journal.asked < 40 else Control()

    plain, paused = Journal(), Journal(wanted)
    plain.train()
    paused.train()
    curve = plain.curve()
    same = {step: point for step, point in paused.curve().items() if step in curve}
    assert same == curve
    assert paused.asked > 40


def test_not_a_number_ends_with_the_reason():
    hot = replace(ARM, activation="leaky_relu", learning_rate=10.0, scaling="centred")
    journal = Journal()
    ending = journal.train(replace(hot, momentum=0.99, epochs=30))
    assert ending.state == "failed"
    assert "learning rate 10 is too high for leaky_relu here" in ending.sentence
    assert all(math.isfinite(report.loss) for report in journal.reports)


def test_arm_ends_once_it_is_at_its_target_twice():
    whole, until = Journal(), Journal()
    whole.train()
    errors = [r.training_error for r in whole.reports if r.step == r.evaluated_step]
    target = sorted(errors)[len(errors) // 2]
    below = [error <= target for error in errors]
    there = next(i for i in range(1, len(errors)) if below[i - 1] and below[i])
    ending = until.train(replace(ARM, until=target))
    assert (ending.state, ending.sentence) == (
        "finished",
        f"It is at {target:.0%} training error.",
    )
    assert list(until.curve()) == list(whole.curve())[: there + 1]


def test_larger_sample_measures_on_more_and_looks_inside_on_the_same():
    small, large = Journal(), Journal()
    small.train(sample=20)
    large.train(sample=96)
    assert {round(r.training_error * 20, 6) % 1 for r in small.reports} == {0.0}
    assert small.reports[0].training_error != large.reports[0].training_error
    assert small.reports[-1].epoch == large.reports[-1].epoch


def test_sample_beyond_one_look_is_measured_in_parts(monkeypatch):
    """The same errors; idle shares and histograms are the first part's."""
    whole, parts, first = Journal(), Journal(), Journal()
    whole.train(sample=96)
    monkeypatch.setattr(run_images, "MEASURED_ON", 20)
    parts.train(sample=96)
    first.train(sample=20)
    for one, other, part in zip(
        whole.curve().values(), parts.curve().values(), first.curve().values(),
        strict=True,
    ):  # fmt: skip
        assert one[1:3] == pytest.approx(other[1:3])
        assert other[3] == part[3]


def test_time_budget_ends_clearly():
    journal = Journal()
    ending = journal.train(replace(ARM, epochs=1000, seconds=1.0))
    assert (ending.state, ending.sentence) == (
        "finished",
        "Its time of 1 seconds is used up.",
    )
    last = journal.reports[-1]
    assert last.seconds >= 0.95  # measured just before the clock is looked at
    assert last.evaluated_step == last.step, "the end is measured"


def test_resumed_arm_goes_on_as_if_nothing_had_happened(monkeypatch):
    """From the last saved pass, with the same batches: random states are saved too."""
    monkeypatch.setattr(watcher, "KEEP_EVERY", 0.0)
    arm = replace(ARM, dropout=0.3, augment=True)
    whole, resumed = Journal(), Journal()
    whole.train(arm)
    epochs = [epoch for epoch, _ in whole.saved]
    assert epochs == [1, 2, 3]
    resumed.train(arm, start=whole.saved[0][1])
    assert resumed.reports[0].step == 6
    assert resumed.reports[0].seconds > 0, "its time counts from where it was"
    ours, theirs = whole.curve(), resumed.curve()
    for step in (8, 10, 12, 14, 16, 18):
        assert ours[step][1:3] == theirs[step][1:3]
    np.testing.assert_array_equal(
        whole.reports[-1].filters, resumed.reports[-1].filters
    )


def test_wrong_or_damaged_state_is_refused(monkeypatch):
    monkeypatch.setattr(watcher, "KEEP_EVERY", 0.0)
    journal = Journal()
    journal.train(replace(ARM, epochs=1))
    state = journal.saved[-1][1]
    with pytest.raises(checkpoints.StateBroken, match="another network"):
        Journal().train(replace(ARM, first_filter=3), start=state)
    for damaged in (state[: len(state) // 2], b"", b"x" * 100):
        with pytest.raises(checkpoints.StateBroken, match="damaged"):
            Journal().train(ARM, start=damaged)


def test_order_shows_every_picture_once_a_pass_and_can_be_entered_anywhere():
    whole = order(seed=3, count=10, batch=4, start=0, steps=10)
    assert len(whole) == 40
    for lap in whole.reshape(4, 10):
        assert sorted(lap) == list(range(10))
    assert len({lap.tobytes() for lap in whole.reshape(4, 10)}) == 4
    np.testing.assert_array_equal(order(3, 10, 4, 3, 7), whole[12:])
    assert (order(4, 10, 4, 0, 10) != whole).any()
    assert order(3, 10, 4, 2, 0).size == 0


def layer_of(images, **changes):
    return Images(images, 15, replace(ARM, **changes))


def test_scalings():
    images = DATA.train
    numbers = np.arange(len(images), dtype=np.int32)
    today = np.array(layer_of(images)(numbers))
    assert today.shape == (96, 15, 15, 3)
    assert abs(today.mean()) < 0.05
    assert abs(today.std() - 1) < 0.05
    each = np.array(layer_of(images, scaling="mean-image")(numbers))
    own_mean = images[:, :15, :15].mean(0)  # (15, 15, 3)
    np.testing.assert_allclose(each, images[:, :15, :15] - own_mean, atol=1e-3)
    then = np.array(layer_of(images, scaling="centred")(numbers))
    expected = images[:, :15, :15] - images.reshape(-1, 3).mean(0)
    np.testing.assert_allclose(then, expected, atol=1e-3)


def test_augmentation_shifts_and_mirrors_while_training_only():
    """Each augmented picture is one of the 81 shifts, mirrored or not."""
    y, x = np.mgrid[:16, :16]
    image = np.stack([10 * y, 10 * x, y + x], -1).astype(np.uint8)[None]
    layer = layer_of(image, augment=True, scaling="centred")
    numbers = np.zeros(64, np.int32)
    plain = np.array(layer(numbers, training=False)) + layer.mean
    np.testing.assert_allclose(plain, np.repeat(image[:, :15, :15], 64, 0), atol=1e-3)
    shown = np.round(np.array(layer(numbers, training=True)) + layer.mean)
    legal = set()
    for down in range(-4, 5):
        for right in range(-4, 5):
            rows = np.clip(np.arange(15) + down, 0, 15)
            columns = np.clip(np.arange(15) + right, 0, 15)
            mirrored = np.clip(14 - np.arange(15) + right, 0, 15)
            for each in (columns, mirrored):
                legal.add(image[0][rows][:, each].astype(np.uint8).tobytes())
    seen = {picture.astype(np.uint8).tobytes() for picture in shown}
    assert seen <= legal
    assert len(seen) > 20


@pytest.mark.parametrize(
    ("arm", "first", "other"),
    [
        (replace(ARM, initialisation="2012"), 0.0001, 0.01),
        (ARM, math.sqrt(2 / 75), math.sqrt(2 / 800)),
        (
            replace(ARM, activation="tanh"),
            math.sqrt(2 / (75 + 800)),
            math.sqrt(2 / (800 + 800)),
        ),
    ],
    ids=["2012", "He", "Glorot"],
)
def test_first_weights(arm, first, other):
    net = network(arm, networks.spec(arm, 16, 2))
    for name, deviation in (("conv1", first), ("conv2", other)):
        layer = net.get_layer(name)
        assert np.array(layer.kernel).std() == pytest.approx(deviation, rel=0.05)
        assert not np.array(layer.bias).any()


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_unit_variance_is_measured_layer_by_layer(activation):
    """Mishkin and Matas 2016: deviation 1 before each activation; a loss of chance."""
    arm = replace(ARM, activation=activation, initialisation="unit-variance")
    net = network(arm, networks.spec(arm, 16, 2))
    inputs = layer_of(DATA.train)(np.arange(64, dtype=np.int32))
    scale_to_unit_variance(net, inputs)
    seen = Probe(net).predict_on_batch(np.array(inputs)[:SHOWN])
    before = [np.std(np.asarray(x)) for x in seen["before"]]
    assert before[:-1] == pytest.approx([1] * (len(before) - 1), rel=0.3)
    assert before[-1] < 3 * LOGITS
    journal = Journal()
    journal.train(arm)
    assert journal.reports[0].loss == pytest.approx(math.log(2), abs=0.1)


def test_biases_may_have_a_rate_of_their_own():
    """cuda-convnet's epsB: here twice the weights' rate."""
    arm = replace(ARM, bias_rate=2.0, learning_rate=0.01)
    net = network(arm, networks.spec(arm, 16, 2))
    optimizer = PaperSGD(arm)
    optimizer.build(net.trainable_variables)
    before = [np.array(v) for v in net.trainable_variables]
    optimizer.apply([keras.ops.ones(v.shape) for v in net.trainable_variables])
    for old, variable in zip(before, net.trainable_variables, strict=True):
        step = 0.01 if len(variable.shape) > 1 else 0.02
        np.testing.assert_allclose(old - np.array(variable), step, rtol=1e-3)


def test_trace_is_the_error_of_the_batches_between(monkeypatch):
    """Its mean is the error over all batches, and it changes no curve."""
    monkeypatch.setattr(schedule, "TRACE_EVERY", ARM.batch)
    traced, journal, plain = [], Journal(), Journal()
    journal.train(trace=lambda *point: traced.append(point))
    plain.train()
    assert journal.curve() == plain.curve()
    epochs, errors, filters = zip(*traced, strict=True)
    assert list(epochs) == [n * ARM.batch / 96 for n in range(1, len(epochs) + 1)]
    wrong = [error * ARM.batch for error in errors]
    assert wrong == pytest.approx([round(x) for x in wrong], abs=1e-3)
    assert errors[0] > errors[-1]
    assert filters[0].shape == journal.reports[0].filters.shape
    assert not np.array_equal(filters[0], filters[-1])


def test_a_live_run_reports_the_error_of_its_batches(monkeypatch):
    """Between measurements, at most BATCHES_EVERY seconds apart; every batch counts."""
    monkeypatch.setattr(watcher, "BATCHES_EVERY", 0.0)
    journal, traced = Journal(), []
    journal.train()
    pairs = [pair for report in journal.reports for pair in report.batch_errors]
    monkeypatch.setattr(schedule, "TRACE_EVERY", ARM.batch)
    Journal().train(trace=lambda *point: traced.append(point[:2]))
    np.testing.assert_allclose(pairs, traced)
    assert len(pairs) > len(journal.curve())


def test_difference_in_one_layer_leaves_the_other_layers_weights_alone():
    one = network(ARM, networks.spec(ARM, 16, 2))
    wide = replace(ARM, first_filter=7, dropout=0.5, normalise=True)
    two = network(wide, networks.spec(wide, 16, 2))
    for name in ("conv2", "conv3", "fc4"):
        a, b = (np.array(net.get_layer(name).kernel) for net in (one, two))
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("arm", [
    ARM,
    replace(ARM, activation="sigmoid", normalise=True),
    replace(ARM, activation="tanh", network="dense", depth=3, dropout=0.5),
])  # fmt: skip
def test_probe_sees_what_the_network_computes(arm):
    net = network(arm, networks.spec(arm, 16, 2))
    x = np.random.default_rng(0).normal(size=(20, 15, 15, 3)).astype("float32")
    seen = Probe(net).predict_on_batch(x)
    np.testing.assert_allclose(
        seen["probabilities"], np.array(net(x, training=False)), atol=1e-5
    )


@pytest.mark.parametrize(
    ("activation", "values", "idle"),
    [
        ("relu", [[-1.0, 2.0], [-0.5, -3.0]], 0.5),  # one of two units is silent
        ("tanh", [[5.0, 0.1], [-5.0, 0.2]], 0.5),
        ("sigmoid", [[9.0, 0.1], [-9.0, 0.2]], 0.5),
        ("gelu", [[-9.0, 2.0], [-8.0, -3.0]], 0.5),
        ("leaky_relu", [[-9.0, -9.0]], 0.0),
    ],
)
def test_idle_share(activation, values, idle):
    linear = keras.ops.convert_to_tensor(values)
    outputs = keras.activations.get(activation)(linear)
    assert float(idle_share(activation, linear, outputs)) == idle


# --- how often, and on what, it is measured -----------------------------------------


@pytest.mark.parametrize(
    ("batch", "total", "between"),
    [
        (128, 3_125, 50),  # 10,000 images, 40 epochs: as ever
        (128, 15_625, 50),
        (128, 625, 25),  # 2,000 images, 40 epochs: had 12 points
        (128, 469, 10),  # 1,000 images, 60 epochs
        (100, 40, 1),
        (2, 40, 1),
        (1_024, 6, 1),
        (1, 1, 1),
    ],
)
def test_short_runs_are_measured_more_often(batch, total, between):
    assert steps_between(batch, total) == between


@pytest.mark.parametrize("batch", [1, 16, 32, 100, 128, 256, 1_024])
@pytest.mark.parametrize("total", [24, 25, 47, 100, 480, 625, 4_000, 100_000])
def test_every_run_of_so_many_steps_has_twenty_points(batch, total):
    between = steps_between(batch, total)
    assert total // between >= 20
    # What a longer run measures, this one measures too.
    assert max(1, round(EVALUATE_EVERY / batch)) % between == 0


def small(*counts, validation=(1, 1)):
    """A set with so many images of each class to train on, and to check with."""
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    others = np.repeat(np.arange(len(counts), dtype=np.int32), validation)
    rng = np.random.default_rng(0)

    def images(of):
        noise = rng.integers(0, 90, (len(of), 16, 16, 3))
        return (noise + 80 * of[:, None, None, None]).astype(np.uint8)

    return Dataset(
        "small", "Small", ("a", "b"), images(labels), labels, images(others), others
    )


@pytest.mark.parametrize(
    "data", [small(1, 1), small(50, 50, validation=(12, 13)), small(3, 4)]
)
def test_few_images_draw_a_curve_and_true_numbers(data):
    """With the preset's own batch and epochs: two images gave two points."""
    reports = []
    ending = run.train(Arm("x", epochs=40, seconds=300), reports.append, data=data)
    assert ending.state == "finished"
    measured = [r for r in reports if r.step == r.evaluated_step]
    assert len(measured) >= 20
    assert reports[-1].epoch == 40
    for report in reports:
        assert report.counted.training == len(data.train)
        assert report.counted.validation == len(data.validation)
        # Every share is a whole number of the images that there are.
        wrong = report.training_error * len(data.train)
        assert wrong == pytest.approx(round(wrong))


def test_baseline_is_the_largest_class_of_training_on_what_is_counted():
    data = small(30, 10, validation=(4, 6))
    reports = []
    run.train(Arm("x", epochs=1, seconds=300), reports.append, data=data)
    found = reports[-1].counted
    assert (found.classes, found.largest) == (2, 0.75)
    assert found.training_error == 0.25
    assert found.validation_error == 0.6  # the other class is larger there


def test_large_sets_are_counted_on_the_sample():
    reports = []
    run.train(
        replace(ARM, epochs=1), reports.append, data=DATA, measuring=run.Measuring(20)
    )
    assert (reports[0].counted.training, reports[0].counted.validation) == (20, 20)


def test_overlapping_max_pools_make_activations_larger():
    """So a network that was initialised by He's rule starts too sure: see lab.toml."""
    data = datasets.load("shapes", 0, 256)
    arm = replace(PRESETS["relu-vs-tanh-today"].arms[0], seed=0)
    spec = networks.spec(arm, 32, 10)
    pictures = Images(data.train[:256], spec.input_size, arm)
    x = pictures(np.arange(128, dtype=np.int32))
    net = network(arm, spec)
    grown = {}
    for layer in net.layers[1:]:
        before, x = x, layer(x, training=False)
        if layer.name.startswith("pool"):
            rms = [float(keras.ops.sqrt(keras.ops.mean(a * a))) for a in (before, x)]
            grown[layer.name] = rms[1] / rms[0]
    assert len(grown) == 3
    assert all(1.2 < factor < 2 for factor in grown.values()), grown

    def first_loss(initialisation):
        reports = []
        short = replace(arm, initialisation=initialisation, pictures=256, epochs=1)
        run.train(short, reports.append, data=data)
        return reports[0].loss

    assert first_loss("today") > 1.2 * math.log(10)
    assert first_loss("unit-variance") == pytest.approx(math.log(10), abs=0.1)
