"""The icon in all sizes, from the one SVG."""

from __future__ import annotations

import numpy as np
from PIL import Image

import icons


def test_every_size_is_drawn(tmp_path):
    icons.render_icons(tmp_path)
    for size in icons.SIZES:
        with Image.open(tmp_path / f"{size}.png") as image:
            assert image.size == (size, size)
            pixels = np.asarray(image.convert("RGBA"))
        assert pixels[0, 0, 3] < 128  # the corner is round
        assert pixels[size // 2, size // 2, 3] == 255
        assert len(np.unique(pixels[..., :3].reshape(-1, 3), axis=0)) > 3
    with Image.open(tmp_path / "melascreen.ico") as image:
        assert {(side, side) for side in icons.ICO_SIZES} == image.info["sizes"]
    assert (tmp_path / "melascreen.icns").read_bytes()[:4] == b"icns"
