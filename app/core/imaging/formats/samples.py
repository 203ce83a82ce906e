"""Values of more than 8 bits to 8, without a larger copy of the image in between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_uint8(values: NDArray[np.integer[Any]], *, bits: int) -> NDArray[np.uint8]:
    """Scale values of 0..2**bits - 1 (at most 16 bits) to 0..255, rounded; any shape."""
    largest = (1 << bits) - 1
    steps = np.arange(1 << bits, dtype=np.uint32)
    table = ((steps * 255 + largest // 2) // largest).astype(np.uint8)
    return np.asarray(table[values])
