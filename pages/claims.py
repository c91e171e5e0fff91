"""What is said, what the paper says, what comes out here; timeline, words, sources."""

from ui.kit import widgets, words
from ui.lesson import page as lesson_panels

with widgets.language(words.language()):
    widgets.open_page("claims")
    opened = lesson_panels.open_lesson()

    lesson_panels.claims(opened)
    lesson_panels.timeline(opened)
    lesson_panels.glossary(opened)
    lesson_panels.references(opened)
