"""No word of the glossary is used before the step that says what it is."""

from __future__ import annotations

import pytest

from classroom.content import lesson
from classroom.content.lesson import LessonStep

ENGLISH = lesson.load()
SLUGS = [step.slug for step in ENGLISH.steps]

# By step, the words that it says what they are.
MEETS = {
    "start": "class softmax logit",
    "before": "handmade linear feature",
    "lenet": "cnn convolution sharing pooling dense unit parameter mac",
    "2012": "ilsvrc top5 finetuning",
    "revolution": "gpu",
    "flow": "map filter field",
    "convolution": "stride padding bias",
    "learning": "forward loss crossentropy gradient backpropagation step batch epoch "
    "rate momentum velocity decay initialisation",
    "nonlinearity": "activation nonlinearity relu sigmoid",
    "relu": "tanh preactivation saturation vanishing",
    "code": "size lrn",
    "generalisation": "generalisation overfitting",
    "dropout": "dropout testtime batchnorm",
    "augmentation": "augmentation",
    "practice": "channel",
    "teach": "transfer",
}
UNUSED = {"regularisation"}  # explained where others' explanations use it

# A word that is used before all the same, linked to its explanation below the step.
NAMED = "the four differences are named together; each has a step of its own"
EARLY = {
    ("start", "cnn"): "the lesson's subject is called by its name from the first line",
    ("before", "ilsvrc"): "the next step but one says what the contest asked for",
    ("2012", "gpu"): "a wrong option: what it is does not matter to the answer",
    ("revolution", "forward"): "the live figure measures one, and says what it is",
    ("revolution", "epoch"): "the paper's training is estimated, whose unit it is",
    ("differences", "relu"): NAMED,
    ("differences", "tanh"): NAMED,
    ("differences", "dropout"): NAMED,
    ("differences", "overfitting"): NAMED,
    ("differences", "map"): "its answer counts what the dense layer reads: the maps",
    ("flow", "relu"): "the layers are named in their order",
    ("nonlinearity", "tanh"): "the curve is shown; its slope is the next step's",
}


def words_used(step: LessonStep) -> list[str]:
    """The words that a student reads in a step before the next one."""
    options = [option.text for option in step.think.options]
    finder = lesson.load(step.language).finder
    return finder.used([step.title, step.body, step.question, *options, step.answer])


def meets() -> dict[str, str]:
    return {word: step for step, words in MEETS.items() for word in words.split()}


def test_every_word_is_met_in_one_step() -> None:
    every = [word for words in MEETS.values() for word in words.split()]
    assert len(every) == len(set(every))
    assert set(every) | UNUSED == set(ENGLISH.tables["glossary"])
    assert set(MEETS) <= set(SLUGS)


@pytest.mark.parametrize("word", meets())
def test_a_word_is_used_by_the_step_that_it_is_met_in(word: str) -> None:
    assert word in words_used(ENGLISH.step(meets()[word]))


@pytest.mark.parametrize("language", lesson.languages())
@pytest.mark.parametrize("slug", SLUGS)
def test_no_word_is_used_before_it_is_met(slug: str, language: str) -> None:
    met = meets()
    early = {
        word
        for word in words_used(lesson.load(language).step(slug))
        if word not in UNUSED and SLUGS.index(met[word]) > SLUGS.index(slug)
    }
    allowed = {word for step, word in EARLY if step == slug}
    assert early <= allowed


def test_what_is_allowed_early_is_needed_and_short() -> None:
    assert len(EARLY) <= 15
    for slug, word in EARLY:
        assert word in words_used(ENGLISH.step(slug)), (slug, word)
        assert SLUGS.index(meets()[word]) > SLUGS.index(slug)
