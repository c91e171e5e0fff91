"""The other ideas of 2012, each against a network without it."""

from ui.experiments import page, watch
from ui.kit import widgets

PAGE = "experiments"
NAMES = (
    "pooling",
    "overlapping",
    "normalisation",
    "augmentation",
    "depth",
    "first-filters",
    "half-the-data",
)

widgets.open_page(PAGE)
run_id = page.current(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    page.set_up(PAGE, NAMES)
page.more(PAGE, run_id)
