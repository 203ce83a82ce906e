"""What is typed of a patient, spellings, and places on the body."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core.domain.body import Place, Side, View
from app.core.domain.clinical import SITES
from app.core.domain.patient import birth_year_of, months_later, spelling

TODAY = dt.date(2026, 12, 3)


@pytest.mark.parametrize(("typed", "year"), [("1961", 1961), (" 65 ", 1961), ("0", 2026), ("", None), ("130", 1896)])
def test_a_year_or_an_age_gives_the_year_of_birth(typed: str, year: int | None) -> None:
    assert birth_year_of(typed, TODAY) == year


@pytest.mark.parametrize("typed", ["1061", "2027", "-3", "sixty", "19.6"])
def test_what_is_neither_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=typed):
        birth_year_of(typed, TODAY)


def test_spellings_differ_by_case_spaces_signs_and_leading_zeros_only() -> None:
    assert spelling("KD-0020417") == spelling("kd 20417") == spelling("Kd20417")
    assert spelling("KD-20417") != spelling("KD-204170")
    assert spelling("A-1-2") != spelling("A-12") or spelling("A12")  # numbers apart stay apart


def test_months_later_ends_on_the_last_day_of_a_shorter_month() -> None:
    assert months_later(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert months_later(dt.date(2026, 12, 3), 12) == dt.date(2027, 12, 3)


@pytest.mark.parametrize(
    ("place", "part", "side"),
    [
        (Place(View.FRONT, 0.4, 0.25), "chest", Side.RIGHT),
        (Place(View.BACK, 0.4, 0.25), "upper back", Side.LEFT),
        (Place(View.BACK, 0.6, 0.45), "lower back", Side.RIGHT),
        (Place(View.FRONT, 0.5, 0.07), "face", Side.MIDDLE),
        (Place(View.FRONT, 0.12, 0.42), "forearm", Side.RIGHT),
        (Place(View.FRONT, 0.25, 0.28), "upper arm", Side.RIGHT),
        (Place(View.BACK, 0.37, 0.65), "thigh", Side.LEFT),
        (Place(View.FRONT, 0.62, 0.8), "lower leg", Side.LEFT),
        (Place(View.LEFT_SOLE, 0.5, 0.5), "sole", Side.LEFT),
        (Place(View.HEAD_RIGHT, 0.5, 0.9), "neck", Side.RIGHT),
        (Place(View.LEFT, 0.8, 0.4), "flank", Side.LEFT),
    ],
)
def test_a_point_tells_part_and_side(place: Place, part: str, side: Side) -> None:
    assert (place.part, place.side) == (part, side)
    assert place.site in SITES


def test_every_point_of_every_view_has_a_part() -> None:
    for view in View:
        for step in range(11):
            for other in range(11):
                assert Place(view, step / 10, other / 10).site in SITES
