"""The other ideas of 2012, each against a network without it."""

from ui.experiments import page, watch

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

run_id = page.open_page(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    page.set_up(PAGE, NAMES)
page.more(PAGE, run_id)
