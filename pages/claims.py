"""What is said, what the paper says, what comes out here; timeline, words, sources."""

from ui.following import languages
from ui.kit import widgets, words
from ui.lesson import claims
from ui.lesson.opened import open_lesson

with widgets.language(words.language()):
    widgets.open_page("claims")
    opened = open_lesson()
    languages.switch()
    languages.note()

    claims.claims(opened)
    claims.timeline(opened)
    claims.glossary(opened)
    claims.references(opened)
