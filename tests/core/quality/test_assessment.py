from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageFilter

from app.core.domain.geometry import WHOLE, Box
from app.core.imaging import borders
from app.core.imaging.preprocess import standard_image
from app.core.imaging.reference_image import reference_image
from app.core.quality.assessment import SMALL_SIDE, IssueKind, Quality, apply_limits, assess
from app.core.quality.measures import Measures, measure

RADIUS = np.hypot(*np.mgrid[-127.5:128, -127.5:128]) / 128
"""From the middle of a standard picture; 1 at the middles of its sides."""
SIZE = (1024, 1024)


def as_picture(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def blurred(rgb: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(sigma)))


@pytest.fixture(scope="module")
def sharp() -> np.ndarray:
    """The drawn lesion with details of all sizes, as skin has: shape (256, 256, 3)."""
    random = np.random.default_rng(0)
    details = np.zeros((256, 256))
    for side in (8, 16, 32, 64, 128, 256):
        noise = Image.fromarray(random.normal(size=(side, side)).astype(np.float32))
        details += 3 * np.asarray(noise.resize((256, 256), Image.Resampling.BICUBIC))
    return as_picture(reference_image() + details[..., np.newaxis])


def framed(rgb: np.ndarray, *, width: int, height: int, at: tuple[int, int], round_field: bool = False) -> np.ndarray:
    """The picture within black of this size, its upper left corner at (x, y)."""
    out = np.full((height, width, 3), 6, np.uint8)
    inside = rgb.copy()
    if round_field:
        h, w = rgb.shape[:2]
        y, x = np.mgrid[0:h, 0:w]
        inside[np.hypot((y - (h - 1) / 2) / (h / 2), (x - (w - 1) / 2) / (w / 2)) > 1] = 6
    out[at[1] : at[1] + rgb.shape[0], at[0] : at[0] + rgb.shape[1]] = inside
    return out


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


@pytest.mark.parametrize("round_field", [False, True])
@pytest.mark.parametrize(
    ("width", "height", "at"), [(1000, 800, (400, 300)), (500, 2000, (130, 40)), (300, 700, (2, 99))]
)
def test_a_heavy_frame_is_cropped_to_all_that_is_lit(
    sharp: np.ndarray, width: int, height: int, at: tuple[int, int], round_field: bool
) -> None:
    rgb = framed(sharp, width=width, height=height, at=at, round_field=round_field)
    cropped, box = borders.crop_borders(rgb)
    left, top, right, bottom = box.pixels(width, height)
    assert np.array_equal(cropped, rgb[top:bottom, left:right])
    slack = 12 if round_field else 6
    assert abs(left - at[0]) <= slack
    assert abs(right - at[0] - 256) <= slack
    assert abs(top - at[1]) <= slack
    assert abs(bottom - at[1] - 256) <= slack
    assert (cropped.max(axis=2) >= borders.BLACK).sum() >= 0.995 * (rgb.max(axis=2) >= borders.BLACK).sum()
    if not round_field:
        assert left <= at[0] < at[0] + 256 <= right
        assert top <= at[1] < at[1] + 256 <= bottom


def test_bars_above_and_below_are_a_frame(sharp: np.ndarray) -> None:
    rgb = framed(sharp, width=256, height=800, at=(0, 300))
    box = borders.find_border(rgb)
    assert box is not None
    assert (box.left, box.right) == (0, 1)
    assert box.top == pytest.approx(300 / 800, abs=0.003)
    assert box.bottom == pytest.approx(556 / 800, abs=0.003)


def test_a_light_frame_stays(sharp: np.ndarray) -> None:
    rgb = framed(sharp, width=350, height=350, at=(40, 50), round_field=True)
    cropped, box = borders.crop_borders(rgb)
    assert cropped is rgb
    assert box == WHOLE


def test_a_black_lesion_up_to_the_border_is_no_frame(sharp: np.ndarray) -> None:
    for side in range(4):
        rgb = np.rot90(sharp, side).copy()
        rgb[:170] = (20, 12, 10)
        assert borders.find_border(rgb) is None
        rgb[:, :90] = (20, 12, 10)
        assert borders.find_border(rgb) is None


def test_a_dark_picture_and_a_black_one_have_no_frame(sharp: np.ndarray) -> None:
    dark = as_picture(framed(sharp, width=600, height=600, at=(170, 170)) * 0.2)
    assert borders.find_border(dark) is None
    assert borders.find_border(np.zeros((300, 200, 3), np.uint8)) is None


def test_dust_and_hot_pixels_in_a_frame_do_not_hold_it(sharp: np.ndarray) -> None:
    rgb = framed(sharp, width=900, height=900, at=(320, 320))
    random = np.random.default_rng(3)
    rgb[random.integers(0, 900, 300), random.integers(0, 900, 300)] = 255
    box = borders.find_border(rgb)
    assert box is not None
    assert box.area == pytest.approx((256 / 900) ** 2, rel=0.1)


@pytest.mark.parametrize("wrong", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.4), (-0.1, 0, 1, 1), (0, 0, 1, 1.1)])
def test_a_box_is_a_rectangle_within_the_picture(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="no rectangle"):
        Box(*wrong)


def test_a_box_is_never_empty() -> None:
    assert Box(0.999, 0.999, 1, 1).pixels(64, 64) == (63, 63, 64, 64)
    assert WHOLE.pixels(640, 480) == (0, 0, 640, 480)


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
