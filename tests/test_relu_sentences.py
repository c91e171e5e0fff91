"""What lesson, claims and pages say of ReLU's lead is what the recordings show."""

from __future__ import annotations

from math import log

import pytest

from classroom.content import lesson as content
from lab import recordings
from lab.recordings import Recording
from lab.results import outcome, spread
from ui.lesson.measured_numbers import of_recordings

WHOLE, FEW, TODAY = (f"relu-{name}-cifar" for name in ("19pct", "2012", "today"))
LESSON = content.load("en")
KNOWN = of_recordings()


@pytest.fixture(scope="module")
def recorded() -> dict[str, Recording]:
    return recordings.read_all()


def test_all_images_are_the_authors_configuration(recorded) -> None:
    """2012-source: layers-19pct.cfg, whose weight decay is 0 for figure 1."""
    for arm in recorded[WHOLE].experiment.arms:
        assert (arm.network, arm.dataset) == ("19pct", "cifar-10")
        assert (arm.initialisation, arm.scaling) == ("2012", "mean-image")
        assert (arm.weight_decay, arm.bias_rate, arm.momentum) == (0, 2, 0.9)
        assert arm.pictures in (None, 50_000)
        assert not arm.augment and not arm.dropout


def test_relu_is_far_ahead_on_all_images_and_less_on_few(recorded) -> None:
    """The lesson: "We measured … on all … With fewer images it is less"."""
    all_, few = (
        spread.factor(recorded[name].by_seed, "ReLU", "tanh") for name in (WHOLE, FEW)
    )
    assert min(all_.values) > 3
    assert 1 < max(few.values) < 2
    assert KNOWN["tanh_slower_all"].text() == f"{all_.mean:.1f}"
    assert KNOWN["tanh_slower_2012"].text() == f"{few.mean:.1f}"
    assert recorded[FEW].experiment.arms[0].pictures == 10_000


def test_he_s_start_is_too_sure_and_loses(recorded) -> None:
    """The step's note: "a bad start, not a bad activation function"."""
    turned = spread.factor(recorded[TODAY].by_seed, "tanh", "ReLU")
    assert min(turned.values) > 1
    for experiment, events in recorded[TODAY].by_seed:
        losses = outcome.first_losses(experiment, events)
        relu, chance = losses["ReLU"]
        assert chance == pytest.approx(log(10))
        assert relu > 1.5 * chance
        assert losses["tanh"][0] == pytest.approx(chance, abs=0.1)
    assert KNOWN["guess_loss"].text() == "2.30"


@pytest.mark.parametrize("language", ["en", "de"])
def test_step_and_claim_give_the_measured_numbers(language: str) -> None:
    lesson = content.load(language)
    step = next(one for one in lesson.steps if one.slug == "relu")
    texts = [step.body]
    texts += [
        x["app"] for x in LESSON.tables["claims"].values() if "figure 1" in x["why"]
    ]
    assert len(texts) == 2
    for text in texts:
        assert "{tanh_slower_all}" in text and "{tanh_slower_2012}" in text
        assert "{relu_slower_today}" not in text  # a finding about a bad start
