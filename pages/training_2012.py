"""How AlexNet was trained in 2012, as the authors' own notebook tells it."""

from ui.following import languages
from ui.kit import widgets, words
from ui.network import training_2012

with widgets.language(words.language()):
    widgets.open_page("training_2012")
    languages.switch()
    languages.note()
    training_2012.run_145()
    training_2012.the_seven()
    training_2012.printed_numbers()
    training_2012.relatives()
    training_2012.tried()
    training_2012.still_open()
    training_2012.source()
