from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.imaging.find import find_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.JPG", "a.png", "notes.txt", "Thumbs.db", ".hidden.jpg", "sub/c.dcm", ".git/d.jpg"):
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "card"


def test_images_of_a_folder(folder: Path) -> None:
    assert list(find_images([folder])) == [folder / "a.png", folder / "b.JPG"]


def test_with_the_folders_in_it(folder: Path) -> None:
    assert list(find_images([folder], recursive=True)) == [folder / "a.png", folder / "b.JPG", folder / "sub/c.dcm"]


def test_without_an_order_they_are_the_same(folder: Path) -> None:
    found = list(find_images([folder, folder / "gone.jpg"], recursive=True, in_order=False))
    assert sorted(found) == sorted([folder / "a.png", folder / "b.JPG", folder / "gone.jpg", folder / "sub/c.dcm"])


def test_named_files_stay_in_order_whatever_they_are(folder: Path) -> None:
    named = [folder / "notes.txt", folder / "gone.jpg", folder / "b.JPG"]
    assert list(find_images([*named, folder])) == [*named, folder / "a.png", folder / "b.JPG"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_paths_that_cannot_even_be_looked_at_are_given_back(folder: Path, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300 + ".jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    assert list(find_images([long, folder])) == [long, folder / "a.png", folder / "b.JPG"]
