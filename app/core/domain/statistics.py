"""Intervals, and a proportion with its confidence interval."""

from __future__ import annotations

import math

from msgspec import Struct


class Interval(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} (95 % CI {self.low:.4f} to {self.high:.4f})"

    def as_percent(self) -> str:
        """A share (0..1) in per cent, with its interval."""
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


def proportion(successes: int, total: int) -> Interval:
    """A share with Wilson's score interval (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    if not 0 <= successes <= total or total == 0:
        raise ValueError(f"{successes} of {total} is no share")
    z = 1.959963984540054
    share = successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return Interval(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))
