from __future__ import annotations

import numpy as np
import pytest

from app.core.model.test_time_augmentation import AUGMENTED_VIEWS, CROP, augmented_views, consistency

SIDE = 100


class TestCopies:
    def test_there_are_as_many_as_said_at_the_pictures_size(self) -> None:
        found = augmented_views(np.zeros((SIDE, SIDE, 3), np.uint8))
        assert (found.shape, found.dtype) == ((AUGMENTED_VIEWS, SIDE, SIDE, 3), np.uint8)

    def test_the_first_is_mirrored_on_the_diagonal(self) -> None:
        picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        mirrored = augmented_views(picture)[0]
        assert mirrored[3, 70].tolist() == picture[70, 3].tolist()
        assert np.array_equal(np.moveaxis(mirrored, 0, 1), picture)

    def test_the_second_is_the_middle_enlarged(self) -> None:
        places = np.arange(SIDE) - (SIDE - 1) / 2
        ramp = np.stack([np.broadcast_to(128 + 2 * places[:, np.newaxis], (SIDE, SIDE))] * 3, axis=2)
        ramp[..., 1] = ramp[..., 0].T
        middle = augmented_views(ramp.astype(np.uint8))[1].astype(float)
        assert middle[:, 50, 0] == pytest.approx(128 + 2 * CROP * places, abs=1.5)
        assert middle[50, :, 1] == pytest.approx(128 + 2 * CROP * places, abs=1.5)

    def test_the_second_has_nothing_of_the_border(self) -> None:
        picture = np.zeros((SIDE, SIDE, 3), np.uint8)
        picture[4:-4, 4:-4] = 200
        assert (augmented_views(picture)[1] == 200).all()

    def test_the_picture_itself_stays_as_it_is(self) -> None:
        picture = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        before = picture.copy()
        augmented_views(picture)[:] = 0
        assert np.array_equal(picture, before)


class TestStability:
    def test_close_together_on_one_side_is_steady(self) -> None:
        for probabilities in ([0.30, 0.28, 0.35], [0.05, 0.07, 0.04]):
            found = consistency(np.array(probabilities), threshold=0.2, limit=1.0)
            assert (found.lowest, found.highest) == (min(probabilities), max(probabilities))
            assert found.consistent

    def test_the_range_of_other_cancers_stands_beside_and_decides_nothing(self) -> None:
        found = consistency(np.array([0.30, 0.28]), threshold=0.2, limit=1.0, other_cancer=np.array([0.9, 0.1]))
        assert found.other_cancer == (0.1, 0.9)
        assert found.consistent
        assert consistency(np.array([0.3, 0.28]), threshold=0.2, limit=1.0).other_cancer is None

    @pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    def test_on_both_sides_of_the_threshold_is_unsteady(self, order: list[int]) -> None:
        found = consistency(np.array([0.19, 0.2, 0.21])[order], threshold=0.2, limit=1.0)
        assert not found.consistent
        assert (found.lowest, found.highest) == (0.19, 0.21)

    def test_the_threshold_itself_lies_on_the_upper_side(self) -> None:
        assert consistency(np.array([0.2, 0.21]), threshold=0.2, limit=1.0).consistent
        assert not consistency(np.array([0.19, 0.2]), threshold=0.2, limit=1.0).consistent

    @pytest.mark.parametrize("towards", [0.5, 0.05])
    def test_further_apart_than_the_limit_is_unsteady(self, towards: float) -> None:
        odds = towards / (1 - towards) * np.exp([0.0, 0.5, 1.0])  # a range of 1 logit
        probabilities = odds / (1 + odds)
        assert consistency(probabilities, threshold=0.01, limit=1.001).consistent
        assert not consistency(probabilities, threshold=0.01, limit=0.999).consistent

    def test_certainty_is_a_number_too(self) -> None:
        assert consistency(np.array([0.0, 0.0]), threshold=0.2, limit=0.1).consistent
        assert consistency(np.array([1.0, 1.0]), threshold=0.2, limit=0.1).consistent
        both = consistency(np.array([0.0, 1.0]), threshold=0.0, limit=10.0)  # one side, but as far apart as can be
        assert (both.lowest, both.highest, both.consistent) == (0.0, 1.0, False)
