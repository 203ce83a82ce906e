"""What was measured in a picture that is too bad to be judged, beside the limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.quality.assessment import ONE_COLOUR, TOO_BLURRED, TOO_BRIGHT, TOO_DARK
from app.core.quality.measures import Measures


class FindingKind(StrEnum):
    """What is measured: the contrast of small details over that of larger ones; all else as shares, 0..1."""

    SHARPNESS = "sharpness"
    BRIGHTNESS = "brightness"
    OVEREXPOSED = "overexposed"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Finding:
    """A measure beside its limit: the least that is needed or, where `is_most`, the most that is borne."""

    kind: FindingKind
    value: float
    limit: float
    is_most: bool = False

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit if self.is_most else self.value >= self.limit


def findings_of(found: Measures) -> tuple[Finding, ...]:
    """The measures that can refuse a picture, but for its colour and its shape."""
    return (
        Finding(FindingKind.SHARPNESS, found.coarse, TOO_BLURRED),
        Finding(FindingKind.BRIGHTNESS, found.bright / 255, TOO_DARK / 255),
        Finding(FindingKind.OVEREXPOSED, found.clipped, TOO_BRIGHT, is_most=True),
        Finding(FindingKind.CONTRAST, found.spread / 255, ONE_COLOUR / 255),
    )
