"""The ISIC archive's metadata as labelled images."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.domain.clinical import DIAGNOSES
from app.core.exchange.isic import DIAGNOSES_THERE
from app.core.exchange.table import csv_bytes
from training.data.examples import load_source
from training.errors import DataError

HEAD = "isic_id,patient_id,lesion_id,age_approx,sex,anatom_site_general,diagnosis_1,diagnosis_2,diagnosis_3,attribution"
ROWS = (
    "ISIC_1,IP_1,IL_1,55,female,lower extremity,Malignant,Malignant melanocytic proliferations (Melanoma),"
    "Melanoma in situ,Hospital A",
    "ISIC_2,,IL_2,,,,Benign,Benign melanocytic proliferations,Nevus,Hospital B",
    "ISIC_3,,,40,male,head/neck,Malignant,Malignant adnexal epithelial proliferations - Follicular,"
    "Basal cell carcinoma,Hospital B",
)


def write(folder: Path, *lines: str) -> Path:
    (folder / "images").mkdir()
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_archive_s_download_is_read(tmp_path: Path) -> None:
    melanoma, nevus, carcinoma = load_source(write(tmp_path, HEAD, *ROWS))
    assert (melanoma.image, melanoma.melanoma, melanoma.diagnosis, melanoma.malignant) == ("ISIC_1", 1, "MEL", "1")
    assert (melanoma.group, melanoma.lesion_id, melanoma.source) == ("IP_1", "IL_1", "Hospital A")
    assert (melanoma.age, melanoma.sex, melanoma.site) == ("55", "female", "lower extremity")
    assert melanoma.path == str(tmp_path / "images" / "ISIC_1.jpg")
    assert (nevus.melanoma, nevus.diagnosis, nevus.malignant, nevus.group) == (0, "NV", "0", "IL_2")
    assert (carcinoma.melanoma, carcinoma.diagnosis, carcinoma.malignant) == (0, "BCC", "1")
    assert carcinoma.lesion_id == "ISIC_3"


def test_what_the_program_exports_is_read(tmp_path: Path) -> None:
    """All diagnoses but a cancer of which it is not said whether it is a melanoma."""
    known = [name for name in DIAGNOSES if DIAGNOSES_THERE[name] != "Malignant"]
    rows = [{"filename": f"I-{place}.jpg", "diagnosis": DIAGNOSES_THERE[name]} for place, name in enumerate(known)]
    (tmp_path / "images").mkdir()
    (tmp_path / "metadata.csv").write_bytes(csv_bytes(("filename", "diagnosis"), rows))
    examples = load_source(tmp_path)
    assert [example.image for example in examples] == [f"I-{place}" for place in range(len(known))]
    assert [example.melanoma for example in examples] == [int(name == "melanoma") for name in known]
    assert [example.diagnosis for example in examples] == ["MEL", "NV", "BCC", "SCC", "AKIEC", "BKL", "DF", "VASC", ""]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ISIC_4,,,,,,,,,", "line 3: ISIC_4 has no diagnosis"),
        ("ISIC_4,,,,,,Malignant,,,", "line 3: ISIC_4 is malignant, and it is not said whether it is a melanoma"),
        (",,,,,,Benign,,,", "line 3: no image is named"),
    ],
)
def test_a_row_that_says_too_little_is_named(row: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=reason):
        load_source(write(tmp_path, HEAD, ROWS[0], row))
