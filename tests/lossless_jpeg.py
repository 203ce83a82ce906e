"""Lossless JPEG (ISO/IEC 10918-1, annex H), which no library at hand writes."""

from __future__ import annotations

import numpy as np

CATEGORIES = 17
"""Of differences, by how many bits they take (table H.2); each gets a code of five bits."""


def lossless_jpeg(pixels: np.ndarray, *, bits: int = 8) -> bytes:
    """Pixels (height, width, 3) or (height, width) predicted from the left neighbour (selection value 1)."""
    samples = pixels.reshape(*pixels.shape[:2], -1).astype(int)
    predicted = np.empty_like(samples)
    predicted[:, 1:] = samples[:, :-1]
    predicted[1:, 0] = samples[:-1, 0]
    predicted[0, 0] = 1 << (bits - 1)
    packed = "".join(_packed(difference) for difference in (samples - predicted).reshape(-1).tolist())
    packed += "1" * (-len(packed) % 8)
    scan = int(packed, 2).to_bytes(len(packed) // 8).replace(b"\xff", b"\xff\x00")
    height, width, components = samples.shape
    frame = bytes((bits,)) + height.to_bytes(2) + width.to_bytes(2) + bytes((components,))
    frame += b"".join(bytes((number + 1, 0x11, 0)) for number in range(components))
    codes = bytes((0, 0, 0, 0, 0, CATEGORIES)).ljust(17, b"\0") + bytes(range(CATEGORIES))
    heads = bytes((components,)) + b"".join(bytes((number + 1, 0)) for number in range(components)) + bytes((1, 0, 0))
    segments = ((0xC3, frame), (0xC4, codes), (0xDA, heads))
    written = b"".join(bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body for marker, body in segments)
    return b"\xff\xd8" + written + scan + b"\xff\xd9"


def _packed(difference: int) -> str:
    """A difference as its category and the bits that tell it from others of that (F.1.2.1)."""
    length = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << length) - 1
    return f"{length:05b}" + (f"{value:0{length}b}" if length else "")
