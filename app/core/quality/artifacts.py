"""Artefacts over the skin: hair, ink, stickers, rulers.

Simple means, with limits chosen on `val` such that few images without the thing are warned about: no warning does
not mean that nothing is there. `training/evaluation/artifact_rates.py` has the figures, and says why gel bubbles are
left out.

All lengths are pixels of the standard image, whose aspect ratio may differ from the original's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.messages import Message
from app.core.imaging.preprocess import STANDARD_SIDE
from app.core.quality.black_hat import black_hat
from app.core.quality.percentiles import median
from app.core.quality.rulers import has_ruler


class Artifact(StrEnum):
    """Kinds of artefacts."""

    HAIR = "hair"
    INK = "ink"
    RULER = "ruler"


WARNINGS: Mapping[Artifact, Message] = MappingProxyType(
    {
        Artifact.HAIR: Message("artifact-hair"),
        Artifact.INK: Message("artifact-ink"),
        Artifact.RULER: Message("artifact-ruler"),
    }
)
"""What is said of each, and what to do. Skin markings: Winkler et al., JAMA Dermatology 155, 1135 (2019). Rulers: Narla
et al., J. Invest. Dermatol. 138, 2108 (2018)."""

CENTRE = 80
"""Radius of the disc about the middle that hair has to lie in to be warned about."""
HAIR_CONTRAST = 16
"""Grey levels (0..255) by which dark hair is darker than its surroundings, in red: vessels hardly show there."""
BRIGHT_HAIR_CONTRAST = 28
"""The same for bright hair, in green, where it stands out from a lesion most; skin lines and scales are fainter."""
HAIR_SEGMENTS = (
    ((0, 1), 22),
    ((1, 0), 22),
    ((1, 1), 16),
    ((1, -1), 16),
    ((1, 2), 10),
    ((2, 1), 10),
    ((1, -2), 10),
    ((2, -1), 10),
)
"""The straight segments that hair is made of, (down, right) and how many such steps: 22 pixels long, 8 directions. A
single straight hair between two of them is missed, but hair is curved and rarely alone; 16 found no more on val."""
HAIR_SHARE = 0.0043
BRIGHT_HAIR_SHARE = 0.0011
"""Shares of the disc that such segments cover; more is hair over the lesion."""

INK_SATURATION = 0.1
"""By how much more of a marker's light (red + green + blue) is blue and not green than of the skin's. Half as much
is enough against red, of which violet has some."""
INK_DIFFERENCE, INK_LIGHT = 25, 300
"""Blue less green, and the light, in grey levels, that a marker has at least."""
INK_BEYOND = 104
"""Distance from the middle that ink or a sticker has at least: nearer, such colours are mostly a lesion's own (blue
veil, vessels)."""
INK_SHARE = 0.0003
STICKER_DIFFERENCE, STICKER_LIGHT = 60, 120
"""Blue or green less red, and the light, that a blue, green or turquoise sticker has at least."""
STICKER_SHARE = 0.002
YELLOW_SATURATION = 0.15
YELLOW_SHARE = 0.002
"""Shares of the image; more is warned about."""


def find_artifacts(standard: NDArray[np.uint8]) -> tuple[Artifact, ...]:
    """Artefacts in a standard image (256, 256, 3), RGB, 0..255, in the order of `Artifact`.

    Raises `ValueError` for another shape or type.
    """
    if standard.shape != (STANDARD_SIDE, STANDARD_SIDE, 3) or standard.dtype != np.uint8:
        raise ValueError(f"expected a standard picture of 8-bit RGB, got {standard.dtype} {standard.shape}")
    red, green, blue = np.moveaxis(np.asarray(Image.fromarray(standard).reduce(2), np.float32), 2, 0)
    violet = _violet(red, green, blue)
    found = {
        Artifact.HAIR: _has_hair(standard, violet),
        Artifact.INK: _has_ink(violet) or _has_sticker(red, green, blue),
        Artifact.RULER: has_ruler(standard),
    }
    return tuple(artifact for artifact, there in found.items() if there)


# --- hair -----------------------------------------------------------------------------------------------------------


def _has_hair(standard: NDArray[np.uint8], violet: NDArray[np.bool_]) -> bool:
    """Whether long thin dark or bright lines cover much of the middle.

    DullRazor's way (Lee et al., Comput. Biol. Med. 27, 1997): a closing minus the image, and then only what a
    straight segment fits into, so that dots and the meshes of a pigment network fall out. Strokes of ink, half the
    image's size in `violet`, are no hair.
    """
    not_ink = ~violet.repeat(2, axis=0).repeat(2, axis=1)
    dark = (black_hat(standard[..., 0]) > HAIR_CONTRAST) & not_ink
    bright = black_hat(255 - standard[..., 1]) > BRIGHT_HAIR_CONTRAST
    return _segments_share(dark) > HAIR_SHARE or _segments_share(bright) > BRIGHT_HAIR_SHARE


_ROW = STANDARD_SIDE + 32
"""Bits of a row in an image of one integer: the 32 beyond the image are 0, so that no segment runs on in the next
row."""


def _as_integer(mask: NDArray[np.bool_]) -> int:
    """An image of two values as one integer, on which shifting, and-ing and or-ing all pixels is one operation."""
    wide = np.zeros((STANDARD_SIDE, _ROW), np.bool_)
    wide[:, :STANDARD_SIDE] = mask
    return int.from_bytes(np.packbits(wide, bitorder="little").tobytes(), "little")


_ROWS, _COLUMNS = np.mgrid[:STANDARD_SIDE, :STANDARD_SIDE] - (STANDARD_SIDE - 1) / 2
_FROM_MIDDLE = np.hypot(_ROWS, _COLUMNS)
_DISC = _as_integer(_FROM_MIDDLE < CENTRE)


def _segments_share(mask: NDArray[np.bool_]) -> float:
    """The share of the central disc that is covered by straight segments wholly inside the mask."""
    bits = _as_integer(mask)
    covered = 0
    for (down, right), count in HAIR_SEGMENTS:
        covered |= _opened(bits, down * _ROW + right, count)
    return (covered & _DISC).bit_count() / _DISC.bit_count()


def _opened(bits: int, step: int, count: int) -> int:
    """What is covered by `count` set bits in a row, `step` apart (an opening by a line; by doubling)."""
    length = 1
    while length < count:
        more = min(length, count - length)
        bits &= bits >> (more * step)
        length += more
    length = 1
    while length < count:
        more = min(length, count - length)
        bits |= bits << (more * step)
        length += more
    return bits


# --- ink and stickers -----------------------------------------------------------------------------------------------


_BEYOND = _FROM_MIDDLE[::2, ::2] > INK_BEYOND

Channel = NDArray[np.float32]
"""Of the image at half its size, (128, 128), values 0..255."""


def _violet(red: Channel, green: Channel, blue: Channel) -> NDArray[np.bool_]:
    """Where the image at half its size has the colour of a violet or blue skin marker.

    Against the skin's own colour, the median, since whole images have a cast of blue or pink; not in the dark, where
    colours are noise.
    """
    light = red + green + blue + 1
    over_green, over_red = (blue - green) / light, (blue - red) / light
    return np.asarray(
        (over_green - median(over_green[::2, ::2]) > INK_SATURATION)
        & (over_red - median(over_red[::2, ::2]) > INK_SATURATION / 2)
        & (blue - green > INK_DIFFERENCE)
        & (light > INK_LIGHT)
    )


def _has_ink(violet: NDArray[np.bool_]) -> bool:
    """Whether a marker's colour is beside the lesion."""
    return bool((violet & _BEYOND).mean() > INK_SHARE)


def _has_sticker(red: Channel, green: Channel, blue: Channel) -> bool:
    """Whether enough of the image has a strong blue, green, turquoise or a yellow without red in it.

    The blue-white structures of a melanoma are paler.
    """
    light = red + green + blue + 1
    cold = (np.maximum(blue, green) - red > STICKER_DIFFERENCE) & (light > STICKER_LIGHT) & _BEYOND
    yellow = (green - blue > YELLOW_SATURATION * light) & (red - green < 0.05 * light) & (light > STICKER_LIGHT)
    return bool(cold.mean() > STICKER_SHARE or yellow.mean() > YELLOW_SHARE)
