from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data.optics import as_by_other_camera, as_by_other_optics
from training.data.photographs import load_photographs
from training.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    rows = ["image,kind,source,split,lesion_id"]
    for name, kind, split in (("a", "lesion", "train"), ("b", "hands_feet", "val"), ("c", "other", "test")):
        Image.new("RGB", (100, 80), (200, 150, 120)).save(tmp_path / "images" / f"{name}.webp")
        rows.append(f"{name},{kind},somewhere,{split},{'L1' if name == 'a' else ''}")
    (tmp_path / "metadata.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_a_table_gives_kinds_sources_and_splits(folder: Path) -> None:
    found = load_photographs(folder)
    assert [(one.kind, one.source, one.split, one.is_clinical, one.lesion_id) for one in found] == [
        ("lesion", "somewhere", "train", True, "L1"),
        ("hands_feet", "somewhere", "val", True, ""),
        ("other", "somewhere", "test", False, ""),
    ]
    assert found[0].path == folder / "images" / "a.webp"


def test_a_pattern_gives_other_things_to_teach_with(folder: Path) -> None:
    found = load_photographs(folder / "images" / "[ab].webp")
    assert [(one.path.name, one.kind, one.split) for one in found] == [
        ("a.webp", "other", "train"),
        ("b.webp", "other", "train"),
    ]
    with pytest.raises(DataError, match=r"\*\.tif"):
        load_photographs(folder / "images" / "*.tif")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("missing,lesion,somewhere,train,", "no image 'missing'"),
        ("a,lesion,somewhere,later,", "no split 'later'"),
    ],
)
def test_a_wrong_row_is_named(folder: Path, line: str, reason: str) -> None:
    with (folder / "metadata.csv").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match=f"line 5.*{reason}"):
        load_photographs(folder)


def test_what_is_not_known_is_empty_but_the_image_is_needed(folder: Path) -> None:
    (folder / "metadata.csv").write_text("image,source\na,\n")
    (found,) = load_photographs(folder)
    assert (found.kind, found.source, found.split) == ("", "", "")
    (folder / "metadata.csv").write_text("picture,kind\na,lesion\n")
    with pytest.raises(DataError, match="column image"):
        load_photographs(folder)


@pytest.mark.parametrize("change", [as_by_other_optics, as_by_other_camera])
def test_images_are_changed_each_differently_and_the_same_again(change: object) -> None:
    random = np.random.default_rng(3)
    images = np.repeat(random.integers(60, 200, (1, 64, 64, 3), np.uint8), 40, axis=0)
    before = images.copy()
    first = change(images, np.random.default_rng(1))  # type: ignore[operator]
    again = change(images, np.random.default_rng(1))  # type: ignore[operator]
    assert first.shape == images.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert np.array_equal(images, before)
    assert len({one.tobytes() for one in first}) == 40


def test_other_optics_bring_dark_and_bright_surroundings() -> None:
    images = np.full((200, 64, 64, 3), 150, np.uint8)
    corners = as_by_other_optics(images, np.random.default_rng(0))[:, :3, :3].mean(axis=(1, 2, 3))
    assert 0.1 < (corners < 45).mean() < 0.6
    assert 0.02 < (corners > 235).mean() < 0.4
