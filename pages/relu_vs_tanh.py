"""Two networks learn side by side; their activation function is the difference."""

from lab.presets import PRESETS
from ui.kit import widgets
from ui.lab import factor
from ui.lab import page as lab_panels

NAMES = (
    "relu-vs-tanh-2012",
    "relu-vs-tanh-authors",
    "relu-vs-tanh-unit",
    "relu-vs-tanh-today",
    "relu-vs-tanh-deep",
    "relu-vs-tanh-alexnet",
)

widgets.open_page("relu_vs_tanh")
lab_panels.shell("relu_vs_tanh", {name: PRESETS[name] for name in NAMES}, factor.panel)
