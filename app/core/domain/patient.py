"""A patient, the patient's lesions, and the dates on which they are to be seen again."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.domain.body import Place

EARLIEST_BIRTH = 1880
OLDEST = 130
"""Years; a smaller number that is typed for the year of birth is an age."""
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
"""Skin types by Fitzpatrick, from the lightest (always burns) to the darkest."""
SEEN_AGAIN_MONTHS = (3, 6, 12)
"""Intervals that are offered for a follow-up."""


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Risk(StrEnum):
    """What raises a patient's risk of melanoma."""

    MANY_NAEVI = "many-naevi"
    EARLIER_MELANOMA = "earlier-melanoma"
    FAMILY_MELANOMA = "family-melanoma"


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient by an identifier or pseudonym, which may have any form. All else is optional.

    `birth_year` is a year, `skin_type` the number of a type in `SKIN_TYPES`, from 1.
    """

    identifier: str
    birth_year: int | None = None
    sex: Sex | None = None
    skin_type: int | None = None
    risks: frozenset[Risk] = frozenset()
    note: str = ""

    def age(self, today: dt.date) -> int | None:
        """The age in years that is reached in this year."""
        return None if self.birth_year is None else today.year - self.birth_year


@dataclass(frozen=True, slots=True)
class Lesion:
    """A lesion: its number within the patient, from 1, and its place on the body, where it is noted."""

    id: int
    patient: str
    number: int
    place: Place | None = None


class DoneBy(StrEnum):
    """How a follow-up was completed: by a new picture of the lesion, or by hand."""

    PICTURE = "picture"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A date on which a patient, or one of the lesions, is to be seen again. `done_on` is `None` while it is open.

    `lesion` is a lesion's id, `lesion_number` its number within the patient.
    """

    id: int
    patient: str
    due_on: dt.date
    reason: str = ""
    lesion: int | None = None
    made_on: dt.date | None = None
    done_on: dt.date | None = None
    done_by: DoneBy | None = None
    lesion_number: int | None = None


def birth_year_of(text: str, today: dt.date) -> int | None:
    """The year of birth from what was typed: a year, or an age; `None` for nothing. Raises `ValueError`."""
    text = text.strip()
    if not text:
        return None
    number = int(text) if text.isdecimal() else -1
    if 0 <= number <= OLDEST:
        return today.year - number
    if EARLIEST_BIRTH <= number <= today.year:
        return number
    raise ValueError(text)


def spelling(identifier: str) -> str:
    """The identifier without what spellings of one patient differ in: case, spaces, signs between and leading zeros."""
    folded = unicodedata.normalize("NFKC", identifier).casefold()
    return "".join(
        part.lstrip("0") or "0" if part.isdecimal() else part for part in re.findall(r"\d+|[^\W\d_]+", folded)
    )


def united(kept: Patient, other: Patient) -> Patient:
    """The patient into which another is merged: what is known of the kept one stays, what is not is taken over."""
    return replace(
        kept,
        birth_year=kept.birth_year if kept.birth_year is not None else other.birth_year,
        sex=kept.sex or other.sex,
        skin_type=kept.skin_type or other.skin_type,
        risks=kept.risks | other.risks,
        note="\n".join(dict.fromkeys(filter(None, (kept.note, other.note)))),
    )


def edited(stored: Patient, base: Patient, new: Patient) -> Patient:
    """The stored patient with the fields in which an edited one differs from what was read before."""
    changed = {
        name: getattr(new, name)
        for name in ("birth_year", "sex", "skin_type", "risks", "note")
        if getattr(new, name) != getattr(base, name)
    }
    return replace(stored, **changed)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))


def risks_of(values: Iterable[str]) -> frozenset[Risk]:
    """Risks from stored values; unknown ones are left out."""
    known = set(Risk)
    return frozenset(Risk(value) for value in values if value in known)
