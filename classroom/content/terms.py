"""The glossary's words in a text: found in all their forms, linked where first used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

MARK = re.compile(r"\[\[([a-z0-9-]+)(?:\|([^\]\n]+))?\]\]")  # [[relu]], [[relu|ReLUs]]
_LEFT_ALONE = r"`[^`]*`|\{\w*\}|\[[^\]\[]*\]\([^)]*\)"  # code, numbers, links

Link = Callable[[str, str], str]  # term, text -> the link as Markdown


def forms(entry: Mapping[str, str]) -> tuple[str, ...]:
    """How a glossary word is written in running text."""
    written = entry.get("forms")
    if written is None:
        return entry["word"], f"{entry['word']}s"
    return tuple(form.strip() for form in written.split(",") if form.strip())


@dataclass(frozen=True)
class Finder:
    """Finds the words of one glossary, in texts of its language."""

    words: Mapping[str, str]  # term: the word as the glossary has it
    by_form: Mapping[str, str]  # a form in small letters: its term
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, glossary: Mapping[str, Mapping[str, str]]) -> Finder:
        """The finder of a glossary; the longest form that fits is the one found."""
        by_form = {
            form.lower(): term
            for term, entry in glossary.items()
            for form in forms(entry)
        }
        longest = sorted(by_form, key=len, reverse=True)
        each = "|".join(map(re.escape, longest)) or r"(?!)"
        pattern = re.compile(
            rf"{_LEFT_ALONE}|{MARK.pattern}|(?<![\w-])({each})(?![\w-])", re.IGNORECASE
        )
        return cls({t: e["word"] for t, e in glossary.items()}, by_form, pattern)

    def _terms(self, text: str) -> Iterator[tuple[re.Match[str], str, str]]:
        """Each word in a text: the match, its term, what a reader sees."""
        for found in self.pattern.finditer(text):
            if found[1]:
                yield found, found[1], found[2] or self.words[found[1]]
            elif found[3]:
                yield found, self.by_form[found[3].lower()], found[3]

    def used(self, texts: Iterable[str]) -> list[str]:
        """The terms that some texts use, in the order of their first use."""
        found = (term for text in texts for _, term, _ in self._terms(text))
        return list(dict.fromkeys(found))

    def linked(self, texts: Iterable[str], link: Link) -> tuple[str, ...]:
        """Texts that are read one after the other, each term linked where it is first.

        Marks of terms that were linked before become plain words.
        """
        known: set[str] = set()
        out = []
        for text in texts:
            parts, at = [], 0
            for found, term, shown in self._terms(text):
                parts += [
                    text[at : found.start()],
                    shown if term in known else link(term, shown),
                ]
                known.add(term)
                at = found.end()
            out.append("".join([*parts, text[at:]]))
        return tuple(out)
