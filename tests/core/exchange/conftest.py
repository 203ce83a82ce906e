"""A case as the history has it: a patient with a name, a lesion on the back, an outline, an answer."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.domain.body import Place, View
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Annotation, Mark
from app.core.domain.outline import Outline
from app.core.domain.patient import Lesion, Patient, Risk, Sex
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities
from app.core.imaging.reference_image import reference_image

IDENTIFIER = "Maria Ivanova"
SECRETS = (b"Maria", b"Ivanova", b"daughter", b"20260501", b"2026-05-01", b"IMG_20260501", b"Nikon D90")
"""What a de-identified export must not hold."""
MADE_AT = dt.datetime(2026, 5, 1, 9, 30, tzinfo=dt.UTC)


def jpeg(*, exif: Image.Exif | None = None, **options: object) -> bytes:
    target = io.BytesIO()
    image = Image.fromarray(reference_image()).resize((320, 240))
    image.save(target, "JPEG", exif=exif or Image.Exif(), quality=90, **options)
    return target.getvalue()


def camera_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110], exif[0x0132] = orientation, "Nikon D90", "2026:05:01 11:30:00"
    return exif


@pytest.fixture
def make_case() -> Callable[..., Case]:
    """Makes a case of a file's bytes, `make_case(content, name="a.png")`; other fields by their names."""

    def make(content: bytes | None = None, *, name: str = "IMG_20260501.jpg", **fields: object) -> Case:
        content = jpeg(exif=camera_exif()) if content is None else content
        screening = Screening(
            Path("/photos") / name,
            ModelId("MelaScreen Lite", "8", "ab" * 32),
            MADE_AT,
            hashlib.sha256(content).hexdigest(),
            Prediction(0.42, 0.09, other_cancer_probability=0.1, other_cancer_threshold=0.03),
            captured_at=dt.datetime(2026, 5, 1, 11, 30),
        )
        known = {
            "screening": screening,
            "record": ClinicalRecord(
                IDENTIFIER, "posterior torso", "her daughter called", "melanoma", "2026-05-01", "histopathology"
            ),
            "patient": Patient(IDENTIFIER, 1960, Sex.FEMALE, 2, frozenset({Risk.FAMILY_MELANOMA}), "her daughter"),
            "lesion": Lesion(3, IDENTIFIER, 2, Place(View.BACK, 0.3, 0.3)),
            "mark": Mark.REFER,
            "annotation": Annotation(Outline(((0.3, 0.3), (0.7, 0.3), (0.6, 0.7))), field_width=12.0),
        }
        return Case(content, **(known | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def case(make_case: Callable[..., Case]) -> Case:
    return make_case()


@pytest.fixture
def identities() -> Identities:
    return Identities(b"a secret of this installation...")


@pytest.fixture
def rendered() -> Rendered:
    return Rendered(b"%PDF-1.4\nreport\n%%EOF\n", np.full((60, 40, 3), 200, np.uint8))
