"""What the page says over a recording's seeds, against the recording's own numbers.

Every result is worked out here from the file, by the definition in words: the mean of
the last points of a curve, or the epoch at which it crosses the target.
"""

from __future__ import annotations

import gzip
import json
from itertools import combinations, pairwise
from typing import Any

import pytest

from lab.recordings import FOLDER, read, read_evidence
from lab.results import spread
from model.network import specs
from ui.kit import words
from ui.kit.runs import run_sentences, series_sentences

LAST = 3  # points of a curve, whose mean is its result
TEXT = words.page("lab").as_dict()
EVIDENCE = read_evidence()


def _recorded() -> dict[str, dict[str, Any]]:
    files = {
        path.name.removesuffix(".json.gz"): json.loads(
            gzip.decompress(path.read_bytes())
        )
        for path in sorted(FOLDER.glob("*.json.gz"))
    }
    return {name: one for name, one in files.items() if not name.startswith("sweep-")}


RECORDED = _recorded()
# All that are about something else than how much faster ReLU is.
IDEAS = (
    "augmentation",
    "depth",
    "dropout-small",
    "first-filters",
    "half-the-data",
    "normalisation",
    "overlapping",
    "pooling",
)


def points(run: list[dict[str, Any]], arm: int) -> list[dict[str, Any]]:
    """The reports of an arm that measured its error."""
    reports = [event["report"] for event in run if event["arm"] == arm]
    return [r for r in reports if r["step"] == r["evaluated_step"]]


def _shown(report: dict[str, Any], measure: str) -> float:
    accuracy, error = report["validation_accuracy"], report["training_error"]
    return (1 - accuracy) - error if measure == "gap" else accuracy


def _crossed(curve: list[dict[str, Any]], target: float) -> float | None:
    for before, after in pairwise(curve):
        high, low = before["training_error"], after["training_error"]
        if low <= target < high:
            part = (high - target) / (high - low)
            return before["epoch"] + part * (after["epoch"] - before["epoch"])
    return None


def results(name: str) -> dict[int, list[float]]:
    """Arm -> its result with each seed.

    Epochs to the target, or 1,000 and the error at the end where it was not reached; or
    the mean of the last points of what the experiment measures.
    """
    one = RECORDED[name]
    experiment = one["experiment"]
    found: dict[int, list[float]] = {}
    for run in one["runs"]:
        for arm in range(len(experiment["arms"])):
            curve = points(run, arm)
            if (target := experiment["target"]) is not None:
                at = _crossed(curve, target)
                end = 1_000 + curve[-1]["training_error"]
                found.setdefault(arm, []).append(end if at is None else at)
            else:
                last = [_shown(r, experiment["measure"]) for r in curve[-LAST:]]
                found.setdefault(arm, []).append(sum(last) / len(last))
    return found


def said(name: str) -> tuple[list[str], str]:
    """What the page says of it: how far one is ahead, and whether they are apart."""
    runs = read(FOLDER / f"{name}.json.gz").by_seed
    return series_sentences.factor_sentences(runs), series_sentences.apart_sentence(
        runs
    )


def overlap(one: list[float], other: list[float]) -> bool:
    return max(min(one), min(other)) <= min(max(one), max(other))


def by_luck(seeds: int) -> int:
    """Once in how many times two alike networks come apart: every order, counted."""
    places = range(2 * seeds)
    ways = list(combinations(places, seeds))
    apart = [way for way in ways if max(way) < seeds or min(way) >= seeds]
    return len(ways) // len(apart)


def test_these_are_all_recordings() -> None:
    others = [name for name in RECORDED if not name.startswith("relu-")]
    assert sorted(others) == sorted(IDEAS)


@pytest.mark.parametrize("name", RECORDED)
def test_the_verdict_is_what_the_ranges_say(name: str) -> None:
    found, seeds = results(name), len(RECORDED[name]["seeds"])
    assert seeds == len(RECORDED[name]["runs"]) >= 2
    pairs = [(a, b) for a, b in combinations(found, 2) if overlap(found[a], found[b])]
    _, verdict = said(name)
    assert f" {seeds} seeds" in verdict
    if not pairs:
        assert verdict == (
            f"The ranges do not overlap. With {seeds} seeds per network, luck alone "
            f"does that to two networks once in {by_luck(seeds)} times."
        )
    elif len(pairs) == len(list(combinations(found, 2))):
        assert verdict == (
            f"**Not distinguishable here**: the ranges over {seeds} seeds overlap."
        )
    else:
        assert verdict.startswith("**Not distinguishable here**: ")
        assert verdict.count("” and “") == len(pairs)


@pytest.mark.parametrize("name", IDEAS)
def test_how_far_one_is_ahead_is_the_mean_of_the_seeds(name: str) -> None:
    found, recording = results(name), read(FOLDER / f"{name}.json.gz")
    arms, measure = recording.experiment.arms, recording.experiment.measure
    sign = -1 if measure == "gap" else 1
    means = {arm: sign * sum(each) / len(each) for arm, each in found.items()}
    first = max(means, key=means.__getitem__)
    sentences, _ = said(name)
    assert len(sentences) == len(arms) - 1
    others = [arm for arm in found if arm != first]
    for sentence, last in zip(sentences, others, strict=True):
        by = [sign * (a - b) for a, b in zip(found[first], found[last], strict=True)]
        mean, low, high = (
            f"{100 * number:.0f}".replace("-", "−").replace("−0", "0")
            for number in (sum(by) / len(by), min(by), max(by))
        )
        assert f"“{arms[first].label}”" in sentence
        assert f"“{arms[last].label}”" in sentence
        unit = "point" if mean == "1" else "points"
        span = f"(mean of {len(by)} seeds; {low} to {high})"
        assert sentence.endswith(f" by **{mean}** percentage {unit} {span}.")


# --- why a result is not the textbook's: what is said of these very recordings -------


@pytest.mark.parametrize(
    ("name", "points_"), [("overlapping", 0.4), ("normalisation", 2)]
)
def test_the_papers_effect_is_smaller_than_what_a_seed_does(
    name: str, points_: float
) -> None:
    assert (
        f"{points_:g} percentage points is smaller" in TEXT["preset"][name]["why_not"]
    )
    assert all(
        100 * (max(each) - min(each)) > points_ for each in results(name).values()
    )


def test_small_images_need_less_depth() -> None:
    why = TEXT["preset"]["depth"]["why_not"]
    assert why.startswith("Small images of simple things need less depth")
    five, *fewer = results("depth").values()
    assert all(sum(each) >= sum(five) - 0.01 * len(five) for each in fewer)


def test_augmented_images_are_learned_more_slowly() -> None:
    why = TEXT["preset"]["augmentation"]["why_not"]
    assert why.startswith("It learns more slowly at first")
    for run in RECORDED["augmentation"]["runs"]:
        errors = [
            next(r["training_error"] for r in points(run, arm) if r["epoch"] >= 9)
            for arm in (0, 1)
        ]
        assert errors[0] > errors[1]


def test_eleven_pixels_are_a_twentieth_there_and_a_third_here() -> None:
    said_ = TEXT["preset"]["first-filters"]["textbook"]
    assert (
        "11 pixels are a twentieth of the width of its input; here they are a third"
        in (said_)
    )
    assert round(specs.SIMPLIFIED.input_size / 11) == 20
    assert round(32 / 11) == 3


@pytest.mark.parametrize("name", IDEAS)
def test_agreement_with_the_textbook_is_of_the_ranges(name: str) -> None:
    """“As in the textbook” is said only where its arm is beyond the others' ranges."""
    runs = read(FOLDER / f"{name}.json.gz").by_seed
    found = spread.outcome(runs)
    assert found is not None
    sentence = run_sentences.textbook_sentence(*runs[0], found)
    expected = TEXT["preset"][runs[0][0].name]["expects"]
    ranges = results(name)
    beyond = not any(
        overlap(ranges[expected], each)
        for arm, each in ranges.items()
        if arm != expected
    )
    assert sentence.startswith("As in the textbook: ") == beyond
    assert ("here there is hardly a difference" in sentence) == (not beyond)


def test_the_reasons_for_the_images_are_what_was_measured() -> None:
    reasons, rejected = TEXT["evidence"]["reasons"], EVIDENCE["rejected"]
    assert "ReLU is not ahead" in reasons["patches"]
    assert rejected["patches"]["2012"]["ratio"]["most"] < 1
    assert "learned too soon" in reasons["plain"]
    chosen = EVIDENCE["relu-tanh-2012"]["relu"]["pictures"]["least"]
    assert rejected["plain"]["2012"]["relu"]["pictures"]["most"] < chosen / 2
