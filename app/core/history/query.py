"""Queries of the history, as SQL conditions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.core.domain import times
from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.domain.results import ModelId
from app.core.history.migrations import search_text


class Sort(StrEnum):
    """Sort keys; each value is an indexed expression over the table `screening`."""

    TIME = "screening.taken_at"
    PROBABILITY = "screening.melanoma_probability"
    PATIENT = "screening.patient"


IS_ANSWER = "forced = 0"
"""SQL condition for entries whose prediction counts as a result (`Screening.is_answer`)."""
IS_FORCED = "forced = 1"
"""SQL condition for the others: numbers that were asked for although the image is refused."""


BY_CARD = "model_sha256 = ? AND (card_sha256 = ? OR card_sha256 = '' AND model_name = ? AND model_version = ?)"
"""SQL condition for entries by a model and its card (see `by_card`). Those from before the card's checksum was kept are
told by the card's name and version."""


def by_card(model: ModelId) -> tuple[str, str, str, str]:
    """The values of `BY_CARD`."""
    return model.sha256, model.card_sha256, model.name, model.version


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that must all hold; `None` and empty values are no conditions.

    `text` is looked for in the path, the patient, the site, the note and the diagnosis, whatever its case. `since`
    and `until` are days of this machine's calendar, both counted in. `advices` are those that the result may
    have given; `decided` is whether it has any mark.
    """

    text: str = ""
    patient: str | None = None
    advices: frozenset[Advice] = frozenset()
    site: str = ""
    mark: Mark | None = None
    decided: bool | None = None
    confirmed: bool | None = None
    lesion: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    sort: Sort = Sort.TIME
    descending: bool = True

    def where(self) -> tuple[str, list[object]]:
        """The SQL condition and the values of its placeholders."""
        conditions = ["TRUE"]
        values: list[object] = []
        for condition, value in (
            ("instr(search, ?)", search_text(self.text) or None),
            ("patient = ?", self.patient),
            ("site = ?", self.site or None),
            ("mark = ?", self.mark),
            ("lesion = ?", self.lesion),
            ("taken_at >= ?", self.since and times.as_text(times.start_of_day(self.since))),
            ("taken_at < ?", self.until and times.as_text(times.start_of_day(self.until + dt.timedelta(days=1)))),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if self.advices:
            conditions.append(f"advice IN ({', '.join('?' * len(self.advices))})")
            values += sorted(self.advices)
        if self.decided is not None:
            conditions.append("mark <> ''" if self.decided else "mark = ''")
        if self.confirmed is not None:
            conditions.append("diagnosis <> ''" if self.confirmed else "diagnosis = ''")
        return " AND ".join(conditions), values


EVERYTHING = Query()
