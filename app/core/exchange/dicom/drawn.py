"""The drawn answer as DICOM: as a picture (Secondary Capture) and as a report (Encapsulated PDF)."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.dataset import FileDataset
from pydicom.uid import EncapsulatedPDFStorage, SecondaryCaptureImageStorage

from app.core.exchange.case import Case, Rendered
from app.core.exchange.dicom.objects import Kind, new_object, reference
from app.core.exchange.dicom.picture import set_pixels
from app.core.exchange.identity import Identities

CAPTURE = Kind("capture", SecondaryCaptureImageStorage, "OT", 2, "MelaScreen answer, not for diagnosis")
REPORT = Kind("report", EncapsulatedPDFStorage, "DOC", 3, "MelaScreen report")
TITLE = "MelaScreen report"


def capture_object(case: Case, rendered: Rendered, picture: Dataset, identities: Identities) -> FileDataset:
    """The drawn answer as a Secondary Capture (PS3.3, A.8.1)."""
    dataset = new_object(case, CAPTURE, identities, content=case.answer)
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.BurnedInAnnotation = "NO" if case.deidentified else "YES"
    dataset.PatientOrientation = dataset.Laterality = ""
    dataset.DerivationDescription = "Drawn by MelaScreen: picture, heat map, outline, answer. Not for diagnosis."
    dataset.SourceImageSequence = [reference(picture)]
    set_pixels(dataset, rendered.capture)
    return dataset


def report_object(case: Case, rendered: Rendered, picture: Dataset, identities: Identities) -> FileDataset:
    """The report as an Encapsulated PDF (PS3.3, A.45.1)."""
    dataset = new_object(case, REPORT, identities, content=case.answer)
    dataset.ConversionType = "WSD"
    dataset.BurnedInAnnotation = "NO" if case.deidentified else "YES"
    dataset.DocumentTitle = TITLE
    dataset.ConceptNameCodeSequence = []
    dataset.SourceInstanceSequence = [reference(picture)]
    dataset.AcquisitionDateTime = ""
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    size = len(rendered.report)
    dataset.EncapsulatedDocument = rendered.report + b"\0" * (size % 2)
    dataset.EncapsulatedDocumentLength = size
    return dataset
