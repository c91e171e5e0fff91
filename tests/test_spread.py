"""Several seeds: factors, ranges, verdicts; and that the words agree with them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from lab.experiments import is_sweep
from lab.presets import PRESETS
from lab.recordings import Recording, read_all
from lab.records import ArmEvent
from lab.results import metrics, outcome, spread
from lab.results.findings import Finding
from lab.results.spread import ArmFactor
from tests.fake_lab import curves, report
from ui.experiments.findings import findings
from ui.kit import cache
from ui.kit.runs import run_charts, run_sentences, series_sentences
from viz.curves import Band

RELU = PRESETS["relu-vs-tanh-2012"]
DROPOUT = PRESETS["dropout-small"]
SHIPPED = read_all()


def seeds(experiment: Any, *speeds: tuple[float, ...], points: int = 12) -> list[Any]:
    return [
        (experiment.vary(seed=seed), curves(experiment, pair, points))
        for seed, pair in enumerate(speeds)
    ]


def recording(name: str, *speeds: tuple[float, ...], **about: Any) -> Recording:
    experiment = PRESETS[name]
    return Recording(
        title=name,
        experiment=experiment,
        seeds=tuple(range(len(speeds))),
        runs=tuple(tuple(curves(experiment, pair)) for pair in speeds),
        endings=(("done", "done"),) * len(speeds),
        data="CIFAR-10 (after JPEG). These images were read from JPEG files.",
        machine="A machine",
        date="2026-11-25",
        versions={"keras": "3.15"},
        command="python -m lab.recordings record x --out y",
        **about,
    )


def passes(events: Any, arm: int) -> float:
    """Independent of the code under test: the first crossing, by straight lines."""
    points = [(r.epoch, r.training_error) for r in metrics.measured(events, arm)]
    for (x0, y0), (x1, y1) in pairwise(points):
        if y1 <= 0.25 < y0:
            return x0 + (x1 - x0) * (y0 - 0.25) / (y0 - y1)
    raise AssertionError("never there")


def test_a_factor_is_of_each_seed_and_not_of_the_means() -> None:
    runs = seeds(RELU, (0.3, 0.15), (0.4, 0.16), (0.2, 0.14))
    (found,) = spread.factors(runs)
    each = [passes(events, 1) / passes(events, 0) for _, events in runs]
    assert found.values == pytest.approx(each)
    assert (found.first, found.last, found.at_least) == ("ReLU", "tanh", 0)
    (said,) = series_sentences.factor_sentences(runs)
    assert f"**{sum(each) / 3:.1f}** times as many epochs as ReLU" in said
    assert f"mean of 3 seeds; {min(each):.1f} to {max(each):.1f}" in said


def test_who_is_ahead_on_the_whole_is_first() -> None:
    (found,) = spread.factors(seeds(RELU, (0.15, 0.3), (0.16, 0.4)))
    assert (found.first, found.last) == ("tanh", "ReLU")


def test_who_did_not_arrive_gives_a_bound() -> None:
    runs = seeds(RELU, (0.3, 0.01), (0.3, 0.15), (0.3, 0.01))
    (found,) = spread.factors(runs)
    assert found.at_least == 2
    assert found.values[0] == pytest.approx(11 / passes(runs[0][1], 0))
    (said,) = series_sentences.factor_sentences(runs)
    assert "at least" in said and "with 2 of them it did not reach 25%" in said
    against = spread.factor(runs, "tanh", "ReLU")
    assert against.at_most == 2
    assert against.values[0] == pytest.approx(passes(runs[0][1], 0) / 11)


def test_of_three_the_pair_that_the_seeds_do_not_tell_apart_is_named() -> None:
    deep = PRESETS["relu-vs-tanh-deep"]
    runs = seeds(deep, (0.3, 0.1, 0.01), (0.2, 0.11, 0.01), (0.1, 0.3, 0.01))
    assert spread.overlapping(spread.spreads(runs)) == [("ReLU", "tanh")]
    said = series_sentences.apart_sentence(runs)
    assert "**Not distinguishable here**: “ReLU” and “tanh”." in said
    assert "over 3 seeds overlap; all others are apart." in said
    runs = seeds(deep, (0.3, 0.1, 0.01), (0.32, 0.11, 0.01), (0.3, 0.1, 0.02))
    assert "do not overlap" in series_sentences.apart_sentence(runs)
    runs = seeds(deep, (0.1, 0.1, 0.1), (0.3, 0.3, 0.3), (0.2, 0.2, 0.2))
    assert (
        "**Not distinguishable here**: the ranges"
        in series_sentences.apart_sentence(runs)
    )


def test_seeds_that_overlap_show_no_difference_whatever_the_first_shows() -> None:
    runs = seeds(RELU, (0.3, 0.15), (0.15, 0.3), (0.4, 0.2))
    assert not outcome.outcome(*runs[0]).same
    found = spread.outcome(runs)
    assert found is not None and found.same
    assert "hardly a difference" in run_sentences.textbook_sentence(*runs[0], found)
    guess = {"arm": "ReLU", "by": 2.0}
    assert run_sentences.compared_with_guess(RELU, guess, found) == (
        "You guessed a difference; hardly any shows."
    )
    runs = seeds(RELU, (0.3, 0.15), (0.32, 0.16), (0.4, 0.1))
    found = spread.outcome(runs)
    assert found is not None and (found.ahead, found.last) == (0, 1)
    assert not found.same
    each = [passes(events, 1) / passes(events, 0) for _, events in runs[:2]]
    assert found.by is not None and found.by > sum(each) / 2
    assert spread.outcome(runs[:2]) is None


def test_nobody_there_has_no_factor() -> None:
    runs = seeds(RELU, (0.01, 0.01), (0.01, 0.01), (0.01, 0.01))
    assert spread.factors(runs) == []
    assert spread.factor(runs, "ReLU", "tanh").neither == 3
    assert spread.verdict(spread.factor(runs, "ReLU", "tanh")) == "unknown"


def test_two_seeds_are_too_few_for_a_factor() -> None:
    assert series_sentences.factor_sentences(seeds(RELU, (0.3, 0.1), (0.3, 0.1))) == []


def test_gaps_are_compared_in_points_the_smaller_first() -> None:
    runs = [
        (
            DROPOUT.vary(seed=seed),
            [
                ArmEvent(n, arm, report(n, 0.0, 1 - gap, epoch=float(n)))
                for n in range(1, 5)
                for arm, gap in enumerate(gaps)
            ],
        )
        for seed, gaps in enumerate([(0.5, 0.25), (0.5, 0.375), (0.375, 0.25)])
    ]
    (found,) = spread.factors(runs)
    assert (found.first, found.last) == ("dropout 0.5", "without dropout")
    assert found.values == pytest.approx((0.25, 0.125, 0.125))
    (said,) = series_sentences.factor_sentences(runs)
    assert said.startswith("The gap of “dropout 0.5” is smaller than that of “without")
    assert "by **17** percentage points (mean of 3 seeds; 12 to 25)" in said


@pytest.mark.parametrize(
    ("values", "bounds", "expected"),
    [
        ((5.2, 6.4, 7.0), {}, "holds"),
        ((5.2, 6.4), {"at_least": 1}, "holds"),
        ((2.0, 3.0, 5.9), {}, "smaller"),
        ((2.0, 3.0), {"at_least": 2}, "at_least"),
        ((0.8, 1.2, 1.3), {}, "vanishes"),
        ((0.8, 1.2, 1.3), {"at_least": 1}, "unknown"),
        ((0.2, 0.3), {}, "reverse"),
        ((0.2, 0.3), {"at_most": 2}, "reverse"),
        ((0.2, 1.3), {"at_most": 1}, "unknown"),
        ((), {}, "unknown"),
    ],
)
def test_verdict_on_the_papers_six(
    values: tuple[float, ...], bounds: dict[str, int], expected: str
) -> None:
    assert spread.verdict(ArmFactor("ReLU", "tanh", values, **bounds)) == expected


def test_a_band_is_the_range_at_every_pass_and_the_mean_lies_within() -> None:
    runs = seeds(RELU, (0.3, 0.1), (0.2, 0.1), (0.25, 0.1))
    short = (runs[0][0], [e for e in runs[0][1] if e.report.epoch <= 3])
    bands, means = run_charts.bands([short, *runs[1:]], "training_error")
    own = [band for band in bands if band.arm == "ReLU"]
    assert [band.x for band in own] == [float(i) for i in range(12)]
    at = {band.x: band for band in own}
    fast, slow, middle = (
        [r.training_error for r in metrics.measured(e, 0)] for _, e in runs
    )
    assert (at[3.0].low, at[3.0].high) == pytest.approx((fast[3], slow[3]), abs=1e-5)
    assert at[5.0].low == pytest.approx(middle[5], abs=1e-5), "the first has ended"
    for band, mean in zip(bands, means, strict=True):
        assert band.low <= mean.y <= band.high
    assert isinstance(own[0], Band)


# --- what the page says of the recordings -------------------------------------------


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> dict[str, Recording]:
    made = {
        "old": recording("relu-vs-tanh-2012", (0.6, 0.21), (0.6, 0.2), (0.6, 0.22)),
        "new": recording("relu-vs-tanh-today", (0.2, 0.4), (0.2, 0.5), (0.2, 0.4)),
        "deep": recording("relu-vs-tanh-deep", (0.2, 0.2, 0), (0.3, 0.2, 0)),
        "other": recording("dropout-small", (0.2, 0.4)),
    }
    monkeypatch.setattr(cache, "recordings", lambda: made)
    return made


def test_the_page_counts_where_the_factor_holds(three: dict[str, Recording]) -> None:
    found = findings.findings("relu_vs_tanh")
    assert [one.verdict for one in found] == ["smaller", "reverse", "vanishes"]
    said = series_sentences.findings_summary(found)
    assert said == (
        "Of 3 recorded settings: in 1 ReLU is ahead by less; "
        "in 1 the factor vanishes; in 1 it is the other way round."
    )
    assert findings.findings("dropout") == []


def checked(finding: Finding) -> None:
    """The numbers and the words of a sentence, against the file's own points."""
    one, said = finding.recording, series_sentences.finding_sentence(finding)
    ratios, bound = [], False
    for events in one.runs:
        ends = [metrics.measured(events, arm) for arm in (0, 1)]
        there = [min(r.training_error for r in end) <= 0.25 for end in ends]
        if not any(there):
            continue
        bound |= not all(there)
        at = [
            passes(events, arm) if there[arm] else ends[arm][-1].epoch for arm in (0, 1)
        ]
        ratios.append(at[1] / at[0])
    if not ratios:
        assert "Undecided" in said
        return
    low, mean, high = min(ratios), sum(ratios) / len(ratios), max(ratios)
    numbers = re.search(
        r"\*\*([\d.]+)\*\* times as many epochs .* seeds?; ([\d.]+) to ([\d.]+)", said
    )
    assert numbers, said
    assert numbers.groups() == (f"{mean:.1f}", f"{low:.1f}", f"{high:.1f}")
    assert ("at least" in said or "at most" in said) == bound
    if "other way round" in said:
        assert high < 1
    if "vanishes" in said:
        assert low <= 1 <= high
    if "by less than" in said:
        assert low > 1 and high < 6 and not bound
    if "is reached" in said:
        assert low > 1 and high >= 6
    pictures = one.experiment.arms[0].pictures
    assert pictures is None or f"{pictures:,} images" in said
    assert one.data.split(".")[0] in said


@pytest.mark.parametrize("name", ["old", "new", "deep"])
def test_words_and_numbers_agree(name: str, three: dict[str, Recording]) -> None:
    (finding,) = (one for one in findings.findings("relu_vs_tanh") if one.name == name)
    checked(finding)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in SHIPPED.items()
        if one.experiment.page == "relu-vs-tanh" and not is_sweep(one.experiment)
    ],
)
def test_words_and_numbers_agree_on_what_is_shipped(name: str) -> None:
    (finding,) = (one for one in findings.findings("relu_vs_tanh") if one.name == name)
    checked(finding)


def test_a_sweep_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from lab.experiments import swept

    made = recording("relu-vs-tanh-2012", (0.3, 0.2))
    sweep = replace(made, experiment=swept(made.experiment, (0.1, 0.2)))
    monkeypatch.setattr(cache, "recordings", lambda: {"sweep": sweep})
    assert findings.findings("relu_vs_tanh") == []
