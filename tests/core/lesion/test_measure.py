from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from app.core.domain.errors import ImageError
from app.core.domain.outline import Outline
from app.core.imaging.decode import decode
from app.core.lesion.measure import measure_lesion
from tests.factories import dicom

CENTRE, RADIUS = (0.5, 0.5), 0.25


def disc(radius: float = RADIUS, centre: tuple[float, float] = CENTRE) -> Outline:
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    return Outline(tuple((centre[0] + radius * np.cos(a), centre[1] + radius * np.sin(a)) for a in angles))


def painted(width: int = 256, height: int = 256) -> np.ndarray:
    """A brown disc of half the picture's width on skin."""
    y, x = np.mgrid[:height, :width] + 0.5
    inside = np.hypot(x / width - CENTRE[0], y / height - CENTRE[1]) < RADIUS
    return np.where(inside[..., np.newaxis], np.uint8((96, 60, 40)), np.uint8((222, 178, 156)))


def as_file(rgb: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


@dataclass
class FakeOutliner:
    """Finds the same in every picture; counts how often it was asked."""

    found: Outline | None
    asked: int = 0

    def find(self, rgb: np.ndarray) -> Outline | None:
        self.asked += 1
        return self.found


def test_a_drawn_outline_is_measured_within() -> None:
    looked = measure_lesion(as_file(painted()), None, outline=disc())
    assert looked.outline == disc()
    assert looked.measures is not None
    assert looked.measures.compactness == pytest.approx(1, abs=0.01)
    assert looked.measures.diameter_pixels == pytest.approx(128, abs=1.5)
    assert looked.measures.diameter_mm is None
    assert (looked.field_width, looked.measured_by_file) == (None, False)


def test_the_drawn_one_goes_before_the_one_that_would_be_found() -> None:
    network = FakeOutliner(disc(0.1))
    looked = measure_lesion(as_file(painted()), network.find, outline=disc())
    assert (looked.outline, network.asked) == (disc(), 0)
    found = measure_lesion(as_file(painted()), network.find)
    assert (found.outline, network.asked) == (disc(0.1), 1)
    assert found.measures is not None
    assert looked.measures is not None
    assert found.measures.diameter_pixels == pytest.approx(0.4 * looked.measures.diameter_pixels, rel=0.03)


@pytest.mark.parametrize("network", [None, FakeOutliner(None)])
def test_where_none_is_found_nothing_is_measured(network: FakeOutliner | None) -> None:
    looked = measure_lesion(as_file(painted()), network and network.find, field_width=9.0)
    assert (looked.outline, looked.measures) == (None, None)
    assert (looked.field_width, looked.measured_by_file) == (9.0, False)


def test_an_outline_around_too_little_stays_but_is_not_measured() -> None:
    tiny = Outline(((0.5, 0.5), (0.504, 0.5), (0.5, 0.504)))
    looked = measure_lesion(as_file(painted()), None, outline=tiny, field_width=9.0)
    assert (looked.outline, looked.measures, looked.field_width) == (tiny, None, 9.0)


@pytest.mark.parametrize(("width", "kind"), [(256, "PNG"), (640, "PNG"), (2048, "JPEG")])
def test_the_width_of_the_field_gives_millimetres_at_any_size(width: int, kind: str) -> None:
    data = as_file(painted(width, width), kind)
    if kind == "JPEG":
        assert decode(data).rgb.shape[1] < width  # it is decoded at a reduced scale
    looked = measure_lesion(data, None, outline=disc(), field_width=12.0)
    assert looked.measures is not None
    assert looked.measures.diameter_mm == pytest.approx(6.0, abs=0.1)
    assert (looked.field_width, looked.measured_by_file) == (12.0, False)


def test_it_is_the_width_not_the_height() -> None:
    looked = measure_lesion(as_file(painted(600, 300)), None, outline=disc(), field_width=12.0)
    assert looked.measures is not None
    assert looked.measures.diameter_mm == pytest.approx(6.0, abs=0.1)  # the disc is as an ellipse, 6 mm by 3 mm


def test_a_dicom_file_says_its_scale() -> None:
    looked = measure_lesion(dicom(painted(), PixelSpacing=[0.02, 0.02]), None, outline=disc())
    assert looked.field_width == pytest.approx(256 * 0.02)
    assert looked.measured_by_file
    assert looked.measures is not None
    assert looked.measures.diameter_mm == pytest.approx(128 * 0.02, abs=0.03)


def test_a_line_along_a_ruler_goes_before_the_file() -> None:
    looked = measure_lesion(dicom(painted(), PixelSpacing=[0.02, 0.02]), None, outline=disc(), field_width=20.0)
    assert (looked.field_width, looked.measured_by_file) == (20.0, False)
    assert looked.measures is not None
    assert looked.measures.diameter_mm == pytest.approx(10.0, abs=0.15)


@pytest.mark.parametrize("spacing", [[1.0, 1.0], [0.02, 0.03], [0.002, 0.002], [0.0, 0.0]])
def test_a_scale_that_no_lesion_has_is_none(spacing: list[float]) -> None:
    looked = measure_lesion(dicom(painted(), PixelSpacing=spacing), None, outline=disc())
    assert (looked.field_width, looked.measured_by_file) == (None, False)
    assert looked.measures is not None
    assert looked.measures.diameter_mm is None


def test_what_is_no_image_is_an_error() -> None:
    with pytest.raises(ImageError):
        measure_lesion(b"no image", None, outline=disc())
