"""DICOM files of the photographic kind: a dermatoscope's or a camera's images."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats import dicom_record, jpeg, spaces
from app.core.imaging.formats.codestream import JP2, stated_size, without_boxes
from app.core.imaging.formats.colour import apply_profile
from app.core.imaging.formats.picture import DecodedImage, check_size
from app.core.imaging.formats.samples import to_uint8

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

PHOTOGRAPHIC_MODALITIES = frozenset({"DMS", "XC", "ES", "GM", "OT", "SC", ""})
"""Dermoscopy, external camera, endoscopy (some dermatoscopes), microscopy, other, secondary capture.

DICOM PS3.3 C.7.3.1.1.1; an empty value is allowed there where the kind is not known.
"""
BARE = frozenset((b"\2\0\0\0", b"\2\0\1\0", b"\2\0\2\0")) | {b"\x08\0" + bytes((low, 0)) for low in range(0x19)}
"""The first element of a file without a preamble: (0002,0000) to (0002,0002), or (0008,0000) to (0008,0018)."""
ITEM, JPEG_START = b"\xfe\xff\x00\xe0", b"\xff\xd8\xff"
JPEGS = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
"""Baseline, extended, and lossless, of two names (PS3.6, table A-1)."""
SPACES = {"DISPLAYP3": spaces.DISPLAY_P3, "ADOBERGB": spaces.ADOBE_RGB}
"""(0028,2002) Color Space."""


def is_dicom(head: bytes) -> bool:
    """Whether a file's first 132 bytes are DICOM's, with its preamble or, as older programs write it, without: then it
    begins with an element of group 2 or 8, in ascending order (PS3.5, 7.1)."""
    return head[128:132] == b"DICM" or head[:4] in BARE


def decode(data: bytes) -> DecodedImage:
    """Decode a photographic DICOM file. Its ICC profile is applied (DICOM PS3.3 C.11.15).

    Raises `ImageError` for sizes out of bounds, before any pixel is decoded, for other kinds of images, several
    frames and compressions without a decoder, and whatever pydicom raises for damaged files.
    """
    import pydicom  # here, not above: it would slow down every start
    from pydicom.encaps import encapsulate
    from pydicom.pixels import apply_color_lut, get_decoder, pixel_array  # type: ignore[attr-defined]

    dataset = pydicom.dcmread(io.BytesIO(data), force=True)
    _check(dataset)
    syntax = _transfer_syntax(dataset)
    photometric = str(dataset.PhotometricInterpretation)
    if syntax in JPEGS:
        return _of_jpeg(_only_frame(dataset).rstrip(b"\0"), dataset)
    check_size(int(dataset.Columns), int(dataset.Rows))
    if syntax.is_encapsulated and not get_decoder(syntax).is_available:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("dicom-compression", syntax=syntax.name))
    if syntax.is_encapsulated:
        frame = _only_frame(dataset)
        if frame.startswith(JP2):
            frame = without_boxes(frame)
            dataset.PixelData = encapsulate([frame])
        if stated := stated_size(frame):
            check_size(*stated)
            dataset.Columns, dataset.Rows = stated
    else:
        size = _bytes_of_a_frame(dataset)
        if len(dataset.PixelData) >= 2 * size:
            frames = len(dataset.PixelData) // size
            raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("dicom-several", frames=frames))
        dataset.PixelData = dataset.PixelData[: size + size % 2]
    bits = int(dataset.BitsStored)
    above = max(0, int(dataset.get("HighBit", bits - 1)) + 1 - bits)  # bits below the value's (PS3.5, 8.1.1)
    pixels = pixel_array(dataset, correct_unused_bits=not above)  # YBR becomes RGB here
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        return _picture(to_uint8(pixels, bits=pixels.dtype.itemsize * 8), None, dataset)
    if dataset.get("PixelRepresentation", 0):
        raise ImageError(ImageProblem.UNSUPPORTED, Message("dicom-signed"))
    if bits > 16:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("dicom-bits", bits=bits))
    pixels = to_uint8((pixels >> above) & ((1 << bits) - 1), bits=bits)
    if photometric == "MONOCHROME1":  # the lowest value is white
        pixels = 255 - pixels
    return _picture(pixels, dataset.get("ICCProfile"), dataset)


def packed_jpeg(data: bytes) -> bytes | None:
    """The JPEG stream in a photographic DICOM file; `None` where its pixels are packed in another way.

    Raises `ImageError` and whatever pydicom raises for damaged files.
    """
    import pydicom  # here, not above: it would slow down every start

    dataset = pydicom.dcmread(io.BytesIO(data), force=True)
    _check(dataset)
    return _only_frame(dataset).rstrip(b"\0") if _transfer_syntax(dataset) in JPEGS else None


def _check(dataset: Dataset) -> None:
    """Raises `ImageError` for what is no photograph, and for several."""
    modality = str(dataset.get("Modality", "") or "")
    if modality not in PHOTOGRAPHIC_MODALITIES:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("dicom-modality", modality=modality))
    if "PixelData" not in dataset:
        raise ImageError(ImageProblem.NOT_AN_IMAGE, Message("dicom-no-image"))
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    if frames > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("dicom-several", frames=frames))


def _transfer_syntax(dataset: Dataset) -> UID:
    """As stated or, where nothing is, by the data set's form and the beginning of its pixels (PS3.5, A.4)."""
    from pydicom import uid
    from pydicom.dataset import FileMetaDataset

    meta = getattr(dataset, "file_meta", None)
    if meta is None:
        dataset.file_meta = meta = FileMetaDataset()
    if "TransferSyntaxUID" not in meta:
        is_jpeg = bytes(dataset.PixelData[:4]) == ITEM and JPEG_START in dataset.PixelData[:64]
        plain = uid.ImplicitVRLittleEndian if dataset.original_encoding[0] else uid.ExplicitVRLittleEndian
        meta.TransferSyntaxUID = uid.JPEGBaseline8Bit if is_jpeg else plain
    return meta.TransferSyntaxUID


def _only_frame(dataset: Dataset) -> bytes:
    from pydicom.encaps import generate_frames

    frames = list(generate_frames(dataset.PixelData, number_of_frames=1))
    if len(frames) > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("dicom-several", frames=len(frames)))
    return frames[0]


def _bytes_of_a_frame(dataset: Dataset) -> int:
    samples = int(dataset.get("SamplesPerPixel", 1))
    return int(dataset.Rows) * int(dataset.Columns) * samples * max(1, int(dataset.BitsAllocated) // 8)


def _of_jpeg(frame: bytes, dataset: Dataset) -> DecodedImage:
    """The JPEG within; what it says of its size and its colours counts more than the data set around it."""
    jpeg.check_kind(frame)
    with Image.open(io.BytesIO(frame), formats=("JPEG",)) as opened:
        check_size(*opened.size)
        profile = dataset.get("ICCProfile") or opened.info.get("icc_profile")
    warnings: list[Message] = []
    return _picture(jpeg.decode(frame, warnings, at_least=max(opened.size)), profile, dataset, warnings)


def _picture(
    pixels: NDArray[np.uint8], profile: bytes | None, dataset: Dataset, found: Sequence[Message] = ()
) -> DecodedImage:
    """Pixels, RGB (height, width, 3) or grey (height, width), in sRGB, with what the file says of them.

    `found` is what was warned of when they were decoded.
    """
    warnings = list(found)
    image = apply_profile(Image.fromarray(pixels), profile, warnings)
    stated = str(dataset.get("ColorSpace", "") or "").upper()  # PS3.3, C.11.15
    if not profile and stated in SPACES:
        image = Image.fromarray(spaces.to_srgb(np.asarray(image), SPACES[stated]))
    elif not profile and stated not in ("", "SRGB"):
        warnings.append(Message("colours-unknown"))
    return DecodedImage(
        np.asarray(image),
        image.size,
        tuple(warnings),
        dicom_record.record(dataset),
        dicom_record.captured_at(dataset),
        dicom_record.field_width(dataset, image.width),
    )
