"""The page on the authors' training: its words, its drawings, its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson, runs_2012
from tests.test_pages import said, visit
from ui.kit import words
from ui.network import training_2012
from ui.network.training_2012_words import in_a_column
from viz import svg
from viz.palette import PALETTES, Scheme
from viz.training_history import End, Lane, LaneSpan, history_svg

TEXT = words.page("training_2012").as_dict()
GERMAN = words.page("training_2012", "de").as_dict()
NOTEBOOK = runs_2012.notebook()
SVG = "{http://www.w3.org/2000/svg}"
WAYS, SCHEMES = get_args(svg.Direction), get_args(Scheme)


# --- words ----------------------------------------------------------------------------


def texts(value: Any) -> Iterator[str]:
    """Every text of a table of words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_every_id_has_its_words_and_every_word_its_id() -> None:
    runs = NOTEBOOK.runs
    assert set(TEXT["networks"]) == set(runs)
    assert set(TEXT["data"]) == {run.data for run in runs.values()}
    assert set(TEXT["sets"]) == set(runs_2012.SETS)
    assert set(TEXT["places"]) == {one.name for one in NOTEBOOK.printed}
    assert set(TEXT["tried"]["kinds"]) == set(runs_2012.KINDS)
    assert set(TEXT["tried"]["says"]) == {one.name for one in NOTEBOOK.tried}
    assert {c.paused for c in NOTEBOOK.history if c.paused} == {
        "localisation",
        "larger",
    }


def test_no_number_of_the_notebook_is_typed_into_the_words() -> None:
    """Names of runs, years of data sets, parts of the paper and of the network are
    words; every other number is filled in from the data."""
    runs = sorted(NOTEBOOK.runs, key=len, reverse=True)
    names = [
        *(rf"\b{name}(?:'s)?\b" for name in runs),
        r"\b20(?:09|10|11|12)\b",
        r"[Tt]able \d|[Ss]ection [\d.]+|figure 1|1 CNN\*?",
        r"conv\d|top-\d|Top-\d|layer 2|divided it by 10|BSD 2-Clause",
        r"Tabelle \d|Abschnitt [\d.]+|Abbildung 1|Schicht 2|durch 10,|BSD-2-Clause",
        r"\b145s",
    ]
    for sentence in (*texts(TEXT), *texts(GERMAN)):
        rest = re.sub("|".join(names), "", re.sub(r"\{\w+\}", "", sentence))
        assert not re.search(r"\d", rest), sentence


def test_what_the_words_say_of_the_runs_is_so() -> None:
    run, again = NOTEBOOK.runs["145"], NOTEBOOK.runs["145-again"]
    # "divided it by 10", "killed", "put back up", "more epochs took points off".
    assert len(run.drops) == 3 and again.rate > 0.00001
    assert run.errors and again.errors and again.errors.top1 < run.errors.top1
    tried = {one.name: one for one in NOTEBOOK.tried}
    schedule = tried["schedule"].numbers  # "better than run 145 by hand"
    assert schedule["top1"] < run.errors.top1 and schedule["top5"] < run.errors.top5
    no_norm = NOTEBOOK.runs["148"]  # "in November", "1 point worse"
    assert no_norm.started and no_norm.started.month == 11
    assert no_norm.errors is not None
    worse = no_norm.errors.top1 - run.errors.top1
    assert round(worse) == tried["no-norm"].numbers["points"]
    # "the network that the paper prints as its best single one"
    best = min(
        (x for x in NOTEBOOK.printed if not x.minus), key=lambda x: x.printed.top5
    )
    (mistyped,) = {place.file for place in tried["mistyped"].places}
    assert mistyped == best.run.places[0].file
    assert NOTEBOOK.runs["145-half"].filters == (run.filters or 0) / 2


# --- drawings -------------------------------------------------------------------------


def drawn(
    name: str, way: svg.Direction, scheme: Scheme = "light"
) -> ElementTree.Element:
    make = (
        training_2012.history_drawn if name == "history" else training_2012.seven_drawn
    )
    return ElementTree.fromstring(make(scheme, way))


def labels(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("way", WAYS)
def test_the_time_line_shows_every_note(way: svg.Direction, scheme: Scheme) -> None:
    root = drawn("history", way, scheme)
    shown = labels(root)
    for change in NOTEBOOK.history:
        assert str(change.epoch) in shown
        if change.rate is not None:
            assert training_2012.decimal(change.rate) in shown
        if change.machine:
            assert change.machine in shown
    for part in ("slowed", "frozen", "off", "killed at 91", "40.66% / 18.21%"):
        assert part in shown
    assert "40.25% / 17.99%" in shown
    assert "begun on 13 September 2012" in shown
    assert root.findtext(f"{SVG}title") == training_2012.history_alt()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("way", WAYS)
def test_the_seven_are_seven_cards(way: svg.Direction, scheme: Scheme) -> None:
    root = drawn("seven", way, scheme)
    cards = [r for r in root.iter(f"{SVG}rect") if r.get("rx")]
    assert len(cards) == 7
    certain = [r for r in cards if r.get("stroke-dasharray") is None]
    assert len(certain) == 2, "145 and 146-2012-2011: the paper prints their errors"
    shown = labels(root)
    for run in (*NOTEBOOK.seven.five, *NOTEBOOK.seven.pre_trained):
        assert run.name in shown
    whole = " ".join(shown)
    for part in ("38.1% / 16.4%", "36.7% / 15.4%", "15.3%", "?"):
        assert part in whole


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right, foot and words of each label, in a wide font."""
    found = []
    for text in root.iter(f"{SVG}text"):
        said, size = "".join(text.itertext()), float(text.attrib["font-size"])
        wide = len(said) * size * svg.LETTER
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib["text-anchor"]]
        left, foot = float(text.attrib["x"]) - shift * wide, float(text.attrib["y"])
        found.append((left, foot - 0.72 * size, left + wide, foot, said))
    return found


@pytest.mark.parametrize("language", lesson.languages())
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["history", "seven"])
def test_labels_stay_on_the_paper_and_apart(
    name: str, way: svg.Direction, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "language", lambda: language)
    root = drawn(name, way)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width == svg.WIDTH[way]
    found = boxes(root)
    for left, top, right, foot, said_ in found:
        assert left >= -2 and right <= width + 2, said_
        assert top >= 0 and foot <= height, said_
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            apart = (
                one[2] <= other[0]
                or other[2] <= one[0]
                or one[3] <= other[1]
                or other[3] <= one[1]
            )
            assert apart, (one[4], other[4])


def test_the_stairs_go_down_with_the_rate() -> None:
    rate, conv1, noise, machine = training_2012.lanes()
    by_rate = {span.label: span.level for span in rate.spans}
    levels = [by_rate[x] for x in ("0.01", "0.001", "0.0001", "0.00001")]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == 1 and levels[-1] > 0
    assert [(s.start, s.end, s.level) for s in conv1.spans] == [
        (0, 67, 1.0),
        (67, 72, 0.5),
        (72, 135, 0.0),
    ]
    assert [(s.start, s.end, s.label) for s in noise.spans] == [
        (0, 67, "0.1"),
        (67, 91, "off"),
        (91, 124, "0.1"),
        (124, 135, "off"),
    ]
    assert [s.label for s in machine.spans] == ["gpu", "guppy9", "guppy8", "guppy9"]


@pytest.mark.parametrize("way", WAYS)
def test_a_span_is_as_long_as_it_lasts(way: svg.Direction) -> None:
    lane = Lane("x", (LaneSpan(0, 10, "a"), LaneSpan(10, 40, "b", 0.0)), "conv")
    end = End(40, ("over", "1"))
    root = ElementTree.fromstring(
        history_svg("t", "begins", [lane], [end], "epoch", PALETTES["light"], way)
    )
    side = "width" if way == "across" else "height"
    first, second = (r for r in root.iter(f"{SVG}rect") if r.get("rx"))
    assert float(second.attrib[side]) == pytest.approx(
        3 * float(first.attrib[side]), 0.01
    )
    assert second.get("stroke-dasharray") and not first.get("stroke-dasharray")


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_drawn_across_the_gap_after_an_end(way: svg.Direction) -> None:
    lane = Lane("x", (LaneSpan(0, 40, "a"),), "conv")
    ends = [End(20, ("over", "1")), End(40, ("over", "2"))]
    root = ElementTree.fromstring(
        history_svg("t", "begins", [lane], ends, "epoch", PALETTES["light"], way)
    )
    at, side = ("x", "width") if way == "across" else ("y", "height")
    first, second = (r for r in root.iter(f"{SVG}rect") if r.get("rx"))
    over = float(first.attrib[at]) + float(first.attrib[side])
    assert float(second.attrib[at]) > over + 5
    assert second.attrib[side] == first.attrib[side]


# --- in German ------------------------------------------------------------------------


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "language", lambda: "de")


@pytest.mark.usefixtures("in_german")
@pytest.mark.parametrize("way", WAYS)
def test_drawings_are_german(way: svg.Direction) -> None:
    shown = labels(drawn("history", way))
    for part in ("0,00001", "langsam", "fest", "aus", "abgebrochen bei 91"):
        assert part in shown
    assert "40,66\u00a0% / 18,21\u00a0%" in shown
    assert "begonnen am 13. September 2012" in shown
    seven = " ".join(labels(drawn("seven", way)))
    for part in ("96 Filter", "18,21\u00a0%", "oder 141-2012"):
        assert part in seven
    assert "auf den Testbildern 15,3\u00a0%" in training_2012.seven_alt()
    assert "120-2012, 131, 135, 137 und 145" in training_2012.seven_alt()
    told = [what for _, what in training_2012.history()]
    assert told[5] == "Lernrate von conv1 auf 0,00001, Farbrauschen aus"


@pytest.mark.usefixtures("in_german")
def test_german_numbers_of_a_column_are_sorted_as_text() -> None:
    numbers = [9.5, None, 106.0, 6.65, 52.0, 6.6]
    column = in_a_column(numbers, "g")
    written = ["9,5", None, "106", "6,65", "52", "6,6"]
    assert [x.strip() if isinstance(x, str) else x for x in column] == written
    by_text = sorted(x for x in column if isinstance(x, str))
    assert [x.strip() for x in by_text] == ["6,6", "6,65", "9,5", "52", "106"]
    assert len({len(x) for x in by_text}) == 1


def test_english_numbers_of_a_column_are_numbers() -> None:
    assert in_a_column([6.65, None], ".2f") == [6.65, None]


# --- the page -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> AppTest:
    return visit("training_2012")


def test_the_table_has_every_run_and_can_be_sorted(page: AppTest) -> None:
    (frame,) = page.main.dataframe
    table = frame.value
    assert list(table[TEXT["relatives"]["run"]]) == list(NOTEBOOK.runs)
    row = table.set_index(TEXT["relatives"]["run"]).loc["145"]
    assert row[TEXT["relatives"]["top1"]] == pytest.approx(40.66)
    assert row[TEXT["relatives"]["drops"]] == "25, 51, 79"
    networks = table.set_index(TEXT["relatives"]["run"])[TEXT["relatives"]["network"]]
    assert networks["135"] == "like 131, with k = 2"
    assert networks["145"].startswith("the paper's: 96 filters")
    assert row[TEXT["relatives"]["notes"]].endswith("layer-params-145.cfg#L165-L182")
    assert table[TEXT["relatives"]["top1"]].dtype.kind == "f", "sorted as numbers"


def test_each_printed_number_stands_beside_its_run(page: AppTest) -> None:
    tables = [table.value for table in page.main.table]
    (table,) = (t for t in tables if TEXT["printed"]["place"] in t)
    assert len(table) == len(NOTEBOOK.printed)
    row = table.set_index(TEXT["printed"]["place"]).loc["Table 2, 1 CNN"]
    assert row[TEXT["printed"]["printed"]] == "40.7% / 18.2%"
    assert row[TEXT["printed"]["noted"]].startswith(
        "40.66% / 18.21% ([params-145:182]("
    )
    assert "the notes name no set" in row[TEXT["printed"]["measured"]]
    row = table.set_index(TEXT["printed"]["place"]).loc["Section 3.2, two GPUs"]
    assert row[TEXT["printed"]["run"]] == "145-half against 145-2010"
    assert row[TEXT["printed"]["measured"]] == "2010, test"


def test_inferences_are_marked_as_ours(page: AppTest) -> None:
    text = said(page)
    assert text.count("our inference") >= 4


def test_every_dead_end_links_to_its_lines(page: AppTest) -> None:
    text = said(page)
    for one in NOTEBOOK.tried:
        for place in one.places:
            assert place.markdown in text, one.name


def test_the_notes_are_told_in_order() -> None:
    told = [what for _, what in training_2012.history()]
    assert told[0] == "begun with a learning rate of 0.01, colour noise to 0.1, on gpu"
    assert told[5] == "learning rate of conv1 to 0.00001, colour noise off"
    assert told[6] == "conv1 frozen"
    assert told[8] == "killed, with errors of 40.66% and 18.21%"
    assert told[9].startswith("learning rate put back up to 0.001, colour noise to 0.1")
    assert len(told) == len(NOTEBOOK.history)
