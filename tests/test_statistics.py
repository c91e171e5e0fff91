"""Statistics and the sentences made of them."""

import numpy as np
import pytest

from model.analysis import map_statistics

VALUES = np.zeros((6, 6), np.float32)
VALUES[5, 0] = 2
VALUES[0, 0] = 1


def test_of_map() -> None:
    facts = map_statistics.of_map(VALUES)
    assert (facts.largest, facts.row, facts.column) == (2, 5, 0)
    assert facts.firing == pytest.approx(2 / 36)
    assert facts.mean == pytest.approx(3 / 36)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [(0, 0, "top left"), (3, 3, "centre"), (5, 3, "bottom"), (3, 5, "right")],
)
def test_where(row: int, column: int, words: str) -> None:
    assert map_statistics.where(row, column, (6, 6)) == words


def test_sentences() -> None:
    assert map_statistics.describe_map("conv1", 4, VALUES) == (
        "conv1, map 4, 6 × 6: 94% zero or less, largest value 2 at bottom left."
    )
    assert map_statistics.describe_map("conv1", 4, VALUES * 0) == (
        "conv1, map 4: zero everywhere."
    )
    layer = np.stack([VALUES, VALUES * 0, VALUES * 3], axis=2)
    assert map_statistics.describe_layer("conv1", layer) == (
        "conv1: 3 maps, 1 of them without a value above zero; "
        "the largest value is 6, in map 2."
    )
    assert "in unit 1." in map_statistics.describe_layer("fc6", np.float32([0, 3, 1]))


def test_tables() -> None:
    layer = np.stack([VALUES, VALUES * 3], axis=2)
    lines = map_statistics.layer_csv(layer).splitlines()
    assert lines[0].split(",")[:2] == ["map", "largest"]
    assert lines[2] == "1,6,0,0.25,0.0556,5,0"
    assert map_statistics.layer_csv(np.float32([0.5, 2])) == "unit,value\n0,0.5\n1,2\n"
    rows = map_statistics.map_csv(VALUES).splitlines()
    assert len(rows) == 6
    assert rows[5] == "2,0,0,0,0,0"
