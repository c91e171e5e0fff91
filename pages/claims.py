"""What is said, what the paper says, what comes out here; timeline, sources."""

from ui.following import languages
from ui.kit import widgets, words
from ui.lesson import claims
from ui.lesson.lesson_view import open_lesson

with widgets.language(words.language()):
    widgets.open_page("claims")
    view = open_lesson()
    languages.switch()
    languages.note()

    claims.claims(view)
    claims.timeline(view)
    claims.to_glossary()
    claims.references(view)
