"""A guess made before an experiment, against what the run then measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.experiments import Experiment, is_sweep, sweep_of
from lab.results.outcome import SAME, Outcome, guessed_by
from store.answers.results import StoredGuess


@dataclass(frozen=True)
class Prediction:
    """A guess, and what came of it."""

    guess: StoredGuess
    experiment: Experiment
    outcome: Outcome | None  # None: the run is not over

    @property
    def guessed(self) -> str:
        """The arm that was guessed to be ahead; SAME: none."""
        return str(self.guess.guess["arm"])

    @property
    def by(self) -> float | None:
        """By how much: a factor, or a difference of shares."""
        return guessed_by(self.experiment, self.guess.guess)

    @property
    def ahead(self) -> str | None:
        """The arm that was measured to be ahead; SAME: none; None: not known."""
        found = self.outcome
        if found is None or found.ahead is None or found.by is None or found.few:
            return None
        if found.same:
            return SAME
        return self.experiment.arms[found.ahead].label

    @property
    def came_true(self) -> bool | None:
        """Whether the arm guessed was the one; None: not known."""
        return None if self.ahead is None else self.ahead == self.guessed


def arms(predictions: Iterable[Prediction]) -> list[str]:
    """All arms that one of these runs compares, each once; SAME is the last."""
    labels: list[str] = []
    for one in predictions:
        if is_sweep(one.experiment):  # it is not over
            labels += sweep_of(one.experiment)
        else:
            labels += [arm.label for arm in one.experiment.arms]
    return [*dict.fromkeys(labels), SAME]
