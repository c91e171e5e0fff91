"""Why these pictures: what `python -m bench.datasets` measured, the rejected ones too.

Only the words are written by hand: a part that was not measured is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.experiments import source
from ui.experiments.guess import guess
from ui.kit import cache, widgets, words
from ui.kit.runs import run_names

Figures = Mapping[str, Any]


# What each part of the figures tells the answer to.
PRESETS = {
    "relu-tanh-2012": "relu-vs-tanh-2012",
    "relu-tanh-today": "relu-vs-tanh-today",
    "dropout": "dropout-small",
}


def panel() -> None:
    """Folded away, and each part after the guess about it: it is the answer.

    Nothing where the figures do not come with the lab.
    """
    found = cache.evidence()
    if not found:
        return
    text = source.text().table("evidence")
    locked = [part for part, name in PRESETS.items() if not guess.unlocked(name)]
    with st.expander(text["title"], icon=":material/category:"):
        st.markdown(text["say"])
        if locked:
            waits = [run_names.preset(PRESETS[part]) for part in locked]
            st.caption(text["waits"].format(presets="; ".join(waits)))
        if len(locked) == len(PRESETS):
            return
        open_ = {part: value for part, value in found.items() if part not in locked}
        for sentence in sentences(open_):
            st.markdown(f"- {sentence}")
        if locked:
            return
        st.caption(text["easier"])
        st.table(rows(found), border="horizontal", hide_index=True)
        if machine := found.get("machine"):
            st.caption(text["machine"].format(**_machine(machine)))
        widgets.folded_table(text["sweep"], "evidence", lambda: sweep(found))


def _machine(found: Figures) -> dict[str, str]:
    names = ("Python", "Keras", "TensorFlow")
    return {
        "date": found["date"],
        "processor": run_names.in_words(found["processor"]),
        "versions": ", ".join(f"{name} {found[name.lower()]}" for name in names),
    }


def _range(spread: Mapping[str, float]) -> dict[str, float]:
    return {"mean": spread["mean"], "low": spread["least"], "high": spread["most"]}


def sentences(found: Figures) -> list[str]:
    """What the chosen pictures show, over how many seeds, and what they do not."""
    text, lines = source.text().table("evidence"), []
    for part in ("relu-tanh-2012", "relu-tanh-today"):
        if (figures := found.get(part)) is None:
            continue
        form = "at_least" if figures["ratio_is_a_bound"] else "times"
        lines.append(
            text[part].format(
                ratio=text[form].format(**_range(figures["ratio"])),
                relu=figures["relu"]["reached"],
                tanh=figures["tanh"]["reached"],
                count=figures["relu"]["of"],
            )
        )
    if (figures := found.get("dropout")) is not None:
        without, with_it = figures["without dropout"], figures["with dropout"]
        lines.append(
            text["dropout"].format(
                without=_points(without["gap"]),
                with_it=_points(with_it["gap"]),
                error_without=without["validation_error"]["mean"],
                error_with=with_it["validation_error"]["mean"],
            )
            + " "
            + text["overlap" if figures["ranges_overlap"] else "apart"].format(
                count=without["of"]
            )
        )
    return lines


def _points(spread: Mapping[str, float]) -> str:
    return source.text().table("evidence")["points"].format(**_range(spread))


def candidates(found: Figures) -> dict[str, tuple[Figures, Figures]]:
    """Candidate -> how ReLU and tanh did, and dropout; the chosen one first."""
    chosen = {}
    if "relu-tanh-2012" in found and "dropout" in found:
        chosen = {"shapes": (found["relu-tanh-2012"], found["dropout"])}
    return chosen | {
        name: (figures["2012"], figures["dropout"])
        for name, figures in found.get("rejected", {}).items()
    }


def rows(found: Figures) -> dict[str, list[str]]:
    """A row a candidate: ReLU's pictures to the target, the factor, gaps, errors."""
    text = source.text().table("evidence")
    table: dict[str, list[str]] = {
        title: [] for title in text.table("columns").values()
    }
    for name, (pair, dropout) in candidates(found).items():
        relu = pair["relu"]
        form = "at_least" if pair["ratio_is_a_bound"] else "times"
        without, with_it = dropout["without dropout"], dropout["with dropout"]
        row = {
            "name": text.table("candidates")[name],
            "seeds": str(relu["of"]),
            "relu": words.figures(f"{relu['pictures']['mean']:,.0f}")
            if "pictures" in relu
            else "–",
            "ratio": text[form].format(**_range(pair["ratio"])),
            "gaps": _both(without["gap"], with_it["gap"]),
            "errors": _both(without["validation_error"], with_it["validation_error"]),
            "verdict": text.table("reasons")[name],
        }
        for column, value in row.items():
            table[text.table("columns")[column]].append(value)
    return table


def _both(without: Mapping[str, float], with_it: Mapping[str, float]) -> str:
    return words.figures(f"{without['mean']:.0%} → {with_it['mean']:.0%}")


def sweep(found: Figures) -> dict[str, list[str]]:
    """The rates tried before, one seed each."""
    text = source.text().table("evidence")
    table: dict[str, list[str]] = {title: [] for title in text.lines("sweep_columns")}
    for name, figures in found.get("sweep", {}).items():
        seconds = figures["seconds"]
        reached = (
            text["never"] if seconds is None else words.figures(f"{seconds:.1f} s")
        )
        error = words.figures(f"{figures['last_train_error']:.1%}")
        for title, value in zip(
            table, (words.figures(name), reached, error), strict=True
        ):
            table[title].append(value)
    return table
