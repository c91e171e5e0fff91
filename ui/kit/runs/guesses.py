"""Guesses before experiments, in words: what was guessed, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from classroom.people import activities
from lab import legacy_text, live_run
from lab.results.outcome import SAME
from lab.results.prediction import Prediction
from store.activities import StoredActivity
from store.answers.results import StoredGuess
from store.database import shared
from store.runs import Runs
from ui.kit import cache, words
from ui.kit.runs import run_names, run_replay, run_sentences


def _words() -> words.PageWords:
    return words.page("my_progress").table("guesses")


def looked_up(guess: StoredGuess) -> Prediction:
    """A guess with what its run has measured, if that is over."""
    experiment = legacy_text.experiment(guess.experiment)
    guess = replace(guess, guess=legacy_text.guess(guess.guess))
    if not live_run.is_over(guess.state, guess.alive):
        return Prediction(guess, experiment, None)
    ended = guess.ended or guess.alive  # a run whose process died has no end
    return Prediction(guess, *cache.run_outcome(guess.run_id, experiment, ended))


def with_class(activity: StoredActivity, given: Mapping[str, Any]) -> Prediction:
    """A student's guess before an experiment that the class watched together."""
    about, told = activity.about, activities.is_told(activity)
    run = None if activity.run_id is None else Runs(shared()).get(activity.run_id)
    if run is not None and told:
        its = (run.experiment, dict(given), run.state, run.ended, run.alive)
        return looked_up(StoredGuess(run.id, "", *its))
    found = cache.recordings().get(str(about["recording"])) if told else None
    guess = StoredGuess(
        "", "", about["experiment"], legacy_text.guess(dict(given)), "", None, 0.0
    )
    experiment = legacy_text.experiment(about["experiment"])
    outcome = None if found is None else run_replay.result(found)
    return Prediction(guess, experiment, outcome)


def amount(one: Prediction, arm: str, by: float | None) -> str:
    """An arm and by how much, in words."""
    text = _words()
    if arm == SAME:
        return str(text["same"])
    if by is None:
        return run_names.in_words(arm)
    which = "ahead_factor" if one.experiment.target is not None else "ahead_points"
    return text[which].format(
        arm=run_names.in_words(arm), amount=run_sentences.amount(one.experiment, by)
    )


def measured(one: Prediction) -> str:
    """What the run has measured, in words."""
    if one.outcome is None:
        return str(_words()["running"])
    if one.ahead is None:
        return str(_words()["nothing"])
    return amount(one, one.ahead, one.outcome.by)


def verdict(one: Prediction) -> str:
    """Whether it came true; "" where that is not known."""
    if one.came_true is None:
        return ""
    return str(_words()["yes" if one.came_true else "no"])
