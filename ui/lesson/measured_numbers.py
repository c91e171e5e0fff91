"""The numbers in the lesson's words that were measured with this app."""

from __future__ import annotations

from classroom.content import numbers
from classroom.content.lesson import Lesson
from classroom.content.numbers import Number
from lab import datasets
from lab.recordings import Recording
from lab.results import outcome, spread
from model import measured as recorded
from model import paper, training_speed, weights
from model.network import shapes
from model.network.specs import ORIGINAL
from ui.kit import cache

WEIGHT_SET = weights.get(weights.DEFAULT)


def measured_numbers(lesson: Lesson) -> dict[str, Number]:
    """The numbers that are not computed or cited, but measured with this app."""
    figures = recorded.evaluation(WEIGHT_SET.name)
    assert (
        WEIGHT_SET.top1 is not None
        and WEIGHT_SET.top5 is not None
        and figures is not None
    )
    trained = training_speed.recorded(WEIGHT_SET.spec.input_size).pace
    days = training_speed.training_days(paper.IMAGES, paper.EPOCHS, trained)
    return {
        "steps": Number(len(lesson.steps)),
        "parts": Number(len(lesson.parts)),
        "app_parameters": Number(shapes.totals(WEIGHT_SET.spec).parameters),
        "app_classes": Number(WEIGHT_SET.spec.classes),
        "app_top1_error": Number(1 - WEIGHT_SET.top1, ".0%"),
        "app_top5_error": Number(1 - WEIGHT_SET.top5, ".1%"),
        "app_dropout": Number(figures.recipe["dropout"], ".0%"),
        **{name: Number(value) for name, value in numbers.SHIPPED.items()},
        "app_days": Number(days, ",.0f"),
        "app_pace": Number(trained, ",.0f"),
        "hardware_years": Number(recorded.trained_in(WEIGHT_SET.name) - ORIGINAL.year),
        **of_recordings(),
    }


def of_recordings() -> dict[str, Number]:
    """The paper's factor in the recorded runs on CIFAR-10: see /relu-vs-tanh."""
    whole, of_2012, today = (
        cache.recordings()[f"relu-{x}-cifar"] for x in ("19pct", "2012", "today")
    )
    relu, tanh = (
        one.mean for one in spread.spreads(whole.by_seed) if one.mean is not None
    )
    starts = [
        outcome.first_losses(experiment, events)["ReLU"]
        for experiment, events in today.by_seed
    ]
    losses = [loss for loss, _ in starts]

    def times(recording: Recording, first: str, last: str) -> Number:
        return Number(spread.factor(recording.by_seed, first, last).mean, ".1f")

    return {
        "recorded_all": Number(_images(whole)),
        "recorded_all_seeds": Number(len(whole.seeds)),
        "tanh_slower_all": times(whole, "ReLU", "tanh"),
        "relu_epochs_all": Number(relu, ".1f"),
        "tanh_epochs_all": Number(tanh, ".0f"),
        "recorded_few": Number(_images(of_2012)),
        "recorded_seeds": Number(len(of_2012.seeds)),
        "tanh_slower_2012": times(of_2012, "ReLU", "tanh"),
        "relu_slower_today": times(today, "tanh", "ReLU"),
        "he_loss_least": Number(min(losses), ".1f"),
        "he_loss_most": Number(max(losses), ".1f"),
        "guess_loss": Number(starts[0][1], ".2f"),
    }


def _images(recording: Recording) -> int:
    """How many images it was trained on; all of CIFAR-10's where it has no number."""
    return recording.experiment.arms[0].pictures or datasets.MOST_DRAWN
