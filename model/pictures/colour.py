"""Colours as sRGB, which browsers and networks expect."""

from __future__ import annotations

import contextlib
import io

from PIL import Image, ImageCms

_MAX_PROFILE = 4 * 2**20  # bytes; print profiles have 0.5 to 2 MB
_PROFILE_SPACE = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
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
