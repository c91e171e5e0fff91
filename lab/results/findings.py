"""What a recording shows of the paper's factor, from its reports alone."""

from __future__ import annotations

from dataclasses import dataclass

from lab.experiments import is_sweep
from lab.recordings import Recording
from lab.results import spread
from lab.results.spread import ArmFactor, Verdict


@dataclass(frozen=True)
class Finding:
    """One recording: its first arm against its second, over its seeds."""

    name: str
    recording: Recording
    factor: ArmFactor
    verdict: Verdict


def finding(name: str, recording: Recording) -> Finding | None:
    """None where arms are not timed, and for a sweep."""
    experiment = recording.experiment
    if experiment.target is None or is_sweep(experiment):
        return None
    first, last = (arm.label for arm in experiment.arms[:2])
    factor = spread.factor(recording.by_seed, first, last)
    return Finding(name, recording, factor, spread.verdict(factor))
