"""All DICOM objects of a case: picture, drawn answer, report, outline, measurements."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.exchange.case import Case, Rendered
from app.core.exchange.dicom.confidentiality import apply_basic_profile
from app.core.exchange.dicom.drawn import CAPTURE, REPORT, capture_object, report_object
from app.core.exchange.dicom.objects import written
from app.core.exchange.dicom.picture import PICTURE, original_object, picture_object
from app.core.exchange.dicom.segmentation import OUTLINE, segmentation_object
from app.core.exchange.dicom.structured_report import STRUCTURED, structured_report_object
from app.core.exchange.identity import Identities


def objects_of(case: Case, rendered: Rendered, identities: Identities) -> Iterator[tuple[str, bytes]]:
    """The kinds and the files of a case's objects. Raises `ImageError` where the picture can't be read.

    A picture that is a DICOM file already goes out as it is.
    """
    original = original_object(case, identities)
    picture = picture_object(case, identities) if original is None else original
    outline = segmentation_object(case, picture, identities)
    objects = {
        PICTURE: picture,
        CAPTURE: capture_object(case, rendered, picture, identities),
        REPORT: report_object(case, rendered, picture, identities),
        OUTLINE: outline,
        STRUCTURED: structured_report_object(case, picture, outline, identities),
    }
    for kind, dataset in objects.items():
        if dataset is None:
            continue
        if dataset is original:
            yield kind.name, case.content
            continue
        dataset.PatientName = str(dataset.PatientName).rstrip("^")  # highdicom wants a caret, which viewers show
        if case.deidentified:
            apply_basic_profile(dataset)
        yield kind.name, written(dataset)
