"""Groups by skin tone, collection and dark border, on results made up for the purpose."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.domain.results import Screening
from tests.factories import file_of, screening
from training.data.examples import NOT_STATED, Example
from training.evaluation.groups import dark_border_share, groups_of

SIDE = 100


def round_field(radius: float, ground: int = 0) -> np.ndarray:
    """A bright disc in the middle of a ground."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5 - SIDE / 2
    image = np.full((SIDE, SIDE, 3), ground, np.uint8)
    image[np.hypot(x, y) < radius] = 200
    return image


def with_border(share: float) -> np.ndarray:
    """A bright image whose left side is black to this share of the area."""
    image = np.full((SIDE, SIDE, 3), 200, np.uint8)
    image[:, : round(SIDE * share)] = 0
    return image


def made_up(values: list[dict[str, str]], pictures: list[np.ndarray]) -> list[tuple[Example, Screening]]:
    return [
        (
            Example(f"I{n}", f"/x/I{n}.jpg", n % 2, f"L{n}", **stated),
            screening(f"I{n}.jpg", 0.9 if n % 2 else 0.1, thumbnail=file_of(picture, "PNG")),
        )
        for n, (stated, picture) in enumerate(zip(values, pictures, strict=True))
    ]


def counted(classified: list[tuple[Example, Screening]], factor: str) -> dict[str, tuple[int, int]]:
    probabilities = np.array([one.prediction.melanoma_probability for _, one in classified if one.prediction])
    found = groups_of(classified, probabilities, 0.5, factors=(factor,))
    return {group.value: (group.images, group.melanomas) for group in found}


def test_the_dark_around_a_round_field_counts_and_the_dark_within_does_not() -> None:
    field = round_field(45)
    outside = 1 - np.pi * 45**2 / SIDE**2
    assert dark_border_share(field) == pytest.approx(outside, abs=0.01)
    field[45:55, 45:55] = 0  # a black lesion in the middle
    assert dark_border_share(field) == pytest.approx(outside, abs=0.01)
    assert dark_border_share(round_field(45, ground=255)) == 0
    assert dark_border_share(np.zeros((SIDE, SIDE, 3), np.uint8)) == 1


def test_groups_by_the_share_of_dark_border() -> None:
    shares = [0.0, 0.05, 0.05, 0.2, 0.29, 0.5]
    found = counted(made_up([{}] * len(shares), [with_border(share) for share in shares]), "dark border")
    assert found == {"none": (1, 0), "under 10 %": (2, 1), "10 to 30 %": (2, 1), "30 % and over": (1, 1)}
    assert list(found) == ["none", "under 10 %", "10 to 30 %", "30 % and over"]


def test_groups_by_skin_tone_have_words_from_dark_to_light() -> None:
    tones = ["5", "0", "", "1", "1", "VI"]
    found = counted(made_up([{"skin_tone": tone} for tone in tones], [with_border(0)] * len(tones)), "skin tone")
    assert found == {
        "0 very dark": (1, 1),
        "1 dark": (2, 1),
        "5 very light": (1, 0),
        "VI": (1, 1),
        NOT_STATED: (1, 0),
    }
    assert list(found) == ["0 very dark", "1 dark", "5 very light", "VI", NOT_STATED]


def test_groups_by_collection() -> None:
    names = ["main", "A", "main", ""]
    found = counted(made_up([{"collection": name} for name in names], [with_border(0)] * len(names)), "collection")
    assert found == {"A": (1, 1), "main": (2, 0), NOT_STATED: (1, 1)}


def test_a_small_group_has_shares_with_intervals_and_no_auroc() -> None:
    tones = ["1"] * 4 + ["4"] * 40
    classified = made_up([{"skin_tone": tone} for tone in tones], [with_border(0)] * len(tones))
    probabilities = np.array([one.prediction.melanoma_probability for _, one in classified if one.prediction])
    small, large = groups_of(classified, probabilities, 0.5, factors=("skin tone",))
    assert (small.auroc, large.auroc and large.auroc.value) == (None, 1)
    assert small.row()[4] == "fewer than 10 of a class"
    assert small.sensitivity is not None
    assert small.sensitivity.low < 0.4
