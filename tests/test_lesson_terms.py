"""Words of the glossary in a step: found in all their forms, linked at first use."""

from __future__ import annotations

import re
from math import exp, log

import pytest

from classroom.content import lesson, numbers
from classroom.content.lesson_files import Door
from classroom.content.terms import Finder, forms
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, Normalise
from ui.kit import sections, state
from ui.lesson import glossary
from ui.lesson.lesson_view import LessonView
from ui.lesson.measured_numbers import measured_numbers

ENGLISH = lesson.load()
KNOWN = numbers.numbers(measured_numbers(ENGLISH))
GLOSSARY = ENGLISH.tables["glossary"]
WANTED = (
    "epoch, stride, padding, channel, activation, pre-activation, logit, filter, "
    "kernel, output size, initialisation, initial weights, learning rate, velocity, "
    "training step, test time, predicted class, GPU, bias, unit, neuron, softmax, "
    "batch, cross-entropy, momentum, weight decay, sigmoid, generalisation, "
    "data augmentation, saturation, fine-tuning, weight sharing, regularisation, "
    "feature map, backpropagation"
)
LINK = re.compile(r'\[([^\]]+)\]\(#words "[^"]*"\)')

WORDS = {
    "map": {"word": "feature map", "say": "x", "forms": "feature map, maps"},
    "relu": {"word": "ReLU", "say": "x"},
    "class": {"word": "class", "say": "x", "forms": "predicted class"},
    "pass": {"word": "pass", "say": "x", "forms": ""},
}


def linked(*texts: str) -> tuple[str, ...]:
    return Finder.of(WORDS).linked(texts, lambda term, shown: f"<{term}:{shown}>")


def opened(slug: str, language: str = "en") -> LessonView:
    own = lesson.load(language)
    slugs = [step.slug for step in own.steps]
    return LessonView(own, own.step(slug), slugs.index(slug), KNOWN)


# --- where a word is found ----------------------------------------------------------


def test_a_word_is_linked_where_it_is_first_and_not_again() -> None:
    first, second = linked("ReLUs, then ReLU.", "A ReLU and maps.")
    assert first == "<relu:ReLUs>, then ReLU."
    assert second == "A ReLU and <map:maps>."


def test_the_longest_form_is_found_in_any_case() -> None:
    assert linked("Feature map") == ("<map:Feature map>",)


@pytest.mark.parametrize(
    "text",
    [
        "`ReLU`",
        "{relu}",
        "[ReLU](https://keras.io)",
        "pre-ReLU",
        "ReLU-like",
        "a class, a pass",
    ],
)
def test_code_numbers_links_and_other_words_stay_as_they_are(text: str) -> None:
    assert linked(text) == (text,)


def test_a_mark_is_for_another_way_of_writing() -> None:
    assert linked("[[class]], [[pass|goes]] and [[class|kinds]]") == (
        "<class:class>, <pass:goes> and kinds",
    )


def test_forms_are_the_word_and_its_plural_or_those_given() -> None:
    assert forms(WORDS["relu"]) == ("ReLU", "ReLUs")
    assert forms(WORDS["map"]) == ("feature map", "maps")
    assert forms(WORDS["pass"]) == ()


def test_no_form_belongs_to_two_words() -> None:
    every = [form.lower() for entry in GLOSSARY.values() for form in forms(entry)]
    assert sorted(set(every)) == sorted(every)


# --- in the lesson ------------------------------------------------------------------


@pytest.mark.parametrize("step", ENGLISH.steps, ids=lambda step: step.slug)
def test_every_word_that_a_step_uses_is_linked_once(step: lesson.LessonStep) -> None:
    shown = opened(step.slug).shown
    names = {form: term for term in GLOSSARY for form in forms(GLOSSARY[term])}
    names |= {"class": "class", "classes": "class", "shared weights": "sharing"}
    small = {form.lower(): term for form, term in names.items()}
    found = [small[text.lower()] for text in LINK.findall(" ".join(shown))]
    assert found == ENGLISH.finder.used((step.body, step.question, step.answer))
    assert len(found) >= 3


def test_a_step_without_a_translation_is_linked_in_its_own_language() -> None:
    missing = next(
        (s.slug for s in lesson.load("de").steps if s.language == "en"), None
    )
    if missing is None:
        pytest.skip("all steps are translated")
    assert LINK.findall(opened(missing, "de").shown.body)


def test_the_class_in_the_room_is_no_term() -> None:
    note = ENGLISH.step("start").note
    assert "Let the class" in note
    assert "class" not in ENGLISH.finder.used((note,))


def test_the_glossary_has_the_words_of_the_field() -> None:
    assert len(GLOSSARY) >= 45
    for word in WANTED.split(", "):
        found = ENGLISH.finder.used((word,))
        assert len(found) == 1, word


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_word_says_where_it_can_be_seen(term: str) -> None:
    door = ENGLISH.see(term)
    line = glossary.definitions(ENGLISH, KNOWN, [term])
    assert line.startswith(f"- **{GLOSSARY[term]['word']}**: ")
    assert not re.search(r"[{}]|\[\[", line)
    if door is None:
        assert "→" not in line
        return
    assert sections.has(door.page)
    keys = {key.name: key for key in state.KEYS}
    for name, value in door.query.items():
        assert door.page in keys[name].pages
        assert keys[name].parse(value) is not None
    assert line.endswith(f"]({glossary.address(door)})")


def test_most_words_can_be_seen_somewhere() -> None:
    unseen = [term for term in GLOSSARY if ENGLISH.see(term) is None]
    assert len(unseen) <= 8, unseen


def test_a_language_keeps_the_pages_of_the_english_words() -> None:
    assert lesson.load("de").see("pooling") == ENGLISH.see("pooling")


def test_an_address_is_what_the_browser_calls_the_page() -> None:
    door = Door("feature_maps", {"layer": "fc8"})
    assert glossary.address(door) == "feature-maps?layer=fc8"
    assert glossary.address(Door("dropout", {})) == "dropout"


# --- what the sentences say ---------------------------------------------------------


def said(term: str) -> str:
    return glossary.definitions(ENGLISH, KNOWN, [term])


def test_sums_in_the_glossary_are_right() -> None:
    logits = (2.0, 1.0, 0.0)
    whole = sum(exp(z) for z in logits)
    a, b, c = (f"{exp(z) / whole:.2f}" for z in logits)
    assert f"logits of 2, 1 and 0 become {a}, {b} and {c}" in LINK.sub(
        r"\1", said("softmax")
    )
    assert f"ln 1,000 = {log(1000):.2f}" in said("crossentropy")
    # the sigmoid's slope is s (1 - s), largest at s = 1/2
    assert "nowhere more than 1/4" in said("sigmoid")
    assert max(s / 1000 * (1 - s / 1000) for s in range(1001)) == 1 / 4
    units = 54 * 54 * 96
    assert f"{units * 11 * 11 * 3:,}" in said("sharing")
    assert f"{11 * 11 * 3 * 96 + 96:,} parameters" in said("sharing")
    assert "so 96 in conv1" in said("bias")
    assert "363 numbers in each filter of conv1, 2,304 in each" in said("filter")
    assert 3 * 3 * 256 == 2304
    assert "{0} × {0}".format(shapes.layer_info(SIMPLIFIED, "conv2").output[0]) in said(
        "padding"
    )
    assert "(224 − 11) / 4 + 1 = 54.25, so 54" in said("size")


def test_every_other_convolution_has_a_stride_of_one() -> None:
    assert "4 in conv1, 1 in the other convolutions" in said("stride")
    for spec in (SIMPLIFIED, ORIGINAL):
        assert [c.stride for c in spec.convolutions()] == [4, 1, 1, 1, 1]


def test_the_gradient_points_uphill() -> None:
    assert "uphill" in said("gradient")
    assert "the other way" in said("gradient")


def test_normalisation_is_the_papers_and_the_codes() -> None:
    norm = ORIGINAL.layer("norm1")
    assert isinstance(norm, Normalise)
    assert "(2 + 0.0001 · Σ a²)^0.75" in said("lrn")
    assert f"has {norm.alpha / norm.n:.5f} in place" in said("lrn")
