"""Damage of a JPEG that its decoder passes over: told by the jump of the colours that it leaves."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.formats.seams import has_seam
from tests.core.imaging.test_jpeg import middle, saved
from tests.drawn import detailed_lesion, framed
from tests.factories import dicom


def shifted(rgb: np.ndarray, row: int, column: int, by: int) -> np.ndarray:
    """As a changed mean of the block at (row, column) leaves it: all blocks from there on are lighter or darker."""
    out = rgb.astype(int)
    out[8 * row : 8 * row + 8, 8 * column :] += by
    out[8 * row + 8 :] += by
    return np.clip(out, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("by", [-60, -12, 12, 60])
@pytest.mark.parametrize("place", [(3, 0), (10, 31), (16, 15), (29, 20)])
def test_a_shift_from_a_block_on_is_a_seam(by: int, place: tuple[int, int]) -> None:
    rgb = detailed_lesion()
    assert not has_seam(rgb)
    assert has_seam(shifted(rgb, *place, by))
    assert has_seam(shifted(rgb, *place, by)[:, :, :1])  # grey


@pytest.mark.parametrize("channel", [0, 1])
def test_colours_that_are_shifted_where_they_have_half_the_size_are_warned_of(channel: int) -> None:
    """As a changed mean of a block of colour leaves it: the decoder's smoothing spreads the jump."""
    planes = [np.asarray(plane).astype(int) for plane in Image.fromarray(detailed_lesion()).convert("YCbCr").split()]
    planes[1 + channel][128:] += 25
    tinted = Image.merge("YCbCr", [Image.fromarray(plane.clip(0, 255).astype(np.uint8)) for plane in planes])
    rgb = np.asarray(tinted.convert("RGB"))
    assert [message.code for message in decode(saved(of=rgb, subsampling=2)).warnings] == ["image-seam"]
    assert decode(saved(of=detailed_lesion(), subsampling=2)).warnings == ()


@pytest.mark.parametrize("offset", [1, 3, 6])
def test_an_edge_within_a_row_of_blocks_is_none(offset: int) -> None:
    assert not has_seam(framed(detailed_lesion(), width=256, height=400, at=(0, 64 + offset)))


def test_too_small_a_picture_has_none() -> None:
    assert not has_seam(shifted(detailed_lesion()[:48], 3, 0, 60))
    assert not has_seam(shifted(detailed_lesion(), 3, 0, 60), every=1)


@pytest.mark.parametrize("options", [{}, {"quality": 60}, {"quality": 98, "subsampling": 0}, {"progressive": True}])
@pytest.mark.parametrize("at_least", [768, 250, 100])
def test_whole_jpegs_have_none(options: dict[str, object], at_least: int) -> None:
    assert decode(saved(**options), at_least=at_least).warnings == ()


def test_changed_bytes_that_the_decoder_passes_over_are_warned_of() -> None:
    whole = saved()
    expected = decode(whole).rgb.astype(int)
    changed, told = 0, 0
    for seed in range(120):
        random = np.random.default_rng(seed)
        data = bytearray(whole)
        at = int(random.integers(middle(whole) - 20_000, middle(whole) + 20_000))
        data[at] ^= int(random.integers(1, 256))
        try:
            found = decode(bytes(data))
        except ImageError:
            continue
        if np.abs(found.rgb - expected).mean() > 8:
            changed += 1
            told += "image-seam" in [message.code for message in found.warnings]
    assert changed > 5  # else this says nothing
    assert told >= 0.9 * changed


def test_a_jpeg_in_dicom_is_looked_at_too() -> None:
    rgb = shifted(detailed_lesion(), 16, 15, 60)
    found = decode(dicom(rgb, syntax=JPEGBaseline8Bit, data=saved(of=rgb), PhotometricInterpretation="YBR_FULL_422"))
    assert [message.code for message in found.warnings] == ["image-seam"]


@pytest.mark.parametrize("seed", range(4))
def test_a_strip_of_a_tiff_that_is_shifted_is_warned_of(seed: int) -> None:
    """One changed byte of LZW shifts the strip from there on."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(Image.fromarray(detailed_lesion()).resize((600, 600)))).save(
        file, "TIFF", compression="tiff_lzw", strip_size=40 * 1800
    )
    whole = decode(file.getvalue())
    assert whole.warnings == ()
    random = np.random.default_rng(seed)
    for _ in range(300):
        data = bytearray(file.getvalue())
        data[random.integers(len(data) // 4, 3 * len(data) // 4)] ^= int(random.integers(1, 256))
        try:
            found = decode(bytes(data))
        except ImageError:
            continue
        shifted_rows = np.abs(found.rgb.astype(int) - whole.rgb).mean(axis=(1, 2)) > 20
        if shifted_rows.sum() > 10:
            assert [message.code for message in found.warnings] == ["image-seam"]
            return
    pytest.fail("no change went through")
