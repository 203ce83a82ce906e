from __future__ import annotations

import io
from dataclasses import fields, replace

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.model.out_of_distribution import OutOfDistributionDetector, similarities

FEATURES, EMBEDDED = 4, 3


@pytest.fixture
def known() -> OutOfDistributionDetector:
    """Two groups of pictures, four features: two along components with variances of their own, two along none."""
    arrays = {
        "mean": [1.0, 2.0, 3.0, 4.0],
        "scale": [0.5, 1.0, 0.25, 2.0],
        "centres": [[0.0, 0.0, 0.0, 0.0], [6.0, 0.0, 1.0, 0.0]],
        "components": [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]],
        "variances": [4.0, 1.0],
        "rest": [0.25],
        "case_mean": [1.0, 1.0, 1.0],
        "case_components": [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]],
    }
    return OutOfDistributionDetector(**{name: np.array(values, np.float32) for name, values in arrays.items()})


def features(known: OutOfDistributionDetector, *standard: list[float]) -> np.ndarray:
    """What the network gives for pictures that lie there once they are standardised."""
    return np.square(known.mean + known.scale * np.array(standard, np.float32))


def read(content: bytes, *, features: int = FEATURES, embedding: int = EMBEDDED) -> OutOfDistributionDetector:
    return OutOfDistributionDetector.read(content, features=features, embedding=embedding)


def stored(**arrays: np.ndarray) -> bytes:
    """Arrays as they lie in such a file, but not compressed."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


class TestFile:
    def test_what_is_written_is_read(self, known: OutOfDistributionDetector) -> None:
        random = np.random.default_rng(0)
        turned = np.linalg.qr(random.normal(size=(4, 4)))[0].astype(np.float32)
        written = replace(known, components=turned[:, :2], case_components=turned[:3, :2])
        again = read(written.write())
        for field in fields(OutOfDistributionDetector):
            values = getattr(again, field.name)
            assert values.dtype == np.float32
            halved = field.name in ("components", "case_components")
            assert values == pytest.approx(getattr(written, field.name), abs=1e-3 if halved else 0)
        points = np.square(random.normal(3, 2, (20, 4))).astype(np.float32)
        assert again.distances(points) == pytest.approx(written.distances(points), rel=5e-3)

    def test_the_components_take_half_the_room(self, known: OutOfDistributionDetector) -> None:
        random = np.random.default_rng(0)
        wide = replace(known, components=random.normal(size=(500, 64)).astype(np.float32))
        assert 500 * 64 < len(wide.write()) < 500 * 64 * 2.5

    @pytest.mark.parametrize("name", [field.name for field in fields(OutOfDistributionDetector)])
    @pytest.mark.parametrize("shape", [(7,), (0,), (2, 2, 2)])
    def test_a_wrong_shape_is_refused(
        self, known: OutOfDistributionDetector, name: str, shape: tuple[int, ...]
    ) -> None:
        wrong = replace(known, **{name: np.ones(shape, np.float32)}).write()
        with pytest.raises(BundleError, match="does not agree"):
            read(wrong)

    def test_another_networks_is_refused(self, known: OutOfDistributionDetector) -> None:
        for sizes in ({"features": FEATURES + 1}, {"embedding": EMBEDDED - 1}):
            with pytest.raises(BundleError, match="does not agree"):
                read(known.write(), **sizes)

    def test_what_is_no_such_file_is_refused(self, known: OutOfDistributionDetector) -> None:
        arrays = {field.name: getattr(known, field.name) for field in fields(OutOfDistributionDetector)}
        assert read(stored(**arrays)).mean.tolist() == known.mean.tolist()
        turned = bytearray(stored(**arrays))
        turned[turned.index(known.mean.tobytes())] ^= 0xFF  # its checksum is wrong then
        pickled, incomplete = stored(**arrays | {"rest": np.array([None])}), stored(mean=known.mean)
        for wrong in (b"no such file", known.write()[:-30], bytes(turned), pickled, incomplete):
            with pytest.raises(BundleError, match="can't be read"):
                read(wrong)

    @pytest.mark.parametrize("how", ["empty", "one array", "compressed wrongly", "a number for an array"])
    def test_any_other_damage_is_refused_too(self, known: OutOfDistributionDetector, how: str) -> None:
        one_array = io.BytesIO()
        np.save(one_array, known.mean)
        turned = bytearray(known.write())
        start = turned.index(b"mean.npy") + len(b"mean.npy")
        turned[start + 20 : start + 40] = b"\xff" * 20
        wrong = {
            "empty": b"",
            "one array": one_array.getvalue(),
            "compressed wrongly": bytes(turned),
            "a number for an array": replace(known, centres=np.float32(1)).write(),  # type: ignore[arg-type]
        }
        with pytest.raises(BundleError):
            read(wrong[how])

    @pytest.mark.parametrize(
        "wrong",
        [{"mean": np.full(4, np.nan)}, {"rest": np.zeros(1)}, {"scale": np.zeros(4)}, {"centres": np.ones((0, 4))}],
    )
    def test_values_that_no_fit_gives_are_refused(
        self, known: OutOfDistributionDetector, wrong: dict[str, np.ndarray]
    ) -> None:
        with pytest.raises(BundleError):
            read(replace(known, **wrong).write())


class TestDistance:
    def test_it_is_mahalanobis_with_one_variance_for_the_rest(self, known: OutOfDistributionDetector) -> None:
        points = features(known, [2, 1, 0.5, 0.5], [-2, 1, 0.5, -0.5], [0, 0, 1, 0])
        # By hand: (2²/4 + 1²/1 + (0.5² + 0.5²)/0.25) / 4 = 1, and 1²/0.25/4 = 1
        assert known.distances(points) == pytest.approx([1, 1, 1], abs=1e-4)

    def test_it_is_nothing_at_a_centre_and_grows_away_from_it(self, known: OutOfDistributionDetector) -> None:
        steps = [[-0.2 * step, 0.2 * step, -0.4 * step, 0.1 * step] for step in range(10)]
        away = known.distances(features(known, *steps))
        assert (away.shape, away.dtype) == ((10,), np.float64)
        assert away[0] == pytest.approx(0, abs=1e-3)
        assert away == pytest.approx(away[1] * np.arange(10), abs=1e-3)  # in proportion, being a distance
        assert away[1] > 0.1

    def test_the_nearest_centre_counts(self, known: OutOfDistributionDetector) -> None:
        at_second, beside_it = [6.0, 0.0, 1.0, 0.0], [6.0, 1.0, 1.0, 0.0]
        found = known.distances(features(known, at_second, beside_it))
        assert found == pytest.approx([0, 0.5], abs=1e-3)
        alone = replace(known, centres=known.centres[:1]).distances(features(known, at_second, beside_it))
        assert (alone > 1.5).all()
        swapped = replace(known, centres=known.centres[::-1])
        assert swapped.distances(features(known, at_second, beside_it)) == pytest.approx(found)

    def test_features_below_nothing_count_as_nothing(self, known: OutOfDistributionDetector) -> None:
        below, nothing = known.distances(np.array([[-5.0, 4.0, 9.0, 16.0], [0.0, 4.0, 9.0, 16.0]], np.float32))
        assert below == nothing > 0


class TestCases:
    def test_the_angle_between_two(self, known: OutOfDistributionDetector) -> None:
        def case(*embedding: float) -> bytes:
            return known.case(np.array(embedding, np.float32))

        one = case(4, 5, 9)  # (3, 4) from the mean, the third number says nothing
        assert np.frombuffer(one, np.float16) == pytest.approx([0.6, 0.8], abs=1e-3)
        found = similarities(one, [one, case(7, 9, -2), case(-2, -3, 0), case(-3, 4, 1), case(4, 1, 1)])
        assert found == pytest.approx([1, 1, -1, 0, 0.6], abs=2e-3)

    def test_one_of_another_length_is_not_like_it(self, known: OutOfDistributionDetector) -> None:
        one = known.case(np.array([4, 5, 9], np.float32))
        assert similarities(one, [b"", one + one, one]).tolist() == pytest.approx([-1, -1, 1], abs=2e-3)
        assert similarities(one, []).shape == (0,)

    def test_the_mean_itself_is_like_nothing(self, known: OutOfDistributionDetector) -> None:
        nothing = known.case(known.case_mean)
        assert similarities(nothing, [nothing, known.case(np.array([4, 5, 9], np.float32))]).tolist() == [0, 0]
