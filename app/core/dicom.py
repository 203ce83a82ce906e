"""DICOM files of the photographic kind: a dermatoscope's or a camera's pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.core.types import ImageError, ImageProblem

PHOTOGRAPHIC_MODALITIES = frozenset({"DMS", "XC", "ES", "GM", "OT", "SC", ""})
"""Dermoscopy, external camera, endoscopy (some dermatoscopes), microscopy, other, secondary capture.

DICOM PS3.3 C.7.3.1.1.1; an empty value is allowed there where the kind is not known.
"""


def decode(data: bytes, *, check_size: Callable[[int, int], None]) -> NDArray[np.uint8]:
    """Decode a photographic DICOM file to RGB of shape (height, width, 3), values 0..255.

    `check_size` is called with width and height before any pixel is decoded and raises `ImageError` for
    sizes that are out of bounds. Raises `ImageError` for other kinds of pictures, several frames and
    compressions without a decoder, and whatever pydicom raises for damaged files.
    """
    import pydicom  # here, not above: it would slow down every start
    from pydicom.pixels import apply_color_lut, pixel_array  # type: ignore[attr-defined]

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
    try:
        pixels = pixel_array(dataset)  # YBR becomes RGB here
    except (NotImplementedError, RuntimeError) as error:
        if not syntax.is_compressed:
            raise
        reason = f"The DICOM file's pixels can't be decompressed ({syntax.name})."
        raise ImageError(ImageProblem.UNSUPPORTED, reason) from error
    photometric = str(dataset.PhotometricInterpretation)
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        return _to_eight_bits(pixels, bits=pixels.dtype.itemsize * 8)
    if dataset.get("PixelRepresentation", 0):
        raise ImageError(ImageProblem.UNSUPPORTED, "The DICOM file holds signed values, not a photograph's.")
    pixels = _to_eight_bits(pixels, bits=int(dataset.BitsStored))
    if photometric == "MONOCHROME1":  # the lowest value is white
        pixels = 255 - pixels
    return np.repeat(pixels[:, :, np.newaxis], 3, axis=2) if pixels.ndim == 2 else pixels


def _to_eight_bits(pixels: NDArray[np.unsignedinteger], *, bits: int) -> NDArray[np.uint8]:
    if bits == 8:
        return pixels.astype(np.uint8)
    largest = (1 << bits) - 1
    return ((pixels.astype(np.uint64) * 255 + largest // 2) // largest).astype(np.uint8)
