"""Two networks learn side by side; in one of them units are dropped at random."""

from ui.experiments import page, watch

PAGE = "dropout"
NAMES = ("dropout-small", "dropout-large")

run_id = page.open_page(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    page.set_up(PAGE, NAMES)
page.more(PAGE, run_id)
