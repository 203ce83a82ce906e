from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.core.domain.errors import BundleError
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.card import read_card, write_card
from app.core.model.classifier import Classifier, ModelOutput


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "модель"))


def edit(bundle: Path, change: Callable[[dict], object]) -> None:
    card = json.loads((bundle / "card.json").read_text())
    change(card)
    (bundle / "card.json").write_text(json.dumps(card))


def error_of(bundle: Path) -> str:
    with pytest.raises(BundleError) as raised:
        Classifier(load_bundle(bundle))
    return str(raised.value)


def test_the_bundle_that_ships_is_whole(model: Path) -> None:
    bundle = load_bundle(model)
    card = bundle.card
    assert read_card(write_card(card)) == card
    assert sum(file.stat().st_size for file in model.iterdir()) < 20_000_000
    assert {figure.metric for figure in card.figures} >= {"AUROC"}
    for figure in card.figures:
        assert figure.estimate.low <= figure.estimate.value <= figure.estimate.high
    assert "dirty" not in card.origin.commit


def test_missing(tmp_path: Path, copy: Path) -> None:
    assert "no model" in error_of(tmp_path / "nowhere")
    (copy / "network.tflite").unlink()
    assert "network.tflite" in error_of(copy)


def test_damaged_network(copy: Path) -> None:
    network = copy / "network.tflite"
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(content)
    assert "checksum" in error_of(copy)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda card: card.pop("classes"), "classes"),
        (lambda card: card.update(schema=99), "schema"),
        (lambda card: card["operating_points"][0].update(threshold=1.5), "threshold"),
        (lambda card: card["operating_points"].clear(), "operating_points"),
        (lambda card: card["calibration"].update(temperature=0), "temperature"),
        (lambda card: card["calibration"].update(bias=[0.0]), "bias"),
        (lambda card: card.update(melanoma_class="mole"), "mole"),
        (lambda card: card["network"].update(file="../network.tflite"), "file"),
        (lambda card: card.update(surprise=1), "surprise"),
    ],
)
def test_card_that_breaks_the_schema(copy: Path, change: Callable[[dict], object], word: str) -> None:
    edit(copy, change)
    assert word in error_of(copy)


def test_card_that_is_no_json(copy: Path) -> None:
    (copy / "card.json").write_bytes(b"\xff{")
    assert "damaged" in error_of(copy)


def test_network_that_is_not_the_cards(copy: Path) -> None:
    edit(copy, lambda card: card["network"].update(side=128))
    assert "shapes" in error_of(copy)


def test_file_with_the_right_checksum_that_is_no_network(copy: Path) -> None:
    import hashlib

    junk = b"no network" * 1000
    (copy / "network.tflite").write_bytes(junk)
    edit(copy, lambda card: card["network"].update(sha256=hashlib.sha256(junk).hexdigest()))
    assert "can't be loaded" in error_of(copy)


def test_prediction(classifier: Classifier, lesion: np.ndarray) -> None:
    prediction = classifier.predict(lesion)
    assert prediction.melanoma_probability == pytest.approx(classifier.card.self_test_probability, abs=2e-3)
    assert prediction.threshold == classifier.card.operating_point.threshold
    assert classifier.predict(lesion) == prediction
    assert classifier.predict(lesion[::-1].copy()) != prediction


def test_several_pictures_together_give_what_each_gives_alone(classifier: Classifier) -> None:
    pictures = [reference_image(radius=radius) for radius in (30, 50, 70, 90, 110)]
    answers = classifier.answer([classifier.network_input(picture) for picture in pictures])
    together = [answer.prediction for answer in answers if isinstance(answer, ModelOutput)]
    alone = [classifier.predict(picture) for picture in pictures]
    probabilities = [[p.melanoma_probability for p in given] for given in (together, alone)]
    assert probabilities[0] == pytest.approx(probabilities[1], abs=1e-6)
    assert len(set(probabilities[0])) == 5
    assert classifier.answer([]) == []


def test_calibration_is_temperature_and_bias(classifier: Classifier) -> None:
    calibration = classifier.card.calibration
    logits = np.array([[0.3, -1.2], [2.0, 2.0]])
    probabilities = calibration.probabilities(logits)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1])
    odds = np.log(probabilities[:, 1] / probabilities[:, 0])
    bias = calibration.bias[1] - calibration.bias[0]
    assert odds == pytest.approx((logits[:, 1] - logits[:, 0]) / calibration.temperature + bias)


def test_a_card_calibrated_differently_on_the_same_network_is_another_model(model: Path) -> None:
    card = load_bundle(model).card
    other = replace(card, calibration=replace(card.calibration, temperature=2.0))
    assert other.model_id.sha256 == card.model_id.sha256
    assert other.model_id.card_sha256 != card.model_id.card_sha256
    assert load_bundle(model).card.model_id.card_sha256 == card.model_id.card_sha256
