"""Points in time: kept in UTC, shown in local time."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The present moment, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The present day by this machine's clock."""
    return local(now()).date()


def as_text(moment: dt.datetime) -> str:
    """A moment as it is stored: ISO 8601 in UTC with `Z`, always as long, so that texts sort as the moments do."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> dt.datetime:
    """A stored moment, in UTC; also from ISO 8601 with another zone. Raises `ValueError`."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment by this machine's clock."""
    return moment.astimezone()


def start_of_day(day: dt.date) -> dt.datetime:
    """The moment at which a day begins here."""
    return dt.datetime.combine(day, dt.time()).astimezone()
