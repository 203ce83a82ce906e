from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.core.domain.geometry import WHOLE, Box
from app.core.imaging import borders
from app.core.imaging.blocks import BLACK
from app.core.imaging.decode import decode
from tests.drawn import as_picture, detailed_lesion, framed
from tests.factories import encoded

WHITE = (255, 255, 255)
COLOURS = [WHITE, (250, 250, 250), (128, 128, 128), (60, 60, 64), (20, 90, 200)]


@pytest.fixture(scope="module")
def sharp() -> np.ndarray:
    return detailed_lesion()


def as_jpeg(rgb: np.ndarray, quality: int = 85) -> np.ndarray:
    """What a JPEG makes of it: a border that is only nearly of one colour, ringing at its edge."""
    return decode(encoded(Image.fromarray(rgb), "JPEG", quality=quality)).rgb


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two pictures but for their edge, the second resized to the first."""
    resized = Image.fromarray(b).resize((a.shape[1], a.shape[0]))
    return float(np.abs(a.astype(int) - np.asarray(resized))[6:-6, 6:-6].mean())


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
    assert (cropped.max(axis=2) >= BLACK).sum() >= 0.995 * (rgb.max(axis=2) >= BLACK).sum()
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


def test_black_around_most_of_a_picture_stays(sharp: np.ndarray) -> None:
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


@pytest.mark.parametrize("colour", COLOURS)
def test_a_page_of_any_colour_is_cut_away(sharp: np.ndarray, colour: tuple[int, int, int]) -> None:
    rgb = as_jpeg(framed(sharp, width=600, height=400, at=(250, 70), colour=colour))
    cropped, box = borders.crop_borders(rgb)
    left, top, right, bottom = box.pixels(600, 400)
    assert abs(np.array([left, top, right, bottom]) - [250, 70, 506, 326]).max() <= 4
    assert difference(sharp, cropped) < 5


@pytest.mark.parametrize("place", ["above and below", "at both sides", "thin, all around"])
def test_a_page_is_cut_away_however_small(sharp: np.ndarray, place: str) -> None:
    width, height = {"above and below": (256, 300), "at both sides": (300, 256)}.get(place, (276, 276))
    rgb = framed(sharp, width=width, height=height, at=((width - 256) // 2, (height - 256) // 2), colour=WHITE)
    cropped, box = borders.crop_borders(rgb)
    assert cropped.shape == sharp.shape
    assert box.area == pytest.approx(256 * 256 / (width * height))
    assert difference(sharp, cropped) < 2  # but for a line at its edge


@pytest.mark.parametrize("noise", [0.5, 2])
def test_a_scanned_page_may_be_grainy(sharp: np.ndarray, noise: float) -> None:
    random = np.random.default_rng(2)
    page = framed(sharp, width=700, height=700, at=(300, 200), colour=(244, 242, 238))
    cropped, _ = borders.crop_borders(as_picture(page + random.normal(scale=noise, size=page.shape)))
    assert difference(sharp, cropped) < 5


@pytest.mark.parametrize("colour", [WHITE, (128, 128, 128)])
@pytest.mark.parametrize("degrees", [7, 30, 45, 80])
@pytest.mark.parametrize("expand", [False, True])
def test_the_corners_of_a_turned_picture_become_black(
    sharp: np.ndarray, degrees: int, expand: bool, colour: tuple[int, int, int]
) -> None:
    large = Image.fromarray(sharp).resize((400, 400))
    options = {"resample": Image.Resampling.BICUBIC, "expand": expand}
    found, box = borders.crop_borders(as_jpeg(np.asarray(large.rotate(degrees, fillcolor=colour, **options))))
    black = np.asarray(large.rotate(degrees, fillcolor=(0, 0, 0), **options))
    left, top, right, bottom = box.pixels(black.shape[1], black.shape[0])
    assert box.area > 0.9
    assert difference(found, black[top:bottom, left:right]) < 4


@pytest.mark.parametrize("colour", COLOURS[:-1])
def test_what_is_around_a_round_field_becomes_black(sharp: np.ndarray, colour: tuple[int, int, int]) -> None:
    options = {"width": 256, "height": 256, "at": (0, 0), "round_field": True}
    found, box = borders.crop_borders(as_jpeg(framed(sharp, colour=colour, **options)))
    assert box.area > 0.95
    assert difference(framed(sharp, colour=(0, 0, 0), **options), found) < 4


def test_around_a_transparent_field_of_view_is_black(sharp: np.ndarray) -> None:
    picture = Image.fromarray(sharp)
    field = Image.new("L", picture.size)
    ImageDraw.Draw(field).ellipse((0, 0, 255, 255), fill=255)
    picture.putalpha(field)
    found, box = borders.crop_borders(decode(encoded(picture, "PNG")).rgb)
    assert box == WHOLE
    assert difference(framed(sharp, width=256, height=256, at=(0, 0), round_field=True), found) < 2


@pytest.mark.parametrize("colours", [((250, 250, 250), (20, 20, 20)), ((0, 0, 0), (255, 255, 255))])
def test_a_phone_s_frame_goes_with_its_icons(
    sharp: np.ndarray, colours: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    ground, ink = colours
    phone = Image.fromarray(framed(sharp, width=256, height=700, at=(0, 150), colour=ground))
    draw = ImageDraw.Draw(phone)
    draw.text((10, 6), "12:41", fill=ink)
    draw.rectangle((220, 6, 244, 16), outline=ink)
    for x in (30, 80, 130, 180, 230):
        draw.ellipse((x - 8, 640, x + 8, 656), outline=ink, width=2)
    draw.rectangle((90, 685, 166, 688), fill=ink)
    cropped, box = borders.crop_borders(np.asarray(phone))
    assert box.pixels(256, 700) == pytest.approx((0, 150, 256, 406), abs=4)
    assert difference(sharp, cropped) < 6


def test_a_black_tube_on_a_white_page_is_cut_twice(sharp: np.ndarray) -> None:
    slide = framed(sharp, width=600, height=600, at=(200, 140))
    page = framed(slide, width=900, height=700, at=(220, 50), colour=WHITE)
    cropped, box = borders.crop_borders(page)
    assert box.pixels(900, 700) == pytest.approx((420, 190, 676, 446), abs=6)
    assert difference(sharp, cropped) < 6


@pytest.mark.parametrize("factor", [1.0, 1.6, 2.2])
def test_evenly_lit_skin_is_no_border(sharp: np.ndarray, factor: float) -> None:
    """Also where its corners are too bright to show anything."""
    rgb = as_picture(sharp * factor)
    cropped, box = borders.crop_borders(rgb)
    assert cropped is rgb
    assert box == WHOLE


def test_skin_that_fades_into_white_is_no_border(sharp: np.ndarray) -> None:
    distance = np.hypot(*np.mgrid[-127.5:128, -127.5:128])[..., np.newaxis]
    rgb = as_picture(sharp + 255 * np.clip((distance - 60) / 60, 0, 1))
    assert (rgb[0] == 255).all()
    cropped, _ = borders.crop_borders(rgb)
    assert cropped is rgb


@pytest.mark.parametrize("colour", [(0, 0, 0), (130, 90, 80), WHITE])
def test_a_picture_of_one_colour_has_no_border(colour: tuple[int, int, int]) -> None:
    rgb = np.full((300, 200, 3), colour, np.uint8)
    cropped, box = borders.crop_borders(rgb)
    assert cropped is rgb
    assert box == WHOLE


def test_a_box_within_another() -> None:
    assert Box(0.5, 0, 1, 0.5).within(Box(0.2, 0.4, 0.6, 0.8)) == Box(0.4, 0.4, 0.6, 0.6000000000000001)
    assert WHOLE.within(Box(0.2, 0.4, 0.6, 0.8)) == Box(0.2, 0.4, 0.6, 0.8)
