"""The calculators of the architecture page, against the arithmetic in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from model.network import shapes
from model.network.specs import AUTHORS, ORIGINAL, Normalise
from ui.kit.network import calculators

Open = Callable[..., Any]
TEXT = calculators.text()
SIZE = TEXT.table("output_size", "component")


def part(page: Any, name: str) -> Any:
    found = page.locator(f"section.{name}")
    found.scroll_into_view_if_needed()
    return found


def test_each_preset_is_calculated(open_page: Open) -> None:
    page = open_page("/architecture")
    section = part(page, "calculator")
    for preset in calculators.presets():
        section.get_by_role("button", name=preset.label, exact=True).click()
        arguments = (preset.size, preset.kernel, preset.stride, preset.padding)
        exact = shapes.exact_size(*arguments)
        down = shapes.output_size(*arguments)
        expect(section.locator(".formula")).to_contain_text(f"= {exact:g}")
        expect(section.locator(".result")).to_contain_text(str(down))
        if exact != down:
            assert (
                f"{down + 1} by the authors" in section.locator(".result").inner_text()
            )
        unread = section.locator(".unread").inner_text()
        if not preset.padding:
            share = shapes.unread(preset.size, preset.kernel, preset.stride)
            assert (unread == SIZE["all_read"]) == (share == 0)
            assert share == 0 or f"{share:.1%}" in unread


def test_a_dragged_slider_answers_and_says_what_does_not_fit(open_page: Open) -> None:
    page = open_page("/architecture", width=390, height=664)
    section = part(page, "calculator")
    stride = section.get_by_label(SIZE["stride"])
    stride.focus()
    page.keyboard.press("ArrowRight")
    expect(section.locator(".formula")).to_contain_text("/ 5 + 1 = 43.6")
    page.keyboard.press("End")
    expect(section.locator(".formula")).to_contain_text("/ 8 + 1")
    section.get_by_label(SIZE["size"]).fill("5")
    expect(section.locator(".formula")).to_have_text(
        SIZE["too_large"].format(kernel=11, size=5, padding=0)
    )
    expect(section.locator(".result")).to_be_empty()


def test_pooling_of_ones_own_numbers(open_page: Open) -> None:
    page = open_page("/architecture")
    section = part(page, "pooling")
    numbers = list(calculators.ROW)
    numbers[4] = 12
    section.get_by_role("spinbutton").nth(4).fill("12")
    rows = section.locator("tr")
    for i, (size, step) in enumerate(((3, 2), (2, 2))):
        windows = [
            numbers[at : at + size] for at in range(0, len(numbers) - size + 1, step)
        ]
        for row, reduce in ((2 * i, np.max), (2 * i + 1, np.mean)):
            shown = [float(x) for x in rows.nth(row).locator("td").all_inner_texts()]
            assert shown == pytest.approx([reduce(x) for x in windows], abs=0.005)


def test_normalisation_by_the_paper_and_by_the_code(open_page: Open) -> None:
    page = open_page("/architecture")
    section = part(page, "normalisation")
    values = list(calculators.NEIGHBOURS)
    values[1] = calculators.MOST
    section.get_by_role("slider").nth(1).fill(str(calculators.MOST))
    for i, spec in enumerate((ORIGINAL, AUTHORS)):
        norm = next(x for x in spec.layers if isinstance(x, Normalise))
        padded = np.pad(np.square(values), norm.n // 2)
        around = np.lib.stride_tricks.sliding_window_view(padded, norm.n).sum(axis=1)
        # The paper's k, n and beta in both: what differs is alpha.
        wanted = values / (norm.k + norm.alpha * around) ** norm.beta
        cells = section.locator("tr").nth(i).locator("td").all_inner_texts()
        assert [float(x) for x in cells] == pytest.approx(wanted.tolist(), abs=0.051)
