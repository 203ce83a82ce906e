"""A patient for the screenshots: lesions on the body map, pictures of several visits, follow-ups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from app.core.domain.body import Place, View
from app.core.domain.entry import Entry
from app.core.domain.patient import Patient, Risk, Sex
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.screening.options import ScreeningOptions
from app.core.screening.service import ImageSource, ScreeningService

IDENTIFIER = "KD-20417"
MONTHS = (18, 12, 6, 0)
"""Before today: when the visits were."""
LESIONS = (
    (Place(View.FRONT, 0.62, 0.27), (0, 1, 2, 3)),
    (Place(View.FRONT, 0.22, 0.31), (0, 2, 3)),
    (Place(View.BACK, 0.43, 0.26), (3,)),
    (Place(View.FRONT, 0.60, 0.06), (2, 3)),
    (Place(View.FRONT, 0.14, 0.42), (0, 1, 2, 3)),
    (Place(View.BACK, 0.62, 0.45), (0, 1, 3)),
)
"""Each lesion's place, and the visits at which it was pictured."""


def tell(service: ScreeningService, history: EntryRepository, pictures: Sequence[Path], folder: Path) -> str:
    """Add the patient to the history, unless there; gives the identifier.

    A lesion's earlier pictures are its picture turned a little, cropped and darkened, in `folder`.
    """
    patients, lesions = PatientRepository(history.database), LesionRepository(history.database)
    if patients.get(IDENTIFIER) is not None:
        return IDENTIFIER
    note = "Melanoma of the mother at 58. About 60 naevi. Outdoor work for 30 years."
    patients.save(Patient(IDENTIFIER, 1961, Sex.MALE, 2, frozenset({Risk.FAMILY_MELANOMA}), note))
    today = dt.datetime.now().astimezone().date()
    folder.mkdir(exist_ok=True)
    follow_ups, placed = FollowUpRepository(history.database), []
    for number, (place, visits) in enumerate(LESIONS):
        lesion = lesions.add(IDENTIFIER, place)
        placed.append(lesion)
        for visit in visits:
            file = folder / f"IMG_{412 + 10 * visit + number:04}.jpg"
            _seen_at(pictures[7 * number % len(pictures)], visit).save(file, quality=93)
            results = list(service.screen(ImageSource(file), ScreeningOptions()))
            if not isinstance(results[-1], Entry):
                continue  # it was refused
            entry = results[-1]
            taken = dt.datetime.combine(today - dt.timedelta(days=30 * MONTHS[visit]), dt.time(14, 30 + number))
            with history.database.transaction() as connection:
                connection.execute("UPDATE screening SET pictured_at = ? WHERE id = ?", (taken.isoformat(), entry.id))
            lesions.assign([entry.id], lesion)
    follow_ups.add(IDENTIFIER, today + dt.timedelta(days=92), "See again in 3 months", lesion=placed[4].id)
    follow_ups.add(IDENTIFIER, today, "Take the picture again", lesion=placed[5].id)
    done = follow_ups.add(IDENTIFIER, today, "Referred to the skin tumour unit", lesion=placed[2].id)
    follow_ups.complete(done.id)
    return IDENTIFIER


def _seen_at(picture: Path, visit: int) -> Image.Image:
    """A picture as it might have been taken at another visit."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    width, height = image.size
    turned = image.rotate(2 * visit - 3, resample=Image.Resampling.BICUBIC)
    cropped = turned.crop((round(width * 0.04), round(height * 0.05), round(width * 0.96), round(height * 0.95)))
    return cropped.point([min(255, round(value * (0.94 + 0.02 * visit))) for value in range(256)] * 3)
