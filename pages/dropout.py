"""Two networks learn side by side; in one of them half of the units sleep."""

from lab.presets import PRESETS
from ui.kit import widgets
from ui.lab import page as lab_panels

NAMES = ("dropout-small", "dropout-large")

widgets.open_page("dropout")
lab_panels.shell("dropout", {name: PRESETS[name] for name in NAMES})
