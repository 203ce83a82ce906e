from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.domain.scale import check_field_of_view, from_line, from_spacing
from app.core.lesion.abcd import COLOURS, LesionError, Measures, measure
from app.core.lesion.colours import to_lab
from app.core.lesion.definitions import DEFINITIONS

Inside = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]
SKIN, BROWN = (222, 178, 156), (96, 60, 40)
WIDTH, HEIGHT = 400, 300


def mask_of(inside: Inside, *, size: tuple[int, int] = (WIDTH, HEIGHT), turned: float = 0.0) -> NDArray[np.bool_]:
    """Where `inside` says so of x and y from the picture's middle, turned by an angle."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    x, y = x - width / 2, y - height / 2
    return inside(x * math.cos(turned) + y * math.sin(turned), y * math.cos(turned) - x * math.sin(turned))


def painted(mask: NDArray[np.bool_], colour: tuple[int, int, int] = BROWN) -> NDArray[np.uint8]:
    return np.where(mask[..., np.newaxis], np.uint8(colour), np.uint8(SKIN))


def measured(inside: Inside, **options: object) -> Measures:
    mask = mask_of(inside, **options)
    return measure(painted(mask), mask)


def disc(radius: float) -> Inside:
    return lambda x, y: x**2 + y**2 < radius**2


def ellipse(long: float, short: float) -> Inside:
    return lambda x, y: (x / long) ** 2 + (y / short) ** 2 < 1


def star(radius: float, depth: float) -> Inside:
    """Six lobes: symmetrical over both axes."""
    return lambda x, y: np.hypot(x, y) < radius * (1 + depth * np.cos(6 * np.arctan2(y, x)))


def shares(found: Measures) -> dict[str, float]:
    return dict(found.colour_shares)


@pytest.mark.parametrize("radius", [20, 60, 120])
def test_a_disc_is_round_whole_and_symmetrical(radius: int) -> None:
    found = measured(disc(radius))
    assert found.compactness == pytest.approx(1, abs=0.004)
    assert found.solidity == pytest.approx(1, abs=0.002)
    assert max(found.asymmetry_long, found.asymmetry_short) < 0.01
    assert max(found.colour_asymmetry_long, found.colour_asymmetry_short) < 1
    assert found.diameter_pixels == pytest.approx(2 * radius, abs=0.6)
    assert not found.leaves_picture


@pytest.mark.parametrize("turned", [0.0, 0.3, 1.0, 2.5])
def test_an_ellipse_however_it_lies(turned: float) -> None:
    found = measured(ellipse(120, 60), turned=turned)
    # Ramanujan's perimeter of an ellipse with half axes of 120 and 60
    perimeter = math.pi * (3 * 180 - math.sqrt((3 * 120 + 60) * (120 + 3 * 60)))
    assert found.compactness == pytest.approx(perimeter**2 / (4 * math.pi * math.pi * 120 * 60), rel=0.005)
    assert found.diameter_pixels == pytest.approx(240, abs=0.8)
    assert max(found.asymmetry_long, found.asymmetry_short) < 0.012


def test_the_perimeter_has_no_steps() -> None:
    straight = measured(lambda x, y: (abs(x) < 80) & (abs(y) < 80))
    turned = measured(lambda x, y: (abs(x) < 80) & (abs(y) < 80), turned=math.pi / 4)
    assert straight.compactness == pytest.approx(4 / math.pi, rel=0.03)  # the smoothing rounds its corners
    assert turned.compactness == pytest.approx(straight.compactness, rel=0.005)


@pytest.mark.parametrize("turned", [0.0, 0.7, math.pi / 2])
def test_form_is_compared_over_either_axis(turned: float) -> None:
    """Half an ellipse, cut along its long axis: symmetrical over the short axis alone."""
    found = measured(lambda x, y: ellipse(130, 90)(x, y) & (y > 0), turned=turned)
    assert found.asymmetry_short < 0.01
    # By hand: half a disc of radius 1 folded over y = 4 / (3 pi), for the axis runs through the centroid there
    y = np.linspace(0, 2 * 4 / (3 * math.pi), 100001)
    mirrored = np.minimum(np.sqrt(1 - y**2), np.sqrt(1 - (2 * 4 / (3 * math.pi) - y) ** 2))
    assert found.asymmetry_long == pytest.approx(1 - 2 * mirrored.mean() * y[-1] / (math.pi / 2), abs=0.01)


def test_colour_is_compared_over_either_axis() -> None:
    mask = mask_of(ellipse(120, 70))
    rgb = painted(mask)
    rgb[:, : WIDTH // 2][mask[:, : WIDTH // 2]] = (40, 25, 20)  # one end of the long axis is darker
    found = measure(rgb, mask)
    expected = float(np.linalg.norm(np.subtract(*to_lab(np.array([BROWN, (40, 25, 20)], np.uint8)))))
    assert found.colour_asymmetry_long < 1
    assert found.colour_asymmetry_short == pytest.approx(expected, rel=0.05)
    assert max(found.asymmetry_long, found.asymmetry_short) < 0.01  # the form is what it was


def test_notches_lower_the_solidity_and_raise_the_compactness() -> None:
    smooth, lobed, deeply = (measured(star(90, depth)) for depth in (0.0, 0.1, 0.25))
    assert smooth.solidity > lobed.solidity > deeply.solidity
    assert smooth.compactness < lobed.compactness < deeply.compactness
    assert max(deeply.asymmetry_long, deeply.asymmetry_short) < 0.02
    elongated = measured(ellipse(140, 40))
    assert elongated.solidity > 0.995
    assert elongated.compactness > 1.5


def test_borders_cut_off_abruptly_are_counted_by_sector() -> None:
    mask = mask_of(disc(80))
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    x, y = x - WIDTH / 2, y - HEIGHT / 2
    skin, brown = np.array(SKIN, float), np.array(BROWN, float)

    def with_ramp(width: NDArray[np.float64] | float) -> NDArray[np.uint8]:
        mixed = np.clip((np.hypot(x, y) - 80) / width + 0.5, 0, 1)[..., np.newaxis]
        return np.rint(brown + (skin - brown) * mixed).astype(np.uint8)

    assert measure(with_ramp(2.0), mask).abrupt_sectors == 8
    assert measure(with_ramp(60.0), mask).abrupt_sectors == 0
    upper_half = measure(with_ramp(np.where(y < 0, 2.0, 60.0)), mask).abrupt_sectors
    assert 3 <= upper_half <= 5  # a disc's axes lie by chance
    faint = np.where(mask[..., np.newaxis], np.uint8((210, 166, 144)), np.uint8(SKIN))
    assert measure(faint, mask).abrupt_sectors == 0


@pytest.mark.parametrize(
    ("colour", "rgb"),
    [
        ("white", (242, 226, 220)),
        ("red", (190, 60, 75)),
        ("light brown", (176, 130, 98)),
        ("dark brown", (104, 64, 44)),
        ("blue-grey", (110, 110, 112)),
        ("black", (38, 30, 26)),
    ],
)
def test_each_colour_by_its_name(colour: str, rgb: tuple[int, int, int]) -> None:
    mask = mask_of(disc(90))
    found = measure(painted(mask, rgb), mask)
    assert found.colours == (colour,)
    assert shares(found)[colour] > 0.95


def test_colours_count_from_a_twentieth_of_the_lesion() -> None:
    mask = mask_of(disc(100))
    for part, present in ((0.03, False), (0.07, True)):
        rgb = painted(mask, (176, 130, 98))
        rgb[mask_of(disc(100 * math.sqrt(part)))] = (30, 24, 20)
        found = measure(rgb, mask)
        assert shares(found)["black"] == pytest.approx(part, abs=0.008)
        assert ("black" in found.colours) is present
        assert sum(shares(found).values()) == pytest.approx(1)
        assert tuple(shares(found)) == COLOURS


def test_the_tint_of_a_camera_does_not_name_the_colours() -> None:
    mask = mask_of(disc(100))
    rgb = painted(mask, (176, 130, 98))
    rgb[mask_of(disc(60))] = (104, 64, 44)
    tinted = np.clip(rgb * np.array([1.0, 0.93, 1.1]), 0, 255).astype(np.uint8)  # pink
    assert measure(tinted, mask).colours == measure(rgb, mask).colours == ("light brown", "dark brown")


def test_white_must_be_lighter_than_the_skin() -> None:
    mask = mask_of(disc(90))
    pale = painted(mask, (224, 204, 196))
    assert measure(pale, mask).colours == ("white",)
    on_paler_skin = np.where(mask[..., np.newaxis], pale, np.uint8((248, 228, 218)))
    assert "white" not in measure(on_paler_skin, mask).colours


def test_skin_is_what_surrounds_the_lesion() -> None:
    mask = mask_of(disc(90))
    found = measure(painted(mask), mask)
    assert found.skin == pytest.approx(tuple(to_lab(np.array(SKIN, np.uint8))), abs=0.5)
    everywhere = np.ones((HEIGHT, WIDTH), np.bool_)
    found = measure(painted(everywhere), everywhere)
    assert found.skin is None
    assert found.leaves_picture
    assert found.colours == ("dark brown",)


def test_a_lesion_at_the_edge_is_measured_up_to_it() -> None:
    mask = mask_of(lambda x, y: disc(80)(x + WIDTH / 2, y))
    found = measure(painted(mask), mask)
    assert found.leaves_picture
    assert found.diameter_pixels == pytest.approx(160, abs=1.5)
    assert found.asymmetry_long > found.asymmetry_short + 0.1  # half a disc


def test_millimetres_where_the_scale_is_known() -> None:
    mask = mask_of(disc(100))
    assert measure(painted(mask), mask).diameter_mm is None
    found = measure(painted(mask), mask, mm_per_pixel=0.04)
    assert found.diameter_mm == pytest.approx(8.0, abs=0.03)


def test_the_size_of_the_picture_changes_the_diameter_alone() -> None:
    small, large = (
        measured(
            lambda x, y, s=scale: (abs(x) < 90 * s) & (abs(y) < 60 * s + x / 4),
            size=(int(400 * scale), int(300 * scale)),
        )
        for scale in (1.0, 5.2)
    )
    assert large.diameter_pixels == pytest.approx(5.2 * small.diameter_pixels, rel=0.005)
    assert large.compactness == pytest.approx(small.compactness, rel=0.02)
    assert large.solidity == pytest.approx(small.solidity, abs=0.005)
    assert large.colours == small.colours


def test_the_largest_area_counts_without_holes() -> None:
    alone = measured(disc(60))
    for others in (lambda x, y: disc(12)(x - 150, y), lambda x, y: disc(12)(x, y)):
        mask = mask_of(lambda x, y, others=others: disc(60)(x, y) ^ others(x, y))
        found = measure(painted(mask_of(disc(60))), mask)
        assert found.diameter_pixels == pytest.approx(alone.diameter_pixels, abs=0.5)
        assert found.compactness == pytest.approx(alone.compactness, abs=0.005)


def test_lightness_and_chroma() -> None:
    # CIELAB of sRGB's red and of middle grey under D65 (Lindbloom)
    found = to_lab(np.array([[255, 0, 0], [119, 119, 119], [255, 255, 255], [0, 0, 0]], np.uint8))
    expected = [[53.24, 80.09, 67.20], [50.03, 0, 0], [100, 0, 0], [0, 0, 0]]
    assert found == pytest.approx(np.array(expected), abs=0.03)


def test_no_lesion_is_an_error_of_its_own() -> None:
    for mask in (
        np.zeros((HEIGHT, WIDTH), np.bool_),
        mask_of(disc(4)),
        mask_of(lambda x, y: (abs(y) < 0.6) & (x < 99)),
    ):
        with pytest.raises(LesionError, match=r"too small|too thin"):
            measure(painted(mask), mask)


def test_what_does_not_fit_together_is_refused() -> None:
    mask = mask_of(disc(50))
    rgb = painted(mask)
    with pytest.raises(ValueError, match="boolean mask"):
        measure(rgb, mask[1:])
    with pytest.raises(ValueError, match="boolean mask"):
        measure(rgb, mask.astype(np.uint8))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="8-bit RGB"):
        measure(rgb.astype(np.float32), mask)  # type: ignore[arg-type]
    for scale in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="pixel"):
            measure(rgb, mask, mm_per_pixel=scale)


def test_every_measure_is_explained() -> None:
    notified = {field.name for field in fields(Measures)} - {"skin", "leaves_picture"}
    assert set(DEFINITIONS) == notified
    for definition in DEFINITIONS.values():
        assert definition.title
        assert definition.citation
        assert 1 <= definition.text.count(". ") + 1 <= 4


def test_it_is_quick() -> None:
    mask = mask_of(ellipse(700, 500), size=(2000, 1500))
    rgb = painted(mask)
    taken = []
    for _ in range(3):
        start = time.process_time()
        measure(rgb, mask)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.2  # 40 ms on a machine with nothing else to do


def test_scale_from_a_files_spacing() -> None:
    assert from_spacing(0.02, 0.0201) == pytest.approx(0.02005)
    with pytest.raises(ValueError, match="not square"):
        from_spacing(0.02, 0.03)
    for nothing in (1.0, 0.0, -0.02, 25.4, math.nan, math.inf, 0.00001):
        with pytest.raises(ValueError, match="implausible"):
            from_spacing(nothing, nothing)


def test_scale_from_a_line_along_a_ruler() -> None:
    assert from_line((10, 20), (310, 420), 10, width=1000) == pytest.approx(0.02)
    assert from_line((310, 420), (10, 20), 10, width=1000) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("end", "millimetres", "why"),
    [
        ((10, 20), 10, "too short"),
        ((15, 20), 10, "too short"),
        ((110, 20), 0, "more than 0 mm"),
        ((110, 20), -5, "more than 0 mm"),
        ((110, 20), math.nan, "more than 0 mm"),
        ((110, 20), 0.1, "1 mm wide"),
        ((110, 20), 50, "500 mm wide"),
        ((math.inf, 20), 10, "must lie in the picture"),
    ],
)
def test_a_line_that_can_not_be_right(end: tuple[float, float], millimetres: float, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        from_line((10, 20), end, millimetres, width=1000)


def test_the_field_of_view_of_any_scale() -> None:
    check_field_of_view(0.02, 1000)
    for scale, width in ((0.02, 50), (0.02, 10_000), (0.02, 0)):
        with pytest.raises(ValueError, match=r"wide|width"):
            check_field_of_view(scale, width)
