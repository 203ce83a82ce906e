from __future__ import annotations

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.model.card import Calibration
from app.core.model.gate import DERMOSCOPY, KINDS, GateNetwork
from tests.factories import GATE_SIDE, gate_file

CALIBRATION = Calibration(2.0, (0.5, 0.0, -0.5), "drawn")


@pytest.fixture(scope="module")
def content() -> bytes:
    """Red speaks for dermoscopy, green for a close-up, blue for something else."""
    return gate_file(np.eye(3) / 50)


@pytest.fixture(scope="module")
def gate(content: bytes) -> GateNetwork:
    return GateNetwork(content, CALIBRATION, side=GATE_SIDE)


def plain(*colour: int, side: int = GATE_SIDE) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (side, side, 3)).copy()


def test_they_are_the_calibrated_softmax_of_the_logits(gate: GateNetwork) -> None:
    colours = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
    found = gate.probabilities(np.stack([plain(*colour) for colour in colours]))
    powers = np.exp(np.array(colours) / 50 / 2 + CALIBRATION.bias)
    assert found == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-6)
    assert found.argmax(axis=1).tolist() == list(range(len(KINDS)))


@pytest.mark.parametrize("side", [GATE_SIDE, 50, 192])
def test_pictures_of_another_size_are_made_its_own(gate: GateNetwork, side: int) -> None:
    pictures = np.stack([plain(250, 0, 0, side=side), plain(0, 250, 0, side=side)])
    own = np.stack([plain(250, 0, 0), plain(0, 250, 0)])
    assert gate.dermoscopy_probabilities(pictures) == pytest.approx(gate.probabilities(own)[:, DERMOSCOPY])


def test_one_is_judged_as_among_many(gate: GateNetwork) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3), np.uint8)
    together = gate.dermoscopy_probabilities(pictures)
    alone = [gate.dermoscopy_probabilities(picture[np.newaxis])[0] for picture in pictures]
    assert together == pytest.approx(alone, rel=1e-5)


def test_no_number_is_no_probability() -> None:
    broken = GateNetwork(gate_file(np.full((3, 3), np.nan)), CALIBRATION, side=GATE_SIDE)
    assert np.isnan(broken.dermoscopy_probabilities(np.stack([plain(1, 2, 3)]))).all()


def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(BundleError, match="can't be loaded"):
        GateNetwork(b"not a network", CALIBRATION, side=GATE_SIDE)
    with pytest.raises(BundleError, match="does not agree"):
        GateNetwork(content, CALIBRATION, side=2 * GATE_SIDE)
