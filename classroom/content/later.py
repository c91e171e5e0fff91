"""Numbers of the lesson's third part: of recorded runs, and of crops that vote."""

from __future__ import annotations

from collections.abc import Mapping

from classroom.content import recorded
from model import paper

Value = tuple[float, str]  # and how it is written: see `content.numbers.Number`


def values() -> Mapping[str, Value]:
    """The numbers that the words name."""
    return {**_four(), "one_crop_top1": (paper.ONE_CROP[0], ".1%")}


def _four() -> dict[str, Value]:
    """Of the four recorded runs, the errors at the end."""
    by = {recorded.diagnosis(recorded.of_four(x)): x for x in recorded.FOUR}
    end = {name: recorded.of_four(letter)[-1] for name, letter in by.items()}
    name, seed, _ = recorded.FOUR[by["learns_nothing"]]
    lower = recorded.runs(name)[seed][1]
    return {
        "guess_error": (0.9, ".0%"),  # ten classes
        "fit_training": (end["good"].training / 100, ".0%"),
        "fit_validation": (end["good"].validation / 100, ".0%"),
        "early_training": (end["still_falls"].training / 100, ".0%"),
        "early_validation": (end["still_falls"].validation / 100, ".0%"),
        "learned_training": (end["overfits"].training / 100, ".0%"),
        "learned_validation": (end["overfits"].validation / 100, ".0%"),
        "lower_validation": (lower[-1].validation / 100, ".0%"),
        "rate_times": (RATES[0] / RATES[1], "g"),
    }


RATES = (0.04, 0.0025)  # of the run that learns nothing, and of one that learns
