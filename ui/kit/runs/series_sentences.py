"""What several seeds or learning rates of an experiment have shown, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb

from lab import datasets
from lab.experiments import Experiment
from lab.records import MEASURED_ON
from lab.results import metrics, outcome, spread
from lab.results.findings import Finding
from lab.results.metrics import RateTrial
from ui.kit import words
from ui.kit.runs import run_names
from ui.kit.runs.run_sentences import few_sentence, percent

# --- seeds --------------------------------------------------------------------------


def apart_sentence(runs: spread.Runs) -> str:
    """Which arms the seeds do not tell apart, if any; else, how often luck does that.

    If the arms were alike, the n results of one would all lie below the n of the other,
    or above, in 2 of the (2n over n) ways in which the ranks can fall: once in 10 times
    with three seeds, once in 126 with five.
    """
    text = run_names.text().table("series")
    if (pictures := spread.pictures_of(runs)) < outcome.FEW:
        return few_sentence(pictures)
    spreads = spread.spreads(runs)
    pairs = spread.overlapping(spreads)
    form = "apart"
    if pairs:
        form = "not_apart" if len(pairs) == comb(len(spreads), 2) else "some_apart"
    named = "; ".join(text["pair"].format(one=a, other=b) for a, b in pairs)
    odds = comb(2 * len(runs), len(runs)) // 2
    return text[form].format(count=len(runs), pairs=named, odds=odds)


def factor_sentences(runs: spread.Runs) -> list[str]:
    """How far the one that is ahead is ahead of each other, over enough seeds."""
    if len(runs) < spread.ENOUGH:
        return []
    return [factor_words(runs[0][0], one) for one in spread.factors(runs)]


def factor_words(
    experiment: Experiment,
    one: spread.ArmFactor,
    pictures: int = MEASURED_ON,
) -> str:
    """Mean and range of a factor, or of a difference, and how sure it is.

    Args:
        pictures: images that shares were counted on.
    """
    text = run_names.text().table("series", "factor")
    point, points = run_names.text().table("count").lines("points")

    def number(value: float) -> str:
        if experiment.target is not None:
            return words.figures(f"{value:.1f}")
        return percent(value, pictures).rstrip("%\u00a0")

    if experiment.target is None:
        form = text[experiment.measure]
    else:
        form = text["most" if one.at_most else "least" if one.at_least else "times"]
    return str(
        form.format(
            first=one.first,
            last=one.last,
            mean=number(one.mean),
            points=point if number(one.mean) == "1" else points,
            low=number(min(one.values)),
            high=number(max(one.values)),
            count=len(one.values),
            bounds=one.at_most or one.at_least,
            target=experiment.target or 0,
        )
    )


def spread_words(experiment: Experiment, one: spread.Spread) -> tuple[str, str]:
    """Mean and range of an arm in words."""
    text = run_names.text().table("series")
    form = "passes" if experiment.target is not None else "share"
    missing = text["missing"].format(count=one.missing) if one.missing else ""
    if one.mean is None:
        return text["never"], missing

    def number(value: float) -> str:
        return percent(value) if form == "share" else words.figures(f"{value:.1f}")

    low, high = number(min(one.values)), number(max(one.values))
    span = text[f"{form}_range"].format(low=low, high=high)
    mean = text[form].format(value=number(one.mean))
    return mean, f"{span} {missing}".strip()


# --- learning rates -----------------------------------------------------------------


def rate_result(experiment: Experiment, one: RateTrial) -> str:
    """What came of a rate, in words."""
    text = run_names.text().table("sweep")
    if one.error is None:
        return str(text["waiting"])
    if experiment.target is None:
        return text["at"].format(error=percent(one.error))
    if one.reached is None:
        return text["not_reached"].format(error=percent(one.error))
    return text["reached"].format(passes=one.reached)


def best_rate_sentences(
    experiment: Experiment, found: Mapping[str, Sequence[RateTrial]]
) -> list[str]:
    """Each network's best rate, and whether it lies at the edge of those tried."""
    text, lines = run_names.text().table("sweep"), []
    for label, rates in found.items():
        one = metrics.best(rates)
        if one is None:
            lines.append(text["nothing"].format(arm=label))
            continue
        form = "closest" if experiment.target and one.reached is None else "best"
        lines.append(
            text[form].format(
                arm=label,
                rate=one.rate,
                came=rate_result(experiment, one),
                target=experiment.target or 0,
            )
        )
        if one.rate in (rates[0].rate, rates[-1].rate):
            side = "lower" if one.rate == rates[0].rate else "higher"
            lines.append(text[f"edge_{side}"])
    return lines


# --- recordings -----------------------------------------------------------------------


def finding_sentence(finding: Finding) -> str:
    """The setting, the factor with its range, and what that is of six."""
    text, factor = run_names.text().table("findings"), finding.factor
    experiment = finding.recording.experiment
    lines = [f"**{finding_setting(finding)}.**"]
    if factor.values:
        lines.append(factor_words(experiment, factor))
    lines.append(
        text.table("verdict")[finding.verdict].format(
            first=factor.first, last=factor.last, six=spread.SIX
        )
    )
    return " ".join(lines)


def finding_setting(finding: Finding) -> str:
    """Which preset, on which pictures, how many of them."""
    recording = finding.recording
    arm = recording.experiment.arms[0]
    preset = run_names.text().table("preset", recording.experiment.name)["title"]
    whole = {datasets.BUILT_IN: datasets.DRAWN_TRAIN}.get(arm.dataset)
    count = arm.pictures or whole
    form = "setting" if count else "setting_all"
    template = run_names.text().table("findings")[form]
    return template.format(
        preset=preset, data=run_names.data_of(recording), count=count
    )


def findings_summary(found: Sequence[Finding]) -> str:
    """In how many settings the factor holds, shrinks, vanishes, turns round."""
    text = run_names.text().table("findings")
    counted = {
        name: sum(finding.verdict == name for finding in found)
        for name in text.table("counted")
    }
    lines = [
        text.table("counted")[name].format(count=number)
        for name, number in counted.items()
        if number
    ]
    count = run_names.counted("recorded", len(found))
    return text["summary"].format(count=count, said="; ".join(lines))
