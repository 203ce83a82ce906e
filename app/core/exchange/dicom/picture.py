"""A case's picture as a VL Photographic Image, its JPEG stream untouched (PS3.3, A.32.4)."""

from __future__ import annotations

import io

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import ImageCms
from pydicom import Dataset
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    RLELossless,
    SecondaryCaptureImageStorage,
    VLEndoscopicImageStorage,
    VLMicroscopicImageStorage,
    VLPhotographicImageStorage,
)

from app.core.domain.body import ARM, BACK, CHEST, FLANK, HEAD_NECK, LEG, Side
from app.core.exchange.case import Case
from app.core.exchange.dicom.coding import coded
from app.core.exchange.dicom.objects import Kind, date, new_object, study_of, time
from app.core.exchange.identity import Identities
from app.core.exchange.picture_file import Stream, pixels_of, stream_of
from app.core.imaging.formats.dicom import is_dicom

PICTURE = Kind("picture", VLPhotographicImageStorage, "XC", 1, "Dermoscopy")
REGIONS: dict[str, Code] = {
    HEAD_NECK: codes.SCT.HeadAndNeck,
    ARM: codes.SCT.UpperLimb,
    LEG: codes.SCT.LowerLimb,
    CHEST: codes.SCT.SkinOfAnteriorTrunk,
    FLANK: codes.SCT.Flank,
    BACK: codes.SCT.Back,
}
"""The sites that have a SNOMED code of their own; palms and soles, and mouth and genitals, are two places each."""
PHOTOGRAPHS = frozenset(
    (
        VLPhotographicImageStorage,
        DermoscopicPhotographyImageStorage,
        VLEndoscopicImageStorage,
        VLMicroscopicImageStorage,
        SecondaryCaptureImageStorage,
    )
)
NEEDED = ("Modality", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
LATERALITY = {Side.LEFT: "L", Side.RIGHT: "R"}


def picture_object(case: Case, identities: Identities) -> FileDataset:
    """The picture as a new object. Raises `ImageError`."""
    dataset = new_object(case, PICTURE, identities)
    dataset.Manufacturer = dataset.ManufacturerModelName = ""  # the camera's, which is not known
    del dataset.SoftwareVersions
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.AcquisitionContextSequence = []
    if case.screening.captured_at is not None:
        dataset.AcquisitionDate, dataset.AcquisitionTime = date(case.taken_at), time(case.taken_at)
    dataset.PatientOrientation = ""
    side = case.lesion.place.side if case.lesion and case.lesion.place else None
    dataset.ImageLaterality = LATERALITY.get(side, "U") if side else "U"
    if region := REGIONS.get(case.record.site):
        dataset.AnatomicRegionSequence = [coded(region)]
    stream = stream_of(case.content)
    if stream is None:
        set_pixels(dataset, pixels_of(case.content))
        dataset.compress(RLELossless, generate_instance_uid=False)
    else:
        _set_stream(dataset, stream)
    if case.annotation.field_width:
        dataset.PixelSpacing = [round(case.annotation.field_width / dataset.Columns, 6)] * 2
    return dataset


def original_object(case: Case, identities: Identities) -> FileDataset | None:
    """The object that the picture's file is already, with what it lacks of patient and study; `None` for other formats,
    and for a DICOM file of another kind or without what other objects refer to it by."""
    if not is_dicom(case.content[:132]):
        return None
    dataset = pydicom.dcmread(io.BytesIO(case.content), force=True)
    if dataset.get("SOPClassUID") not in PHOTOGRAPHS or not all(map(dataset.get, NEEDED)):
        return None
    dataset.update({each.tag: each for each in study_of(case, identities) if each.tag not in dataset})
    return dataset


def set_pixels(dataset: FileDataset, pixels: NDArray[np.uint8]) -> None:
    """Pixels, sRGB, (height, width, 3), not compressed."""
    _set_form(dataset, width=pixels.shape[1], height=pixels.shape[0], photometric="RGB")
    content = np.ascontiguousarray(pixels).tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OB"
    dataset.ICCProfile = _srgb_profile()


def _srgb_profile() -> bytes:
    """The ICC profile of sRGB, without the moment at which Pillow made it (ICC.1, table 17)."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def _set_stream(dataset: FileDataset, stream: Stream) -> None:
    _set_form(dataset, width=stream.width, height=stream.height, photometric=stream.photometric)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionMethod = "ISO_10918_1"
    samples = stream.width * stream.height * dataset.SamplesPerPixel
    dataset.LossyImageCompressionRatio = f"{samples / len(stream.content):.2f}"
    dataset.PixelData = encapsulate([stream.content])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if stream.is_baseline else JPEGExtended12Bit
    if stream.profile:
        dataset.ICCProfile = stream.profile


def _set_form(dataset: Dataset, *, width: int, height: int, photometric: str) -> None:
    """What states the form of 8-bit pixels (C.7.6.3)."""
    dataset.Rows, dataset.Columns = height, width
    dataset.SamplesPerPixel = 1 if photometric == "MONOCHROME2" else 3
    if dataset.SamplesPerPixel > 1:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.LossyImageCompression = "00"
