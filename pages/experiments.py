"""The other ideas of 2012, each against a network without it."""

from lab.presets import PRESETS
from ui.kit import widgets
from ui.lab import page as lab_panels

NAMES = (
    "pooling",
    "overlapping",
    "normalisation",
    "augmentation",
    "depth",
    "first-filters",
    "half-the-data",
)

widgets.open_page("experiments")
lab_panels.shell("experiments", {name: PRESETS[name] for name in NAMES})
