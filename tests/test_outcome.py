"""Results, guesses and verdicts of runs, held to curves whose answer is known."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from lab.experiments import Experiment
from lab.presets import PRESETS
from lab.records import ArmEvent, Counted
from lab.report_json import pack, unpack
from lab.results import outcome
from lab.results import spread as lab_spread
from tests.fake_lab import curves, report
from ui.kit import words
from ui.kit.runs import run_charts, run_sentences, series_sentences

RELU = PRESETS["relu-vs-tanh-2012"]
DEEP = PRESETS["relu-vs-tanh-deep"]
DROPOUT = PRESETS["dropout-small"]
POOLING = PRESETS["pooling"]


def flat(experiment, *shares):
    """Each arm stays at (training error, validation accuracy)."""
    return [
        ArmEvent(i, i % len(shares), report(i, *shares[i % len(shares)], epoch=i // 2))
        for i in range(8)
    ]


def passes(speed: float) -> float:
    """Where 0.9 exp(-speed x) meets a quarter, between whole passes by a line."""
    exact = math.log(0.9 / 0.25) / speed
    low, high = math.floor(exact), math.ceil(exact)
    a, b = (0.9 * math.exp(-speed * x) for x in (low, high))
    return low + (a - 0.25) / (a - b)


def test_factor_is_read_off_between_points() -> None:
    found = outcome.outcome(RELU, curves(RELU, (0.3, 0.15)))
    assert found.values == pytest.approx((passes(0.3), passes(0.15)))
    assert (found.ahead, found.last, found.at_least) == (0, 1, False)
    assert found.by == pytest.approx(passes(0.15) / passes(0.3))


def test_not_reached_yet_is_a_lower_bound() -> None:
    found = outcome.outcome(RELU, curves(RELU, (0.3, 0.01)))
    assert found.values[1] is None
    assert found.at_least
    assert found.by == pytest.approx(11 / passes(0.3))
    said = " ".join(run_sentences.result_sentences(RELU, curves(RELU, (0.3, 0.01))))
    assert "tanh has not reached 25% training error yet" in said
    assert f"at least {11 / passes(0.3):.1f} times as long" in said


def test_nobody_there_has_no_factor() -> None:
    found = outcome.outcome(RELU, curves(RELU, (0.01, 0.01)))
    assert (found.ahead, found.by) == (None, None)
    assert outcome.outcome(RELU, []).values == (None, None)
    assert run_charts.guess_marks(RELU, {"arm": "ReLU", "by": 3}, [], "epoch") == []


def test_gap_is_the_mean_of_the_last_three() -> None:
    events = [
        ArmEvent(n, arm, report(n, 0.1, 0.9 - gap, epoch=n))
        for n in range(1, 6)
        for arm, gap in enumerate((0.3 if n > 2 else 0.8, 0.1))
    ]
    found = outcome.outcome(DROPOUT, events)
    assert found.values == pytest.approx((0.3, 0.1))
    assert found.ahead == 1  # the smaller gap
    assert found.by == pytest.approx(0.2)


def test_the_untrained_network_is_no_part_of_the_result() -> None:
    def found(count):
        made = [(0.0, 0.0), (0.4, 0.2), (0.6, 0.4)][:count]
        events = [
            ArmEvent(step, arm, report(step, 0.1, 0.9 - gap, epoch=step))
            for step, gaps in enumerate(made)
            for arm, gap in enumerate(gaps)
        ]
        return outcome.outcome(DROPOUT, events).values

    assert found(1) == pytest.approx((0.0, 0.0))  # nothing else is known yet
    assert found(2) == pytest.approx((0.4, 0.2))
    assert found(3) == pytest.approx((0.5, 0.3))


def test_small_differences_are_not_spoken_of() -> None:
    events = flat(POOLING, (0.1, 0.61), (0.1, 0.60))
    assert outcome.outcome(POOLING, events).same
    assert "cannot be told apart" in " ".join(
        run_sentences.result_sentences(POOLING, events)
    )
    events = flat(POOLING, (0.1, 0.8), (0.1, 0.6))
    found = outcome.outcome(POOLING, events)
    assert not found.same
    assert found.ahead == 0


def test_chance_is_two_deviations_of_a_difference() -> None:
    assert outcome.chance([0.5, 0.5]) == pytest.approx(2 * math.sqrt(0.5 / 200))


@pytest.mark.parametrize(
    ("guess", "says"),
    [
        ({"arm": "ReLU", "by": 6.0}, "You guessed the right one: 6.0 times as long"),
        ({"arm": "tanh", "by": 2.0}, "You guessed the other one."),
        ({"arm": outcome.SAME, "by": None}, "there is one"),
    ],
)
def test_guess_is_held_against_the_result(guess, says) -> None:
    events = curves(RELU, (0.3, 0.15))
    found = outcome.outcome(RELU, events)
    assert says in run_sentences.compared_with_guess(RELU, guess, found)
    assert run_sentences.compared_with_guess(RELU, {}, found) == ""


def test_guessed_factor_is_drawn_where_the_last_would_arrive() -> None:
    events = curves(RELU, (0.3, 0.15))
    (mark,) = run_charts.guess_marks(RELU, {"arm": "ReLU", "by": 3.0}, events, "epoch")
    assert (mark.x, mark.y) == pytest.approx((3 * passes(0.3), 0.25), abs=0.005)
    assert str(mark.x) == "12.9", "no false digits"
    (mark,) = run_charts.guess_marks(
        RELU, {"arm": "ReLU", "by": 3.0}, events, "seconds"
    )
    assert mark.x == pytest.approx(9 * passes(0.3), abs=0.05)
    far = {"arm": "ReLU", "by": 20.0}  # 86 passes, of 11 that are drawn
    assert run_charts.guess_marks(RELU, far, events, "epoch") == []


def test_guessed_points_are_drawn_from_the_other_arm() -> None:
    events = flat(DROPOUT, (0.0, 0.6), (0.1, 0.7))
    guess = {"arm": "dropout 0.5", "by": 15}
    (mark,) = run_charts.guess_marks(DROPOUT, guess, events, "epoch")
    assert mark.y == pytest.approx(0.4 - 0.15)
    events = flat(POOLING, (0.0, 0.6), (0.1, 0.5))
    (mark,) = run_charts.guess_marks(POOLING, {"arm": "max", "by": 5}, events, "epoch")
    assert mark.y == pytest.approx(1 - 0.55)  # of the error


def textbook(experiment: Experiment, events: list[ArmEvent]) -> str:
    found = outcome.outcome(experiment, events)
    return run_sentences.textbook_sentence(experiment, events, found)


def test_what_the_textbook_does_not_say_is_said_with_numbers() -> None:
    said = textbook(RELU, curves(RELU, (0.15, 0.3)))
    assert "here tanh was" in said
    assert "20% of the activations are saturated and pass no gradient on" in said
    assert textbook(RELU, curves(RELU, (0.3, 0.15))) == (
        "As in the textbook: ReLU is ahead."
    )
    assert "hardly a difference" in textbook(RELU, curves(RELU, (0.3, 0.3)))


def test_the_textbook_is_about_the_arm_that_it_expects() -> None:
    """Of three: who is ahead of all but level with that one is not ahead of it."""
    assert "hardly a difference" in textbook(DEEP, curves(DEEP, (0.3, 0.31, 0.1)))
    assert "hardly a difference" in textbook(DEEP, curves(DEEP, (0.31, 0.3, 0.1)))
    assert "here tanh was" in textbook(DEEP, curves(DEEP, (0.2, 0.3, 0.299)))


def test_ranges_that_overlap_are_not_distinguishable() -> None:
    def seeds(*speeds):
        return lab_spread.spreads([(RELU, curves(RELU, pair)) for pair in speeds])

    def overlap(spread):
        pairs = lab_spread.overlapping(spread)
        assert pairs in ([], [("ReLU", "tanh")])
        return bool(pairs)

    apart = seeds((0.5, 0.2), (0.4, 0.25))
    assert not overlap(apart)
    assert apart[0].mean == pytest.approx((passes(0.5) + passes(0.4)) / 2)
    assert overlap(seeds((0.5, 0.2), (0.2, 0.3)))
    # One that never arrives is later than all; one that sometimes does not, is both.
    assert not overlap(seeds((0.5, 0.01), (0.4, 0.01)))
    half = seeds((0.5, 0.3), (0.01, 0.3))
    assert half[0].missing == 1
    assert overlap(half)
    # Of those that do not arrive, the one whose error stays higher is later.
    assert not overlap(seeds((0.05, 0.01), (0.06, 0.01)))
    assert overlap(seeds((0.05, 0.01), (0.01, 0.05)))
    assert not overlap(seeds((0.3, 0.01), (0.05, 0.01)))


def test_a_difference_of_one_is_one_point() -> None:
    assert run_sentences.amount(DROPOUT, 0.0099) == "1 percentage point"
    assert run_sentences.amount(DROPOUT, 0.0073, 5_000) == "0.7 percentage points"
    assert run_sentences.amount(DROPOUT, 0.0173) == "2 percentage points", (
        "of 200 images"
    )
    assert run_sentences.amount(DROPOUT, 0.1) == "10 percentage points"


def test_a_result_says_of_how_many_points_it_is_the_mean() -> None:
    def said(count):
        events = [
            ArmEvent(n, arm, report(n, 0.1, 0.8, epoch=n))
            for n in range(count)
            for arm in range(2)
        ]
        return " ".join(run_sentences.result_sentences(DROPOUT, events))

    assert "mean" not in said(2)  # the first is of the untrained network
    assert "Each is the mean of the last 2 points" in said(3)
    assert "Each is the mean of the last 3 points" in said(7)


def test_silent_units_are_not_called_flat_parts() -> None:
    events = curves(RELU, (0.3, 0.15))
    said = run_sentences.idle_sentence(RELU, events)
    assert "of ReLU, conv3, 20% of the units are dead: their activation is 0" in said
    assert "of tanh, conv3, 20% of the activations are saturated" in said
    awake = [
        replace(
            event,
            report=replace(
                event.report,
                layers=tuple(replace(x, idle=0.004) for x in event.report.layers),
            ),
        )
        for event in events
    ]
    said = run_sentences.idle_sentence(RELU, awake)
    assert "ReLU has no layer in which even 1% of the units are dead" in said
    assert "tanh has no layer in which even 1% of the activations are saturated" in said


def test_description_has_first_and_last_values() -> None:
    said = run_charts.describe(RELU, curves(RELU, (0.3, 0.15)), "training_error")
    assert "ReLU: from 90% to 3% after 11.0 epochs." in said
    assert "not measured yet" in run_charts.describe(RELU, [], "gap")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_its_words(name) -> None:
    about, experiment = words.page("lab").as_dict()["preset"][name], PRESETS[name]
    assert set(about) == {
        *("title", "question", "say", "textbook", "expects", "why_not")
    }
    assert about["expects"] < len(experiment.arms)
    assert run_sentences.kind(experiment) in words.page("lab").as_dict()["guess"]
    assert run_sentences.kind(experiment) in words.page("lab").as_dict()["result"]


def test_table_has_a_row_a_point() -> None:
    table = run_charts.table(RELU, curves(RELU, (0.3, 0.15), points=5))
    assert all(len(column) == 10 for column in table.values())


def test_shared_words_are_plain_sentences() -> None:
    def strings(value):
        if isinstance(value, dict):
            return [s for v in value.values() for s in strings(v)]
        return [s for v in value for s in strings(v)] if isinstance(value, list) else [
            str(value)
        ]  # fmt: skip

    for sentence in strings(words.page("lab").as_dict()):
        assert sentence == sentence.strip()
        assert "  " not in sentence
        assert not re.search(r"\b([a-z]+) \1\b", sentence), sentence


# --- few images, uneven classes -----------------------------------------------------


def counting(events, training, validation, **about):
    """The same reports, counted on so many images."""
    known = Counted(training, validation, **EVEN | about)
    return [
        replace(event, report=replace(event.report, counted=known)) for event in events
    ]


EVEN = {"classes": 2, "largest": 0.5, "training_error": 0.5, "validation_error": 0.5}


def test_margin_follows_the_images_that_were_counted() -> None:
    events = flat(POOLING, (0.1, 0.8), (0.1, 0.6))
    assert not outcome.outcome(POOLING, events).same
    found = outcome.outcome(POOLING, counting(events, 200, 50))
    assert (found.pictures, found.few) == (50, False)
    # Two deviations of the difference of two shares of 70 %, each of 50 images.
    assert outcome.chance(found.values, 50) == pytest.approx(
        2 * math.sqrt(2 * 0.7 * 0.3 / 50)
    )
    wide = flat(POOLING, (0.1, 0.75), (0.1, 0.6))
    assert outcome.outcome(POOLING, counting(wide, 200, 50)).same
    said = " ".join(run_sentences.result_sentences(POOLING, counting(wide, 200, 50)))
    assert "Counted on 50 images each" in said
    assert "200" not in said


def test_a_share_of_few_images_has_its_interval() -> None:
    """Wilson (1927): 45 of 50 lie between 78.6 % and 95.7 %."""
    low, high = outcome.interval(0.9, 50)
    assert (low, high) == pytest.approx((0.7864, 0.9565), abs=2e-4)
    assert outcome.interval(1.0, 2)[0] == pytest.approx(0.3424, abs=2e-3)
    events = counting(flat(POOLING, (0.1, 0.9), (0.1, 0.6)), 200, 50)
    said = " ".join(run_sentences.result_sentences(POOLING, events))
    assert "90% (between 79% and 96%" in said


@pytest.mark.parametrize("pictures", [1, 2, 5, 19])
@pytest.mark.parametrize("experiment", [POOLING, DROPOUT, RELU])
def test_too_few_images_have_no_verdict(experiment, pictures) -> None:
    events = flat(experiment, (0.0, 1.0), (1.0, 0.0))
    if experiment is RELU:
        events = curves(RELU, (0.3, 0.15))
    events = counting(events, pictures, pictures)
    found = outcome.outcome(experiment, events)
    assert found.few and found.same
    said = " ".join(run_sentences.result_sentences(experiment, events))
    assert "too few to tell" in said
    assert "200" not in said and "ahead" not in said and "is first" not in said
    assert run_sentences.textbook_sentence(experiment, events, found) == ""
    guess = {"arm": experiment.arms[0].label, "by": 2.0}
    assert "cannot show" in run_sentences.compared_with_guess(experiment, guess, found)
    runs = [(experiment.vary(seed=seed), events) for seed in range(5)]
    together = lab_spread.outcome(runs)
    assert together is not None and together.few
    assert "too few to tell" in series_sentences.apart_sentence(runs)


def test_largest_class_is_spoken_of_where_classes_are_uneven() -> None:
    uneven = {"largest": 0.7, "training_error": 0.3, "validation_error": 0.3}
    events = flat(POOLING, (0.1, 0.9), (0.1, 0.5))
    said = " ".join(
        run_sentences.result_sentences(POOLING, counting(events, 200, 100, **uneven))
    )
    assert "Always predicting the largest class would be right for 70%" in said
    assert "No network" not in said
    poor = counting(flat(POOLING, (0.3, 0.7), (0.3, 0.6)), 200, 100, **uneven)
    assert "No network did better" in " ".join(
        run_sentences.result_sentences(POOLING, poor)
    )
    assert outcome.baseline(poor, "validation_error") == 0.3
    assert outcome.baseline(poor, "training_error") == 0.3
    assert outcome.baseline(poor, "gap") is None
    even = counting(events, 200, 100, largest=0.55)
    assert outcome.baseline(even, "validation_error") is None
    assert outcome.baseline(events, "validation_error") is None  # not known
    assert "largest" not in " ".join(run_sentences.result_sentences(POOLING, even))


def test_what_was_counted_outlasts_the_store() -> None:
    (event, *_) = counting(flat(POOLING, (0.1, 0.9), (0.1, 0.5)), 7, 3)
    assert unpack(pack(event.report)).counted == event.report.counted


@pytest.mark.parametrize("experiment", [POOLING, DROPOUT, RELU, DEEP])
def test_equal_results_are_of_two_networks(experiment) -> None:
    """Not of the first and itself."""
    count = len(experiment.arms)
    events = flat(experiment, *[(0.1, 0.9)] * count)
    if experiment.target is not None:
        events = curves(experiment, (0.3,) * count)
    found = outcome.outcome(experiment, events)
    assert found.same and found.ahead != found.last
    (said,) = (
        sentence
        for sentence in run_sentences.result_sentences(experiment, events)
        if "told apart" in sentence or "about as long" in sentence
    )
    if experiment.measure == "validation_accuracy":
        for place in (found.ahead, found.last):
            assert f"“{experiment.arms[place].label}”" in said


# --- the start ----------------------------------------------------------------------


def begun(experiment: Experiment, *losses: float, step: int = 0) -> list[ArmEvent]:
    """Each arm's first report, with that loss."""
    first = report(step, 0.9, 0.1, epoch=0.0)
    return [
        ArmEvent(arm, arm, replace(first, loss=loss)) for arm, loss in enumerate(losses)
    ]


def test_a_start_that_is_too_sure_is_said_with_its_reason() -> None:
    textbook, unit = (PRESETS[f"relu-vs-tanh-{x}"] for x in ("today", "unit"))
    assert len(textbook.arms) == 2
    said = run_sentences.start_sentences(textbook, begun(textbook, 5.47, 2.35))
    assert said == [
        "Before the first training step the loss of ReLU is 5.5, but guessing gives "
        "2.30: it starts too sure of wrong classes.",
        words.page("lab").as_dict()["first_loss"]["he"],
        "Before the first training step the loss of tanh is 2.35; guessing gives 2.30.",
    ]
    # The reason is the textbook rule's: another start has another.
    said = run_sentences.start_sentences(unit, begun(unit, 5.47, 2.35))
    assert words.page("lab").as_dict()["first_loss"]["he"] not in said
    assert len(said) == 2
    assert run_sentences.start_sentences(unit, begun(unit, 5.47, 2.35, step=50)) == []


def test_guessing_depends_on_the_number_of_classes() -> None:
    unit = PRESETS["relu-vs-tanh-unit"]
    events = begun(unit, 5.30, 5.31)
    of = Counted(200, 200, 200, 1 / 200, 0.995, 0.995)
    events = [replace(e, report=replace(e.report, counted=of)) for e in events]
    assert "guessing gives 5.30." in run_sentences.start_sentences(unit, events)[0]


def test_of_two_training_errors_the_lower_is_ahead() -> None:
    authors = PRESETS["relu-vs-tanh-authors"]
    assert authors.target is None and authors.measure == "training_error"
    found = outcome.outcome(authors, flat(authors, (0.33, 0.6), (0.49, 0.5)), 1_000)
    assert (found.ahead, found.last) == (0, 1)
    assert found.by == pytest.approx(0.16)
    runs = [(authors, flat(authors, (0.33, 0.6), (0.49, 0.5)))] * 3
    (factor,) = lab_spread.factors(runs)
    assert (factor.first, factor.last) == ("ReLU", "tanh")
    assert factor.mean == pytest.approx(0.16)
