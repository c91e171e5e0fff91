"""How AlexNet was trained in 2012, as the authors' own notebook tells it."""

from ui import training_2012_panels as show
from ui import widgets

widgets.open_page("training_2012")

show.run_145()
show.the_seven()
show.printed_numbers()
show.relatives()
show.tried()
show.still_open()
show.source()
