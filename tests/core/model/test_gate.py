from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.model.arrays import as_file
from app.core.model.card import Calibration
from app.core.model.gate import KINDS, Gate
from tests.factories import gate_of

CALIBRATION = Calibration(2.0, (0.5, 0.0, -0.5), "drawn")
FEATURES = 8


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The first feature speaks for dermoscopy, the second for a close-up, the third for something else."""
    return gate_of(np.eye(FEATURES, len(KINDS)))


def test_they_are_the_calibrated_softmax_of_the_logits(gate: Gate) -> None:
    features = np.eye(len(KINDS), FEATURES, dtype=np.float32) * 9
    found = gate.dermoscopy_probabilities(features, CALIBRATION)
    powers = np.exp(3 * np.eye(len(KINDS)) / 2 + CALIBRATION.bias)
    assert found == pytest.approx(powers[:, 0] / powers.sum(axis=1), abs=1e-6)


def test_what_lies_below_nothing_in_the_hidden_layer_counts_nothing(gate: Gate) -> None:
    against = replace(gate, hidden=-gate.hidden)
    assert against.logits(np.full((1, FEATURES), 4, np.float32)).tolist() == [[0, 0, 0]]


def test_one_is_judged_as_among_many() -> None:
    random = np.random.default_rng(0)
    gate = Gate(*(random.normal(0, 1, shape).astype(np.float32) for shape in ((1536, 64), (64,), (64, 3), (3,))))
    features = random.uniform(0, 2, (9, 1536)).astype(np.float32)
    alone = [gate.logits(row[np.newaxis])[0].tolist() for row in features]
    assert gate.logits(features).tolist() == alone


def test_no_number_is_no_probability(gate: Gate) -> None:
    assert np.isnan(gate.dermoscopy_probabilities(np.full((2, FEATURES), np.nan, np.float32), CALIBRATION)).all()


def test_it_is_read_as_it_was_written(gate: Gate) -> None:
    again = Gate.read(gate.write(), features=FEATURES)
    for field in fields(Gate):
        assert getattr(again, field.name).tolist() == getattr(gate, field.name).tolist()


def test_another_file_is_refused(gate: Gate) -> None:
    for content in (b"not a gate", as_file({"hidden": gate.hidden}, halved=set())):
        with pytest.raises(BundleError, match="can't be read"):
            Gate.read(content, features=FEATURES)
    with pytest.raises(BundleError, match="does not agree"):
        Gate.read(gate.write(), features=FEATURES + 1)
    with pytest.raises(BundleError, match="does not agree"):
        Gate.read(replace(gate, output=np.full_like(gate.output, np.nan)).write(), features=FEATURES)
