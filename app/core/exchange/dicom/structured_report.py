"""The answer as a DICOM Structured Report: probabilities, thresholds, model, outline (PS3.16, TID 1500)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    ReferencedSegmentationFrame,
    SourceImageForMeasurementGroup,
    SourceImageForSegmentation,
    TrackingIdentifier,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ComprehensiveSRStorage

from app.core.domain.advice import Advice, advice_of
from app.core.exchange.case import Case
from app.core.exchange.dicom.objects import MANUFACTURER, PROGRAM, Kind, finish, new_object
from app.core.exchange.dicom.picture import REGIONS
from app.core.exchange.identity import Identities
from app.core.system.version import version

STRUCTURED = Kind("measurements", ComprehensiveSRStorage, "SR", 5, "MelaScreen measurements, not for diagnosis")
SCHEME = "99MELASCREEN"
"""The scheme of our own codes (PS3.3, 8.2); docs/exchange.md lists them."""
MELANOMA = CodedConcept("mel-prob", SCHEME, "Probability of melanoma")
MELANOMA_THRESHOLD = CodedConcept("mel-thr", SCHEME, "Referral threshold of melanoma")
OTHER_CANCER = CodedConcept("other-prob", SCHEME, "Probability of another skin cancer")
OTHER_THRESHOLD = CodedConcept("other-thr", SCHEME, "Referral threshold of other skin cancers")
ADVICE = CodedConcept("advice", SCHEME, "Advice of the program")
ADVICES = {
    Advice.REFER_MELANOMA: CodedConcept("refer-mel", SCHEME, "Refer: melanoma suspected"),
    Advice.REFER_OTHER_CANCER: CodedConcept("refer-other", SCHEME, "Refer: another skin cancer suspected"),
    Advice.BORDERLINE: CodedConcept("borderline", SCHEME, "Below the thresholds, a copy of the picture is not"),
    Advice.BELOW_THRESHOLD: CodedConcept("below", SCHEME, "Below the thresholds"),
}
DIGITS = 4
"""Decimals of a probability in per cent."""


def structured_report_object(
    case: Case, picture: Dataset, segmentation: Dataset | None, identities: Identities
) -> Dataset | None:
    """The answer to a picture, and where the outline is; `None` where the picture has no answer."""
    if case.screening.answered is None:
        return None
    base = new_object(case, STRUCTURED, identities, content=case.answer)
    report = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=_observer(identities)),
        procedure_reported=codes.SCT.ImagingProcedure,
        imaging_measurements=[_group(case, picture, segmentation, identities)],
        title=codes.DCM.ImagingMeasurementReport,
    )
    made = ComprehensiveSR(
        evidence=[picture] if segmentation is None else [picture, segmentation],
        content=report,
        series_instance_uid=base.SeriesInstanceUID,
        series_number=base.SeriesNumber,
        sop_instance_uid=base.SOPInstanceUID,
        instance_number=base.InstanceNumber,
        manufacturer=MANUFACTURER,
        is_complete=True,
    )
    return finish(made, base)


def _observer(identities: Identities) -> ObserverContext:
    """The program, as what observed the picture."""
    return ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=identities.uid("device", PROGRAM, version()),
            name=PROGRAM,
            manufacturer_name=MANUFACTURER,
            model_name=PROGRAM,
        ),
    )


def _group(
    case: Case, picture: Dataset, segmentation: Dataset | None, identities: Identities
) -> MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations:
    """What was computed of the lesion: over its outline where there is one, over the picture otherwise."""
    model = case.screening.model
    algorithm = AlgorithmIdentification(name=model.name, version=model.version, parameters=[f"SHA-256 {model.sha256}"])
    tracking = TrackingIdentifier(
        uid=identities.uid(
            "lesion", case.patient.identifier or case.sha256, case.lesion.id if case.lesion else case.sha256
        ),
        identifier=f"Lesion {case.lesion.number}" if case.lesion else "Lesion",
    )
    region = REGIONS.get(case.record.site)
    content: dict[str, Any] = {
        "tracking_identifier": tracking,
        "algorithm_id": algorithm,
        "finding_type": codes.SCT.SkinLesion,
        "finding_sites": [FindingSite(region)] if region else None,
        "measurements": list(_measurements(case)),
        "qualitative_evaluations": [QualitativeEvaluation(ADVICE, ADVICES[advice_of(case.screening)])],
    }
    if segmentation is None:
        return MeasurementsAndQualitativeEvaluations(
            source_images=[SourceImageForMeasurementGroup.from_source_image(picture)], **content
        )
    segment = ReferencedSegmentationFrame(
        segmentation.SOPClassUID,
        segmentation.SOPInstanceUID,
        frame_number=1,
        segment_number=1,
        source_image=SourceImageForSegmentation.from_source_image(picture),
    )
    del segment[0].ReferencedSOPSequence[0].ReferencedFrameNumber  # a frame or a segment, not both (PS3.3, 10.3.1)
    return PlanarROIMeasurementsAndQualitativeEvaluations(referenced_segment=segment, **content)


def _measurements(case: Case) -> Iterator[Measurement]:
    """The probabilities and what they are held against, in per cent."""
    prediction = case.screening.answered
    if prediction is None:
        return
    values = {
        MELANOMA: prediction.melanoma_probability,
        MELANOMA_THRESHOLD: prediction.threshold,
        OTHER_CANCER: prediction.other_cancer_probability,
        OTHER_THRESHOLD: prediction.other_cancer_threshold,
    }
    for name, value in values.items():
        if value is not None:
            yield Measurement(name=name, value=round(100 * value, DIGITS), unit=codes.UCUM.Percent)
