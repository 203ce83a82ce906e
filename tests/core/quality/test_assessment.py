from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageFilter

from app.core.domain.geometry import Box
from app.core.imaging import borders
from app.core.imaging.preprocess import standard_image
from app.core.imaging.reference_image import reference_image
from app.core.quality.assessment import SMALL_SIDE, IssueKind, Quality, apply_limits, assess
from app.core.quality.measures import Measures, measure
from tests.drawn import as_picture, detailed_lesion, framed

RADIUS = np.hypot(*np.mgrid[-127.5:128, -127.5:128]) / 128
"""From the middle of a standard picture; 1 at the middles of its sides."""
SIZE = (1024, 1024)


def blurred(rgb: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(sigma)))


@pytest.fixture(scope="module")
def sharp() -> np.ndarray:
    return detailed_lesion()


def kinds(quality: Quality) -> set[IssueKind]:
    assert not quality.refusal
    return {finding.kind for finding in quality.findings}


def refused_as(quality: Quality) -> IssueKind:
    (finding,) = quality.findings
    assert finding.refuses
    assert quality.refusal == finding.message
    assert quality.warnings == ()
    return finding.kind


def test_nothing_is_wrong_with_a_good_picture(sharp: np.ndarray) -> None:
    for rgb in (sharp, np.asarray(Image.fromarray(sharp).resize((1024, 768)))):
        assert assess(rgb, full_size=SIZE) == Quality()


@pytest.mark.parametrize("radius", [20, 50, 90])
def test_the_drawn_lesion_has_no_details_but_is_looked_at(radius: float) -> None:
    assert kinds(assess(reference_image(radius=radius), full_size=SIZE)) <= {IssueKind.BLURRED}


@pytest.mark.parametrize(
    ("colour", "kind"),
    [
        ((0, 0, 0), IssueKind.DARK),
        ((20, 15, 14), IssueKind.DARK),
        ((60, 45, 42), IssueKind.DARK),
        ((255, 255, 255), IssueKind.BRIGHT),
        ((200, 160, 140), IssueKind.BLANK),
        ((90, 200, 90), IssueKind.BLANK),
        ((128, 128, 128), IssueKind.BLANK),
    ],
)
@pytest.mark.parametrize("noise", [0, 2])
def test_a_blank_picture_is_refused(colour: tuple[int, int, int], kind: IssueKind, noise: float) -> None:
    random = np.random.default_rng(1)
    rgb = as_picture(np.full((300, 400, 3), colour) + random.normal(scale=noise, size=(300, 400, 3)))
    assert refused_as(assess(rgb, full_size=(400, 300))) == kind


def test_a_picture_without_colour_is_refused(sharp: np.ndarray) -> None:
    grey = np.repeat(np.asarray(Image.fromarray(sharp).convert("L"))[..., np.newaxis], 3, axis=2)
    assert refused_as(assess(grey, full_size=SIZE)) == IssueKind.GREY
    page = grey.copy()
    page[:, ::7] = 255
    assert refused_as(assess(page, full_size=SIZE)) == IssueKind.GREY
    pale = as_picture(0.6 * grey + 0.4 * sharp)
    assert assess(pale, full_size=SIZE).refusal is None


def test_blur_is_found_whatever_the_cameras_size(sharp: np.ndarray) -> None:
    assert kinds(assess(blurred(sharp, 0.5), full_size=SIZE)) == set()
    assert kinds(assess(blurred(sharp, 2.5), full_size=SIZE)) == {IssueKind.BLURRED}
    large = np.asarray(Image.fromarray(sharp).resize((1024, 768), Image.Resampling.BICUBIC))
    assert kinds(assess(blurred(large, 10), full_size=SIZE)) == {IssueKind.BLURRED}
    assert kinds(assess(blurred(large, 1), full_size=SIZE)) == set()
    assert refused_as(assess(blurred(sharp, 14), full_size=SIZE)) == IssueKind.BLURRED


def test_exposure(sharp: np.ndarray) -> None:
    assert kinds(assess(as_picture(sharp * 0.6), full_size=SIZE)) == set()
    assert kinds(assess(as_picture(sharp * 0.3), full_size=SIZE)) == {IssueKind.DARK}
    assert refused_as(assess(as_picture(sharp * 0.1), full_size=SIZE)) == IssueKind.DARK
    assert IssueKind.BRIGHT in kinds(assess(as_picture(sharp * 1.8), full_size=SIZE))


@pytest.mark.parametrize("gains", [(0.5, 0.8, 1.5), (1.1, 1.0, 0.5), (0.7, 1.2, 0.7), (1.1, 0.65, 1.2)])
def test_a_colour_cast_is_found(sharp: np.ndarray, gains: tuple[float, float, float]) -> None:
    assert kinds(assess(as_picture(sharp * gains), full_size=SIZE)) == {IssueKind.CAST}


def test_a_vignette_is_found_and_a_round_field_of_view_is_none(sharp: np.ndarray) -> None:
    light = sharp.copy()
    light[RADIUS < 0.4] = as_picture(light[RADIUS < 0.4] * 0.5 + 100)
    vignette = as_picture(light * np.clip(1 - RADIUS**2, 0, 1)[..., np.newaxis] ** 0.7)
    assert IssueKind.VIGNETTE in kinds(assess(vignette, full_size=SIZE))
    corners = light.copy()
    corners[RADIUS > 1] = 4
    assert kinds(assess(corners, full_size=SIZE)) == set()


@pytest.mark.parametrize("damage", [0.0, 2.5])
def test_a_frame_hides_no_blur_and_is_none(sharp: np.ndarray, damage: float) -> None:
    field = np.asarray(Image.fromarray(sharp).resize((180, 180), Image.Resampling.LANCZOS))
    inside = blurred(field, damage) if damage else field
    rgb = framed(inside, width=256, height=256, at=(38, 38), round_field=True)
    assert kinds(assess(rgb, full_size=SIZE)) == ({IssueKind.BLURRED} if damage else set())


@pytest.mark.parametrize(
    ("size", "found"), [((600, 450), set()), ((1920, 1080), set()), ((2400, 1000), {IssueKind.LONG})]
)
def test_a_strip_is_warned_of(sharp: np.ndarray, size: tuple[int, int], found: set[IssueKind]) -> None:
    for turned in (size, size[::-1]):
        assert kinds(assess(sharp, full_size=turned)) == found


def test_a_narrow_strip_is_refused(sharp: np.ndarray) -> None:
    assert refused_as(assess(sharp, full_size=(4100, 1000))) == IssueKind.LONG


def test_a_small_picture_is_warned_of_with_its_size(sharp: np.ndarray) -> None:
    quality = assess(sharp, full_size=(SMALL_SIDE + 10, SMALL_SIDE - 1))
    assert kinds(quality) == {IssueKind.SMALL}
    assert f"{SMALL_SIDE + 10}×{SMALL_SIDE - 1}" in quality.warnings[0]
    assert kinds(assess(sharp, full_size=(SMALL_SIDE, SMALL_SIDE))) == set()


def test_what_is_left_of_a_frame_counts_as_the_size(sharp: np.ndarray) -> None:
    frame = Box(0.25, 0.25, 0.75, 0.75)
    assert kinds(assess(sharp, full_size=(500, 500), frame=frame)) == {IssueKind.FRAME}
    assert kinds(assess(sharp, full_size=(200, 200), frame=frame)) == {IssueKind.FRAME, IssueKind.SMALL}


def test_each_text_says_what_to_do(sharp: np.ndarray) -> None:
    poor = Measures(lit=1, bright=60, clipped=0.9, spread=99, colour=99, red=2, blue=2, edge=0, fine=0, coarse=1)
    warned = apply_limits(poor, size=(250, 100), framed=True)
    assert {finding.kind for finding in warned.findings} == set(IssueKind) - {IssueKind.BLANK, IssueKind.GREY}
    good = measure(sharp)
    for quality in (warned, assess(blurred(sharp, 14), full_size=SIZE), apply_limits(good, size=(999, 100))):
        for text in (*quality.warnings, quality.refusal):
            assert not text or (text.count(". ") == 1 and text.endswith("."))


@pytest.mark.parametrize("wrong", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_anything_but_8_bit_rgb_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="8-bit RGB"):
        borders.find_border(wrong)
    with pytest.raises(ValueError, match="8-bit RGB"):
        measure(wrong)


@pytest.mark.parametrize("shape", [(64, 64), (64, 4000), (4000, 64), (65, 71)])
def test_every_size_can_be_assessed(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(4)
    rgb = random.integers(0, 256, (*shape, 3), dtype=np.uint8)
    cropped, box = borders.crop_borders(rgb)
    assert isinstance(assess(cropped, full_size=shape[::-1], frame=box), Quality)


def test_it_costs_little(sharp: np.ndarray) -> None:
    large = np.asarray(Image.fromarray(sharp).resize((2000, 1500)))
    standard = standard_image(large)

    def seconds() -> float:
        begun = time.thread_time()
        assess(standard, full_size=(2000, 1500), frame=borders.crop_borders(large)[1])
        return time.thread_time() - begun

    assert min(seconds() for _ in range(5)) < 0.05  # ten times what it takes
