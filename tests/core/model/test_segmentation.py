from __future__ import annotations

import math

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.domain.outline import Outline
from app.core.imaging.reference_image import reference_image
from app.core.model import segmentation
from app.core.model.bundle import load_bundle
from app.core.model.segmentation import LOGITS, OutlineNetwork, outline_of
from app.core.system.paths import bundled_model

MAP = 64
SQUARE = Outline(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)))


def disc(x: float, y: float, radius: float, *, softness: float = 0.02) -> np.ndarray:
    """A map of probabilities of a round region, by fractions of the picture."""
    places = (np.arange(MAP) + 0.5) / MAP
    distance = np.hypot(places - x, places[:, np.newaxis] - y)
    return 1 / (1 + np.exp(np.clip((distance - radius) / softness, -50, 50)))


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * (one & other).sum() / (one.sum() + other.sum())


class TestOutline:
    def test_a_mask_holds_the_pixels_whose_centres_lie_within(self) -> None:
        assert SQUARE.mask(8, 4).astype(int).tolist() == [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, 1, 1, 0, 0],
            [0, 0, 1, 1, 1, 1, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
        ]

    def test_a_slanting_edge_halves_the_picture(self) -> None:
        below = Outline(((0.0, 0.0), (1.0, 1.0), (0.0, 1.0))).mask(50, 50)
        y, x = np.mgrid[0:50, 0:50]
        assert np.array_equal(below | (x == y), x <= y)

    def test_the_whole_picture_is_within_its_edge(self) -> None:
        assert Outline(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))).mask(7, 5).all()

    def test_a_mask_does_not_depend_on_the_direction(self) -> None:
        round_ = outline_of(disc(0.4, 0.6, 0.2))
        assert round_ is not None
        assert np.array_equal(round_.mask(90, 70), Outline(round_.points[::-1]).mask(90, 70))

    def test_the_area_is_the_masks_share(self) -> None:
        round_ = outline_of(disc(0.4, 0.6, 0.2))
        assert round_ is not None
        assert round_.area_share == pytest.approx(math.pi * 0.2**2, rel=0.02)
        assert round_.mask(900, 300).mean() == pytest.approx(round_.area_share, rel=0.01)
        assert SQUARE.area_share == pytest.approx(0.25)

    def test_where_an_outline_crosses_itself_the_even_odd_rule_holds(self) -> None:
        bow = Outline(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))).mask(40, 40)
        assert bow[20, 3]
        assert bow[20, 36]
        assert not bow[3, 20]
        assert not bow[36, 20]

    def test_json_gives_it_back_to_four_decimals(self) -> None:
        uneven = Outline(((1 / 3, 0.0), (1.0, 2 / 3), (0.123456, 1.0)))
        assert uneven.to_json() == "[[0.3333,0.0],[1.0,0.6667],[0.1235,1.0]]"
        assert Outline.from_json(uneven.to_json()).points == ((0.3333, 0.0), (1.0, 0.6667), (0.1235, 1.0))
        assert Outline.from_json(SQUARE.to_json().encode()) == SQUARE

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[]",
            "null",
            "[[0.1,0.1],[0.2,0.2]]",
            "[[0,0],[1,0],[1]]",
            "[[0,0],[1,0],[0,2]]",
            '[["a",0]]',
            b"\xff",
        ],
    )
    def test_other_json_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="outline"):
            Outline.from_json(text)

    @pytest.mark.parametrize(
        "points",
        [
            (),
            ((0.1, 0.1), (0.2, 0.2)),
            ((0.1, 0.1), (0.2, 0.2), (1.001, 0.5)),
            ((0.1, 0.1), (0.2, 0.2), (0.5, -0.001)),
            ((0.1, 0.1), (0.2, 0.2), (math.nan, 0.5)),
        ],
    )
    def test_too_few_points_or_one_outside_are_refused(self, points: tuple[tuple[float, float], ...]) -> None:
        with pytest.raises(ValueError, match="outline"):
            Outline(points)


class TestOutlineOfAMap:
    def test_it_follows_the_level_at_any_size(self) -> None:
        found = outline_of(disc(0.4, 0.6, 0.25))
        assert found is not None
        assert 60 <= len(found.points) <= 120
        points = np.array(found.points)
        assert np.hypot(points[:, 0] - 0.4, points[:, 1] - 0.6) == pytest.approx(0.25, abs=0.004)

    def test_a_longer_outline_has_more_points(self) -> None:
        small, large = outline_of(disc(0.5, 0.5, 0.05)), outline_of(disc(0.5, 0.5, 0.3))
        assert small is not None
        assert large is not None
        assert len(small.points) == 60
        assert 60 < len(large.points) <= 120

    def test_nothing_or_too_little_gives_none(self) -> None:
        assert outline_of(np.zeros((MAP, MAP))) is None
        assert outline_of(disc(0.5, 0.5, 0.03)) is None  # 0.3 %
        assert outline_of(disc(0.5, 0.5, 0.3) * 0.49) is None

    def test_a_hole_is_filled(self) -> None:
        ring = disc(0.5, 0.5, 0.35, softness=0.005) - disc(0.5, 0.5, 0.3, softness=0.005)
        found = outline_of(ring)
        assert found is not None
        assert found.area_share == pytest.approx(math.pi * 0.35**2, rel=0.03)

    def test_the_larger_of_two_is_taken(self) -> None:
        found = outline_of(np.maximum(disc(0.3, 0.5, 0.2), disc(0.75, 0.5, 0.1)))
        assert found is not None
        assert found.mask(100, 100)[50, 30]
        assert not found.mask(100, 100)[50, 75]

    def test_a_lesion_cut_by_the_edge_is_closed_along_it(self) -> None:
        found = outline_of(disc(0.0, 0.5, 0.3))
        assert found is not None
        assert found.area_share == pytest.approx(math.pi * 0.3**2 / 2, rel=0.04)
        assert min(x for x, _ in found.points) < 0.01

    def test_a_picture_full_of_lesion_is_outlined_whole(self) -> None:
        found = outline_of(np.ones((MAP, MAP)))
        assert found is not None
        assert found.area_share > 0.99


class FakeNetwork:
    """Finds whatever is darker than the skin of `reference_image`."""

    def __init__(self, content: bytes, outputs: dict[str, tuple[int, ...]], *, side: int, threads: int | None) -> None:
        self.shape = outputs[LOGITS][1:]

    def outputs(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        rows, columns = self.shape
        dark = 150 - picture.astype(np.float32).mean(axis=2)
        return {LOGITS: dark.reshape(rows, 2, columns, 2).mean(axis=(1, 3))}


class TestOutlineNetwork:
    def test_what_is_no_network_or_another_one_is_refused(self) -> None:
        with pytest.raises(BundleError):
            OutlineNetwork(b"no network", side=128)
        bundle = load_bundle(bundled_model())
        with pytest.raises(BundleError):
            OutlineNetwork(bundle.network, side=bundle.card.network.side)

    def test_the_outline_holds_for_the_picture_at_any_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(segmentation, "Network", FakeNetwork)
        network = OutlineNetwork(b"", side=128)
        picture = reference_image(centre=(100, 150), radius=50)
        dark = picture.mean(axis=2) < 150
        wide = np.repeat(picture, 3, axis=1)
        for rgb, expected in ((picture, dark), (wide, np.repeat(dark, 3, axis=1))):
            found = network.find(rgb)
            assert found is not None
            assert overlap(found.mask(rgb.shape[1], rgb.shape[0]), expected) > 0.97

    def test_skin_alone_gives_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(segmentation, "Network", FakeNetwork)
        assert OutlineNetwork(b"", side=128).find(np.full((200, 300, 3), 210, np.uint8)) is None

    def test_no_number_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(segmentation, "Network", FakeNetwork)
        monkeypatch.setattr(FakeNetwork, "outputs", lambda self, picture: {LOGITS: np.full(self.shape, np.nan)})
        with pytest.raises(BundleError, match="no number"):
            OutlineNetwork(b"", side=128).find(reference_image())
