"""Intervals, and a proportion with its confidence interval."""

from __future__ import annotations

import math

from msgspec import Struct


class Interval(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure with its 95 % confidence interval: `value` lies between `low` and `high`."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Four digits and what the interval is, for a sentence."""
        return f"{self.value:.4f} (95 % CI {self.low:.4f} to {self.high:.4f})"

    def text(self) -> str:
        """Four digits, for a table whose header says that the interval is one of 95 %."""
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"

    def percent(self) -> str:
        """A share (0..1) in percent, for such a table."""
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"

    def rounded(self, digits: int = 6) -> Interval:
        """With so many digits after the point: what a card keeps."""
        return Interval(*(round(float(figure), digits) for figure in (self.value, self.low, self.high)))


def proportion(successes: int, total: int) -> Interval:
    """A share with Wilson's score interval (Wilson, J. Am. Stat. Assoc. 22, 1927). Raises `ValueError` for no cases."""
    if not 0 <= successes <= total or total == 0:
        raise ValueError(f"{successes} of {total} is no share")
    z = 1.959963984540054
    share = successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return Interval(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))
