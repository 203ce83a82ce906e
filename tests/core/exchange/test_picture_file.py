from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.core.domain.errors import ImageError
from app.core.exchange.picture_file import stream_of, without_notes
from app.core.imaging.decode import decode
from tests.core.exchange.conftest import camera_exif, jpeg

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def pixels(content: bytes) -> np.ndarray:
    return decode(content, at_least=10_000).rgb


def test_a_jpeg_loses_what_its_camera_wrote_and_nothing_else() -> None:
    preview = jpeg()  # as cameras put behind the picture
    content = jpeg(exif=camera_exif(), comment=b"Maria", icc_profile=PROFILE) + preview
    plain, suffix = without_notes(content)
    assert suffix == ".jpg"
    assert b"Nikon" not in plain
    assert b"Maria" not in plain
    assert len(plain) < len(content) - len(preview)
    with Image.open(io.BytesIO(plain)) as opened:
        assert opened.info["icc_profile"] == PROFILE
        assert not opened.getexif()
    assert np.array_equal(pixels(plain), pixels(content))


@pytest.mark.parametrize("content", [jpeg(exif=camera_exif(6)), jpeg(progressive=True)])
def test_what_can_not_stay_a_jpeg_becomes_a_png_of_the_same_pixels(content: bytes) -> None:
    plain, suffix = without_notes(content)
    assert suffix == ".png"
    assert np.array_equal(pixels(plain), pixels(content))


def test_a_stream_says_how_its_colours_are_stored() -> None:
    stated = []
    for options in ({"subsampling": 0}, {"subsampling": 2}):
        stream = stream_of(jpeg(**options))
        assert stream is not None
        stated.append(stream.photometric)
    assert stated == ["YBR_FULL", "YBR_FULL_422"]


def test_what_is_no_picture_has_a_reason() -> None:
    with pytest.raises(ImageError):
        without_notes(b"%PDF-1.4")
