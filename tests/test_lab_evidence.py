"""Why these pictures: the page's figures are the bench's, whatever there is of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import datasets as bench
from lab.recordings import FOLDER, read_evidence
from tests.test_bench_datasets import run
from ui.experiments.findings import evidence
from ui.kit import words

TEXT = words.page("lab").as_dict()["evidence"]
SHIPPED = read_evidence()


def figures() -> dict[str, Any]:
    """As the bench makes them of runs whose answer is known."""
    relu = [run("relu", seed, (0.5, 0.25)) for seed in range(3)]
    tanh = [run("tanh", seed, (0.5, 0.4, 0.3, 0.25)) for seed in range(3)]
    drop = [
        run(label, seed, (0.5, error, error, error))
        for seed in range(3)
        for label, error in (("without dropout", 0.1), ("with dropout", 0.2))
    ]
    pair = bench.compared([*relu, *tanh])
    return {
        "relu-tanh-2012": pair,
        "dropout": bench.gaps(drop),
        "rejected": {"plain": {"2012": pair, "dropout": bench.gaps(drop)}},
    }


def test_sentences_have_the_benchs_numbers() -> None:
    said = evidence.sentences(figures())
    assert len(said) == 2, "what was not measured is not spoken of"
    assert "tanh takes 2.0 (2.0 to 2.0) times as many images" in said[0]
    assert "ReLU arrived with 3 of 3 seeds in the time given, tanh with 3" in said[0]
    assert "the gap is 20% (20% to 20%) in the end" in said[1]
    assert "of 3 seeds each overlap: **not distinguishable here**" in said[1]


def test_candidates_have_a_row_each_the_chosen_first() -> None:
    table = evidence.rows(figures())
    names = table[TEXT["columns"]["name"]]
    assert names == [TEXT["candidates"]["shapes"], TEXT["candidates"]["plain"]]
    assert table[TEXT["columns"]["relu"]] == ["200", "200"]
    assert all(len(column) == 2 for column in table.values())


def test_every_candidate_of_the_bench_has_words() -> None:
    assert set(TEXT["candidates"]) == set(TEXT["reasons"]) == set(bench.CANDIDATES)


def test_part_of_the_figures_or_none_is_no_trouble(tmp_path: Path) -> None:
    assert evidence.sentences({}) == []
    assert evidence.candidates({"dropout": figures()["dropout"]}) == {}
    assert read_evidence(tmp_path / "none.json") == {}
    (tmp_path / "bad.json").write_text("no json")
    assert read_evidence(tmp_path / "bad.json") == {}


@pytest.mark.skipif(not SHIPPED, reason="no figures come with the lab")
def test_what_is_shipped_is_whole() -> None:
    assert set(bench.PARTS) <= set(SHIPPED)
    for part in ("relu-tanh-2012", "relu-tanh-today"):
        assert SHIPPED[part]["relu"]["of"] == len(bench.SEEDS)
    said = " ".join(evidence.sentences(SHIPPED))
    gap = SHIPPED["dropout"]["without dropout"]["gap"]
    assert f"{gap['mean']:.0%} ({gap['least']:.0%} to {gap['most']:.0%})" in said
    assert ("not distinguishable" in said) == SHIPPED["dropout"]["ranges_overlap"]
    file = json.loads((FOLDER / "datasets.json").read_text("utf-8"))
    assert file == SHIPPED
    table = evidence.sweep(SHIPPED)
    assert len(next(iter(table.values()))) == len(SHIPPED["sweep"])
