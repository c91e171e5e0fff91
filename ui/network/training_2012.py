"""What the page on the authors' training shows: time line, runs, dead ends, gaps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import streamlit as st

from classroom.content import code_2012, numbers, runs_2012
from classroom.content.numbers import decimal
from classroom.content.runs_2012 import AuthorsRun, Change
from model import paper
from model.network.specs import AUTHORS, Normalise
from ui import script
from ui.kit import widgets, words
from ui.network.training_2012_words import (
    PAGE,
    date,
    in_a_column,
    links,
    listed,
    month_and_year,
    per_cent,
    text_of,
)
from viz.ensemble import Card, Group, ensemble_svg
from viz.palette import PALETTES, Scheme
from viz.svg import Direction
from viz.training_history import End, Lane, LaneSpan, history_svg

NOTEBOOK = runs_2012.notebook()
RUN, AGAIN = NOTEBOOK.runs["145"], NOTEBOOK.runs["145-again"]
FASTEST, DECADES = 0.01, 4  # the stairs of the learning rate: 0.01 is full, 0.00001 low


# --- run 145 --------------------------------------------------------------------------


def _spans(at: list[tuple[int, Any]], last: float) -> list[tuple[Any, ...]]:
    """From where to where a setting had a value: (start, end, value)."""
    ends = [*at, (last, None)]
    return [(a, b, value) for (a, value), (b, _) in pairwise(ends) if b > a]


def _set(name: str) -> list[tuple[int, Any]]:
    return [
        (change.epoch, getattr(change, name))
        for change in NOTEBOOK.history
        if getattr(change, name) is not None
    ]


def _level(rate: float) -> float:
    """How high a rate stands on the stairs: a step down for each division by 10."""
    steps, value = 0, rate
    while value < FASTEST * 0.99:
        steps, value = steps + 1, value * 10
    return 1 - steps * 0.84 / (DECADES - 1)


def lanes() -> tuple[Lane, ...]:
    """The settings of run 145 over all epochs."""
    text, last = text_of("run"), AGAIN.end
    assert last is not None
    rates = [
        LaneSpan(a, b, words.figures(decimal(rate)), _level(rate))
        for a, b, rate in _spans(_set("rate"), last)
    ]
    of_conv1 = []
    for a, b, rate in _spans([(0, None), *_set("conv1")], last):
        key, level = ("trained", 1.0) if rate is None else ("slowed", 0.5)
        key, level = ("frozen", 0.0) if rate == 0 else (key, level)
        of_conv1.append(LaneSpan(a, b, text[key], level))
    noise = [
        LaneSpan(
            a,
            b,
            words.figures(decimal(value)) if value else text["off"],
            float(bool(value)),
        )
        for a, b, value in _spans(_set("noise"), last)
    ]
    machines = [LaneSpan(*span) for span in _spans(_set("machine"), last)]
    return (
        Lane(text["rate"], tuple(rates), "conv", tall=True),
        Lane(text["conv1"], tuple(of_conv1), "pool"),
        Lane(text["noise"], tuple(noise), "dense"),
        Lane(text["machine"], tuple(machines), "normalise"),
    )


def told(change: Change, before: float | None) -> str:
    """What was done at an epoch, in words; `before` is the learning rate until then."""
    texts = text_of("run").table("changes")
    found = []
    if change.rate is not None:
        kind = "rate" if before is None or change.rate < before else "again"
        kind = "begin" if before is None else kind
        found.append(texts[kind].format(rate=decimal(change.rate)))
    if change.conv1 is not None:
        kind = "conv1" if change.conv1 else "frozen"
        found.append(texts[kind].format(rate=decimal(change.conv1)))
    if change.noise is not None:
        kind = "noise" if change.noise else "off"
        found.append(texts[kind].format(noise=decimal(change.noise)))
    if change.paused is not None:
        found.append(texts[change.paused])
    if change.machine is not None:
        found.append(texts["machine"].format(machine=change.machine))
    if change.ends is not None:
        errors = NOTEBOOK.runs[change.ends].errors
        found.append(texts["ends"].format(**per_cent(errors)))
    return ", ".join(found)


def history() -> list[tuple[Change, str]]:
    """The notes of run 145 with their words, in order."""
    before: float | None = None
    found = []
    for change in NOTEBOOK.history:
        found.append((change, told(change, before)))
        before = before if change.rate is None else change.rate
    return found


def history_alt() -> str:
    """The time line in words."""
    text = text_of("run")
    changes = [
        text["alt_change"].format(epoch=change.epoch, what=what)
        for change, what in history()
    ]
    return text["alt"].format(changes=" ".join(changes))


def history_drawn(scheme: Scheme, direction: Direction) -> str:
    text = text_of("run")
    ends = []
    for run in (RUN, AGAIN):
        assert run.end is not None
        killed = text["killed"].format(epoch=f"{run.end:g}")
        ends.append(
            End(run.end, (killed, text["result"].format(**per_cent(run.errors))))
        )
    assert RUN.started is not None
    return history_svg(
        history_alt(),
        text["begins"].format(date=date(RUN.started)),
        lanes(),
        ends,
        text["axis"],
        PALETTES[scheme],
        direction,
    )


def run_145() -> None:
    """The run that the paper prints, drawn and note by note."""
    text, scheme = text_of("run"), widgets.scheme()
    st.header(text["heading"], anchor="run-145")
    assert RUN.end is not None and AGAIN.end is not None
    assert RUN.errors is not None and AGAIN.errors is not None
    st.markdown(
        text["say"].format(
            drops=listed(RUN.drops),
            slowed=RUN.slowed,
            frozen=RUN.frozen,
            end=f"{RUN.end:g}",
            more=f"{AGAIN.end - RUN.end:g}",
            gain=f"{RUN.errors.top1 - AGAIN.errors.top1:.1f}",
        )
    )
    widgets.drawing(
        history_drawn(scheme, "across"), history_drawn(scheme, "down"), history_alt()
    )
    st.caption(text["caption"].format(end=f"{RUN.end:g}"))
    with st.expander(text["table"], icon=":material/table:"):
        st.table(
            {
                text["epoch"]: [str(change.epoch) for change, _ in history()],
                text["what"]: [what for _, what in history()],
                text["lines"]: [links(change.places) for change, _ in history()],
            },
            border="horizontal",
            hide_index=True,
        )


# --- what was printed -----------------------------------------------------------------


def _measured_on(run: AuthorsRun) -> str:
    text, page = text_of("printed"), words.page(PAGE)
    data = page.table("data")[run.data]
    if run.measured_on is None:
        return text["unnamed"].format(data=data)
    return text["measured_on"].format(
        data=data, set=page.table("sets")[run.measured_on]
    )


def printed_numbers() -> None:
    """Each number of the paper beside the run that it fits."""
    text, places = text_of("printed"), text_of("places")
    st.header(text["heading"], anchor="printed")
    st.markdown(text["say"])
    columns: dict[str, list[str]] = {
        text[name]: [] for name in ("place", "printed", "noted", "run", "measured")
    }
    for one in NOTEBOOK.printed:
        kind = "errors" if one.minus is None else "points"
        unit = "%" if one.minus is None else ""
        run = one.run.name
        if one.minus is not None:
            run = text["difference"].format(run=run, minus=one.minus.name)
        printed = text[kind].format(
            top1=f"{one.printed.top1:.1f}{unit}", top5=f"{one.printed.top5:.1f}{unit}"
        )
        noted = text[kind].format(
            top1=f"{one.noted.top1:.2f}{unit}", top5=f"{one.noted.top5:.2f}{unit}"
        )
        row = (places[one.name], printed, f"{noted} ({links(one.places)})", run)
        for cell, column in zip((*row, _measured_on(one.run)), columns, strict=True):
            columns[column].append(cell)
    widgets.stacked_table(columns)


# --- the seven ------------------------------------------------------------------------


def _card(run: AuthorsRun, certain: bool, width: float = 1.0) -> Card:
    text = text_of("seven")
    filters = text["filters"].format(filters=run.filters)
    alone = text["alone"].format(top5=per_cent(run.errors)["top5"])
    return Card(run.name, (filters, alone), certain, width)


def _averages() -> tuple[str, str]:
    """What table 2 prints of the five, and of all seven."""
    text = text_of("seven")
    by_name = {row[0]: row[1:] for row in paper.TABLE_2}
    five, seven = (
        {
            name: f"{value:.1%}"
            for name, value in zip(("top1", "top5", "test"), by_name[x], strict=True)
        }
        for x in ("5 CNNs", "7 CNNs*")
    )
    return text["average"].format(**five), text["all"].format(**seven)


def seven_alt() -> str:
    """The cards in words."""
    text, seven = text_of("seven"), NOTEBOOK.seven
    average, whole = _averages()
    names = {
        name: listed(run.name for run in runs)
        for name, runs in (
            ("five", seven.five),
            ("two", seven.pre_trained),
            ("candidates", seven.candidates),
        )
    }
    return text["alt"].format(**names, average=average, all=whole)


def seven_drawn(scheme: Scheme, direction: Direction) -> str:
    text, seven = text_of("seven"), NOTEBOOK.seven
    certain = {one.run.name for one in NOTEBOOK.printed}
    average, whole = _averages()
    five = tuple(_card(run, run.name in certain) for run in seven.five)
    first, second = seven.candidates
    either = (
        text["either"].format(first=first.name),
        text["other"].format(second=second.name),
    )
    two = (
        *(_card(run, run.name in certain, 1.4) for run in seven.pre_trained),
        Card(text["unknown"], either, False, 1.4),
    )
    groups = (Group(text["five"], five, average), Group(text["two"], two, ""))
    return ensemble_svg(seven_alt(), groups, whole, PALETTES[scheme], direction)


def the_seven() -> None:
    """Who was averaged, as far as it can be known."""
    text, seven, scheme = text_of("seven"), NOTEBOOK.seven, widgets.scheme()
    st.header(text["heading"].format(top5=f"{paper.SEVEN.error:.1f}%"), anchor="seven")
    st.markdown(text["say"])
    widgets.drawing(
        seven_drawn(scheme, "across"), seven_drawn(scheme, "down"), seven_alt()
    )
    older = [run for run in seven.five if run.filters == code_2012.EARLIER_FILTERS]
    counted = {
        "count": len(seven.five),
        "older": len(older),
        "older_filters": code_2012.EARLIER_FILTERS,
        "filters": RUN.filters,
    }
    columns = st.columns(2, gap="large")
    for column, heading, lines in (
        (columns[0], "known_heading", "known"),
        (columns[1], "unknown_heading", "unknown_list"),
    ):
        listed = "\n".join(f"- {line.format(**counted)}" for line in text.lines(lines))
        column.markdown(f"**{text[heading]}**\n\n{listed}")
    st.markdown(f":small[{links(seven.places)}]")


# --- relatives ------------------------------------------------------------------------


def relatives() -> None:
    """All runs as a table that can be sorted."""
    page, text = words.page(PAGE), text_of("relatives")
    runs = list(NOTEBOOK.runs.values())
    st.header(text["heading"], anchor="relatives")
    st.markdown(text["say"])
    norm = AUTHORS.layer("norm1")
    assert isinstance(norm, Normalise)
    filled = {"k": f"{norm.k:g}"}
    errors = [
        (round(run.errors.top1, 2), round(run.errors.top5, 2))
        if run.errors
        else (None, None)
        for run in runs
    ]
    columns: dict[str, list[Any]] = {
        "run": [run.name for run in runs],
        "top1": in_a_column([top1 for top1, _ in errors], ".2f"),
        "top5": in_a_column([top5 for _, top5 in errors], ".2f"),
        "data": [page.table("data")[run.data] for run in runs],
        "set": [
            page.table("sets")[run.measured_on]
            if run.measured_on
            else page["not_said" if run.errors else "none"]
            for run in runs
        ],
        "network": [
            page.table("networks")[run.name].format(filters=run.filters, **filled)
            for run in runs
        ],
        "drops": [
            words.figures(", ".join(f"{epoch:g}" for epoch in run.drops))
            for run in runs
        ],
        "slowed": [run.slowed for run in runs],
        "frozen": [run.frozen for run in runs],
        "end": in_a_column([run.end and round(run.end, 2) for run in runs], "g"),
        "started": [run.started for run in runs],
        "machines": [", ".join(run.machines) for run in runs],
        "notes": [run.places[0].link for run in runs],
    }
    number, day = st.column_config.NumberColumn, st.column_config.DateColumn
    if words.style().decimal == ".":
        error, end = number(format="%.2f", width=72), number()
    else:
        error = st.column_config.TextColumn(width=72, alignment="right")
        end = st.column_config.TextColumn(alignment="right")
    st.dataframe(
        {text[name]: column for name, column in columns.items()},
        hide_index=True,
        height="content",
        placeholder=page["none"],
        column_config={
            text["run"]: st.column_config.TextColumn(pinned=True, width=112),
            text["top1"]: error,
            text["top5"]: error,
            text["end"]: end,
            text["network"]: st.column_config.TextColumn(width=370),
            text["started"]: day(format=text["date_form"]),
            text["notes"]: st.column_config.LinkColumn(display_text=r"#(L.*)$"),
        },
        alt=text["alt"].format(count=len(runs)),
    )


# --- the rest -------------------------------------------------------------------------


def _tried_line(name: str, line: str, filled: dict[str, Any], places: str) -> str:
    return f"- {line.format(**filled)} :small[{places}]"


def tried() -> None:
    """Dead ends and early ideas, a short list for each kind."""
    text = text_of("tried")
    st.header(text["heading"], anchor="tried")
    st.markdown(text["say"])
    left, right = st.columns(2, gap="large")
    kinds = runs_2012.KINDS
    for column, some in ((left, kinds[:4]), (right, kinds[4:])):
        for kind in some:
            lines = []
            for one in NOTEBOOK.of_kind(kind):
                filled = {
                    name: f"{value:.2f}%" if name.startswith("top") else f"{value:,}"
                    for name, value in one.numbers.items()
                }
                line = text.table("says")[one.name]
                lines.append(_tried_line(one.name, line, filled, links(one.places)))
            column.markdown(f"**{text.table('kinds')[kind]}**\n\n" + "\n".join(lines))


def still_open() -> None:
    """What cannot be read in it."""
    text, known = text_of("open"), numbers.numbers()
    filled = {
        name: known[name].text() for name in ("figure_2_conv1", "said_neurons")
    } | {"last": month_and_year(NOTEBOOK.release.last)}
    st.header(text["heading"], anchor="open")
    st.markdown("\n".join(f"- {line.format(**filled)}" for line in text.lines("list")))


def source() -> None:
    """Where all this comes from, and where it goes on."""
    page, text, release = words.page(PAGE), text_of("source"), NOTEBOOK.release
    st.header(text["heading"], anchor="source")
    st.markdown(
        text["say"].format(
            repository=code_2012.REPOSITORY,
            commit=code_2012.COMMIT,
            definitions=release.definitions,
            settings=release.settings,
            runs=release.runs,
            killed=release.killed,
            first=date(release.first),
            last=date(release.last),
        )
    )
    with st.container(horizontal=True, gap="small"):
        for name, label in (
            ("claims", page["claims"]),
            ("architecture", words.page("architecture")["title"]),
            ("lesson", words.page("lesson")["title"]),
        ):
            st.page_link(script(name), label=label, icon=words.page(name)["icon"])
