"""ZIPs as people make them: each picture has a row of its own, and what can't be read a reason."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.domain.errors import ImageError
from app.core.imaging import archive
from app.core.imaging.decode import decode
from app.core.imaging.find import find_images
from app.core.imaging.read import read_bytes


def picture(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 80), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def make(tmp_path: Path) -> Path:
    return tmp_path / "pictures.zip"


def pack(path: Path, *files: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in files:
            opened.writestr(zipfile.ZipInfo(name), content)
    return path


def shades(path: Path) -> dict[str, int]:
    """The shade of each picture that is found, by its name within."""
    return {
        found.relative_to(path).as_posix(): int(decode(read_bytes(found)).rgb[0, 0, 0]) for found in find_images([path])
    }


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_each_is_looked_at(make: Path) -> None:
    path = pack(make, ("a.png", picture(10)), ("b.png", picture(20)), ("a.png", picture(30)), ("a.png", picture(40)))
    assert shades(path) == {"a.png": 10, "a (2).png": 30, "a (3).png": 40, "b.png": 20}
    archive.keep_open()  # as a batch's threads do
    assert shades(path)["a (2).png"] == 30


def test_a_numbered_name_that_is_there_already_stays_its_own(make: Path) -> None:
    path = pack(make, ("a (2).png", picture(1)), ("./a.png", picture(2)), ("a.png", picture(3)))
    assert shades(path) == {"a (2).png": 1, "a.png": 2, "a (3).png": 3}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("./left arm.png", "left arm.png"),
        ("card//back.png", "card/back.png"),
        ("./card/./back.png", "card/back.png"),
        ("10:30 left arm.png", "10:30 left arm.png"),
        ("card\\back.png", "card\\back.png"),
    ],
)
def test_names_of_other_programs(make: Path, name: str, shown: str) -> None:
    assert shades(pack(make, (name, picture(7)), (".", b""), ("./", b""))) == {shown: 7}


def test_a_name_that_leads_out_is_passed_over(make: Path) -> None:
    path = pack(make, ("../a.png", picture(1)), ("/b.png", picture(2)), ("C:/c.png", picture(3)), ("d.png", picture(4)))
    assert shades(path) == {"d.png": 4}


def test_files_without_an_ending_are_known_by_their_content(make: Path, tmp_path: Path) -> None:
    files = {
        "DICOM/IM00001": picture(1),
        "1.2.840.113": picture(2),
        "README": b"a text",
        "DICOMDIR": bytes(128) + b"DICM",
        "list.txt": picture(3),
    }
    assert shades(pack(make, *files.items())) == {"DICOM/IM00001": 1, "1.2.840.113": 2}
    for name, content in files.items():
        file = tmp_path / "card" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    found = find_images([tmp_path / "card"], recursive=True)
    assert [file.name for file in found] == ["1.2.840.113", "IM00001"]


def code(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        read_bytes(path)
    return caught.value.message.code


def test_a_zip_within_a_zip_has_a_row_with_its_reason(make: Path, tmp_path: Path) -> None:
    inner = pack(tmp_path / "inner.zip", ("a.png", picture(1)))
    path = pack(make, ("patient.zip", inner.read_bytes()), ("b.png", picture(2)))
    first, second = find_images([path])
    assert (first.name, second.name) == ("b.png", "patient.zip")
    assert np.array_equal(decode(read_bytes(first)).rgb[0, 0], (2, 2, 2))
    assert code(second) == "zip-nested"


def test_what_is_no_whole_zip_has_a_reason(make: Path, tmp_path: Path) -> None:
    pack(make, ("a.png", picture(1)))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(make.read_bytes()[:-40])
    assert code(cut) == "zip-damaged-or-none"
    packed = tmp_path / "tar.zip"
    with tarfile.open(packed, "w") as opened:
        opened.add(make, "a.png")
    assert code(packed) == "zip-is-tar"


def test_a_zip_without_pictures_says_so(make: Path) -> None:
    assert code(pack(make, ("notes.txt", b"no picture"))) == "zip-without-pictures"
