from __future__ import annotations

import io
from dataclasses import fields, replace

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.model.gate import KINDS, DermoscopyGate

FEATURES = 4


@pytest.fixture
def gate() -> DermoscopyGate:
    """Each kind has a feature that speaks for it; the fourth says nothing."""
    arrays = {
        "mean": [1.0, 2.0, 3.0, 4.0],
        "scale": [0.5, 1.0, 0.25, 2.0],
        "weights": [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]],
        "bias": [0.5, 0.0, -0.5],
    }
    return DermoscopyGate(**{name: np.array(values, np.float32) for name, values in arrays.items()})


def features(gate: DermoscopyGate, *standard: list[float]) -> np.ndarray:
    """What the network gives for pictures that lie there once they are standardised."""
    return np.square(gate.mean + gate.scale * np.array(standard, np.float32))


def read(content: bytes) -> DermoscopyGate:
    return DermoscopyGate.read(content, features=FEATURES)


class TestFile:
    def test_what_is_written_is_read(self, gate: DermoscopyGate) -> None:
        random = np.random.default_rng(0)
        written = replace(gate, weights=random.normal(size=(FEATURES, len(KINDS))).astype(np.float32))
        again = read(written.write())
        for field in fields(DermoscopyGate):
            values = getattr(again, field.name)
            assert values.dtype == np.float32
            assert values == pytest.approx(getattr(written, field.name), abs=1e-3 if field.name == "weights" else 0)
        points = np.square(random.normal(3, 2, (20, FEATURES))).astype(np.float32)
        assert again.probabilities(points) == pytest.approx(written.probabilities(points), abs=0.01)

    @pytest.mark.parametrize("name", [field.name for field in fields(DermoscopyGate)])
    @pytest.mark.parametrize("shape", [(7,), (0,), (), (2, 2, 2), (FEATURES, 2)])
    def test_a_wrong_shape_is_refused(self, gate: DermoscopyGate, name: str, shape: tuple[int, ...]) -> None:
        with pytest.raises(BundleError, match="does not agree"):
            read(replace(gate, **{name: np.ones(shape, np.float32)}).write())

    def test_another_networks_is_refused(self, gate: DermoscopyGate) -> None:
        with pytest.raises(BundleError, match="does not agree"):
            DermoscopyGate.read(gate.write(), features=FEATURES + 1)

    def test_what_is_no_such_file_is_refused(self, gate: DermoscopyGate) -> None:
        one_array, incomplete, pickled = io.BytesIO(), io.BytesIO(), io.BytesIO()
        np.save(one_array, gate.mean)
        np.savez(incomplete, mean=gate.mean)
        np.savez(pickled, mean=np.array([None]))
        damaged = [b"", b"no such file", gate.write()[:-30]]
        for wrong in (*damaged, *(buffer.getvalue() for buffer in (one_array, incomplete, pickled))):
            with pytest.raises(BundleError, match="can't be read"):
                read(wrong)

    @pytest.mark.parametrize(
        "wrong", [{"mean": np.full(4, np.nan)}, {"weights": np.full((4, 3), np.inf)}, {"scale": np.zeros(4)}]
    )
    def test_values_that_no_fit_gives_are_refused(self, gate: DermoscopyGate, wrong: dict[str, np.ndarray]) -> None:
        with pytest.raises(BundleError, match="can't be computed with"):
            read(replace(gate, **wrong).write())


class TestProbabilities:
    def test_they_are_a_softmax_over_the_standardised_roots(self, gate: DermoscopyGate) -> None:
        found = gate.probabilities(features(gate, [1, 0.5, -1, 3]))
        scores = np.exp([2 * 1 + 0.5, 2 * 0.5, 2 * -1 - 0.5])  # by hand
        assert (found.shape, found.dtype) == ((1, 3), np.float64)
        assert found[0] == pytest.approx(scores / scores.sum(), abs=1e-5)

    def test_the_kind_with_the_highest_score_is_the_most_probable(self, gate: DermoscopyGate) -> None:
        found = gate.probabilities(features(gate, [1.5, 0, 0, 0], [0, 1.5, 0, 0], [0, 0, 1.5, 0]))
        assert found.argmax(axis=1).tolist() == [0, 1, 2]
        assert found.sum(axis=1) == pytest.approx([1, 1, 1])

    def test_one_among_several_gets_what_it_gets_alone(self) -> None:
        random = np.random.default_rng(1)
        wide = DermoscopyGate(
            mean=random.normal(size=2784).astype(np.float32),
            scale=np.ones(2784, np.float32),
            weights=random.normal(size=(2784, 3)).astype(np.float32) / 100,
            bias=np.zeros(3, np.float32),
        )
        several = random.uniform(0, 4, (7, 2784)).astype(np.float32)
        alone = np.concatenate([wide.probabilities(one[np.newaxis]) for one in several])
        assert np.array_equal(wide.probabilities(several), alone)
        assert wide.probabilities(several[:0]).shape == (0, 3)

    def test_far_away_it_is_sure_and_gives_numbers(self, gate: DermoscopyGate) -> None:
        found = gate.probabilities(np.array([[1e9, -1.0, 0.0, 0.0]], np.float32))
        assert np.isfinite(found).all()
        assert found[0] == pytest.approx([1, 0, 0])
