"""The lesion's outline as a DICOM Segmentation over the picture (PS3.3, A.51)."""

from __future__ import annotations

from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import SegmentationStorage

from app.core.exchange.case import Case
from app.core.exchange.dicom.objects import MANUFACTURER, PROGRAM, Kind, finish, new_object
from app.core.exchange.identity import Identities
from app.core.system.version import version

OUTLINE = Kind("outline", SegmentationStorage, "SEG", 4, "Outline of the lesion")


def segmentation_object(case: Case, picture: Dataset, identities: Identities) -> Dataset | None:
    """The outline, found by the program or drawn by hand; `None` where there is none."""
    outline = case.annotation.outline
    if outline is None:
        return None
    by_hand = case.annotation.outline_by_hand
    algorithm = AlgorithmIdentificationSequence(
        name=PROGRAM, family=codes.DCM.ArtificialIntelligence, version=version(), source=MANUFACTURER
    )
    segment = SegmentDescription(
        segment_number=1,
        segment_label="Lesion",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Lesion,
        algorithm_type=SegmentAlgorithmTypeValues.MANUAL if by_hand else SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=None if by_hand else algorithm,
    )
    base = new_object(case, OUTLINE, identities, content=case.answer)
    segmentation = Segmentation(
        source_images=[picture],
        pixel_array=outline.mask(int(picture.Columns), int(picture.Rows)),
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[segment],
        series_instance_uid=base.SeriesInstanceUID,
        series_number=base.SeriesNumber,
        sop_instance_uid=base.SOPInstanceUID,
        instance_number=base.InstanceNumber,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=PROGRAM,
        software_versions=version(),
        device_serial_number=version(),
        content_description="Outline of the lesion",
    )
    segmentation.PatientOrientation = ""
    organization = identities.uid(base.SOPInstanceUID, "dimensions")  # highdicom's is another one each time
    for item in (*segmentation.DimensionOrganizationSequence, *segmentation.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    return finish(segmentation, base)
