"""The bank in another language: assets/quiz/<language>/*.toml, over the English one.

    index.toml      whole: the same tables and keys as in English
    <topic>.toml    [[question]] tables as in English, with the same id, but with words
                    alone: title, ask, why, hints, otherwise, points, source, label (if
                    it has letters); [[question.options]] with id, say, because, to;
                    [question.mistakes], each a sentence

A question is there whole or not at all; one that is not there is asked in English. Each
text has the placeholders of the English one. What an answer is stored as (ids, numbers
and words as typed) is the same in every language: it is never in these files. The words
that a short answer may be are in English files alone, those of every language among
them: it is read alike in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

from classroom.content import lesson
from classroom.questions.question_files import (
    INDEX,
    LONGEST_TITLE,
    SHARED,
    Bank,
    Mistake,
    Option,
    Question,
    QuestionFile,
    apart,
    read_index,
)

TEXTS = ("title", "ask", "why", "otherwise", "source", "label")
LISTS = ("hints", "points")


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def words_of(question: Question) -> dict[str, str]:
    """Every text of a question that is translated, by its place in the file."""
    found = {name: getattr(question, name) for name in TEXTS}
    if not re.search(r"[a-z]", re.sub(r"\{[^}]*\}", "", found["label"])):
        del found["label"]  # figures alone
    for name in LISTS:
        for at, text in enumerate(getattr(question, name)):
            found[f"{name}.{at}"] = text
    for option in question.options:
        if question.kind != "short":
            found[f"options.{option.id}.say"] = option.text
        found[f"options.{option.id}.because"] = option.because
        found[f"options.{option.id}.to"] = option.to
    for name, mistake in question.mistakes.items():
        found[f"mistakes.{name}"] = mistake.feedback
    return {place: text for place, text in found.items() if text}


def _flat(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of a translated [[question]], by the places that `words_of` has."""
    for name, value in raw.items():
        match name, value:
            case "id", _:
                pass
            case (("hints" | "points"), list()):
                yield from ((f"{name}.{at}", str(x)) for at, x in enumerate(value))
            case "options", list():
                for option in value:
                    texts = {k: v for k, v in option.items() if k != "id"}
                    for key, text in texts.items():
                        yield f"options.{option.get('id')}.{key}", str(text)
            case "mistakes", dict():
                yield from ((f"mistakes.{key}", str(x)) for key, x in value.items())
            case _:
                yield name, str(value)


def translate(question: Question, raw: Mapping[str, Any], language: str) -> Question:
    """An English question with the words of a translated [[question]].

    Raises:
        ValueError: they do not fit; the message names the question and the place.
    """
    english, translated = words_of(question), dict(_flat(raw))
    if missing := english.keys() - translated.keys():
        raise ValueError(f"{question.id}: it lacks {', '.join(sorted(missing))}")
    if extra := translated.keys() - english.keys():
        raise ValueError(f"{question.id}: English has no {', '.join(sorted(extra))}")
    for place, text in translated.items():
        if not text.strip():
            raise ValueError(f"{question.id}: {place} is empty")
        wanted, given = placeholders(english[place]), placeholders(text)
        if wanted != given:
            raise ValueError(
                f"{question.id}: {place} has the placeholders "
                f"{', '.join(sorted(given)) or 'none'}, English has "
                f"{', '.join(sorted(wanted)) or 'none'}"
            )
    if len(translated["title"]) > LONGEST_TITLE:
        raise ValueError(
            f"{question.id}: a title has 1 to {LONGEST_TITLE} characters. "
            f"Received: {len(translated['title'])}"
        )

    def option(old: Option) -> Option:
        place = f"options.{old.id}"
        return replace(
            old,
            text=translated.get(f"{place}.say", old.text),
            because=translated.get(f"{place}.because", ""),
            shown=translated.get(f"{place}.to", ""),  # `to` is what is stored: it stays
        )

    def mistake(name: str, old: Mistake) -> Mistake:
        return replace(old, feedback=translated[f"mistakes.{name}"])

    return replace(
        question,
        language=language,
        title=translated["title"],
        ask=translated["ask"],
        why=translated["why"],
        otherwise=translated.get("otherwise", ""),
        source=translated.get("source", ""),
        label=translated.get("label", question.label),
        hints=tuple(translated[f"hints.{at}"] for at in range(len(question.hints))),
        points=tuple(translated[f"points.{at}"] for at in range(len(question.points))),
        options=tuple(map(option, question.options)),
        mistakes={k: mistake(k, m) for k, m in question.mistakes.items()},
    )


def _shared(english: Bank, folder: Path) -> dict[str, dict[str, str]]:
    """A language's index.toml.

    Raises:
        ContentBroken: it is not whole, or has more than English.
    """
    file = QuestionFile(folder / f"{INDEX}.toml")
    head = read_index(file)
    for part, field in SHARED.items():
        translated, theirs = head[part], getattr(english, field)
        line = file.line_of(rf"^\[{part}\]")
        if odd := translated.keys() ^ theirs.keys():
            raise file.broken(
                line,
                f"[{part}] has the keys of English. "
                f"Different: {', '.join(sorted(odd))}",
            )
        for name, text in translated.items():
            if placeholders(text) != placeholders(theirs[name]):
                raise file.broken(
                    line, f"{name} of [{part}] has other placeholders than English"
                )
    return head


def load(english: Bank, folder: Path) -> Bank:
    """The bank in the language of a folder.

    Raises:
        ContentBroken: the first thing that is wrong in a file.
    """
    language = folder.name
    head = _shared(english, folder)
    known = language in lesson.languages()
    steps = lesson.load(language if known else lesson.DEFAULT).steps
    found = english.every
    for path in sorted(folder.glob("*.toml")):
        if path.stem == INDEX:
            continue
        file = QuestionFile(path)
        for number, raw in enumerate(file.toml().get("question", [])):
            name = str(raw.get("id"))
            old = found.get(name)
            try:
                if old is None or old.topic != path.stem:
                    raise ValueError(f"English has no {name!r} in {path.name}")
                if old.language == language:
                    raise ValueError(f"{name}: the id is taken")
                found[name] = translate(old, raw, language)
            except ValueError as error:
                raise file.wrong(str(error), number) from error
    titles = {step.slug: lesson.without_marks(step.title) for step in steps}
    asked, retired = apart(found)
    return Bank(
        asked, head["topics"], titles, head["grading"], head["own"], head["units"],
        head["words"], language, retired,
    )  # fmt: skip
