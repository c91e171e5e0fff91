"""Two networks learn side by side; in one of them half of the units sleep."""

from lab.experiments import PRESETS
from ui import lab_panels, widgets

NAMES = ("dropout-small", "dropout-large")

widgets.open_page("dropout")
lab_panels.shell("dropout", {name: PRESETS[name] for name in NAMES})
