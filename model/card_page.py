"""The page of a model card: its template, filled with what was measured.

`assets/weights/NAME.card.md` holds the words, with a field for each number; `python -m
model.card` writes NAME.md from it, so the two cannot differ (a test holds that).
"""

from __future__ import annotations

import json
from typing import Any

from model import measured, weights
from model.network.shapes import totals

NAMED = 8  # classes and confusions that are listed
PER_CLASS = 500  # pictures of Tiny ImageNet's training set


def fields(name: str) -> dict[str, Any]:
    """Every number that a card names, by the field's name in its template.

    Raises:
        FileNotFoundError: nothing was measured of that set.
    """
    folder, spec = measured.FOLDER, weights.get(name).spec
    table: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    lines = (folder / f"{name}-journal.jsonl").read_text("utf-8").splitlines()
    journal = [json.loads(line) for line in lines]
    file = folder / f"{name}.npz"
    names, accuracy = weights.class_names(name), table["class_accuracy"]
    order = sorted(range(len(accuracy)), key=lambda i: -accuracy[i])
    recipe, shown = table["recipe"], journal[-1]["pictures"]
    minutes = round(sum(line["seconds"] for line in journal) / 60)

    def classes(numbers: list[int]) -> str:
        return ", ".join(f"{names[i]} {accuracy[i]:.0%}" for i in numbers)

    return table | {
        "parameters": totals(spec).parameters,
        "outputs": spec.classes,
        "side": spec.input_size,
        "mib": file.stat().st_size / 2**20,
        "sha256": weights.digest(file),
        "shown": shown,
        "laps": shown / (PER_CLASS * spec.classes),
        "warm_up": recipe["warm_up"] * recipe["stages"][0]["pictures"],
        "time": f"{minutes // 60} h {minutes % 60:02d} min",
        "stages": "\n".join(_stages(recipe["stages"], journal)),
        "named_cropped": journal[-1]["accuracy"],
        "all_dead_units": sum(table["dead_units"].values()),
        "best": classes(order[:NAMED]),
        "least": classes(order[: -NAMED - 1 : -1]),
        "mixed_up": "\n".join(
            f"| {names[was]} | {names[predicted]} | {count} |"
            for was, predicted, count in table["confusions"][:NAMED]
        ),
        "wrong": 1 - table["top1"],
        **{name: recipe[name] for name in ("batch", "dropout", "decay")},
        "deviation": recipe["first_deviation"],
    }


def _stages(stages: list[dict[str, Any]], journal: list[dict[str, Any]]) -> list[str]:
    """A table row for each stage, with the journal's figures at its end."""
    rows, upto = [], 0
    for stage in stages:
        upto += stage["pictures"]
        # The last report of the stage: it may have rounded its pictures.
        end = max(
            (line for line in journal if line["pictures"] <= upto),
            key=lambda line: line["pictures"],
            default=journal[0],
        )
        rows.append(
            f"| {stage['size']} | {stage['pictures']:,} | {stage['least_area']:g} "
            f"| {stage['rate']:g} | {end['val_accuracy']:.1%} | {end['val_top5']:.1%} |"
        )
    return rows


def page(name: str) -> str:
    """The card of a set, as Markdown."""
    template = (measured.FOLDER / f"{name}.card.md").read_text("utf-8")
    return template.format(**fields(name))
