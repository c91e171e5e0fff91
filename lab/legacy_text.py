"""Texts of stored runs and recordings of earlier versions, in today's words.

They keep what was written then; it is read through here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.experiments import Experiment

_LABELS = {
    "5,000 pictures": "5,000 images",
    "2,500 pictures": "2,500 images",
    "overlapping: 3 pixels, step 2": "overlapping: pool size 3, stride 2",
    "side by side: 2 pixels, step 2": "not overlapping: pool size 2, stride 2",
}
_SENTENCES = {
    r"\bAll (\d+) passes are done\.": r"All \1 epochs are done.",
    r"\bThe one pass is done\.": "The one epoch is done.",
    r"\bRetry goes on from pass (\d+)\.": r"Retry goes on from epoch \1.",
    r"\bRetry starts anew: no pass was saved yet\.": (
        "Retry starts from the beginning: no epoch was saved yet."
    ),
    r"\bThese pictures were read from JPEG": "These images were read from JPEG",
}


def experiment(stored: Mapping[str, Any]) -> Experiment:
    """`Experiment.from_dict`, its arms called as `label` does.

    Raises:
        ExperimentRefused: fields are missing or unknown.
    """
    found = Experiment.from_dict(stored)
    arms = (replace(arm, label=label(arm.label)) for arm in found.arms)
    return replace(found, arms=tuple(arms))


def label(stored: str) -> str:
    """What an arm is called; in a sweep its rate comes after the label."""
    for old, new in _LABELS.items():
        if stored == old or stored.startswith(f"{old}, "):
            return new + stored.removeprefix(old)
    return stored


def guess(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A guess whose arm is called as `label` does."""
    return {**stored, "arm": label(stored["arm"])} if "arm" in stored else {**stored}


def sentence(stored: str) -> str:
    """A sentence about a run or its data set."""
    for old, new in _SENTENCES.items():
        stored = re.sub(old, new, stored)
    return stored
