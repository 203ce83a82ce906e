from __future__ import annotations

import math

import pytest

from app.core.domain.statistics import Interval, proportion


def test_an_interval_as_text() -> None:
    interval = Interval(0.94210526, 0.89931899, 1.0)
    assert str(interval) == "0.9421 (95 % CI 0.8993 to 1.0000)"
    assert interval.text() == "0.9421 (0.8993 to 1.0000)"
    assert interval.percent() == "94.2% (89.9% to 100.0%)"
    assert interval.rounded() == Interval(0.942105, 0.899319, 1.0)
    assert interval.rounded(2) == Interval(0.94, 0.9, 1.0)
    assert math.isnan(Interval(math.nan, 0.0, 1.0).rounded().value)


def test_wilsons_interval() -> None:
    """Against the values of Newcombe, Statistics in Medicine 17 (1998), table I."""
    for successes, total, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        found = proportion(successes, total)
        assert found.value == successes / total
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "total"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share(successes: int, total: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        proportion(successes, total)
