"""Whether an image can be judged: its measures against limits, each with a reason and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import WHOLE, Box
from app.core.domain.messages import Message
from app.core.quality.measures import Measures, measure

# The limits, in the units of `Measures`. "Least" and "most" are those of the 12,131 images of train and val; for
# `clipped`, `edge`, `fine` and `coarse` of 3,922 of them (all of val and of BCN20000). A "Gaussian" is its sigma.
SMALL_SIDE: Final = 128
"""Pixels of the shorter side as stored, without a frame: below, most of the network's 256 are made up."""
LONG: Final = 2.0
"""The longer side over the shorter. Squeezed by this much, val's AUROC is 0.03 lower."""
TOO_LONG: Final = 4.0
"""The same; nothing of a lesion's shape is left."""
DARK: Final = 70.0
"""`bright`; least 100. Three stops less light take more than half below it, four, at which val's AUROC is 0.03 lower,
nearly all."""
TOO_DARK: Final = 35.0
"""`bright`; five stops less light leave a few grey levels (and val's AUROC 0.06 lower)."""
BRIGHT: Final = 0.2
"""`clipped`. One and a half stops more light than val's, which lowers its AUROC by 0.03, takes three quarters there."""
TOO_BRIGHT: Final = 0.98
"""`clipped`; most 0.61."""
ONE_COLOUR: Final = 14.0
"""`spread`; least 27."""
NO_COLOUR: Final = 10.0
"""`colour`; least 17. A grey image has 0, or a few through a JPEG's rounding."""
BLURRED_FINE: Final = 0.46
"""`fine`; least 0.49. A Gaussian of 2 standard pixels, which lowers val's AUROC by 0.03, takes nearly all below it."""
BLURRED_COARSE: Final = 0.41
"""`coarse`: the same for 4 pixels and more, where what is left of `fine` is rounding."""
TOO_BLURRED: Final = 0.32
"""`coarse`; least 0.43. A Gaussian of 6 pixels, which lowers val's AUROC by 0.14, takes three quarters below it."""
SKIN_RED: Final = (0.175, 0.147)
SKIN_BLUE: Final = (-0.012, 0.095)
"""Mean and standard deviation of `red` and `blue` in train, each source counted alike; they hardly correlate."""
CAST: Final = 3.5
"""Standard deviations. Gains of 1/2 to 2 between linear channels, which lower val's AUROC by 0.03, take 86 % there."""
VIGNETTE: Final = 0.82
"""`edge`. Light that falls with the squared radius to nothing at the border takes 83 % below it."""


class IssueKind(StrEnum):
    """Kinds of quality issues."""

    SMALL = "small"
    LONG = "long"
    BLANK = "blank"
    GREY = "grey"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    CAST = "colour cast"
    VIGNETTE = "vignette"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """A quality issue and what to do about it. With `refuses` the image is rejected."""

    kind: IssueKind
    message: Message
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """All issues, or the one that rejects the image."""

    findings: tuple[QualityIssue, ...] = ()

    @property
    def refusal(self) -> Message | None:
        """Why the image is rejected; `None` where it is not."""
        return next((finding.message for finding in self.findings if finding.refuses), None)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What may have made the prediction less reliable."""
        return tuple(finding.message for finding in self.findings if not finding.refuses)


def assess(rgb: NDArray[np.uint8], *, full_size: tuple[int, int], frame: Box = WHOLE) -> Quality:
    """Assess an upright sRGB image of shape (height, width, 3), 0..255, of any size.

    `full_size` is (width, height) as stored. `rgb` is what the network is shown the standard image of: where
    `borders.crop_borders` cut a frame away, what was left, and `frame` its box. Nothing is resized when `rgb` is the
    standard image itself.
    """
    left, top, right, bottom = frame.pixels(*full_size)
    return apply_limits(measure(rgb), size=(right - left, bottom - top), framed=frame != WHOLE)


def apply_limits(found: Measures, *, size: tuple[int, int], framed: bool = False) -> Quality:
    """Compare measures with the limits. `size` is (width, height) in pixels as stored, without a frame."""
    refusal = _refusal(found, size)
    return Quality((refusal,) if refusal else tuple(_warnings(found, size, framed=framed)))


def _refusal(found: Measures, size: tuple[int, int]) -> QualityIssue | None:
    if max(size) > TOO_LONG * min(size):
        return _TOO_LONG
    if found.bright < TOO_DARK:
        return _TOO_DARK
    is_dark, is_bright = found.bright < DARK, found.clipped > BRIGHT  # then this is why nothing is seen
    if found.spread < ONE_COLOUR:
        return _TOO_DARK if is_dark else _TOO_BRIGHT if is_bright else _ONE_COLOUR
    if found.colour < NO_COLOUR:
        return _TOO_DARK if is_dark else _NO_COLOUR
    if found.clipped > TOO_BRIGHT:
        return _TOO_BRIGHT
    if found.coarse < TOO_BLURRED:
        return _TOO_BRIGHT if is_bright else _TOO_BLURRED
    return None


def _warnings(found: Measures, size: tuple[int, int], *, framed: bool) -> Iterator[QualityIssue]:
    if min(size) < SMALL_SIDE:
        width, height = size
        yield QualityIssue(IssueKind.SMALL, Message("quality-small", width=width, height=height, least=SMALL_SIDE))
    if max(size) > LONG * min(size):
        yield _LONG
    if found.bright < DARK:
        yield _DARK
    if found.clipped > BRIGHT:
        yield _BRIGHT
    if found.fine < BLURRED_FINE or found.coarse < BLURRED_COARSE:
        yield _BLURRED
    if _cast(found) > CAST:
        yield _CAST
    if found.edge < VIGNETTE:
        yield _VIGNETTE
    if framed:
        yield _FRAME


def _cast(found: Measures) -> float:
    """Distance of the skin's colour from that of `train`, in standard deviations."""
    return math.hypot((found.red - SKIN_RED[0]) / SKIN_RED[1], (found.blue - SKIN_BLUE[0]) / SKIN_BLUE[1])


_TOO_LONG = QualityIssue(IssueKind.LONG, Message("quality-strip"), refuses=True)
_LONG = QualityIssue(IssueKind.LONG, Message("quality-long"))
_TOO_DARK = QualityIssue(IssueKind.DARK, Message("quality-far-too-dark"), refuses=True)
_DARK = QualityIssue(IssueKind.DARK, Message("quality-dark"))
_ONE_COLOUR = QualityIssue(IssueKind.BLANK, Message("quality-one-colour"), refuses=True)
_NO_COLOUR = QualityIssue(IssueKind.GREY, Message("quality-no-colour"), refuses=True)
_TOO_BRIGHT = QualityIssue(IssueKind.BRIGHT, Message("quality-far-too-bright"), refuses=True)
_BRIGHT = QualityIssue(IssueKind.BRIGHT, Message("quality-bright"))
_TOO_BLURRED = QualityIssue(IssueKind.BLURRED, Message("quality-far-too-blurred"), refuses=True)
_BLURRED = QualityIssue(IssueKind.BLURRED, Message("quality-blurred"))
_CAST = QualityIssue(IssueKind.CAST, Message("quality-colour-cast"))
_VIGNETTE = QualityIssue(IssueKind.VIGNETTE, Message("quality-vignette"))
_FRAME = QualityIssue(IssueKind.FRAME, Message("quality-frame"))
