"""Two networks learn side by side; in one of them half of the units sleep."""

from ui.experiments import page, watch
from ui.kit import widgets

PAGE = "dropout"
NAMES = ("dropout-small", "dropout-large")

widgets.open_page(PAGE)
run_id = page.current(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    page.set_up(PAGE, NAMES)
page.more(PAGE, run_id)
