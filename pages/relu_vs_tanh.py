"""Two networks learn side by side; their activation function is the difference."""

from ui.experiments import page, watch
from ui.experiments.findings import factor

PAGE = "relu_vs_tanh"
NAMES = (
    "relu-vs-tanh-2012",
    "relu-vs-tanh-authors",
    "relu-vs-tanh-unit",
    "relu-vs-tanh-today",
    "relu-vs-tanh-deep",
    "relu-vs-tanh-alexnet",
)

run_id = page.open_page(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    with page.set_up(PAGE, NAMES):
        factor.panel()
page.more(PAGE, run_id)
