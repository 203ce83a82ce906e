"""Colours to sRGB by the embedded profile, transparency over black."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats import spaces
from app.core.imaging.formats.samples import to_uint8
from app.core.imaging.formats.spaces import RgbSpace

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_PROFILE_SPACE = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}


def to_srgb(image: Image.Image, warnings: list[Message], space: RgbSpace | None = None) -> Image.Image:
    """Colours to sRGB by `space` or else the embedded profile, alpha over black, whatever the mode. Gives mode RGB."""
    profile = image.info.get("icc_profile") if space is None else None
    image = _narrowed(image)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        if alpha.getextrema() == (0, 0):  # a program that left it empty
            warnings.append(Message("alpha-empty"))
            alpha = None
        image = image.convert("RGB")
    elif image.mode not in _PROFILE_SPACE:  # P, YCbCr, HSV, RGBX
        image = image.convert("RGB")
    image = apply_profile(image, profile, warnings)
    if space is not None:
        image = Image.fromarray(spaces.to_srgb(np.asarray(image), space))
    if alpha is not None:
        image = Image.composite(image, Image.new("RGB", image.size), alpha)
    return image


def _narrowed(image: Image.Image) -> Image.Image:
    """Grey values of 16 bits (and bitmaps of 1) to 8; Pillow itself narrows 16-bit RGB."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ImageError(ImageProblem.UNSUPPORTED, Message("image-beyond-16-bits"))
        return Image.fromarray(to_uint8(values, bits=16))
    if image.mode == "F":
        raise ImageError(ImageProblem.UNSUPPORTED, Message("image-floating-point"))
    return image


def apply_profile(image: Image.Image, profile: bytes | None, warnings: list[Message]) -> Image.Image:
    """The image in sRGB. A profile that can't be used is left out, and a warning added to `warnings`."""
    if image.mode == "LAB":  # device-independent: its own description is its profile
        return _transformed(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if image.mode == "L" and space == "RGB":
                image = image.convert("RGB")
            if space == _PROFILE_SPACE[image.mode]:
                return _transformed(image, source)
            warnings.append(Message("profile-of-other-space", space=space))
        except (OSError, ImageCms.PyCMSError, ValueError, TypeError):
            warnings.append(Message("profile-unusable"))
    return image if image.mode == "RGB" else image.convert("RGB")  # which would copy it


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    transformed = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    assert transformed is not None  # only with inPlace=True does it give nothing
    return transformed
