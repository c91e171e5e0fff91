"""What the words claim is what the code has."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from classroom.content import lesson
from model import weights
from model.network.shapes import totals
from paths import ROOT
from ui.kit import words
from ui.kit.sections import PAGES

README = (ROOT / "README.md").read_text("utf-8")
DOCS = {p: p.read_text("utf-8") for p in (ROOT / "docs").glob("*.md")}
DOCS[ROOT / "README.md"] = README
SHIPPED = weights.get("tiny-imagenet")
CARD = (ROOT / "assets" / "weights" / "tiny-imagenet.md").read_text("utf-8")


def test_readme_names_every_page_by_its_address() -> None:
    for name in (n for names in PAGES.values() for n in names):
        address = "/" if name == "home" else f"/{name.replace('_', '-')}"
        assert f"| `{address}` |" in README, name


def test_readme_names_every_room() -> None:
    rooms = {p.name for p in ROOT.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    for room in (rooms | {"assets"}) - {"scripts"}:
        assert f"| `{room}/` |" in README, room


def test_docs_name_every_weight_set() -> None:
    text = DOCS[ROOT / "docs" / "weights.md"]
    for name in weights.REGISTRY:
        assert f"| `{name}` |" in text
    assert f"{totals(SHIPPED.spec).parameters:,} parameters" in text


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def anchors(text: str) -> set[str]:
    """The anchors of a Markdown file's headings, as GitHub makes them."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    found = re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)", DOCS[path])
    assert found
    for target, anchor in found:
        file = path.parent / target if target else path
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file.read_text("utf-8")), anchor


FOLDERS = "app|assets|bench|classroom|docs|lab|model|pages|store|tests|ui|viz"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_files_and_modules_that_docs_name_are_there(path: Path) -> None:
    """`viz/` and `ui/kit/x.py`; of `lab.run.train` the first two parts, a module."""
    for name in re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", DOCS[path]):
        assert (ROOT / name).exists(), name
    dotted = re.findall(rf"[` ]((?:{FOLDERS})\.[a-z_]+)[\w.]*`", DOCS[path])
    for name in set(dotted) - {"app.py", "model.fit"}:  # a file, Keras's method
        assert find_spec(name), name


# Commands that people have learned, and scripts of theirs may have.
COMMANDS = (
    *("bench.classroom", "bench.datasets", "bench.lab", "bench.picture", "bench.start"),
    *("bench.visitors", "bench.weights", "classroom.accounts", "classroom.questions"),
    *("lab.datasets", "lab.devices", "lab.recordings", "model.best", "model.card"),
    *("model.pictures", "model.training", "model.weights", "store"),
)
NAMED = {x for text in DOCS.values() for x in re.findall(r"python -m ([\w.]+)", text)}


def test_docs_name_every_command() -> None:
    assert set(COMMANDS) <= NAMED


@pytest.mark.parametrize("name", sorted(NAMED | {"lab.factor"}))
def test_command_is_there(name: str) -> None:
    """`python -m NAME` has something to run; nothing is run here."""
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = find_spec(f"{name}.__main__")
    assert spec is not None and spec.origin is not None, name
    ours = (ROOT / name.split(".")[0]).is_dir()
    if ours and not spec.name.endswith(".__main__"):
        assert 'if __name__ == "__main__":' in Path(spec.origin).read_text("utf-8")


def test_the_card_says_what_the_registry_says() -> None:
    assert f"{SHIPPED.top1:.2%}" in CARD
    assert f"{SHIPPED.top5:.2%}" in CARD
    assert SHIPPED.sha256 in CARD
    assert f"{totals(SHIPPED.spec).parameters:,}" in CARD


def test_the_cards_journal_is_whole() -> None:
    """Reports follow each other, and end with the size the network is shipped at."""
    path = ROOT / "assets" / "weights" / "tiny-imagenet-journal.jsonl"
    journal = [json.loads(line) for line in path.read_text().splitlines()]
    shown = [line["pictures"] for line in journal]
    assert shown == sorted(shown)
    assert journal[-1]["size"] == SHIPPED.spec.input_size
    assert f"{shown[-1]:,}" in CARD


def test_measurements_are_named_with_their_command() -> None:
    text = DOCS[ROOT / "docs" / "measured.md"]
    for command in ("bench.picture", "bench.visitors", "bench.start", "bench.weights"):
        assert f"python -m {command}" in text


# A number and a word in the plural, next to each other.
COUNTED = re.compile(
    r"\{[a-z]+(?::,)?\} (questions|students|answers|tests|guesses|tries|hints|sittings"
    r"|classes|columns|rows|browsers|minutes|cookies|others)\b"
)
SEVERAL = {  # of which there are always more than one
    ("privacy", "cookies.alt"),
    ("home", "classes"),
    ("home", "doubt"),
    ("weights", "known.say"),
    ("weights", "known.search"),
    ("weights", "known.is_not"),
    ("weights", "offer.say"),
    ("weights", "accuracy"),
    ("weights", "doubt"),
    ("filters", "against_random_say"),
}


def counted(table: dict[str, Any], before: str = "") -> list[str]:
    """Keys of the sentences that would say "1 questions"."""
    found = []
    for name, said in table.items():
        if isinstance(said, dict):
            found += counted(said, f"{before}{name}.")
        elif isinstance(said, str) and COUNTED.search(said):
            one = (f"{name}_1", f"{name}_one", f"{name}_once")
            if not any(key in table for key in one):
                found.append(before + name)
    return found


PAGES_THAT_COUNT = (
    *("class", "class_bank", "class_results", "class_tests", "join", "sign_in", "quiz"),
    *("privacy", "home", "weights", "filters", "feature_maps"),
)


@pytest.mark.parametrize("page", PAGES_THAT_COUNT)
def test_one_of_a_kind_has_its_own_words(page: str) -> None:
    assert set(counted(words.page(page).as_dict())) <= {
        k for p, k in SEVERAL if p == page
    }


def test_what_the_card_says_of_others_and_of_memorising_is_so() -> None:
    assert "is above the 41.8 % of a student report" in CARD
    assert SHIPPED.top1 is not None and SHIPPED.top1 > 0.418
    right = re.search(r"had not memorised .*: in the end it classified (\d+)%", CARD)
    assert right and int(right[1]) < 75


FILES = [
    (path.stem, language)
    for language in lesson.languages()
    for path in sorted((ROOT / "assets" / "pages").glob("*.toml"))
]


def kinds(table: words.PageWords) -> None:
    """Asks for all that a table has by its kind; raises where there is another kind."""
    for name, found in table.as_dict().items():
        if isinstance(found, dict):
            kinds(table.table(name))
        elif isinstance(found, list) and any(isinstance(one, dict) for one in found):
            for one in table.tables(name):
                kinds(one)
        elif isinstance(found, list):
            assert table.lines(name)
        elif not isinstance(found, int):  # what a preset expects is computed with
            assert table[name].strip()


@pytest.mark.parametrize(("page", "language"), FILES)
def test_a_page_has_texts_lists_of_them_and_tables_alone(
    page: str, language: str
) -> None:
    kinds(words.page(page, language))


def test_words_of_another_kind_are_not_given() -> None:
    text = words.page("quiz")
    with pytest.raises(TypeError, match=r"pages/quiz: expected 'answer' to be str"):
        text["answer"]
    with pytest.raises(TypeError, match="expected 'title' to be dict"):
        text.table("title")
    with pytest.raises(KeyError, match=r"pages/quiz\.answer has no 'subimt'"):
        text.table("answer")["subimt"]
    assert text.find("answer", "submit") == text.table("answer")["submit"]
    assert text.find("no such", "submit") is None
