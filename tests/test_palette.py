"""Colours that everyone can tell from what they stand on: WCAG 2.2, level AA."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any

import pytest

from paths import ROOT
from viz.palette import PALETTES, lut

CONFIG = ROOT / ".streamlit" / "config.toml"
THEME: dict[str, Any] = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
SCHEMES = ("light", "dark")
TEXT, GRAPHIC = 4.5, 3.0
KINDS = ("input", "conv", "pool", "normalise", "dense", "accent")
# How strong Streamlit's captions are: a test in a browser holds the number.
CAPTION = 0.6


def rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    linear = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
              for x in rgb(colour))  # fmt: skip
    return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def over(colour: str, strength: float, ground: str) -> str:
    """A colour painted with some strength over another."""
    mixed = (
        strength * a + (1 - strength) * b
        for a, b in zip(rgb(colour), rgb(ground), strict=True)
    )
    return "#" + "".join(f"{round(255 * x):02X}" for x in mixed)


def grounds(scheme: str) -> dict[str, str]:
    """What text stands on in the app: page, panels and code, sidebar."""
    theme, sidebar = THEME[scheme], THEME[scheme]["sidebar"]
    return {
        "page": theme["backgroundColor"],
        "panel": theme["secondaryBackgroundColor"],
        "code": theme["codeBackgroundColor"],
        "sidebar": sidebar["backgroundColor"],
        "sidebar panel": sidebar["secondaryBackgroundColor"],
    }


def test_contrast_is_wcags():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["textColor", "linkColor"])
def test_theme_text(scheme, name):
    for where, ground in grounds(scheme).items():
        assert contrast(THEME[scheme][name], ground) >= TEXT, where


@pytest.mark.parametrize("scheme", SCHEMES)
def test_captions(scheme):
    for where, ground in grounds(scheme).items():
        caption = over(THEME[scheme]["textColor"], CAPTION, ground)
        assert contrast(caption, ground) >= TEXT, where


@pytest.mark.parametrize("scheme", SCHEMES)
def test_theme_controls(scheme):
    for where, ground in grounds(scheme).items():
        assert contrast(THEME[scheme]["primaryColor"], ground) >= GRAPHIC, where


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures(scheme):
    palette = PALETTES[scheme]
    for ground in (palette.background, palette.surface):
        for name in ("text", "muted"):
            assert contrast(getattr(palette, name), ground) >= TEXT, name
        for name in KINDS:
            assert contrast(getattr(palette, name), ground) >= GRAPHIC, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_and_app_agree(scheme):
    theme, palette = THEME[scheme], PALETTES[scheme]
    assert palette.text == theme["textColor"]
    assert palette.background == theme["backgroundColor"]
    assert palette.surface == theme["secondaryBackgroundColor"]


def test_viridis_grows_lighter():
    """A larger value is a lighter colour, so it reads without colour vision too."""
    light = [luminance("#" + bytes(row).hex()) for row in lut("viridis")]
    assert all(a < b + 0.001 for a, b in pairwise(light))
    assert contrast("#" + bytes(lut("viridis")[0]).hex(),
                    "#" + bytes(lut("viridis")[-1]).hex()) >= 10  # fmt: skip


def test_the_sign_is_seen_without_colour():
    """In grey: darker than the middle is below zero, lighter is above."""
    light = [luminance("#" + bytes(row).hex()) for row in lut("diverging")[:255]]
    assert all(a < b + 1e-4 for a, b in pairwise(light))
    grey = "#" + bytes(lut("diverging")[127]).hex()
    assert grey == "#808080"
    for end in (0, 254):
        assert contrast("#" + bytes(lut("diverging")[end]).hex(), grey) >= 3
