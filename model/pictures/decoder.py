"""The process that opens strangers' pictures: `python -m model.pictures.decoder`.

`model.pictures` starts it, feeds it one file at a time and kills it when a file takes
too long. It holds Pillow and its plug-ins and nothing of the server: a hostile file
that breaks a decoder reaches neither other visitors, secrets, files nor programs.

    request   format (8 bytes, zero padded), length (4 bytes), the file
    reply     length of the header, length of the pixels (4 bytes each),
              header (JSON: `shape`, `size`, `notes`, or `refused`), RGB pixels

All numbers are big-endian. The first byte that the process writes says "ready".
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL import Image, ImageCms, ImageFile, ImagePalette

if TYPE_CHECKING:
    import numpy.typing as npt

LONGEST_SIDE = 448  # pixels of the decoded picture: twice what networks receive
MAX_PIXELS = 50_000_000
# These decoders keep the whole picture three or four times over.
_FEWER_PIXELS = {"AVIF": 30_000_000, "WEBP": 30_000_000}
MEMORY = 540 * 2**20  # bytes of private memory; 60 MB of shared libraries on top
GIVE_UP_S = 15  # a process without a parent to kill it ends itself after so long

REQUEST = struct.Struct(">8sI")
REPLY = struct.Struct(">II")
READY = b"\x01"

_STRIP_PIXELS = 2_000_000  # handled at once, so that no second full copy is made
_MAX_FRAMES = 1_000  # counted; more are "more than 1,000"
_MAX_PROFILE = 4 * 2**20  # bytes; print profiles have 0.5 to 2 MB
_ORIENTATION = 0x0112  # EXIF
_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339  # TIFF
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN = {  # what a mode of 8 bits or fewer becomes; RGB if it is not named
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
_PROFILE_SPACE = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}


class Refused(Exception):
    """This file is not shown; the message is the visitor's sentence."""


@dataclass(frozen=True)
class Decoded:
    """An upright 8-bit RGB picture and what the visitor should know of it."""

    image: Image.Image
    size: tuple[int, int]  # upright, before it was made smaller
    notes: tuple[str, ...]


def decode(data: bytes, kind: str) -> Decoded:
    """The picture in a file of Pillow's format `kind`, at most LONGEST_SIDE long.

    Raises:
        Refused: too large, damaged or incomplete. Hostile files make Pillow and its
            plug-ins raise almost any exception besides; `answer` sees to those.
    """
    if kind in ("WEBP", "AVIF", "HEIF") and ends_early(data, kind):
        # Of a phone's HEIC, made of tiles, libheif shows missing ones as nothing.
        raise Refused(_too_short(kind))
    # Checked here instead, where the sentence can name the size.
    Image.MAX_IMAGE_PIXELS = None
    if kind == "WEBP":
        _check_size(*_webp_canvas(data), kind)  # allocated by opening
    im = Image.open(io.BytesIO(data), formats=[kind])
    size = im.size
    _check_size(*size, kind)
    # Tiles and frames can be larger than the picture that they belong to.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    target = _fitting(size)
    # libjpeg halves, quarters, ... while decoding; keep twice the pixels needed.
    im.draft(im.mode, (2 * target[0], 2 * target[1]))
    bits = _bits(im)
    notes = []
    if frames := _frames_note(im, data, kind):
        notes.append(frames)
    im.load()
    flatten, note = _flattener(im, bits)
    if note:
        notes.append(note)
    orientation = _orientation(im)
    profile = im.info.get("icc_profile")
    small = _shrunk(im, target, flatten)
    im.close()
    if flatten.saw_transparency:
        notes.append("Transparent parts are shown on white.")
    if small.mode == "CMYK":
        notes.append("This picture was made for print; its colours are approximate.")
    image = _to_srgb(small, profile)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    if orientation >= 5:
        size = (size[1], size[0])
    return Decoded(image, size, tuple(notes))


def _check_size(width: int, height: int, kind: str) -> None:
    if width < 1 or height < 1:
        raise Refused("This picture has no pixels; choose another file.")
    most = _FEWER_PIXELS.get(kind, MAX_PIXELS)
    if width * height > most:
        raise Refused(
            f"A {_NAMES.get(kind, kind)} picture may have up to {most // 10**6} "
            f"million pixels and this one has {width:,} × {height:,}; "
            "make it smaller and try again."
        )


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size with the same shape whose longest side is LONGEST_SIDE at most."""
    scale = min(1.0, LONGEST_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


# --- Pixels of any mode to 8 bits ---------------------------------------------------


class _Flattener:
    """Makes strips of one picture plain: L, RGB, CMYK or LAB, 8 bits, opaque."""

    def __init__(self, plain: Callable[[Image.Image], Image.Image]) -> None:
        self._plain = plain
        self.saw_transparency = False

    def __call__(self, strip: Image.Image) -> Image.Image:
        strip = self._plain(strip)
        if strip.mode not in ("LA", "RGBA"):
            return strip
        alpha = strip.getchannel("A")
        if alpha.histogram()[255] == alpha.width * alpha.height:
            return strip.convert(strip.mode[:-1])
        self.saw_transparency = True
        white = Image.new(strip.mode[:-1], strip.size, "white")
        white.paste(strip.convert(strip.mode[:-1]), mask=alpha)
        return white


def _flattener(im: Image.Image, bits: int) -> tuple[_Flattener, str]:
    """How to make strips of this loaded picture plain, and the note on that."""
    clear = im.info.get("transparency")
    note = ""
    if bits > 8:
        note = f"This picture had {bits} bits per channel; it is shown with 8."
    if im.mode in ("L", "RGB", "1") and clear is not None:
        if bits > 8 and isinstance(clear, tuple):  # Pillow kept the high bytes only
            clear = tuple(value >> 8 for value in clear)
        mode = "RGBA" if im.mode == "RGB" else "LA"

        def plain(strip: Image.Image) -> Image.Image:
            strip.info["transparency"] = clear
            return strip.convert(mode)

        return _Flattener(plain), note
    if im.mode.startswith("I;16") or im.mode in ("I", "F"):
        grey, note = _grey_scale(im, bits)
        return _Flattener(grey), note
    mode = _PLAIN.get(im.mode, "RGB")
    if im.mode == "P" and (clear is not None or _has_alpha(im.palette)):
        mode = "RGBA"
    return _Flattener(lambda strip: strip.convert(mode)), note


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
            plain_range = low >= 0 and high <= 1
            note = "This picture holds fractions; 0 is shown black and 1 white."
        else:
            plain_range = low >= 0 and high <= 65535
            note = "This picture had 32 bits per channel; it is shown with 8."
        if plain_range:
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

    def plain(strip: Image.Image) -> Image.Image:
        numbers = numbers_of(strip)
        with np.errstate(invalid="ignore", over="ignore"):
            grey = (numbers.astype(np.float64) - low) * scale
        grey = np.nan_to_num(grey, nan=0.0, posinf=255.0, neginf=0.0)
        picture = Image.fromarray(np.rint(grey.clip(0, 255)).astype(np.uint8))
        if isinstance(clear, int):
            picture.putalpha(Image.fromarray(np.uint8(255) * (numbers != clear)))
        return picture

    return plain, note


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
    """The loaded picture made plain and resized.

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


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """A plain picture as sRGB, by its colour profile where that is sound."""
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _through(image, ImageCms.ImageCmsProfile(lab))
    if (
        isinstance(profile, bytes)
        and 128 < len(profile) <= _MAX_PROFILE
        # The colour space that the profile is for.
        and profile[16:20] == _PROFILE_SPACE.get(image.mode)
    ):
        # A broken profile is no reason to refuse a sound picture.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            return _through(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return image.convert("RGB")


def _through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    srgb = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    if not isinstance(converted, Image.Image):
        raise ValueError("only a conversion in place returns nothing")
    return converted


# --- What the file says about itself ------------------------------------------------


def _bits(im: Image.Image) -> int:
    """Bits per channel in the file, as far as more than 8 are concerned."""
    depth = im.info.get("bit_depth")  # HEIF, whose numbers arrive as 8 or 16 bits
    if isinstance(depth, int):
        return depth
    raw = " ".join(str(tile[3]) for tile in getattr(im, "tile", ()))
    if "I;12" in raw:
        return 12
    return 16 if ";16" in raw or im.mode.startswith("I;16") else 8


def _orientation(im: Image.Image) -> int:
    """EXIF's orientation, 1 (upright) to 8."""
    try:
        orientation = im.getexif().get(_ORIENTATION, 1)
    except Exception:
        # Pillow parses EXIF and XMP here and lets any error out; camera firmware
        # writes broken EXIF, and such a picture is still a picture.
        return 1
    return orientation if orientation in _UPRIGHT else 1


def _frames_note(im: Image.Image, data: bytes, kind: str) -> str:
    # For GIF and TIFF, Pillow's n_frames parses every frame: up to a million.
    if kind == "GIF":
        frames = _gif_frames(data)[0]
    elif kind == "TIFF":
        frames = _tiff_pages(data)
    else:
        frames = getattr(im, "n_frames", 1)
    if frames < 2:
        return ""
    count = f"{frames:,}" if frames <= _MAX_FRAMES else f"more than {_MAX_FRAMES:,}"
    which = "main one" if kind == "HEIF" else "first"
    return f"This file has {count} frames; the {which} is shown."


def _gif_frames(data: bytes) -> tuple[int, bool]:
    """Frames in a GIF, at most one over _MAX_FRAMES, and whether it is complete."""

    def past_table(position: int, flags: int) -> int:
        return position + (3 << (flags & 7) + 1 if flags & 0x80 else 0)

    frames = 0
    try:
        position = past_table(13, data[10])
        while frames <= _MAX_FRAMES and data[position] != 0x3B:
            if data[position] == 0x2C:
                frames += 1
                position = past_table(position + 10, data[position + 9]) + 1
            elif data[position] == 0x21:
                position += 2
            else:
                return frames, True  # junk after the picture
            while data[position]:
                position += data[position] + 1
            position += 1
    except IndexError:
        return frames, False
    return frames, True


def _tiff_pages(data: bytes) -> int:
    """Pages in a TIFF, at most one over _MAX_FRAMES; a loop in the chain is none."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_format, next_format = (
        (order + "Q", order + "Q") if big else (order + "H", order + "I")
    )
    entry = 20 if big else 12
    seen: set[int] = set()
    try:
        (position,) = struct.unpack_from(next_format, data, 8 if big else 4)
        while position and position not in seen and len(seen) <= _MAX_FRAMES:
            (entries,) = struct.unpack_from(count_format, data, position)
            seen.add(position)
            after = position + struct.calcsize(count_format) + entries * entry
            (position,) = struct.unpack_from(next_format, data, after)
    except struct.error:
        pass  # the chain leaves the file
    return len(seen)


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height in a WebP file's header; (1, 1) where there is none."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return (
            int.from_bytes(data[24:27], "little") + 1,
            int.from_bytes(data[27:30], "little") + 1,
        )
    if kind == b"VP8L" and len(data) >= 25:
        packed = int.from_bytes(data[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 1, 1


def ends_early(data: bytes, kind: str) -> bool:
    """Whether the file is shorter than it says itself."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data[-65536:]
    if kind == "PNG":
        return b"IEND" not in data[-65536:]
    if kind == "GIF":
        return not _gif_frames(data)[1]
    if kind == "BMP":
        return len(data) < 26 or int.from_bytes(data[2:6], "little") > len(data)
    if kind == "WEBP":
        return len(data) < 20 or 8 + int.from_bytes(data[4:8], "little") > len(data)
    if kind == "TIFF":
        return _tiff_ends_early(data)
    return _boxes_end_early(data)


def _boxes_end_early(data: bytes) -> bool:
    """ISO base media files (HEIF, AVIF) are a row of boxes: length, name, content."""
    position = 0
    seen = set()
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if name not in (b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"):
            break  # some phones append data of their own
        seen.add(name)
        if length == 1 and position + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, position + 8)
        if length == 0:  # "to the end of the file"
            break
        if length < 8 or position + length > len(data):
            return True
        position += length
    return not seen & {b"meta", b"moov"} or len(seen) < 2


def _tiff_ends_early(data: bytes) -> bool:
    if not _tiff_pages(data):
        return True
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] not in (b"*\0", b"\0*"):
        return False
    (position,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, position)
    parts: dict[int, list[int]] = {}
    try:
        for entry in range(position + 2, position + 2 + 12 * entries, 12):
            tag, form, count = struct.unpack_from(order + "HHI", data, entry)
            if tag not in (273, 279, 324, 325) or form not in (3, 4):
                continue  # where strips or tiles begin, and their lengths
            width = 2 if form == 3 else 4
            where = entry + 8
            if width * count > 4:
                (where,) = struct.unpack_from(order + "I", data, where)
            count = min(count, len(data) // width)
            code = f"{order}{count}{'H' if form == 3 else 'I'}"
            parts[tag] = list(struct.unpack_from(code, data, where))
    except struct.error:
        return True
    return any(
        start + length > len(data)
        for begin, size in ((273, 279), (324, 325))
        for start, length in zip(
            parts.get(begin, ()), parts.get(size, ()), strict=False
        )
    )


# --- One request --------------------------------------------------------------------

_NAMES = {"WEBP": "WebP", "HEIF": "HEIC"}


def _too_short(kind: str) -> str:
    name = _NAMES.get(kind, kind)
    return (
        f"This {name} picture is incomplete, the file ends too early; "
        "copy or download it again."
    )


def answer(data: bytes, kind: str) -> tuple[dict[str, object], bytes]:
    """The reply to one file: header and RGB pixels, row by row."""
    try:
        decoded = decode(data, kind)
    except Refused as refused:
        return {"refused": str(refused)}, b""
    except MemoryError:
        return {
            "refused": "This picture needs too much memory to open; "
            "make it smaller or save it as JPEG and try again."
        }, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {
            "refused": f"A picture may have up to {MAX_PIXELS // 10**6} million pixels "
            "and this one has parts that are larger; make it smaller and try again."
        }, b""
    except Exception as error:
        # The one boundary: on bad files Pillow and its plug-ins raise OSError,
        # ValueError, SyntaxError, KeyError, struct.error, RuntimeError and more.
        if "truncated" in str(error) or ends_early(data, kind):
            return {"refused": _too_short(kind)}, b""
        return {
            "refused": f"This {_NAMES.get(kind, kind)} picture is damaged or of a rare "
            "kind and cannot be read; open it in another program, save it as JPEG "
            "or PNG and try that file."
        }, b""
    header: dict[str, object] = {
        "shape": decoded.image.size,
        "size": decoded.size,
        "notes": decoded.notes,
    }
    return header, decoded.image.tobytes()


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers requests until the parent closes its end."""
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        kind, length = REQUEST.unpack(head)
        data = requests.read(length)
        if len(data) < length:
            return
        if sys.platform != "win32":
            signal.alarm(GIVE_UP_S)  # its default action ends the process
        header, pixels = answer(data, kind.rstrip(b"\0").decode("ascii"))
        text = json.dumps(header).encode("ascii")
        replies.write(REPLY.pack(len(text), len(pixels)) + text + pixels)
        replies.flush()
        if sys.platform != "win32":
            signal.alarm(0)
        del data, pixels  # while waiting for the next


# --- The process --------------------------------------------------------------------

_FORBIDDEN = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "socket.",
    "subprocess.",
)


def _guard(event: str, _: tuple[object, ...]) -> None:
    """Audit hook: no decoder of pictures starts a program or opens a connection."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a decoder of pictures")


def _confine() -> None:
    if sys.platform != "win32":
        import resource

        _, allowed = resource.getrlimit(resource.RLIMIT_DATA)
        most = MEMORY if allowed == resource.RLIM_INFINITY else min(MEMORY, allowed)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_guard)


def _follow(parent: int) -> None:
    """Ends this process when its parent is gone.

    End of input usually says so first, unless another child of the server inherited
    the pipe. PR_SET_PDEATHSIG would not do: it fires when the *thread* that started
    this process ends, and Streamlit's threads are short.
    """
    while os.getppid() == parent:
        time.sleep(5)
    os._exit(0)


def main() -> None:
    """Serves standard input and output."""
    import pillow_heif
    from PIL import AvifImagePlugin

    # Ctrl-C in a terminal reaches the whole group; the server's end is enough.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    replies = os.fdopen(os.dup(1), "wb")
    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=2
    )
    AvifImagePlugin.DEFAULT_MAX_THREADS = 2
    Image.init()  # all plug-ins now, not during the first visitor's picture
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    _confine()
    # From here on libraries can only spoil the log or the protocol: libtiff prints a
    # line for each broken tag.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    replies.write(READY)
    replies.flush()
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
