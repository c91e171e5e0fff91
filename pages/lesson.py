"""The lesson: a step at a time, for one reader, or for a class on a screen."""

from ui import class_follow, state
from ui import lesson_panels as show

if state.NOTES.get():
    show.notes(show.open_lesson())
else:
    opened = show.open_lesson(class_follow.take_part())
    if state.PRESENT.get():
        show.presented(opened)
    else:
        show.read(opened)
