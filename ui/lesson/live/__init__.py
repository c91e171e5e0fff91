"""The live thing of each step of the lesson, computed now.

`LIVE` names them as the steps' files do (`live = "slopes"`). Their words are
[live.<name>] of assets/lesson/<language>/words.toml.
"""

from __future__ import annotations

from collections.abc import Callable

from ui.lesson.live import (
    after,
    before,
    convolution,
    data,
    era,
    generalising,
    ideas,
    kernel_sizes,
    learning,
    network,
)
from ui.lesson.live.parts import LiveText

LIVE: dict[str, Callable[[LiveText], None]] = {
    "guess": network.guess,
    "before": before.hand_made,
    "ancestors": era.ancestors,
    "results": era.results,
    "pace": era.measure,
    "switches": network.switches,
    "flow": network.flow,
    "convolution": convolution.by_hand,
    "learning": learning.training_steps,
    "nonlinearity": learning.nonlinearity,
    "slopes": ideas.multiplied,
    "layers": network.layers,
    "code": network.keras_code,
    "curves": generalising.four_runs,
    "dropout": ideas.dropout,
    "augmented": generalising.augmented,
    "focus": ideas.focus,
    "kernels": kernel_sizes.first_filters,
    "trust": data.trust,
    "taught": generalising.taught,
    "after": after.networks,
    "stack": kernel_sizes.stack,
}
