from __future__ import annotations

import numpy as np
import pytest

from app.core.quality.percentiles import interpolated, median, of_bytes


@pytest.mark.parametrize("count", [1, 2, 3, 16, 4096])
def test_they_are_numpys(count: int) -> None:
    values = np.random.default_rng(count).normal(0, 50, count).astype(np.float32)
    percents = (0, 2, 50, 90, 100)
    assert interpolated(values, *percents) == pytest.approx(np.percentile(values, percents).tolist(), rel=1e-5)
    assert median(values.reshape(1, -1)) == pytest.approx(float(np.median(values)), rel=1e-6)


def test_of_bytes_they_are_values_that_occur() -> None:
    values = np.random.default_rng(0).choice(np.array([3, 90, 91, 255], np.uint8), 1000)
    percents = (2, 40, 60, 99)
    assert of_bytes(values, *percents).tolist() == np.percentile(values, percents, method="inverted_cdf").tolist()
