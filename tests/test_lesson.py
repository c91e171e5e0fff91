"""The lesson's content keeps its promises, and its loader names every mistake."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from classroom.content import lesson, numbers
from classroom.content.lesson import FOLDER, LessonStep
from classroom.content.lesson_files import LessonBroken
from paths import ROOT
from ui.kit import sections, state
from ui.lesson import live as lesson_live
from ui.lesson.measured_numbers import measured_numbers

ENGLISH = lesson.load()
KNOWN = numbers.numbers(measured_numbers(ENGLISH))
OWN = [  # each step in the languages that it is written in
    (language, step)
    for language in lesson.languages()
    for step in lesson.load(language).steps
    if step.language == language
]
ids = [f"{language}-{step.slug}" for language, step in OWN]

# What the outline of the written lesson says, by step, as the reader reads it.
POINTS = {
    "start": ["In 2012", "steps, in 3 parts", "arrow keys step", "R reveals"],
    "before": [
        "Before 2012",
        "HOG and SIFT",
        "hand-made features",
        "linear classifier",
        "wrong for 28.2% of the images in 2010, 25.8% in 2011",
        "thought too slow and too unreliable",
    ],
    "lenet": ["LeNet-5", "changed the field", "61,706"],
    "2012": [
        "most researchers thought deep networks too slow to train and too unreliable",
        "Krizhevsky",
        "Sutskever",
        "Hinton",
        "ImageNet challenge",
        "15.3%",
        "changed the mindset of the whole community",
    ],
    "revolution": ["Depth works", "Data", "Speed", "GPUs"],
    "differences": ["More convolutions", "ReLU", "tanh", "Max", "pooling", "Dropout"],
    "flow": ["convolution", "ReLU", "pooling", "dense", "output", "abstract"],
    "convolution": [
        "multiply number by number",
        "stride, 4 pixels",
        "Padding",
        "42.1 billion weights",
        "34,848",
        "Pooling then forgives small shifts",
    ],
    "learning": [
        "softmax",
        "cross-entropy",
        "with ten classes the loss is 2.30, with 1,000 it is 6.91",
        "Backpropagation finds the gradient",
        "Momentum adds 0.9 of the step before",
        "weight decay",
    ],
    "nonlinearity": [
        "linear layer after a linear layer is linear again",
        "ReLU bends the line",
        "tanh and the sigmoid",
    ],
    "relu": [
        "the sigmoid or, like LeNet, tanh",
        "vanishing gradient",
        "takes 6 times as many epochs with tanh",
        "On all 50,000 images of its data we measured 6.6; on 10,000 only 1.4",
        "also depends on initialisation and learning rate",
    ],
    "layers": [
        "5 convolutions",
        "3 dense layers",
        "over 60 million",
        "extremely large at the time",
        "50,844,008",
    ],
    "code": ["Sequential", "Keras", "not compiled", "`input_shape=`", "`pool_size=`"],
    "generalisation": ["Training images", "Validation images", "Test images"],
    "dropout": ["In training", "random units", "robust", "overfitting", "50%"],
    "augmentation": ["Data augmentation", "ten crops vote", "label"],
    "analogy": [
        "student",
        "patterns",
        "memorises",
        "This ability to generalise made it powerful",
    ],
    "practice": ["11 × 11", "receptive field", "reveal"],
    "data": ["training images", "validation images", "none of these"],
    "teach": ["transfer learning", "fc7", "last layer"],
    "stayed": ["still used today", "learned, not designed", "LRN"],
    "next": ["VGG", "deeper", "simpler", "outperform"],
}
OPEN_QUESTION = ["receptive field", "low-frequency structure and colour"]


def read(language: str, step: LessonStep, *texts: str) -> str:
    """Texts as a reader sees them, without the marks of links."""
    said = " ".join(lesson.load(language).markdown(text, KNOWN) for text in texts)
    return re.sub(r'\[([^\]]+)\]\(#words "[^"]*"\)', r"\1", said)


def texts(step: LessonStep) -> tuple[str, ...]:
    return step.title, step.body, step.question, step.answer, step.note


# --- the content --------------------------------------------------------------------


def test_every_point_of_the_outline_has_its_step_in_order() -> None:
    assert [step.slug for step in ENGLISH.steps] == list(POINTS)


@pytest.mark.parametrize("slug", POINTS)
def test_every_point_of_the_outline_is_made(slug: str) -> None:
    step = ENGLISH.step(slug)
    said = read("en", step, step.body)
    missing = [point for point in POINTS[slug] if point not in said]
    assert not missing, said


def test_the_practice_question_has_the_model_answer() -> None:
    step = ENGLISH.step("practice")
    said = read("en", step, step.answer, step.note)
    assert "few positions" in said
    assert "wider than three pixels" in said
    for point in OPEN_QUESTION:
        assert point in said


@pytest.mark.parametrize(
    ("value", "form", "english", "german"),
    [
        (50_844_008, ",d", "50,844,008", "50.844.008"),
        (0.153, ".1%", "15.3%", "15,3\u00a0%"),
        (6.2e-10, ".2g", "6.2 × 10⁻¹⁰", "6,2 × 10⁻¹⁰"),
        (1.0, ".2g", "1", "1"),
    ],
)
def test_a_number_is_written_as_a_language_does(
    value: float, form: str, english: str, german: str
) -> None:
    number = numbers.Number(value, form)
    style = lesson.load("de").style
    assert (number.text(), number.text(style)) == (english, german)


@pytest.mark.parametrize(("language", "step"), OWN, ids=ids)
def test_a_step_is_whole(language: str, step: LessonStep) -> None:
    assert lesson.count_words(read(language, step, step.body)) <= 120
    assert "?" in step.question
    for text in texts(step):
        said = read(language, step, text)
        assert said
        assert not re.search(r"[{}]|\[\[|\]\]", said), said
        assert "  " not in said
        assert not re.search(r"\b([A-Za-zäöüß]+) \1\b", said), said
    assert step.live in lesson_live.LIVE
    assert any(sections.has(door.page) for door in step.doors), "no door opens"


@pytest.mark.parametrize(("language", "step"), OWN, ids=ids)
def test_doors_lead_to_pages_and_say_what_the_pages_understand(
    language: str, step: LessonStep
) -> None:
    keys = {key.name: key for key in state.KEYS}
    for door in step.doors:
        assert sections.has(door.page), door.page
        for name, value in door.query.items():
            assert door.page in keys[name].pages, f"{door.page}?{name}"
            assert keys[name].parse(value) is not None


# Numbers that may stand in the words as digits: years, layers by their names, and the
# sizes of filters of other networks, which are names too.
NAMES = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:conv|pool|fc)\d\b|LeNet-5|[Tt]op-[15]|"
    r"Conv2D|[37] × [37]|max\(0, x\)|"
    r"\b[01]\b(?! ×)|11 × 11\?"
)


@pytest.mark.parametrize(("language", "step"), OWN, ids=ids)
def test_numbers_in_the_words_are_computed_or_cited(
    language: str, step: LessonStep
) -> None:
    """`{paper_parameters}`, never the digits."""
    for text in texts(step):
        bare = NAMES.sub("", re.sub(r"\{\w+\}|\[\[[\w-]+", "", text))
        assert not re.search(r"\d", bare), bare


def test_every_number_is_used() -> None:
    everything = "".join(
        path.read_text("utf-8")
        for path in FOLDER.glob("en/*")
        if path.suffix in (".md", ".toml")
    )
    used = set(re.findall(r"\{(\w+)\}", everything))
    prefixes = ("lenet_", "paper_", "lesson_")  # of each network all that can be said
    unused = {n for n in KNOWN if n not in used and not n.startswith(prefixes)}
    assert not unused


def test_what_is_measured_is_what_the_loader_expects() -> None:
    assert set(measured_numbers(ENGLISH)) == set(numbers.MEASURED)


def test_the_recorded_pace_is_told_with_its_machine() -> None:
    """Other weights come from another machine: then the words below must say so."""
    card = (ROOT / "assets" / "weights" / "tiny-imagenet.md").read_text("utf-8")
    for said in ("two cores of a shared machine", "Batches of 128", "bfloat16"):
        assert said in card
    words = ENGLISH.words["live"]["pace"]["how_recorded"]
    assert "in batches and 16-bit arithmetic on two cores of a shared machine" in words
    assert "two CPU cores" in ENGLISH.tables["claims"]["training"]["app"]


def test_a_live_thing_shows_its_words_in_every_language_that_has_them() -> None:
    for name in lesson.languages():
        assert set(lesson.load(name).words["live"]) <= set(lesson_live.LIVE)


def test_each_step_shows_another_live_thing() -> None:
    live = [step.live for step in ENGLISH.steps]
    assert len(set(live)) == len(live)
    assert set(live) == set(lesson_live.LIVE)


def test_the_code_calls_every_word_by_a_name_that_exists() -> None:
    """`text("name")` and `word("name")` in the panels are in words.toml."""
    files = sorted((ROOT / "ui" / "lesson" / "live").glob("*.py"))
    live = "\n".join(path.read_text("utf-8") for path in files)
    files = sorted((ROOT / "ui" / "lesson").glob("*.py"))
    panels = "\n".join(path.read_text("utf-8") for path in files)
    assert live and panels
    every = {key for table in ENGLISH.words["live"].values() for key in table}
    called = re.findall(r'\btext\(\s*"(\w+)"', live)
    assert called
    for name in called:
        assert name in every, name
    for name in re.findall(r'\bword\(\s*"(\w+)"', panels):
        assert name in ENGLISH.words, name


# --- another language ---------------------------------------------------------------

OTHERS = [name for name in lesson.languages() if name != lesson.DEFAULT]


def test_there_is_another_language() -> None:
    assert OTHERS


@pytest.mark.parametrize(
    ("language", "step"), [(n, s) for n, s in OWN if n in OTHERS],
    ids=[f"{n}-{s.slug}" for n, s in OWN if n in OTHERS],
)  # fmt: skip
def test_a_translation_names_the_same_numbers_and_shows_the_same(
    language: str, step: LessonStep
) -> None:
    english = ENGLISH.step(step.slug)
    for ours, theirs in zip(texts(step), texts(english), strict=True):
        assert set(re.findall(r"\{\w+\}", ours)) == set(re.findall(r"\{\w+\}", theirs))
    assert (step.live, step.wide) == (english.live, english.wide)
    assert step.doors == english.doors
    for ours, theirs in zip(step.sources, english.sources, strict=True):
        assert ours.reference == theirs.reference
        assert re.findall(r"\d[\d.]*", ours.place) == re.findall(
            r"\d[\d.]*", theirs.place
        )


def test_numbers_are_written_as_the_language_writes_them() -> None:
    german = lesson.load("de")
    assert german.markdown("{paper_parameters}", KNOWN) == "60.965.224"
    assert german.markdown("{exact_side}", KNOWN) == "54,25"
    assert ENGLISH.markdown("{paper_parameters}", KNOWN) == "60,965,224"


# --- tables -------------------------------------------------------------------------


def test_words_of_the_glossary_are_all_used_and_explained() -> None:
    glossary = ENGLISH.tables["glossary"]
    used = {t for step in ENGLISH.steps for t in ENGLISH.finder.used(texts(step))}
    for name, row in glossary.items():
        assert row["say"].endswith("."), name
        others = (other["say"] for key, other in glossary.items() if key != name)
        is_used = name in used or name in ENGLISH.finder.used(others)
        assert is_used, f"{name} is never used"


def test_references_are_all_cited() -> None:
    cited = {source.reference for step in ENGLISH.steps for source in step.sources}
    for table in ("claims", "timeline"):
        cited |= {r["source"].split()[0] for r in ENGLISH.tables[table].values()}
    assert cited == set(ENGLISH.tables["references"])
    for row in ENGLISH.tables["references"].values():
        assert row["link"].startswith("https://")


def test_the_timeline_is_in_order() -> None:
    years = [int(row["year"][:4]) for row in ENGLISH.tables["timeline"].values()]
    assert years == sorted(years)


def test_a_word_is_a_link_with_its_explanation() -> None:
    said = ENGLISH.markdown("[[relu]] and [[field|the patch]]", KNOWN)
    assert re.fullmatch(
        r'\[ReLU\]\(#words "Rectified [^"]+"\) and \[the patch\]\(#words "[^"]+"\)',
        said,
    )


# --- the loader ---------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "lesson")
    return tmp_path / "lesson"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


MISTAKES: list[tuple[str, str, str, str]] = [
    # file, what stands there, what is put in its place, what is said
    ("en/10-lenet.md", 'title = "LeNet came before"', "title = LeNet", "not TOML"),
    ("en/10-lenet.md", 'live = "ancestors"', "live = 3", "live must be text"),
    ("en/10-lenet.md", 'live = "ancestors"', 'alive = "ancestors"', "no field is"),
    ("en/10-lenet.md", "doors = [", "doors = [3, ", "doors must be a list of texts"),
    ("en/10-lenet.md", "doors = [", 'doors = ["../x", ', "a door is"),
    ("en/10-lenet.md", 'sources = ["lecun1998', 'sources = ["lecun98', "'lecun98'"),
    ("en/10-lenet.md", "[[sharing|", "[[shading|", "no word 'shading'"),
    ("en/10-lenet.md", "{lenet_parameters}", "{lenet_weights}", "{lenet_weights}"),
    ("en/10-lenet.md", "In 1998", "word " * 99 + "In 1998", "at most 120"),
    ("en/glossary.toml", '[relu]\nword = "ReLU"', '[relu]\nw = "ReLU"', "[relu] must"),
    ("en/glossary.toml", '[relu]\nword = "ReLU"', "[relu]\nword = 1", "must be text"),
    ("en/glossary.toml", '[relu]\nword = "ReLU"', '[relu]\nword = "', "not TOML"),
    ("en/glossary.toml", 'see = "dropout"', 'see = "../x"', "a door is"),
    ("en/glossary.toml", '[relu]\nword', '[relu]\nsaw = "x"\nword', "Received: saw"),
    ("en/claims.toml", 'app = "{crops}"', 'app = "{crop_count}"', "{crop_count}"),
    ("en/claims.toml", 'code = "README.md:5"', 'code = "README.md"', '"file:line"'),
    ("en/claims.toml", 'code = "README.md:5"', 'code = "README.md:5-3"', "backwards"),
    ("en/claims.toml", 'code = "README.md:5"', 'code = ""', "the lines that"),
    ("en/timeline.toml", 'source = "he2015"', 'source = "he2016"', "'he2016'"),
    ("de/claims.toml", 'app = "{crops}"', 'app = "{crop_count}"', "{crop_count}"),
    ("de/claims.toml", "[crops]", "[craps]", "English has no [craps]"),
    ("de/claims.toml", "[crops]\nclaim", "[crops]\nclam", "[crops] must have claim"),
    ("de/claims.toml", "[crops]\n", '[crops]\ncode = ""\n', "source. Received: code"),
    ("de/references.toml", "2]\nnote", "2]\ntext", "[krizhevsky2012] must have note"),
    ("de/words.toml", 'next = "Weiter"', 'onward = "Weiter"', "'onward'"),
    ("de/words.toml", 'next = "Weiter"', "next = 1", "next is not of the kind"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), MISTAKES)
def test_a_mistake_is_named_with_file_and_line(
    copy: Path, name: str, old: str, new: str, said: str
) -> None:
    path = copy / name
    text = path.read_text("utf-8")
    assert old in text
    broken = text.replace(old, new, 1)
    path.write_text(broken, "utf-8")
    with pytest.raises(LessonBroken) as trouble:
        lesson.load(name[:2], copy)
    message = str(trouble.value)
    assert said in message
    file, line, _ = message.split(":", 2)
    assert file == name
    first = line_of(broken, new.split("\n")[0].split(", ")[0][:20])
    assert first <= int(line) <= first + new.count("\n"), message


def take_out(line: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(x for x in lines if not x.startswith(line)), "utf-8")

    return change


def rename(name: str) -> Callable[[Path], None]:
    return lambda path: path.rename(path.with_name(name)) and None


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("en/10-lenet.md", take_out("note"), "en/10-lenet.md:1: note is missing"),
        ("en/10-lenet.md", take_out("+++"), "en/10-lenet.md:1: a step begins with"),
        ("en/10-lenet.md", rename("lenet.md"), "en/lenet.md:1: a step's file is"),
        ("en/10-lenet.md", rename("15-lenet.md"), "en/15-lenet.md:1: the step or its"),
        ("de/10-lenet.md", rename("10-lenett.md"), "English has no step 'lenett'"),
        ("en/claims.toml", Path.unlink, "en/claims.toml:1: the file is missing"),
        ("de/language.toml", take_out("name"), "de/language.toml:1: name must be text"),
    ],
)
def test_what_is_missing_is_named(
    copy: Path, name: str, change: Callable[[Path], None], said: str
) -> None:
    change(copy / name)
    with pytest.raises(LessonBroken, match=re.escape(said)):
        lesson.load(name[:2], copy)


def test_a_file_that_is_no_text_is_named(copy: Path) -> None:
    (copy / "en" / "10-lenet.md").write_bytes(b"+++\ntitle = \xff\n")
    with pytest.raises(
        LessonBroken, match=r"en/10-lenet\.md:2: the file must be UTF-8"
    ):
        lesson.load("en", copy)


def test_a_step_is_added_by_adding_a_file(copy: Path) -> None:
    text = (copy / "en" / "65-next.md").read_text("utf-8")
    (copy / "en" / "70-more.md").write_text(text, "utf-8")
    assert [s.slug for s in lesson.load("en", copy).steps][-2:] == ["next", "more"]
    assert lesson.load("de", copy).steps[-1].language == "en"
    assert lesson.load("de", copy).steps[-2].language == "de"


def test_a_language_is_added_by_adding_files(copy: Path) -> None:
    folder = copy / "fr"
    folder.mkdir()
    about = 'name = "Français"\nthousands = " "\ndecimal = ","\npercent = " %"\n'
    (folder / "language.toml").write_text(about, "utf-8")
    french = lesson.load("fr", copy)
    assert lesson.languages(copy) == ("en", "de", "fr")
    assert {s.language for s in french.steps} == {"en"}
    assert french.words == lesson.load("en", copy).words
    assert french.markdown("{paper_parameters}", KNOWN) == "60 965 224"
    assert french.markdown("{top5}", KNOWN) == "15,3 %"
    assert french.tables == lesson.load("en", copy).tables


def test_unknown_steps_and_languages_say_what_there_is() -> None:
    with pytest.raises(KeyError, match="start, before"):
        ENGLISH.step("vgg")
    with pytest.raises(KeyError, match="en, de"):
        lesson.load("xx")


def test_door_queries_are_parsed_as_addresses_are() -> None:
    (door,) = ENGLISH.step("lenet").doors
    assert door.page == "architecture"
    assert list(door.query.items()) == parse_qsl("network=lenet5&compare=original")
