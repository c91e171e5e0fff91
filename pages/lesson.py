"""The lesson: a step at a time, for one reader, or for a class on a screen."""

from ui.following import follow
from ui.kit import state
from ui.lesson import page as show

if state.NOTES.get():
    show.notes(show.open_lesson())
else:
    opened = show.open_lesson(follow.take_part())
    if state.PRESENT.get():
        show.presented(opened)
    else:
        show.read(opened)
