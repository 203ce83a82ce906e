from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator

from training.data.examples import Example
from training.export.operating_points import (
    Validated,
    operating_points,
    other_cancer_threshold,
    screening_threshold,
)


@pytest.fixture
def random() -> Generator:
    return np.random.default_rng(0)


def source(name: str, melanoma: np.ndarray, *, first: float = 1.0) -> tuple[list[Example], np.ndarray]:
    """A source of 200 images with 40 melanomas, whose probabilities are as given, and the others' below."""
    labels = np.concatenate([np.ones(40, int), np.zeros(160, int)])
    examples = [
        Example(f"{name}{n}", "", int(label), f"{name}{n}", source=name, malignant=str(label))
        for n, label in enumerate(labels)
    ]
    return examples, np.concatenate([melanoma, np.linspace(0.0, 0.5, 160) * first])


def test_a_source_below_nine_in_ten_lowers_the_threshold_where_that_costs_little() -> None:
    easy, hard = np.linspace(0.6, 0.9, 40), np.concatenate([np.full(30, 0.8), np.full(10, 0.49)])
    parts = [*(source(f"easy{n}", easy) for n in range(4)), source("hard", hard)]
    val = Validated([e for es, _ in parts for e in es], np.concatenate([p for _, p in parts]))
    threshold, chosen = screening_threshold(val, 0.95)
    assert threshold < 0.49
    assert "lowered to 90%" in chosen


def test_it_stays_where_that_costs_much_and_the_cost_is_said() -> None:
    easy, hard = np.linspace(0.6, 0.9, 40), np.concatenate([np.full(30, 0.8), np.full(10, 0.2)])
    parts = [*(source(f"easy{n}", easy) for n in range(4)), source("hard", hard)]
    val = Validated([e for es, _ in parts for e in es], np.concatenate([p for _, p in parts]))
    threshold, chosen = screening_threshold(val, 0.95)
    assert threshold > 0.49
    assert "not lowered to 90%" in chosen


def test_a_source_with_few_melanomas_decides_nothing() -> None:
    easy, hard = source("many", np.linspace(0.6, 0.9, 40)), source("few", np.full(40, 0.1))
    few = [place for place, example in enumerate(hard[0]) if place < 10 or not example.melanoma]
    examples = [*easy[0], *easy[0], *(hard[0][place] for place in few)]
    threshold, chosen = screening_threshold(Validated(examples, np.concatenate([easy[1], easy[1], hard[1][few]])), 0.85)
    assert threshold > 0.5
    assert chosen == "85% sensitivity on val"


class TestOtherCancer:
    def test_it_is_the_lowest_that_costs_eight_points(self, random: Generator) -> None:
        melanoma, other = random.uniform(size=1000), random.uniform(size=1000)
        threshold, _ = other_cancer_threshold(melanoma, other, 0.8)
        alone = (melanoma < 0.8).mean()
        left = ((melanoma < 0.8) & (other < threshold)).mean()
        assert alone - left == pytest.approx(0.08, abs=0.0015)
        assert alone - left < 0.0801

    def test_sixty_in_a_hundred_stay(self, random: Generator) -> None:
        melanoma, other = random.uniform(size=1000), random.uniform(size=1000)
        threshold, chosen = other_cancer_threshold(melanoma, other, 0.65)
        left = ((melanoma < 0.65) & (other < threshold)).mean()
        assert 0.60 <= left < 0.6015
        assert "60.0%" in chosen

    def test_where_melanoma_alone_leaves_fewer_the_cost_decides_and_that_is_said(self, random: Generator) -> None:
        melanoma, other = random.uniform(size=1000), random.uniform(size=1000)
        threshold, chosen = other_cancer_threshold(melanoma, other, 0.5)
        left = ((melanoma < 0.5) & (other < threshold)).mean()
        assert (melanoma < 0.5).mean() - left == pytest.approx(0.08, abs=0.0015)
        assert "alone leaves" in chosen

    def test_no_room_and_room_for_all(self) -> None:
        assert other_cancer_threshold(np.full(100, 0.1), np.linspace(0.1, 0.9, 100), 0.5)[0] > 0.8
        few = np.concatenate([np.full(95, 0.9), np.full(5, 0.1)])
        assert other_cancer_threshold(few, np.linspace(0.1, 0.9, 100), 0.5)[0] == 0.0

    def test_every_point_has_one_with_its_figures(self, random: Generator) -> None:
        kinds = np.repeat([0, 1, 2], [600, 200, 200])  # benign, melanoma, other cancer
        examples = [
            Example(f"i{n}", "", int(kind == 1), f"i{n}", source="A", malignant=str(int(kind > 0)))
            for n, kind in enumerate(kinds)
        ]
        melanoma = np.clip(random.normal(0.2 + 0.4 * (kinds == 1), 0.1), 0, 1)
        other = np.clip(random.normal(0.2 + 0.4 * (kinds == 2), 0.1), 0, 1)
        points = operating_points(Validated(examples, melanoma, other), sensitivity=0.95, fitted_on="drawn")
        assert [point.name for point in points] == ["screening", "balanced"]
        for point in points:
            assert point.other_cancer is not None
            referred = (melanoma >= point.threshold) | (other >= point.other_cancer.threshold)
            assert point.other_cancer.sensitivity.value == pytest.approx(referred[kinds == 2].mean(), abs=1e-6)
            assert point.other_cancer.benign_not_referred.value == pytest.approx(
                (~referred[kinds == 0]).mean(), abs=1e-6
            )
            assert point.other_cancer.sensitivity.value > 0.9

    def test_without_such_a_probability_there_is_none(self, random: Generator) -> None:
        examples, melanoma = source("A", random.uniform(0.5, 1, 40))
        points = operating_points(Validated(examples, melanoma), sensitivity=0.95, fitted_on="drawn")
        assert [point.other_cancer for point in points] == [None, None]
