"""Maps of what is lit or inside a border, at a reduced size, and the blocks in them."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.core.domain.geometry import Mask, Rgb

BLACK: Final = 32
"""0..255; a pixel none of whose channels reaches it is black. Frames in train and val lie at 0 to 25."""
SEARCH_SIDE: Final = 128
"""Pixels that the shorter side of the reduced copy has at least in which borders are looked for."""
LIT_SHARE: Final = 0.02
"""Of a row or column: one with no more lit pixels than this is empty (dust, hot pixels, compression)."""

Block = tuple[int, int, int, int]
"""The first and last column and row of a part of a map (rows, columns): (left, top, right, bottom), all within."""


def reduced(rgb: Rgb, side: int) -> tuple[Rgb, int]:
    """Every n-th pixel of an image (height, width, 3), and n; the shorter side keeps at least `side` pixels.

    Raises `ValueError` for what is not 8-bit RGB.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"expected 8-bit RGB of shape (height, width, 3), got {rgb.dtype} {rgb.shape}")
    step = max(1, min(rgb.shape[:2]) // side)
    return rgb[::step, ::step], step


def lit_box(lit: Mask) -> Block | None:
    """What is lit of a map (rows, columns); `None` where nothing is (see `LIT_SHARE`)."""
    rows, columns = np.flatnonzero(lit.mean(axis=1) > LIT_SHARE), np.flatnonzero(lit.mean(axis=0) > LIT_SHARE)
    if not rows.size or not columns.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def largest_block(lit: Mask) -> Block | None:
    """As `lit_box`, of the largest part alone: what empty rows or columns lie between (a phone's icons) is left out."""
    rows = _largest_run(lit)
    if rows is None:
        return None
    columns = _largest_run(lit[rows].T)
    if columns is None:
        return None
    return columns.start, rows.start, columns.stop - 1, rows.stop - 1


def _largest_run(lit: Mask) -> slice | None:
    """The rows of a map that are lit without a gap (see `LIT_SHARE`) and together hold the most lit pixels."""
    share = lit.mean(axis=1)
    is_lit = np.zeros(len(share) + 2, bool)
    is_lit[1:-1] = share > LIT_SHARE
    edges = np.flatnonzero(is_lit[1:] != is_lit[:-1]).tolist()
    runs = [slice(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    return max(runs, key=lambda run: share[run].sum(), default=None)
