from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator

from app.core.model.out_of_distribution import OutOfDistributionDetector
from training.export.out_of_distribution import (
    COMPONENTS,
    INCONSISTENT_OF_VAL,
    REFUSED_OF_A_SOURCE,
    REFUSED_OF_VAL,
    consistency_limit,
    distance_limit,
    fit_detector,
)

FEATURES, EMBEDDED = 40, 12


@pytest.fixture
def random() -> Generator:
    return np.random.default_rng(0)


class TestDetector:
    def features(self, random: Generator, count: int, *, shift: float = 0.0, bright: float = 0.0) -> np.ndarray:
        """Like pooled features: correlated, above 0. `shift` moves some against the others, `bright` all."""
        mixing = np.random.default_rng(7).normal(size=(6, FEATURES))
        against = np.where(np.arange(FEATURES) % 2, 1.0, -1.0)
        roots = random.normal(size=(count, 6)) @ mixing * 0.3 + random.normal(size=(count, FEATURES)) * 0.2
        return np.square(np.maximum(4 + roots + shift * against + bright, 0))

    def fit(self, random: Generator, *counts: int) -> OutOfDistributionDetector:
        """With sources of so many images, each brighter than the one before."""
        parts = [self.features(random, count, bright=1.5 * index) for index, count in enumerate(counts)]
        groups = [f"source {index}" for index, count in enumerate(counts) for _ in range(count)]
        embeddings = random.normal(size=(sum(counts), EMBEDDED))
        return fit_detector(np.concatenate(parts), embeddings, groups)

    def test_a_shifted_cluster_is_told_from_the_trainings(self, random: Generator) -> None:
        fitted = self.fit(random, 400, 300)
        own = fitted.distances(np.concatenate([self.features(random, 200), self.features(random, 200, bright=1.5)]))
        limit = distance_limit(own, ["one"] * 200 + ["other"] * 200)
        strange = fitted.distances(self.features(random, 300, shift=1.0))
        assert (own > limit).mean() <= 0.02
        assert (strange > limit).mean() > 0.99
        assert np.median(own) == pytest.approx(1, abs=0.25)  # in standard deviations

    def test_between_the_sources_is_strange_too(self, random: Generator) -> None:
        """Each has its own centre: what is like their mean is like none of them."""
        fitted = self.fit(random, 300, 300)
        assert fitted.centres.shape == (2, FEATURES)
        own = fitted.distances(self.features(random, 200, bright=1.5))
        between = fitted.distances(self.features(random, 200, bright=0.75))
        beyond = fitted.distances(self.features(random, 200, bright=3.0))
        assert np.median(between) > np.median(own) + 0.1
        assert np.median(beyond) > np.median(between) + 0.1

    def test_a_small_source_counts_as_much_as_a_large_one(self, random: Generator) -> None:
        fitted = self.fit(random, 900, 60)
        assert fitted.mean.mean() == pytest.approx((4.0 + 5.5) / 2, abs=0.1)  # halfway, however many there are
        large = fitted.distances(self.features(random, 300))
        small = fitted.distances(self.features(random, 300, bright=1.5))
        assert np.median(small) == pytest.approx(np.median(large), rel=0.15)
        alone = self.fit(random, 900)
        assert np.median(alone.distances(self.features(random, 300, bright=1.5))) > 1.5 * np.median(small)

    def test_it_goes_into_a_file_and_back(self, random: Generator) -> None:
        fitted = self.fit(random, 200, 100)
        again = OutOfDistributionDetector.read(fitted.write(), features=FEATURES, embedding=EMBEDDED)
        points = self.features(random, 50)
        assert again.distances(points) == pytest.approx(fitted.distances(points), rel=1e-6)  # it is rounded before
        kept = fitted.components.T @ fitted.components
        assert kept == pytest.approx(np.eye(len(kept)), abs=2e-3)
        assert (fitted.variances >= fitted.rest).all()
        assert (np.diff(fitted.variances) <= 0).all()

    def test_few_pictures_and_dead_features_do(self, random: Generator) -> None:
        """Fewer images than features, and some features that are always 0."""
        features = self.features(random, 20)
        features[:, :5] = 0
        fitted = fit_detector(features, random.normal(size=(20, EMBEDDED)), ["only"] * 20)
        assert fitted.components.shape[1] < min(20, COMPONENTS)
        own = fitted.distances(features)
        lively = features.copy()
        lively[:, :5] = 1
        assert np.isfinite(own).all()
        assert (fitted.distances(lively) > own).all()


class TestDetectorLimit:
    def test_at_most_so_many_lie_beyond_it(self, random: Generator) -> None:
        distances = random.gamma(20, 0.05, 2000)
        limit = distance_limit(distances, ["one"] * 2000)
        assert 0.9 * REFUSED_OF_VAL < (distances > limit).mean() <= REFUSED_OF_VAL

    def test_nor_more_of_any_source(self, random: Generator) -> None:
        """A small and strange source alone is what sets it."""
        distances = np.concatenate([random.gamma(20, 0.05, 5000), random.gamma(20, 0.10, 100)])
        groups = ["large"] * 5000 + ["small"] * 100
        limit = distance_limit(distances, groups)
        assert limit > distance_limit(distances, ["all"] * 5100)
        beyond = (distances > limit)[5000:].mean()
        assert 0 < beyond <= REFUSED_OF_A_SOURCE
        assert (distances > limit).mean() <= REFUSED_OF_VAL


class TestStabilityLimit:
    def test_all_but_so_many_keep_to_it(self, random: Generator) -> None:
        spread = random.uniform(0, 2, 1000)
        margins = random.normal(0, 3, (1000, 1)) + spread[:, np.newaxis] * np.array([0.0, 1.0, 0.4])
        limit = consistency_limit(margins)
        assert (spread > limit).mean() == pytest.approx(INCONSISTENT_OF_VAL, abs=0.002)
        assert consistency_limit(margins[:, ::-1] + 5) == pytest.approx(limit)

    def test_copies_that_agree_need_no_room(self) -> None:
        assert consistency_limit(np.tile(np.arange(10.0)[:, np.newaxis], (1, 3))) == 0
