"""Writes the report on a patient as PDF.

Nothing here needs the GUI thread; an application has to exist for the fonts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtGui import QImage

from app.core.domain.entry import Entry
from app.core.domain.patient import FollowUp, Patient
from app.core.history.lesions import LesionHistory
from app.core.model.card import Card
from app.core.system.files import write_atomically
from app.ui.paper.pdf import as_pdf
from app.ui.patient_report.findings import Findings
from app.ui.patient_report.patient_pages import patient_pages


def write_patient_report(
    file: Path,
    patient: Patient,
    lesions: Sequence[LesionHistory],
    loose: Sequence[Entry],
    follow_ups: Sequence[FollowUp],
    *,
    pictures: Mapping[int, QImage],
    clinic: str,
    card: Card | None,
    now: dt.datetime,
) -> None:
    """Write the report on a patient: the lesions, the pictures that belong to none, and the open ones of `follow_ups`.

    `pictures` are by entries' ids, those of a lesion's first and latest entry; for one that is missing the thumbnail is
    shown. `card` gives the figures of the model that it describes. The file is there whole or not at all. Raises
    `OSError` where it can't be written.
    """
    findings = Findings(patient, lesions, loose, follow_ups, pictures)
    write_atomically(file, as_pdf(patient_pages(findings, clinic=clinic, card=card, now=now), title=patient.identifier))
