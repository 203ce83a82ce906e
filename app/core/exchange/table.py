"""Results as tables: CSV and JSON with the same columns."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.domain.advice import advice_of
from app.core.domain.entry import Mark
from app.core.domain.messages import code_of
from app.core.domain.results import DIAGNOSES_NAMED, Prediction, Screening

DIAGNOSIS_COLUMNS = tuple(
    name
    for number in range(1, DIAGNOSES_NAMED + 1)
    for name in (f"diagnosis_{number}", f"diagnosis_{number}_probability")
)
COLUMNS = (
    "path",
    "status",
    "advice",
    "prediction",
    "melanoma_probability",
    "confidence",
    "threshold",
    "lowest_probability",
    "highest_probability",
    "stability",
    "unfamiliarity",
    "dermoscopy_probability",
    "other_cancer_probability",
    "other_cancer_threshold",
    *DIAGNOSIS_COLUMNS,
    "model",
    "model_version",
    "warnings",
    "error",
    "code",
    "sha256",
)
"""`code` is that of the error's sentence (`app.core.domain.messages`), the same in every language and version. `advice`
is a value of `app.core.domain.advice.Advice`. `stability` is `steady` or `unsteady` over augmented views, with the
lowest and highest probability among them; empty where these were not looked at. `unfamiliarity` above 1: out of
distribution. The columns from there to the diagnoses are empty where the model gives none."""
DIGITS = 6
"""Decimals of a probability."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written: the sign between cells, the decimal sign, and whether a byte order mark comes first.

    Excel takes a CSV without the mark for another encoding, and expects the signs of its own language.
    """

    separator: str = ","
    decimal: str = "."
    byte_order_mark: bool = False


PLAIN = Dialect()
"""For programs: RFC 4180."""


def as_csv(screenings: Iterable[Screening]) -> bytes:
    """Results as CSV, one row each, UTF-8. Missing values are empty; warnings are joined by `; `."""
    return csv_bytes(COLUMNS, map(as_csv_row, screenings))


MARKED_COLUMNS = (*COLUMNS, "mark")


def marked_row(screening: Screening, mark: Mark | None) -> dict[str, object]:
    """A result with the reader's own decision by `MARKED_COLUMNS`."""
    return as_csv_row(screening) | {"mark": mark}


def as_csv_with_marks(marked: Iterable[tuple[Screening, Mark | None]], *, dialect: Dialect = PLAIN) -> bytes:
    """Results with the reader's own decisions as CSV: as `as_csv`, with the column `mark` besides, empty for none."""
    return csv_bytes(MARKED_COLUMNS, (marked_row(*one) for one in marked), dialect=dialect)


def as_json(screenings: Iterable[Screening]) -> bytes:
    """Results as a JSON array of objects, UTF-8. Missing values are null; warnings are a list."""
    rows = [as_row(screening, list(screening.warnings)) for screening in screenings]
    return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def as_csv_row(screening: Screening) -> dict[str, object]:
    """One result by `COLUMNS`, with its warnings joined by `; `. Missing values are `None`."""
    return as_row(screening, "; ".join(screening.warnings))


def as_row(screening: Screening, warnings: object) -> dict[str, object]:
    """One result by `COLUMNS`, with the warnings as given. Missing values are `None`."""
    prediction, answered = screening.prediction, screening.answered
    consistency = prediction and prediction.consistency
    return {
        "path": str(screening.path),
        "status": screening.status,
        "advice": advice_of(screening).value,
        "prediction": answered.label if answered else None,
        "melanoma_probability": _rounded(prediction.melanoma_probability if prediction else None),
        "confidence": _rounded(answered.confidence if answered else None),
        "threshold": _rounded(prediction.threshold if prediction else None),
        "lowest_probability": _rounded(consistency.lowest if consistency else None),
        "highest_probability": _rounded(consistency.highest if consistency else None),
        "stability": consistency and ("steady" if consistency.consistent else "unsteady"),
        "unfamiliarity": _rounded(screening.ood_distance),
        "dermoscopy_probability": _rounded(screening.dermoscopy_probability),
        "other_cancer_probability": _rounded(prediction.other_cancer_probability if prediction else None),
        "other_cancer_threshold": _rounded(prediction.other_cancer_threshold if prediction else None),
        **_diagnoses(prediction),
        "model": screening.model.name,
        "model_version": screening.model.version,
        "warnings": warnings,
        "error": screening.error,
        "code": code_of(screening.error) if screening.error else None,
        "sha256": screening.sha256,
    }


def _diagnoses(prediction: Prediction | None) -> dict[str, object]:
    """The most probable diagnoses by `DIAGNOSIS_COLUMNS`, as far as there are some."""
    known = prediction.diagnoses[:DIAGNOSES_NAMED] if prediction else ()
    values: list[object] = [value for name, probability in known for value in (name, _rounded(probability))]
    return dict(itertools.zip_longest(DIAGNOSIS_COLUMNS, values))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""


def guarded(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: a text that begins as one gets an apostrophe before it.

    A patient's identifier from a DICOM file, or a file's name, may say anything. A text that begins with apostrophes
    and such a sign gets another apostrophe, so that `unguarded` gives back every text.
    """
    if isinstance(cell, str) and cell.lstrip("'").startswith(FORMULA_SIGNS):
        return f"'{cell}"
    return cell


def unguarded(text: str) -> str:
    """The text of a cell as it was before `guarded`."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_SIGNS) else text


def csv_bytes(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, header: bool = True, dialect: Dialect = PLAIN
) -> bytes:
    """A table, with its header or without, as CSV, UTF-8; `None` is an empty cell, bytes of a path that are no
    Unicode stay as they are, and no cell is a formula (`guarded`)."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=dialect.separator)
    if header:
        writer.writeheader()
    writer.writerows({name: _cell(cell, dialect) for name, cell in row.items()} for row in rows)
    mark = "\ufeff" if dialect.byte_order_mark else ""
    return (mark + text.getvalue()).encode("utf-8", "surrogateescape")


def _cell(value: object, dialect: Dialect) -> object:
    return str(value).replace(".", dialect.decimal) if isinstance(value, float) else guarded(value)
