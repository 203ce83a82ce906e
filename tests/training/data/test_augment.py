from __future__ import annotations

import colorsys

import numpy as np
import pytest

from app.core.imaging.reference_image import reference_image
from training.data.augment import augment
from training.recipe import Augmentation

SIDE = 96


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    """Sixteen times the same lesion, off the centre, on a grey skin."""
    image = reference_image(centre=(100, 140), radius=60)[::2, ::2][16:112, 16:112]
    return np.repeat(image[np.newaxis], 16, axis=0)


def changed(batch: np.ndarray, seed: int = 3, **changes: float) -> np.ndarray:
    return augment(batch, Augmentation(**changes), np.random.default_rng((1337, seed)))


def test_nothing_asked_nothing_changed(batch: np.ndarray) -> None:
    assert np.array_equal(changed(batch), batch)


def test_the_seed_decides_and_every_image_differs(batch: np.ndarray) -> None:
    all_changes = {"flip": True, "rotation": 0.5, "zoom": 0.2, "hue": 0.05, "white_balance": 0.1, "frame": 0.5}
    once, again, other = (changed(batch, seed, **all_changes) for seed in (3, 3, 4))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert len(np.unique(once.reshape(16, -1), axis=0)) == 16
    assert (once.dtype, once.shape) == (batch.dtype, batch.shape)


def test_flips_give_the_four_mirror_images_to_the_pixel(batch: np.ndarray) -> None:
    one = batch[0]
    mirrored = {a.tobytes() for a in (one, one[::-1], one[:, ::-1], one[::-1, ::-1])}
    assert {image.tobytes() for image in changed(batch, flip=True)} == mirrored


def test_turning_keeps_the_lesions_distance_from_the_centre(batch: np.ndarray) -> None:
    def centre_of_darkness(image: np.ndarray) -> np.ndarray:
        dark = np.clip(140 - image.mean(axis=2), 0, None)
        y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        return np.array([(dark * y).sum(), (dark * x).sum()]) / dark.sum()

    places = np.array([centre_of_darkness(image) for image in changed(batch, rotation=0.5)])
    expected = np.linalg.norm(centre_of_darkness(batch[0]))
    assert np.linalg.norm(places, axis=1) == pytest.approx(expected, abs=2)
    angles = np.sort(np.degrees(np.arctan2(places[:, 0], places[:, 1])))
    assert np.ptp(angles) > 180


def test_zoom_changes_the_lesions_size_and_stretch_its_shape() -> None:
    small = reference_image(radius=40)[::2, ::2][16:112, 16:112]
    batch = np.repeat(small[np.newaxis], 16, axis=0)

    def extent(image: np.ndarray) -> np.ndarray:
        dark = image.mean(axis=2) < 120
        return np.array([np.ptp(np.flatnonzero(dark.any(axis=axis))) for axis in (1, 0)], dtype=float)

    before = extent(batch[0])
    zoomed = np.array([extent(image) for image in changed(batch, zoom=0.3)]) / before
    assert zoomed[:, 0] == pytest.approx(zoomed[:, 1], abs=0.12)
    assert zoomed.max() > 1.1
    assert zoomed.min() < 0.9
    stretched = np.array([extent(image) for image in changed(batch, stretch=0.4)]) / before
    assert stretched.prod(axis=1) == pytest.approx(1, abs=0.15)
    assert np.ptp(stretched[:, 0] / stretched[:, 1]) > 0.3


def test_colours_change_and_places_do_not() -> None:
    flat = np.full((16, 8, 8, 3), (180, 120, 90), np.uint8)
    hues = [colorsys.rgb_to_hsv(*(p[0, 0] / 255))[0] * 360 for p in changed(flat, hue=0.1)]
    before = colorsys.rgb_to_hsv(180 / 255, 120 / 255, 90 / 255)[0] * 360
    assert max(abs((hue - before + 180) % 360 - 180) for hue in hues) > 10
    grey = np.full((16, 8, 8, 3), 120, np.uint8)
    assert changed(grey, saturation=0.5, hue=0.2) == pytest.approx(grey, abs=0.5)  # grey has no colour to turn
    bright = changed(grey, brightness=0.2)[:, 0, 0].astype(int)
    assert bright.min() >= 96
    assert bright.max() <= 144
    assert np.ptp(bright) > 20
    assert np.ptp(bright, axis=1).max() == 0
    assert np.ptp(changed(grey, white_balance=0.2)[:, 0, 0], axis=1).max() > 10


def test_contrast_keeps_the_mean(batch: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 12, batch.shape)  # else flat skin is rounded one way all over
    before = (batch * 0.3 + 90 + noise).astype(np.uint8)
    after = changed(before, contrast=0.3)
    assert after.mean(axis=(1, 2)) == pytest.approx(before.mean(axis=(1, 2)), abs=0.1)
    assert np.ptp(after.std(axis=(1, 2)).mean(axis=1)) > 1


def test_frame_blackens_corners_of_the_share_asked_for(batch: np.ndarray) -> None:
    many = np.repeat(batch, 8, axis=0)
    corners = changed(many, frame=0.5)[:, :4, :4].mean(axis=(1, 2, 3)) / batch[0, :4, :4].mean()
    assert 0.3 < (corners < 0.5).mean() < 0.6  # the largest fields leave the corners lit
    assert (corners > 0.99).mean() >= 0.35
    centre = changed(many, frame=1.0)[:, 40:56, 40:56]
    assert centre == pytest.approx(many[:, 40:56, 40:56], rel=0.05)


def test_an_erased_square_takes_part_of_the_share_asked_for(batch: np.ndarray) -> None:
    many = np.repeat(batch, 8, axis=0)
    erased = (changed(many, erase=0.5) != many).any(axis=3)
    touched = erased.any(axis=(1, 2))
    assert 0.35 < touched.mean() < 0.65
    assert erased[touched].mean(axis=(1, 2)).max() < 0.375**2 + 0.01
    places = [np.flatnonzero(image.any(axis=0)).mean() for image in erased[touched]]
    assert np.ptp(places) > SIDE / 2


def test_shades_of_grey_take_a_tint_away(batch: np.ndarray) -> None:
    tinted = (batch * np.array([1.0, 0.7, 0.5])).astype(np.uint8)
    neutral = changed(tinted, grey_world=1.0).astype(float) ** 6
    moments = neutral.mean(axis=(1, 2)) ** (1 / 6)
    assert np.abs(moments / moments.mean(axis=1, keepdims=True) - 1).max() < 0.02


def test_colours_come_from_another_picture_of_the_batch(batch: np.ndarray) -> None:
    """Half of the batch is tinted: recoloured images then lie between, and the lesion stays darker than its skin."""
    tinted = batch.copy()
    tinted[8:] = (batch[8:] * np.array([0.6, 0.8, 1.0])).astype(np.uint8)
    own = np.ptp(tinted.mean(axis=(1, 2)), axis=1).reshape(2, 8)
    given = changed(tinted, recolour=1.0)
    tints = np.ptp(given.mean(axis=(1, 2)), axis=1)
    assert (np.abs(tints[:8] - own[0]) > 3).any()
    assert all(
        np.corrcoef(a[..., 0].ravel(), b[..., 0].ravel())[0, 1] > 0.98 for a, b in zip(tinted, given, strict=True)
    )


def test_a_spectrum_keeps_the_shape_and_changes_the_light(batch: np.ndarray) -> None:
    darker = batch.copy()
    darker[8:] //= 2
    given = changed(darker, spectrum=1.0)
    assert np.abs(given.mean(axis=(1, 2, 3)) - darker.mean(axis=(1, 2, 3))).max() > 5
    assert all(np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9 for a, b in zip(darker, given, strict=True))


@pytest.mark.parametrize("change", ["rescale", "jpeg", "grain"])
def test_optics_and_storing_change_the_fine_structure_alone(batch: np.ndarray, change: str) -> None:
    random = np.random.default_rng(0)
    fine = np.clip(batch + random.normal(0, 8, batch.shape), 0, 255).astype(np.uint8)
    given = changed(fine, **{change: 1.0}).astype(float)
    assert np.abs(given.mean(axis=(1, 2)) - fine.mean(axis=(1, 2))).max() < 3
    roughness = [np.abs(np.diff(images.astype(float), axis=2)).mean() for images in (fine, given)]
    assert (roughness[1] > roughness[0]) if change == "grain" else (roughness[1] < roughness[0])
