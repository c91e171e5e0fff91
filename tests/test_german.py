"""German as its readers know it: the field's words, numbers and marks."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from classroom.content import lesson, numbers
from classroom.questions.bank import bank
from model.network.specs import SPECS
from paths import ROOT
from tests.visible_texts import OTHER_LANGUAGES, READERS, Text
from tests.vocabulary import Word
from ui.kit import words
from ui.lesson.measured_numbers import measured_numbers

_LIST: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "german.toml").read_text("utf-8")
)["word"]
OLD = {word["name"]: word.pop("old") for word in _LIST}
WORDS = [Word(**word) for word in _LIST]


def german_texts() -> list[Text]:
    """Every text of every German file."""
    files = sorted(
        path
        for folder in OTHER_LANGUAGES
        for path in (ROOT / folder).rglob("*")
        if path.suffix in READERS
    )
    assert len(files) > 30
    return [
        text
        for path in files
        for text in READERS[path.suffix](
            path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        )
    ]


TEXTS = german_texts()


def found(say: str, word: Word) -> list[str]:
    """Where a text has a word that must not come back."""
    meant = [span.span() for but in word.but for span in re.finditer(but, say, re.I)]
    return [
        say[max(0, hit.start() - 30) : hit.end() + 30]
        for hit in re.finditer(word.pattern, say, re.I)
        if not any(a <= hit.start() and hit.end() <= b for a, b in meant)
    ]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_german_uses_the_fields_words(word: Word) -> None:
    wrong = [
        f"{text.path}, {text.where}: “{hit}”; say {word.say}"
        for text in TEXTS
        for hit in found(text.say, word)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_the_old_words_are_caught(word: Word) -> None:
    assert found(OLD[word.name], word)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r"(?<=[\d}]) %|[\d}]%", "a no-break space stands before %"),
        (r"\d\.\d{1,2}\b(?!\d)", "decimals have a comma"),
        (r"\d,\d{3}\b", "thousands have a point"),
        (r"[“][^”]*”|\"", "quotation marks are „ and “"),
        (r"\b(ae|oe|ue)\b|\w+ss(e|en)? (ist|sind) gross", "umlauts are written"),
    ],
    ids=["%", "decimals", "thousands", "quotes", "umlauts"],
)
def test_german_is_set_as_german_is(wrong: str, why: str) -> None:
    number_of_a_place = (
        r"Abschnitte? (\d\.\d(, | und | bis )?)+|\d\.\d bis|bis \d\.\d"
        r"|§\d\.\d(–\d\.\d)?"
    )
    bad = []
    for text in TEXTS:
        if text.where.startswith("doors"):
            continue
        if text.path.endswith("language.toml"):
            continue
        said = re.sub(r"`[^`]*`|„… removing[^“]*“|:[^{}]*(?=\})", "", text.say)
        said = re.sub(number_of_a_place, "", said)
        bad += [f"{text.path}, {text.where}: {said}" for _ in re.findall(wrong, said)]
    assert not bad, why + "\n" + "\n".join(bad)


PLACES = {  # where in a source something stands
    "abstract": "Zusammenfassung",
    "by arithmetic": "daraus berechnet",
    "fig.": "Abb.",
    "tables": "Tabellen",
    "table": "Tabelle",
    "and": "und",
}


def german_place(place: str) -> str:
    words = "|".join(map(re.escape, PLACES))
    return re.sub(rf"(?<!\w)({words})(?!\w)", lambda found: PLACES[found[1]], place)


def test_places_in_sources_are_german() -> None:
    english, german = lesson.load(), lesson.load("de")
    for ours, theirs in zip(german.steps, english.steps, strict=True):
        for own, source in zip(ours.sources, theirs.sources, strict=True):
            assert own.place == german_place(source.place), ours.slug
    for name, row in german.tables["claims"].items():
        source = english.tables["claims"][name]["source"]
        assert row["source"] == german_place(source), name


def test_numbers_that_are_put_into_words_are_german() -> None:
    style = lesson.load("de").style
    text = words.Text.of("{a:,} {b:.1%} {c} {d:g} {name} {e}", style)
    filled = text.format(a=6400, b=0.153, c="1,234.5%", d=0.5, name="1.5", e=96)
    assert filled == "6.400 15,3\u00a0% 1.234,5\u00a0% 0,5 1.5 96"
    twice = words.Text.of("{a} · {b}", style)
    times = words.Text.of("{by:.1f}×", style).format(by=1.5)
    shares = words.Text.of("{p:.1%}", style).format(p=0.153)
    assert twice.format(a=times, b=shares) == "1,5× · 15,3\u00a0%"
    known = numbers.numbers(measured_numbers(lesson.load()))
    german = lesson.load("de")
    assert (
        german.markdown("{top5} {paper_parameters}", known) == "15,3\u00a0% 60.965.224"
    )


def _leaves(table: dict[str, Any], where: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in table.items():
        place = f"{where}.{key}".lstrip(".")
        out |= _leaves(value, place) if isinstance(value, dict) else {place: str(value)}
    return out


def _lengths(table: dict[str, Any], where: str = "") -> dict[str, int]:
    """How many entries each list has."""
    out: dict[str, int] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            out |= _lengths(value, f"{where}{key}.")
        elif isinstance(value, list):
            out[f"{where}{key}"] = len(value)
    return out


FILES = sorted(
    path.relative_to(ROOT / "assets" / "de").as_posix()
    for path in (ROOT / "assets" / "de").rglob("*.toml")
)
# Files of which a student reads a part in German; of all others, all of it.
IN_PART = {
    "pages/architecture.toml",  # what the lesson shows of it
    "samples/samples.toml",
}
# Words of exported files, and of the terminal that the lab is started in.
IN_ENGLISH: dict[str, tuple[str, ...]] = {
    "pages/class_results.toml": (
        "gradebook.file.",
        "gradebook.kinds.",
        "person.readme",
    ),
    "pages/sign_in.toml": ("where", "where_here", "ready", "first_start"),
}
# What English has in classroom/, store/, model/, lab/, assets/weights/ and
# assets/recorded/.
OWN = {"labels", "measured", "titles", "hardware", "strangers", "elsewhere"}


@pytest.mark.parametrize("name", FILES)
def test_a_page_has_the_words_that_english_has(name: str) -> None:
    """All of them, or whole tables of them, or some at its top."""
    german = tomllib.loads((ROOT / "assets" / "de" / name).read_text("utf-8"))
    english = tomllib.loads((ROOT / "assets" / name).read_text("utf-8"))
    for table in OWN & {key for key in german if isinstance(german[key], dict)}:
        del german[table]
    own, theirs = _leaves(german), _leaves(english)
    assert own.keys() <= theirs.keys()
    missing = {key for key in theirs.keys() - own.keys() if not key.endswith("icon")}
    missing = {key for key in missing if not key.startswith(IN_ENGLISH.get(name, ()))}
    if name not in IN_PART:
        assert not missing
    elif name == "samples/samples.toml":
        wanted = {k for k in theirs if k.endswith((".title", ".alt"))}
        assert wanted <= own.keys()
    else:
        tables = {key for key in missing if key.rpartition(".")[0] in german}
        assert not tables, "a table is there whole, or not at all"
    assert _lengths(german).items() <= _lengths(english).items()
    for key, text in own.items():
        ours = set(re.findall(r"\{(\w+)", text))
        assert ours == set(re.findall(r"\{(\w+)", theirs[key])), key


def test_networks_are_called_alike_on_pages_and_in_the_quiz() -> None:
    titles = words.page("architecture", "de").as_dict()["titles"]
    assert list(titles) == list(SPECS)
    for name, said in bank("de").words.items():
        if name.startswith("network_"):
            assert titles[name.removeprefix("network_")] == said


def test_no_file_is_in_part_without_need() -> None:
    assert set(FILES) >= IN_PART
