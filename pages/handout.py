"""The whole lesson on paper: for students, with answers, or to prepare it."""

from ui.kit import widgets, words
from ui.lesson import handout
from ui.lesson.lesson_view import open_lesson

with widgets.language(words.language()):
    widgets.open_page("handout")
    handout.choose()
    handout.show(open_lesson())
