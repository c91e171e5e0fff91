"""Pixels of any mode to 8 bits, opaque and small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImagePalette

if TYPE_CHECKING:
    import numpy.typing as npt

_INVISIBLE = 2  # of 255: alpha too low to be seen
_STRIP_PIXELS = 2_000_000  # handled at once, so that no second full copy is made
_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339  # TIFF
_MODES = {  # what a mode of 8 bits or fewer becomes; RGB if it is not named
    "1": "L",
    "L": "L",
    "La": "LA",
    "LA": "LA",
    "PA": "RGBA",
    "RGBa": "RGBA",
    "RGBA": "RGBA",
    "CMYK": "CMYK",
    "LAB": "LAB",
}


def bits_of(im: Image.Image) -> int:
    """Bits per channel in the file, as far as more than 8 are concerned."""
    depth = im.info.get("bit_depth")  # HEIF, whose numbers arrive as 8 or 16 bits
    if isinstance(depth, int):
        return depth
    raw = " ".join(str(tile[3]) for tile in getattr(im, "tile", ()))
    if "I;12" in raw:
        return 12
    return 16 if ";16" in raw or im.mode.startswith("I;16") else 8


@dataclass(frozen=True)
class Flat:
    """A small picture of mode L, RGB, CMYK or LAB, 8 bits, opaque."""

    image: Image.Image
    notes: tuple[str, ...]

    @property
    def contrast(self) -> int:
        """The largest difference within a channel, 0 to 255."""
        return max(high - low for low, high in self._extrema)

    @property
    def is_white(self) -> bool:
        """Whether it shows nothing but white."""
        return all(low == 255 for low, _ in self._extrema)

    @property
    def _extrema(self) -> list[tuple[int, int]]:
        found = self.image.getextrema()
        bands = found if isinstance(found[0], tuple) else (found,)
        return [(int(low), int(high)) for low, high in bands]


def flattened(
    im: Image.Image, target: tuple[int, int], bits: int, *, is_alone: bool
) -> Flat:
    """The loaded picture `im` in 8 bits, opaque, resized to `target`.

    What an alpha channel alone would hide is shown: all colours, where no pixel at all
    is said to be visible and the picture `is_alone` in its file, and a drawing in
    white, on black.
    """
    convert, note = _converter(im, bits)
    notes = (note,) if note else ()
    flatten = _Flattener(convert)
    flat = Flat(_shrunk(im, target, flatten), notes)
    if not flatten.saw_transparency:
        return flat
    if flatten.saw_anything and flat.is_white:
        note = "Transparent parts are shown on black, for the rest is white."
        drawing = Flat(
            _shrunk(im, target, _Flattener(convert, "black")), (*notes, note)
        )
        if drawing.contrast:
            return drawing
    if not flatten.saw_anything and is_alone:
        note = (
            "Every pixel of this picture is marked as transparent; "
            "its colours are shown all the same."
        )
        # In a BMP the fourth byte is as a rule just not used.
        more = () if im.format == "BMP" else (note,)
        bare = Flat(_shrunk(im, target, _Flattener(convert, None)), (*notes, *more))
        if bare.contrast or not more:
            return bare
    return Flat(flat.image, (*notes, "Transparent parts are shown on white."))


class _Flattener:
    """Converts strips of one picture to L, RGB, CMYK or LAB: 8 bits, opaque.

    Args:
        convert: converts a strip to one of these modes, or to LA or RGBA.
        background: what transparent parts are shown on; None shows their colours.
    """

    def __init__(
        self,
        convert: Callable[[Image.Image], Image.Image],
        background: str | None = "white",
    ) -> None:
        self._convert = convert
        self._background = background
        self.saw_transparency = False
        self.saw_anything = False

    def __call__(self, strip: Image.Image) -> Image.Image:
        strip = self._convert(strip)
        if strip.mode not in ("LA", "RGBA"):
            self.saw_anything = True
            return strip
        alpha = strip.getchannel("A")
        levels, pixels = alpha.histogram(), alpha.width * alpha.height
        # Some programs write 1 for "opaque" where 255 is meant.
        self.saw_anything = self.saw_anything or sum(levels[: _INVISIBLE + 1]) < pixels
        if levels[255] == pixels or self._background is None:
            return strip.convert(strip.mode[:-1])
        self.saw_transparency = True
        below = Image.new(strip.mode[:-1], strip.size, self._background)
        below.paste(strip.convert(strip.mode[:-1]), mask=alpha)
        return below


def _converter(
    im: Image.Image, bits: int
) -> tuple[Callable[[Image.Image], Image.Image], str]:
    """What converts strips of this loaded picture to 8 bits, and the note on that."""
    clear = im.info.get("transparency")
    note = ""
    if bits > 8:
        note = f"This picture had {bits} bits per channel; it is shown with 8."
    if im.mode in ("L", "RGB", "1") and clear is not None:
        if bits > 8 and isinstance(clear, tuple):  # Pillow kept the high bytes only
            clear = tuple(value >> 8 for value in clear)
        mode = "RGBA" if im.mode == "RGB" else "LA"

        def convert(strip: Image.Image) -> Image.Image:
            strip.info["transparency"] = clear
            return strip.convert(mode)

        return convert, note
    if im.mode.startswith("I;16") or im.mode in ("I", "F"):
        return _grey_scale(im, bits)
    mode = _MODES.get(im.mode, "RGB")
    if im.mode == "P" and (clear is not None or _has_alpha(im.palette)):
        mode = "RGBA"
    return lambda strip: strip.convert(mode), note


def _has_alpha(palette: ImagePalette.ImagePalette | None) -> bool:
    return palette is not None and palette.mode.endswith("A")


def _grey_scale(
    im: Image.Image, bits: int
) -> tuple[Callable[[Image.Image], Image.Image], str]:
    """How numbers of more than 8 bits become grey, and the note on that.

    Pillow's own `convert` would clip everything above 255 to white.
    """
    import numpy as np  # memory and time that most pictures do without

    tags = getattr(im, "tag_v2", None)
    kind_of_sample = None if tags is None else tags.get(_SAMPLE_FORMAT, (1,))
    # Pillow reads a TIFF's unsigned 32-bit numbers as signed ones.
    is_unsigned = im.mode == "I" and kind_of_sample == (1,)

    def numbers_of(strip: Image.Image) -> npt.NDArray[Any]:
        numbers = np.asarray(strip)
        return numbers.view(np.uint32) if is_unsigned else numbers

    if im.mode.startswith("I;16"):
        low, high = 0.0, 2.0 ** (bits if tags is not None else 16) - 1
        note = f"This picture had {bits} bits per channel; it is shown with 8."
    else:
        low, high = _extent(im, numbers_of)
        if im.mode == "F":
            is_usual = low >= 0 and high <= 1
            note = "This picture holds fractions; 0 is shown black and 1 white."
        else:
            is_usual = low >= 0 and high <= 65535
            note = "This picture had 32 bits per channel; it is shown with 8."
        if is_usual:
            low = 0.0
            high = 1.0 if im.mode == "F" else 255.0 if high <= 255 else 65535.0
        else:
            note = (
                f"This picture holds numbers from {low:g} to {high:g}; "
                "they are stretched from black to white."
            )
    # TIFF's "white is zero", which Pillow obeys for up to 8 bits only.
    if tags is not None and tags.get(_PHOTOMETRIC) == 0:
        low, high = high, low
    scale = 255.0 / (high - low) if high != low else 0.0
    clear = im.info.get("transparency")

    def convert(strip: Image.Image) -> Image.Image:
        numbers = numbers_of(strip)
        with np.errstate(invalid="ignore", over="ignore"):
            grey = (numbers.astype(np.float64) - low) * scale
        grey = np.nan_to_num(grey, nan=0.0, posinf=255.0, neginf=0.0)
        picture = Image.fromarray(np.rint(grey.clip(0, 255)).astype(np.uint8))
        if isinstance(clear, int):
            picture.putalpha(Image.fromarray(np.uint8(255) * (numbers != clear)))
        return picture

    return convert, note


def _extent(
    im: Image.Image, numbers_of: Callable[[Image.Image], npt.NDArray[Any]]
) -> tuple[float, float]:
    """The smallest and largest finite number of a picture of mode I or F."""
    import numpy as np

    low, high = np.inf, -np.inf
    for box in _strips(im.size, 1):
        numbers = numbers_of(im.crop(box))
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size:
            low = min(low, float(numbers.min()))
            high = max(high, float(numbers.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _strips(size: tuple[int, int], step: int) -> list[tuple[int, int, int, int]]:
    """Boxes of full width that cover the picture; their heights are whole steps."""
    width, height = size
    rows = max(1, _STRIP_PIXELS // (width * step)) * step
    return [(0, top, width, min(top + rows, height)) for top in range(0, height, rows)]


def _shrunk(
    im: Image.Image,
    target: tuple[int, int],
    flatten: Callable[[Image.Image], Image.Image],
) -> Image.Image:
    """The loaded picture, flattened and resized.

    Whole blocks are averaged down to about twice the target, strip by strip, then
    resampled: as good as one resampling to the eye, and no second full copy.
    """
    across = max(1, im.width // (2 * target[0]))
    down = max(1, im.height // (2 * target[1]))
    reduced: Image.Image | None = None
    for box in _strips(im.size, down):
        strip = flatten(im.crop(box)).reduce((across, down))
        if reduced is None:
            size = (-(-im.width // across), -(-im.height // down))
            reduced = Image.new(strip.mode, size)
        reduced.paste(strip, (0, box[1] // down))
    assert reduced is not None  # a picture has at least one row
    # The last block of a row or column may be a partial one.
    box_kept = (0.0, 0.0, im.width / across, im.height / down)
    return reduced.resize(target, Image.Resampling.LANCZOS, box=box_kept)
