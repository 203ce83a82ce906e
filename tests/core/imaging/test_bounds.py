"""What a file may take: refused by its header where that states too much, and within 1 GiB and 5 s where it is read."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from app.core.imaging.formats.webp import stated_size
from app.core.imaging.reference_image import reference_image
from tests.core.imaging.test_heif import heic
from tests.core.imaging.test_tiff import written
from tests.factories import dicom, encoded

GIB = 1 << 30
SECONDS = 5
"""On a quiet machine; the time of the processor is what is looked at."""
FAR_TOO_MANY = 60_000
"""Pixels on a side: 3,600 megapixels, of which 50 are read."""

DECODE = """
import resource, sys, time
from pathlib import Path
from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.read import read_bytes
import PIL.Image, numpy, pydicom.pixels, pi_heif, simplejpeg, tifffile
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[2]), int(sys.argv[2])))
started = time.process_time()
try:
    found = "{}x{}".format(*decode(read_bytes(Path(sys.argv[1]))).full_size)
except ImageError as error:
    found = error.message.code
print(found, time.process_time() - started)
"""


def outcome(path: Path) -> tuple[str, float]:
    """The picture's size or the reason's code, and the seconds of a processor, in a process that may take 1 GiB."""
    done = subprocess.run(
        [sys.executable, "-c", DECODE, str(path), str(GIB)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    found, seconds = done.stdout.split()
    return found, float(seconds)


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    return encoded(image or Image.fromarray(reference_image()), kind, **options)


def patched(data: bytes, at: int, *values: bytes) -> bytes:
    content = b"".join(values)
    return data[:at] + content + data[at + len(content) :]


def png() -> bytes:
    data = saved("PNG")
    head = b"IHDR" + struct.pack(">II", FAR_TOO_MANY, FAR_TOO_MANY) + data[24:29]
    return data[:12] + head + zlib.crc32(head).to_bytes(4) + data[33:]


def jpeg() -> bytes:
    data = saved("JPEG")
    return patched(data, data.index(b"\xff\xc0") + 5, FAR_TOO_MANY.to_bytes(2) * 2)


def tiff() -> bytes:
    return written(np.zeros((FAR_TOO_MANY, 64), np.uint8), photometric="minisblack", compression="zlib").replace(
        struct.pack("<HHII", 256, 4, 1, 64), struct.pack("<HHII", 256, 4, 1, FAR_TOO_MANY)
    )


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0"}])
def test_the_size_that_a_webp_states(options: dict[str, object]) -> None:
    image = Image.fromarray(reference_image()).resize((300, 70))
    assert stated_size(saved("WEBP", image, **options)) == (300, 70)
    assert stated_size(b"RIFF    WEBPANIM") is None


def heif() -> bytes:
    data = heic(reference_image())
    return patched(data, data.index(b"ispe") + 8, FAR_TOO_MANY.to_bytes(4) * 2)


def webp() -> bytes:
    """The largest of that format: 268 megapixels, lossless, in a few bytes."""
    data = saved("WEBP", lossless=True)
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at : at + 4], "little") >> 28 << 28 | 0x3FFF << 14 | 0x3FFF
    return patched(data, at, bits.to_bytes(4, "little"))


def jpeg_2000_in_dicom() -> bytes:
    stream = saved("JPEG2000", no_jp2=True)
    return dicom(reference_image(), syntax=JPEG2000Lossless, data=patched(stream, 8, FAR_TOO_MANY.to_bytes(4) * 2))


def run_lengths_in_dicom() -> bytes:
    data = dicom(reference_image(), syntax=RLELossless)
    for tag in (0x0010, 0x0011):  # rows and columns, two bytes each
        head = struct.pack("<HH2sH", 0x0028, tag, b"US", 2)
        data = patched(data, data.index(head) + 8, FAR_TOO_MANY.to_bytes(2, "little"))
    return data


def jpeg_ls_in_dicom() -> bytes:
    stream = bytes(jpeg_ls.encode_array(reference_image(), interleave_mode=1))
    at = stream.index(b"\xff\xf7") + 5
    return dicom(reference_image(), syntax=JPEGLSLossless, data=patched(stream, at, FAR_TOO_MANY.to_bytes(2) * 2))


BOMBS: dict[str, Callable[[], bytes]] = {
    "a.png": png,
    "a.jpg": jpeg,
    "a.tif": tiff,
    "a.bmp": lambda: patched(saved("BMP"), 18, FAR_TOO_MANY.to_bytes(4, "little") * 2),
    "a.webp": webp,
    "a.heic": heif,
    "plain.dcm": lambda: dicom(reference_image(), Rows=FAR_TOO_MANY, Columns=FAR_TOO_MANY),
    "run-lengths.dcm": run_lengths_in_dicom,
    "jpeg.dcm": lambda: dicom(reference_image(), syntax=JPEGBaseline8Bit, data=jpeg()),
    "jpeg-2000.dcm": jpeg_2000_in_dicom,
    "jpeg-ls.dcm": jpeg_ls_in_dicom,
}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("name", BOMBS)
def test_what_states_too_much_is_refused_by_its_header(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BOMBS[name]())
    found, seconds = outcome(tmp_path / name)
    assert found == "image-too-large"
    assert seconds < SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_large_file_in_a_zip_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as opened, opened.open("a.png", "w") as member:
        for _ in range(400):
            member.write(bytes(1_000_000))
    found, seconds = outcome(tmp_path / "a.zip" / "a.png")
    assert found == "zip-member-too-large"
    assert seconds < SECONDS


SIDE = 7_000
"""Pixels: 49 megapixels."""
LARGE: dict[str, Callable[[Image.Image], bytes]] = {
    "a.png": lambda image: saved("PNG", image, compress_level=1),
    "a.jpg": lambda image: saved("JPEG", image.resize((10_400, 10_400))),
    "deflated.tif": lambda image: saved("TIFF", image, compression="tiff_adobe_deflate"),
    "packed.tif": lambda image: saved("TIFF", image, compression="tiff_lzw"),
    "jpeg.tif": lambda image: saved("TIFF", image, compression="jpeg"),
    "a.bmp": lambda image: saved("BMP", image),
    "a.webp": lambda image: saved("WEBP", image, method=0, quality=50),
    "plain.dcm": lambda image: dicom(np.asarray(image)),
    "jpeg.dcm": lambda image: dicom(np.asarray(image)[:100], syntax=JPEGBaseline8Bit, data=saved("JPEG", image)),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("name", LARGE)
def test_the_largest_that_are_read_stay_within_bounds(name: str, tmp_path: Path) -> None:
    image = Image.fromarray(reference_image()).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    (tmp_path / name).write_bytes(LARGE[name](image))
    found, seconds = outcome(tmp_path / name)
    assert found in (f"{SIDE}x{SIDE}", "10400x10400")
    assert seconds < SECONDS
