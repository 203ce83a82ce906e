"""What to look for in the history, as SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.core.domain import times
from app.core.history.migrations import search_text


class Sort(StrEnum):
    """What entries are sorted by; each value is an expression over the table `screening` that has an index."""

    TIME = "screening.taken_at"
    PROBABILITY = "screening.melanoma_probability"
    PATIENT = "screening.patient"


IS_ANSWER = "(unfamiliarity IS NULL OR unfamiliarity <= 1)"
"""Of an entry, as SQL: not a number that somebody asked for all the same (`Screening.is_answer`)."""


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that all must hold; what is `None` or empty is no condition.

    `text` is looked for in the path, the patient, the site, the note and the diagnosis, whatever its case. `since`
    and `until` are days of this machine's calendar, both counted in. `decision` is `melanoma` or `non-melanoma`.
    """

    text: str = ""
    patient: str | None = None
    decision: str = ""
    site: str = ""
    reviewed: bool | None = None
    confirmed: bool | None = None
    lesion: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    sort: Sort = Sort.TIME
    descending: bool = True

    def where(self) -> tuple[str, list[object]]:
        """The conditions, joined, and the values for their question marks."""
        conditions = ["TRUE"]
        values: list[object] = []
        for condition, value in (
            ("instr(search, ?)", search_text(self.text) or None),
            ("patient = ?", self.patient),
            ("decision = ?", self.decision or None),
            ("site = ?", self.site or None),
            ("reviewed = ?", self.reviewed),
            ("lesion = ?", self.lesion),
            ("taken_at >= ?", self.since and times.as_text(times.start_of_day(self.since))),
            ("taken_at < ?", self.until and times.as_text(times.start_of_day(self.until + dt.timedelta(days=1)))),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if self.decision:
            conditions.append(IS_ANSWER)
        if self.confirmed is not None:
            conditions.append("diagnosis <> ''" if self.confirmed else "diagnosis = ''")
        return " AND ".join(conditions), values


EVERYTHING = Query()
