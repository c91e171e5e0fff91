"""The notebook of 2012: runs as data, held to the paper and to each other."""

from __future__ import annotations

import re
import shutil
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from classroom.content import code_2012, runs_2012
from classroom.content.runs_2012 import Errors
from classroom.content.toml_file import ContentBroken
from model import paper

NOTEBOOK = runs_2012.notebook()
PRINTED = {one.name: one for one in NOTEBOOK.printed}


def rounded(value: float) -> Decimal:
    """To one decimal place, halves upwards, as the paper prints."""
    exact = Decimal(str(round(value, 6)))
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_number_is_its_run_rounded(name: str) -> None:
    one = PRINTED[name]
    for noted, printed in (
        (one.noted.top1, one.printed.top1),
        (one.noted.top5, one.printed.top5),
    ):
        assert rounded(noted) == Decimal(str(printed)), (name, noted)


def test_printed_numbers_are_the_papers() -> None:
    """The tables as `content.numbers` has them, the gains as `model.paper`."""

    def errors(*shares: float | None) -> Errors:
        return Errors(*(round(100 * (share or 0), 1) for share in shares))

    assert PRINTED["table-1"].printed == errors(*paper.TABLE_1[-1][1:])
    by_name = {row[0]: row for row in paper.TABLE_2}
    assert PRINTED["one-network"].printed == errors(*by_name["1 CNN"][1:3])
    assert PRINTED["pre-trained"].printed == errors(*by_name["1 CNN*"][1:3])
    gains = [PRINTED[x].printed.top1 for x in ("gpus", "normalisation", "overlap")]
    assert gains == list(paper.GAINS.values())


def test_the_ablations_come_from_two_data_sets_and_after_the_contest() -> None:
    pairs = [PRINTED[x] for x in ("gpus", "normalisation", "overlap")]
    assert [one.run.data for one in pairs] == ["2010", "2012", "2012"]
    for one in pairs:
        assert one.minus is not None and one.minus.data == one.run.data
        contest = [NOTEBOOK.runs["145"], *NOTEBOOK.seven.pre_trained]
        for run in contest:
            assert one.run.started is not None and run.started is not None
            assert one.run.started > run.started
    assert [one.run.measured_on for one in pairs] == ["test", *["validation"] * 2]


def test_results_on_the_test_set_of_2010_are_whole_numbers_of_images() -> None:
    for run in NOTEBOOK.runs.values():
        if run.measured_on == "test":
            assert run.data == "2010" and run.errors is not None
            for error in (run.errors.top1, run.errors.top5):
                images = error / 100 * 150_000
                assert images == pytest.approx(round(images), abs=0.06), run.name


def test_run_145_and_its_notes_tell_the_same() -> None:
    run, again = NOTEBOOK.runs["145"], NOTEBOOK.runs["145-again"]
    ends = {change.ends: change.epoch for change in NOTEBOOK.history if change.ends}
    assert ends == {"145": run.end, "145-again": again.end}
    lowered = [c.epoch for c in NOTEBOOK.history if c.rate is not None]
    assert lowered == [0, *run.drops, run.end, *again.drops]
    of_conv1 = {c.conv1: c.epoch for c in NOTEBOOK.history if c.conv1 is not None}
    assert of_conv1 == {0.00001: run.slowed, 0.0: run.frozen}
    machines = [c.machine for c in NOTEBOOK.history if c.machine]
    assert machines == [*run.machines, *again.machines]
    first, last = run.places[0].first, again.places[0].last
    lines = [place for c in NOTEBOOK.history for place in c.places]
    assert {place.file for place in lines} == {run.places[0].file}
    assert [x.first for x in lines] == sorted(x.first for x in lines)
    assert all(first <= x.first <= x.last <= last for x in lines)
    rates = [c.rate for c in NOTEBOOK.history if c.rate is not None]
    drops = [a / b for a, b in pairwise(rates[:4])]
    assert drops == pytest.approx([10, 10, 10])


def test_the_runs_are_in_the_order_of_time() -> None:
    begun = [run.started for run in NOTEBOOK.runs.values() if run.started]
    assert begun == sorted(begun)
    for run in NOTEBOOK.runs.values():
        if run.started:
            release = NOTEBOOK.release
            assert release.first <= run.started <= release.last


def test_the_famous_run_is_as_the_notes_say() -> None:
    run = NOTEBOOK.runs["145"]
    assert str(run.started) == "2012-09-13"
    assert (run.drops, run.slowed, run.frozen, run.end) == ((25, 51, 79), 67, 72, 91)
    assert run.errors == Errors(40.664, 18.21)
    assert NOTEBOOK.runs["145-again"].errors == Errors(40.25, 17.994)
    assert run.filters == 96
    assert all(x.filters == 64 for x in NOTEBOOK.runs.values() if x.name < "145")


def test_the_seven_are_five_and_two() -> None:
    """As many as the paper averaged; those of the five have no more training data."""
    seven = NOTEBOOK.seven
    assert len(seven.five) == paper.FIVE.networks
    assert len(seven.five) + 2 == paper.SEVEN.networks
    assert all(run.data == "2012" for run in seven.five)
    assert [run.filters for run in seven.five] == [64, 64, 64, 64, 96]
    before = [
        run
        for run in NOTEBOOK.runs.values()
        if run.errors and run.data == "2012" and run.rate == paper.RATE
        and run.started and str(run.started) < "2012-10-01"
    ]  # fmt: skip
    assert [run.name for run in before] == [run.name for run in seven.five]


# --- places in the code -------------------------------------------------------------


def test_a_place_is_a_link_to_file_and_line() -> None:
    one, two = code_2012.places("layer.py:1004 layers/layer-params-145.cfg:165-182")
    assert one.link == (
        "https://github.com/computerhistory/AlexNet-Source-Code/blob/"
        "2f8b81f76470bf873c865754ad8f4a5e0dbbeb7b/layer.py#L1004"
    )
    assert two.link.endswith("/layers/layer-params-145.cfg#L165-L182")
    assert (one.label, two.label) == ("layer.py:1004", "params-145:165–182")
    (run,) = code_2012.places("layers/layer-params-170-256-0.015.cfg:1")
    assert run.label == "params-170-256-0.015:1"


@pytest.mark.parametrize(
    "text",
    ["layer.py", "layer.py:0", ":3", "../x.py:1", "a b:1", "x.py:9-3", "x.py:1:2"],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Received|backwards"):
        code_2012.places(text)


# --- the loader ---------------------------------------------------------------------

MISTAKES = [
    ("[runs.131]\ndata", "[runs.131]\ndate", "no field is called 'date'"),
    ("end = 106", 'end = "106"', "end is of another type"),
    ("drops = [26, 47, 82]", 'drops = ["26"]', "must be a list of numbers"),
    ("drops = [26, 47, 82]", "drops = [47, 26]", "must follow each other"),
    ("top1 = 37.8533\n", "", "noted together"),
    ('set = "validation"', 'set = "train"', "validation or test"),
    ("one_view = [39.0247, 18.2953]", "one_view = [39.0]", "must have 2 numbers"),
    ("layer-params-131.cfg:161-175", "layer-params-131.cfg", "file:line"),
    ('ends = "145-again"', 'ends = "99"', "no run is called '99'"),
    ("epoch = 36\n", "epoch = 20\n", "comes after 25"),
    ("epoch = 51\nrate = 0.0001\n", "epoch = 51\n", "nothing was changed"),
    ('minus = "145-2010"', 'minus = "146-2009"', "no such result"),
    ('five = ["120-2012"', 'five = ["120-2012-full"', "cannot be one of the seven"),
    ('kind = "luck"', 'kind = "fate"', "kind is network"),
    ('id = "wiped"', 'id = "full"', "is there twice"),
    ("parameters = 140_523_240", 'parameters = "many"', "parameters is of another"),
    ("killed = 52", "", "killed is missing"),
    ("[release]", "[release", "not TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "assets"
    folder.mkdir()
    path = Path(shutil.copy(runs_2012.FILE, folder))
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentBroken) as trouble:
        runs_2012.notebook(path)
    found = re.match(r"assets/runs-2012\.toml:(\d+): ", str(trouble.value))
    assert found, trouble.value
    assert said in str(trouble.value)
    at = text[: text.index(old)].count("\n") + 1
    # The entry's own first line, or the very line of what is no TOML.
    assert at - 16 <= int(found[1]) <= at + 1, str(trouble.value)
