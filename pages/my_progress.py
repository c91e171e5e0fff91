"""What one has answered, guessed and been marked so far; to print at the end."""

from ui.kit import widgets, words
from ui.quiz import my_progress

with widgets.language(words.language()):
    widgets.open_page("my_progress")
    my_progress.show()
