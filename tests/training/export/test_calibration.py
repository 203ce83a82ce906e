from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator
from scipy.special import softmax

from training.data.examples import Example
from training.errors import ExportError
from training.export.calibration import calibrate, calibrate_diagnoses, source_weights


@pytest.fixture
def random() -> Generator:
    return np.random.default_rng(0)


class TestWeights:
    EXAMPLES = (
        *(Example(f"a{n}", "", 0, f"a{n}", source="A", collection="main") for n in range(6)),
        *(Example(f"b{n}", "", 0, f"b{n}", source="B", collection="main") for n in range(1)),
        *(Example(f"c{n}", "", 0, f"c{n}", source="C", collection="main") for n in range(1)),
        *(Example(f"d{n}", "", 0, f"d{n}", source="A", collection="elsewhere") for n in range(2)),
    )

    def test_groups_of_sources_count_the_same_by_their_main_collection(self) -> None:
        weights = source_weights(self.EXAMPLES, [["A"], ["B", "C"]])
        assert weights[:6].sum() == pytest.approx(weights[6:8].sum())
        assert weights[8:].tolist() == [0, 0]
        assert weights.mean() == pytest.approx(1)

    def test_without_groups_all_count_the_same(self) -> None:
        assert source_weights(self.EXAMPLES, ()).tolist() == [1.0] * 10

    def test_a_source_that_is_not_there_is_named(self) -> None:
        with pytest.raises(ExportError, match="E or F"):
            source_weights(self.EXAMPLES, [["A"], ["E", "F"]])


def test_weights_move_the_calibration_to_the_share_that_counts(random: Generator) -> None:
    """Half of the images have melanomas as often as not, the others none; only the former count."""
    labels = np.concatenate([np.tile([0, 1], 500), np.zeros(1000, int)])
    margins = random.normal(0, 1, 2000) + labels
    weights = np.concatenate([np.full(1000, 2.0), np.zeros(1000)])
    logits = np.stack([np.zeros(2000), margins], axis=1)
    for counted, share in ((weights, 0.5), (np.ones(2000), 0.25)):
        found = calibrate(margins, labels, counted, fitted_on="drawn")
        given = found.probabilities(logits)[:, 1]
        assert np.average(given, weights=counted) == pytest.approx(share, abs=0.01)


class TestDiagnoses:
    """Melanoma is the first of four; its probability is given, the others share the rest."""

    IMAGES = 6000
    TEMPERATURE, BIAS = 2.0, np.array([0.0, 0.5, -0.7])

    @pytest.fixture
    def melanoma(self, random: Generator) -> np.ndarray:
        return random.uniform(0, 0.5, self.IMAGES)

    @property
    def lesions(self) -> list[str]:
        return [f"L{index // 2}" for index in range(self.IMAGES)]

    def drawn(self, probabilities: np.ndarray, random: Generator) -> np.ndarray:
        """An index for each row of probabilities."""
        return (probabilities.cumsum(axis=1) < random.uniform(size=(len(probabilities), 1))).sum(axis=1)

    def fit(
        self, logits: np.ndarray, labels: np.ndarray, melanoma: np.ndarray, lesions: list[str] | None = None
    ) -> tuple[float, np.ndarray, float] | None:
        """With melanoma's logit, which must not matter, before the others'."""
        whole = np.column_stack([np.full(len(logits), 100.0), logits])
        weights = np.ones(len(logits))
        return calibrate_diagnoses(whole, labels, melanoma, lesions or self.lesions, weights, melanoma_index=0)

    def test_a_known_temperature_and_bias_are_found(self, random: Generator, melanoma: np.ndarray) -> None:
        right = random.normal(0, 1.5, (self.IMAGES, 3))
        whole = np.column_stack([melanoma, (1 - melanoma)[:, np.newaxis] * softmax(right, axis=1)])
        labels = self.drawn(whole, random)
        found = self.fit((right - self.BIAS) * self.TEMPERATURE, labels, melanoma)
        assert found is not None
        temperature, bias, worst = found
        assert temperature == pytest.approx(self.TEMPERATURE, rel=0.1)
        assert bias == pytest.approx([0, *self.BIAS], abs=0.15)
        assert worst < 0.03

    def test_the_error_is_of_lesions_that_took_no_part(self) -> None:
        """Ten lesions, six of them of one diagnosis: of one more they say little, of 1000 they would say enough."""
        labels = np.repeat(np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 0]), 100)
        logits, melanoma = np.zeros((1000, 2)), np.full(1000, 0.1)
        found = self.fit(logits, labels, melanoma, [f"L{index}" for index in range(1000)])
        assert found is not None
        assert softmax(found[1][1:]) == pytest.approx([2 / 3, 1 / 3], abs=1e-3)
        assert self.fit(logits, labels, melanoma, [f"L{index // 100}" for index in range(1000)]) is None

    def test_what_no_temperature_makes_right_is_none(self, random: Generator) -> None:
        """The surest answers are less often right than the hesitant ones."""
        margins = random.choice([-6.0, -1.0, 1.0, 6.0], self.IMAGES)
        is_second = np.select([margins == -6, margins == -1, margins == 1], [0.3, 0.0, 1.0], 0.7)
        labels = 1 + (random.uniform(size=self.IMAGES) < is_second).astype(int)
        labels[:100] = 0
        logits = np.stack([-margins / 2, margins / 2], axis=1)
        assert self.fit(logits, labels, np.full(self.IMAGES, 1 / 60)) is None

    def test_weights_decide_where_the_images_disagree(self) -> None:
        labels = np.concatenate([[0, 0], np.full(499, 1), np.full(499, 2)])
        weights = np.concatenate([np.ones(2), np.full(499, 3.0), np.full(499, 1.0)])
        lesions = [f"L{index}" for index in range(1000)]
        found = calibrate_diagnoses(
            np.zeros((1000, 3)), labels, np.full(1000, 0.001), lesions, weights, melanoma_index=0
        )
        assert found is not None
        assert softmax(found[1][1:]) == pytest.approx([0.75, 0.25], abs=0.01)

    @pytest.mark.parametrize("missing", [0, 1, 2])
    def test_no_diagnosis_is_given_where_one_has_no_image(
        self, random: Generator, melanoma: np.ndarray, missing: int
    ) -> None:
        labels = np.delete(np.arange(3), missing)[np.arange(self.IMAGES) % 2]
        assert self.fit(random.normal(size=(self.IMAGES, 2)), labels, melanoma) is None
