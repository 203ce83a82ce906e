from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.negatives import catalogue

KINDS = Counter(name.rpartition("-")[0] for name in catalogue.drawn_names())
CLINICAL = Counter(name.rpartition("-")[0] for name in catalogue.clinical_names())


@pytest.fixture(scope="module")
def images() -> dict[str, np.ndarray]:
    """The first of each kind; all of them take a minute."""
    return {kind: catalogue.draw(f"{kind}-00") for kind in KINDS | CLINICAL}


def test_there_are_enough_of_enough_kinds_and_no_name_comes_twice() -> None:
    assert sum(KINDS.values()) >= 160
    assert len(KINDS) >= 18
    assert min(KINDS.values()) >= 4
    assert sum(CLINICAL.values()) >= 30
    names = catalogue.drawn_names() + catalogue.clinical_names()
    assert len(set(names)) == len(names)


def test_every_kind_is_rgb_of_300_to_800_pixels_a_side(images: dict[str, np.ndarray]) -> None:
    for kind, pixels in images.items():
        height, width, channels = pixels.shape
        assert (pixels.dtype, channels) == (np.uint8, 3), kind
        assert catalogue.SMALLEST <= min(height, width) <= max(height, width) <= catalogue.LARGEST, kind


def test_the_images_have_shapes_of_many_kinds(images: dict[str, np.ndarray]) -> None:
    aspects = [pixels.shape[1] / pixels.shape[0] for pixels in images.values()]
    assert min(aspects) < 0.8
    assert max(aspects) > 1.25
    assert len({pixels.shape for pixels in images.values()}) == len(images)


@pytest.mark.parametrize("name", ["text-01", "histology-03", "wood-00"])
def test_a_name_gives_the_same_picture_whenever_it_is_drawn(name: str) -> None:
    assert np.array_equal(catalogue.draw(name), catalogue.draw(name))


@pytest.mark.parametrize("kind", ["line", "code", "checker", "gradient", "chart"])
def test_pictures_of_one_kind_differ(kind: str) -> None:
    assert len({zlib.crc32(catalogue.draw(f"{kind}-{index:02d}").tobytes()) for index in range(4)}) == 4


def test_only_the_flat_kinds_are_flat(images: dict[str, np.ndarray]) -> None:
    flat = {kind for kind, pixels in images.items() if pixels.std(axis=(0, 1)).max() < 1}
    assert flat == {"black", "white", "colour"}
    assert images["black"].max() == 0
    assert images["white"].min() == 255


def test_the_kinds_look_like_what_they_are_called(images: dict[str, np.ndarray]) -> None:
    def mean(kind: str) -> np.ndarray:
        return images[kind].mean(axis=(0, 1))

    assert np.ptp(images["xray"].astype(int), axis=2).max() <= 1  # grey
    assert mean("text").min() > 200  # mostly paper
    red, green, blue = mean("histology")
    assert red > green < blue  # pink and violet
    height, width, _ = images["fundus"].shape
    red, green, blue = images["fundus"][height // 2, width // 2].astype(int)
    assert red > green > blue
    assert images["fundus"][:4, :4].max() < 20  # black beyond the disc
    red, green, blue = mean("skin")
    assert red > green > blue


def test_plain_skin_has_no_lesion_and_a_closeup_has_one() -> None:
    """A lesion is a patch that is much darker than what is round it once hairs and pores are smoothed away."""

    def darkest(name: str) -> float:
        grey = Image.fromarray(catalogue.draw(name)).convert("L").resize((24, 24), Image.Resampling.BOX)
        inner = np.asarray(grey, float)[4:-4, 4:-4]
        return float(inner.min() / np.median(inner))

    assert darkest("skin-00") > 0.75 > darkest("closeup-05")


def test_a_name_there_is_not_is_refused() -> None:
    for name in ("text-99", "text", "text-1", "nothing-00", ""):
        with pytest.raises(KeyError):
            catalogue.draw(name)


def test_what_is_given_comes_in_the_order_of_the_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "KINDS", {kind: catalogue.KINDS[kind] for kind in ("black", "white")})
    monkeypatch.setattr(catalogue, "_CLINICAL", {})
    assert [name for name, _ in catalogue.drawn()] == catalogue.drawn_names()
    assert list(catalogue.clinical_drawn()) == []
    assert catalogue.write(tmp_path / "new") == 8
    files = sorted((tmp_path / "new" / "drawn").iterdir())
    assert [file.stem for file in files] == sorted(catalogue.drawn_names())
    with Image.open(files[1]) as image:
        assert np.array_equal(np.asarray(image), catalogue.draw("black-01"))
    assert list((tmp_path / "new" / "clinical-drawn").iterdir()) == []
