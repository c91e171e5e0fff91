"""How AlexNet was trained in 2012, as the authors' own notebook tells it."""

from ui import languages, widgets, words
from ui import training_2012_panels as show

with widgets.language(words.language()):
    widgets.open_page("training_2012")
    languages.switch()
    languages.note()
    show.run_145()
    show.the_seven()
    show.printed_numbers()
    show.relatives()
    show.tried()
    show.still_open()
    show.source()
