"""The lesson: a step at a time, for one reader, or for a class on a screen."""

from ui import lesson_panels as show
from ui import state

opened = show.open_lesson()
if state.NOTES.get():
    show.notes(opened)
elif state.PRESENT.get():
    show.presented(opened)
else:
    show.read(opened)
