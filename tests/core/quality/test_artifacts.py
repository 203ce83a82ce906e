from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from app.core.quality.artifacts import WARNINGS, Artifact, find_artifacts

SKIN, LESION = (214, 168, 150), (112, 66, 48)
INK = (92, 58, 150)


def picture(skin: tuple[int, int, int] = SKIN, lesion: tuple[int, int, int] = LESION) -> Image.Image:
    """Skin with a soft round lesion in the middle."""
    drawn = Image.new("RGB", (256, 256), skin)
    ImageDraw.Draw(drawn).ellipse((78, 84, 178, 172), fill=lesion)
    return drawn.filter(ImageFilter.GaussianBlur(4))


def found(drawn: Image.Image) -> tuple[Artifact, ...]:
    """With the camera's noise."""
    noise = np.random.default_rng(3).normal(0, 2, (256, 256, 3))
    return find_artifacts(np.clip(np.asarray(drawn) + noise, 0, 255).astype(np.uint8))


def with_lines(lines: Sequence[Sequence[float]], colour: tuple[int, int, int], width: int) -> Image.Image:
    """With straight strokes from (x, y) to (x, y)."""
    drawn = picture()
    pen = ImageDraw.Draw(drawn)
    for line in lines:
        pen.line(tuple(line), fill=colour, width=width)
    return drawn


def with_hairs(colour: tuple[int, int, int], width: int, *, centres: Sequence[int] = (60, 90, 120, 150)) -> Image.Image:
    """With hair: arcs about points in a row, of 70 pixels' radius."""
    drawn = picture()
    pen = ImageDraw.Draw(drawn)
    for x in centres:
        pen.arc((x - 70, 50, x + 70, 190), -70, 70, fill=colour, width=width)
    return drawn


def with_ruler(degrees: float, *, ticks: bool = True) -> Image.Image:
    """A line of 112 pixels below the lesion, with a tick every 5.6 pixels, every second one longer."""
    drawn = picture()
    large = drawn.resize((1024, 1024))
    pen = ImageDraw.Draw(large)
    along = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    across = np.array([along[1], -along[0]])
    start = np.array([128, 210]) - 56 * along

    def stroke(one: np.ndarray, other: np.ndarray) -> None:
        pen.line((*(one * 4), *(other * 4)), fill=(60, 45, 42), width=5)

    stroke(start, start + 112 * along)
    for tick in range(21 if ticks else 0):
        foot = start + 5.6 * tick * along
        stroke(foot, foot + (4 if tick % 2 else 8) * across)
    return large.resize((256, 256), Image.Resampling.LANCZOS)


HAIR = (52, 36, 30)


@pytest.mark.parametrize("skin", [SKIN, (190, 165, 205), (236, 214, 200), (120, 84, 70)])
def test_nothing_is_found_on_bare_skin_of_any_tint(skin: tuple[int, int, int]) -> None:
    assert found(picture(skin)) == ()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_nothing_is_found_in_a_picture_of_one_value(value: int) -> None:
    assert find_artifacts(np.full((256, 256, 3), value, np.uint8)) == ()


@pytest.mark.parametrize("width", [2, 3, 4])
def test_dark_hair_over_the_lesion_is_found(width: int) -> None:
    assert found(with_hairs(HAIR, width)) == (Artifact.HAIR,)


def test_bright_hair_over_the_lesion_is_found() -> None:
    assert found(with_hairs((240, 232, 220), 2, centres=(30, 50, 70, 90))) == (Artifact.HAIR,)


def test_hair_is_found_however_the_picture_is_turned() -> None:
    drawn = with_hairs(HAIR, 2)
    for turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_LEFT_RIGHT):
        assert found(drawn.transpose(turn)) == (Artifact.HAIR,)


def test_hair_beside_the_lesion_does_not_matter() -> None:
    assert found(with_hairs(HAIR, 2, centres=(-58, -50, -42, -34))) == ()


def test_dots_and_short_strokes_are_no_hair() -> None:
    short = [(x, y, x + 6.0, y + 3.0) for x in range(70, 190, 14) for y in range(70, 190, 14)]
    assert found(with_lines(short, HAIR, 2)) == ()


def test_ink_strokes_beside_the_lesion_are_found_and_are_no_hair() -> None:
    strokes = [(x + dx, y, x + 24.0 - dx, y + 24.0) for x, y in ((12, 12), (215, 14), (16, 215)) for dx in (0, 4, 8)]
    assert found(with_lines(strokes, INK, 3)) == (Artifact.INK,)


@pytest.mark.parametrize("colour", [(60, 90, 190), (90, 205, 200), (60, 160, 75), (222, 214, 40)])
def test_a_sticker_is_found(colour: tuple[int, int, int]) -> None:
    drawn = picture()
    ImageDraw.Draw(drawn).ellipse((212, 90, 300, 180), fill=colour)
    assert found(drawn) == (Artifact.INK,)


@pytest.mark.parametrize("lesion", [(88, 92, 128), (92, 58, 150), (120, 24, 74)])
def test_a_blue_or_vascular_lesion_is_no_ink(lesion: tuple[int, int, int]) -> None:
    assert found(picture(lesion=lesion)) == ()


def test_a_picture_with_a_blue_cast_has_no_ink() -> None:
    assert found(picture(skin=(150, 160, 200), lesion=(80, 75, 95))) == ()


@pytest.mark.parametrize("degrees", [0, -8, 17, 40, -60, 90])
def test_a_ruler_is_found_at_any_angle(degrees: float) -> None:
    assert Artifact.RULER in found(with_ruler(degrees))


@pytest.mark.parametrize("degrees", [0, 17, -60])
def test_a_straight_line_without_ticks_is_no_ruler(degrees: float) -> None:
    assert Artifact.RULER not in found(with_ruler(degrees, ticks=False))


def test_several_kinds_are_named_in_one_order() -> None:
    drawn = with_ruler(5)
    pen = ImageDraw.Draw(drawn)
    for x in (60, 80, 100, 120):
        pen.arc((x - 70, 50, x + 70, 190), -60, 40, fill=HAIR, width=2)
    pen.rectangle((225, 10, 255, 60), fill=(60, 90, 190))
    assert found(drawn) == (Artifact.HAIR, Artifact.INK, Artifact.RULER)


def test_the_picture_is_left_as_it_was() -> None:
    standard = np.asarray(with_hairs(HAIR, 2)).copy()
    before = standard.copy()
    find_artifacts(standard)
    assert np.array_equal(standard, before)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((255, 256, 3), np.uint8), np.zeros((256, 256), np.uint8), np.zeros((256, 256, 3), np.float32)],
)
def test_anything_but_a_standard_picture_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="standard picture"):
        find_artifacts(wrong)


def test_every_kind_has_a_warning_that_says_what_to_do() -> None:
    assert set(WARNINGS) == set(Artifact)
    assert all("take another picture" in text and text.endswith(".") for text in WARNINGS.values())
