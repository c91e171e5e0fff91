"""Texts use the field's words: tests/vocabulary.toml has the list, with exceptions."""

import re
from functools import cache

import pytest

from tests.visible_texts import (
    Text,
    all_texts,
    of_markdown,
    of_python,
    of_toml,
    paths,
)
from tests.vocabulary import PLACES, WORDS, Place, Word


def found(text: Text, word: Word) -> list[str]:
    """Where this text has the banned wording, and does not mean something else."""
    if word.files and not text.path.startswith(tuple(word.files)):
        return []
    say = re.sub(r"\{\w[^{}]*\}", "{}", text.say)  # the name of a number is not read
    meant = [span.span() for but in word.but for span in re.finditer(but, say, re.I)]
    return [
        say[max(0, hit.start() - 30) : hit.end() + 30]
        for hit in re.finditer(word.pattern, say, re.I)
        if not any(a <= hit.start() and hit.end() <= b for a, b in meant)
    ]


def excused(text: Text, word: Word) -> bool:
    """Whether the list of places says that this wording may stand here."""
    return any(
        (place.file, place.word) == (text.path, word.name) and place.phrase in text.say
        for place in PLACES
    )


@cache
def found_anywhere() -> list[tuple[Text, Word, list[str]]]:
    """Every banned wording in every text."""
    return [
        (text, word, hits)
        for text in all_texts()
        for word in WORDS
        if (hits := found(text, word))
    ]


def test_no_text_says_it_in_the_old_words() -> None:
    wrong = [
        f"{text.path}, {text.where}: “{hit}”; say {word.say}"
        for text, word, hits in found_anywhere()
        for hit in hits
        if not excused(text, word)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "place", PLACES, ids=lambda place: f"{place.file}: {place.word}"
)
def test_every_excuse_is_needed(place: Place) -> None:
    assert place.reason
    assert any(
        (text.path, word.name) == (place.file, place.word) and place.phrase in text.say
        for text, word, _ in found_anywhere()
    )


# Sentences as they once stood, each with the words that it must be caught for.
OLD = {
    "All 40 passes are done.": "pass",
    "passes through the pictures": "pass through",
    "ReLU reached 25% training error after 9.0 passes.": "passes counted",
    "Loading the pictures: 40%.": "picture as data",
    "How typical: of the validation pictures of X, 60% lie farther": (
        "picture of a data set"
    ),
    "Windows of 3 pixels in steps of 2 share a row": "steps of",
    "2 zeros on each side": "zeros around",
    "54 positions a side": "a side",
    "windows of 3 in steps of 2": "window",
    "6,400 numbers in one long row": "laid out in a row",
    "ReLU or tanh, with today's first weights": "first weights",
    "How much it is depends on start values": "start values",
    "Which means of AlexNet is against which problem?": "means of 2012",
    "outputs halved in use": "in use",
    "With 50% asleep it is used to less than it gets.": "asleep",
    "Units of fc6 that may speak, strongest first": "may speak",
    "8 of 10 networks give the same first name": "first name",
    "4 of them put “cat” first, with 10% to 30%": "puts first",
    "it names 50% of all 10,000 validation images right": "named right",
    "turns 200 numbers into shares that add up to one": "share as probability",
    "Paper: 0.4 points off in the first guess": "first guess",
    "Paper: 0.4 points better": "points better",
    "so few images can be learned by heart": "by heart",
    "two graphics cards": "graphics card",
    "Early layers answer to edges": "answer as activation",
    "The large filter is one sum; the three are a sum of bent sums": (
        "sum as pre-activation"
    ),
    "Write the sum out once more": "sum as calculation",
    "the new speed v is": "speed as velocity",
    "Pictures in a step": "first gradient step",
    "Change the picture, or hand in your own.": "hand in",
    "where does the comparison limp?": "limp",
    "Its channels are turned round at decoding": "turned round",
    "Rounded will do.": "rounded will do",
    "As a fraction, yes. Asked is per cent.": "inversion",
    "the dense ones are no convolutions": "no …",
    "ReLU: 9.0 in the mean, 8.8 to 9.2.": "in the mean",
    "at most 60 seconds an arm": "per",
    "with notes for whoever presents": "whoever presents",
    "5 convolutions look at the image.": "numeral first",
    "Nobody can tell: too few of them arrived.": "nobody can tell",
}


@pytest.mark.parametrize(("say", "name"), OLD.items())
def test_the_old_sentences_are_caught(say: str, name: str) -> None:
    text = Text("assets/pages/lab.toml", "here", say)
    assert name in {word.name for word in WORDS if found(text, word)}


def test_every_word_of_the_list_has_caught_an_old_sentence() -> None:
    assert sorted(set(OLD.values())) == sorted(word.name for word in WORDS)


@pytest.mark.parametrize(
    "say",
    [
        "the middle 80% of its pre-activations pass no gradient on",
        "One forward pass takes 21 ms.",
        "This database is in use: stop the server first.",
        "stride: how many pixels the filter moves",
    ],
)
def test_what_means_something_else_is_left_alone(say: str) -> None:
    text = Text("assets/pages/lab.toml", "here", say)
    assert not [word.name for word in WORDS if found(text, word)]


def test_toml_is_read_to_its_last_leaf() -> None:
    source = 'a = "one"\nicon = ":x:"\n[b.c]\nd = ["two", {e = "three"}]\nf = 4\n'
    assert [(text.where, text.say) for text in of_toml("x", source)] == [
        ("a", "one"),
        ("b.c.d[0]", "two"),
        ("b.c.d[1].e", "three"),
    ]


def test_markdown_is_read_without_its_code() -> None:
    source = (
        '+++\ntitle = "head"\n+++\nOne [link](pass.md) and `pass`.\n\n'
        "```\npasses\n```\n\n| a | cell |\n"
    )
    said = [(text.where, text.say) for text in of_markdown("x", source)]
    assert said == [
        ("title", "head"),
        ("line 4", "One [link] and `…`."),
        ("line 10", "| a | cell |"),
    ]


def test_python_is_read_as_a_visitor_sees_it() -> None:
    source = (
        '"""A docstring with words."""\n'
        'A = f"All {b} passes are done."\n'
        'log.warning("Arm %s failed", 1)\n'
        'raise ValueError("only a slip of ours")\n'
        'raise Refused("a visitor reads this")\n'
        'C = "identifier"\n'
    )
    assert [text.say for text in of_python("x", source)] == [
        "All {} passes are done.",
        "a visitor reads this",
    ]


def test_the_texts_of_every_kind_are_among_those_read() -> None:
    """One sentence of each kind of file, as a visitor meets it."""
    names = paths()
    for path in (
        "README.md",
        "docs/operating.md",
        "assets/pages/lab.toml",
        "assets/quiz/counting.toml",
        "assets/lesson/en/35-relu.md",
        "assets/lesson/en/claims.toml",
        "assets/weights/tiny-imagenet.card.md",
        "lab/run/watcher.py",
        "ui/kit/uploads.py",
        "classroom/questions/answers/counting.py",
    ):
        assert path in names
