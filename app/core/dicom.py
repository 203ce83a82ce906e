"""DICOM files of the photographic kind: a dermatoscope's or a camera's pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.core.bits import to_eight_bits
from app.core.types import ImageError, ImageProblem

PHOTOGRAPHIC_MODALITIES = frozenset({"DMS", "XC", "ES", "GM", "OT", "SC", ""})
"""Dermoscopy, external camera, endoscopy (some dermatoscopes), microscopy, other, secondary capture.

DICOM PS3.3 C.7.3.1.1.1; an empty value is allowed there where the kind is not known.
"""


def decode(data: bytes, *, check_size: Callable[[int, int], None]) -> tuple[NDArray[np.uint8], bytes | None]:
    """Decode a photographic DICOM file to RGB (height, width, 3) or grey (height, width), values 0..255.

    The second value is its ICC profile, if it has one (DICOM PS3.3 C.11.15), which is not applied yet.

    `check_size` is called with width and height before any pixel is decoded and raises `ImageError` for
    sizes that are out of bounds. Raises `ImageError` for other kinds of pictures, several frames and
    compressions without a decoder, and whatever pydicom raises for damaged files.
    """
    import pydicom  # here, not above: it would slow down every start
    from pydicom.pixels import apply_color_lut, get_decoder, pixel_array  # type: ignore[attr-defined]

    dataset = pydicom.dcmread(io.BytesIO(data))
    modality = str(dataset.get("Modality", "") or "")
    if modality not in PHOTOGRAPHIC_MODALITIES:
        raise ImageError(ImageProblem.UNSUPPORTED, f"This DICOM file is of the kind {modality}, not a photograph.")
    if "PixelData" not in dataset:
        raise ImageError(ImageProblem.NOT_AN_IMAGE, "This DICOM file holds no image.")
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    if frames > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, f"The DICOM file holds {frames} images; one is meant.")
    check_size(int(dataset.Columns), int(dataset.Rows))
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated and not get_decoder(syntax).is_available:
        reason = f"The DICOM file is compressed in a way that MelaScreen can't read ({syntax.name})."
        raise ImageError(ImageProblem.UNSUPPORTED, reason)
    pixels = pixel_array(dataset)  # YBR becomes RGB here
    photometric = str(dataset.PhotometricInterpretation)
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        return to_eight_bits(pixels, bits=pixels.dtype.itemsize * 8), None
    if dataset.get("PixelRepresentation", 0):
        raise ImageError(ImageProblem.UNSUPPORTED, "The DICOM file holds signed values, not a photograph's.")
    bits = int(dataset.BitsStored)
    if bits > 16:
        raise ImageError(ImageProblem.UNSUPPORTED, f"The DICOM file has values of {bits} bits, not a photograph's.")
    pixels = to_eight_bits(pixels & ((1 << bits) - 1), bits=bits)
    if photometric == "MONOCHROME1":  # the lowest value is white
        pixels = 255 - pixels
    return pixels, dataset.get("ICCProfile")
