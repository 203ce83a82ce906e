from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.core.domain.errors import BundleError
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.card import LicenceFile, read_card, write_card
from app.core.model.classifier import Classifier, ModelOutput
from tests.factories import with_gate, with_other_cancers, write_bundle

LITE0_4 = "ccdf6459c86916bb5bfe7636deca644bb6f561ebf2ee865e54e678556a45a02d"
"""The checksum of the card of MelaScreen Lite0 4, which results in histories are by."""
LITE0_4_CARD = Path(__file__).parents[2] / "data" / "card-lite0-4.json"


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
    assert sum(file.stat().st_size for file in model.iterdir()) < 30_000_000
    assert {figure.metric for figure in card.figures} >= {"AUROC"}
    for figure in card.figures:
        assert figure.estimate.low <= figure.estimate.value <= figure.estimate.high
    assert "dirty" not in card.origin.commit


def test_a_card_from_before_a_field_came_keeps_its_checksum() -> None:
    """`card-lite0-4.json` is that of Lite0 4, without the fields that came later, as of schema 4. Histories tell by the
    checksum whether a result is by a card."""
    content = LITE0_4_CARD.read_bytes()
    card = read_card(content)
    assert (card.gate, card.licence, card.other_cancers) == (None, None, ())
    assert card.model_id.card_sha256 == LITE0_4
    assert write_card(card) == content


def test_a_card_of_another_schema_is_told_by_it(copy: Path) -> None:
    """Also where its fields are not those of this one, as in the cards of Lite 7."""
    edit(copy, lambda card: card.update(schema=3, gate={"file": "gate.tflite", "side": 160}))
    assert "the card has the schema 3, this program reads 4" in error_of(copy)


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


SHARE = {"value": 0.9, "low": 0.8, "high": 0.95}
OTHER_CANCER = {
    "threshold": 0.1,
    "chosen": "x",
    "measured_on": "y",
    "sensitivity": SHARE,
    "benign_not_referred": SHARE,
}


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
        (lambda card: card.update(gate={"file": "g", "sha256": "0" * 64, "limit": 1.5, "chosen": "x"}), "gate"),
        (lambda card: card.update(other_cancers=["BCC", "mole"]), "mole"),
        (lambda card: card.update(other_cancers=["MEL"]), "MEL"),
        (lambda card: card.update(other_cancers=["BCC"], diagnosis_calibration=None), "calibration"),
        (
            lambda card: (card.pop("other_cancers"), card["operating_points"][0].update(other_cancer=OTHER_CANCER)),
            "other_cancers",
        ),
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


@pytest.fixture
def whole(model: Path) -> ModelBundle:
    """The bundle with all that a card may name."""
    licence = b"CC BY-NC 4.0"
    with_licence = LicenceFile("LICENCE.txt", hashlib.sha256(licence).hexdigest(), "CC BY-NC 4.0")
    bundle = with_other_cancers(with_gate(load_bundle(model), 0.875), 0.25)
    return dataclasses.replace(bundle, card=replace(bundle.card, licence=with_licence), licence=licence)


def test_gate_and_licence_are_read_and_checked(whole: ModelBundle, tmp_path: Path) -> None:
    folder = write_bundle(whole, tmp_path / "whole")
    assert load_bundle(folder) == whole
    assert read_card((folder / "card.json").read_bytes()) == whole.card
    for name in ("gate.npz", "LICENCE.txt"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content + b"!")
        assert "checksum" in error_of(folder)
        (folder / name).unlink()
        assert name in error_of(folder)
        (folder / name).write_bytes(content)


def test_a_gate_that_is_none_is_refused(whole: ModelBundle) -> None:
    for content in (b"junk", whole.network):
        with pytest.raises(BundleError, match="dermoscopy from other pictures can't be read"):
            Classifier(dataclasses.replace(whole, gate=content))


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 1.5}, {"calibration": {"temperature": 0, "bias": [0, 0, 0], "fitted_on": "x"}},
     {"calibration": {"temperature": 1, "bias": [0, 0], "fitted_on": "x"}}],
)  # fmt: skip
def test_a_gate_that_means_nothing_is_refused(whole: ModelBundle, wrong: dict[str, object]) -> None:
    card = json.loads(write_card(whole.card))
    card["gate"].update(wrong)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        read_card(json.dumps(card).encode())


def test_the_gate_says_how_probable_dermoscopy_is(whole: ModelBundle, model: Path, lesion: np.ndarray) -> None:
    for bundle, expected in ((whole, pytest.approx(0.875, abs=1e-6)), (load_bundle(model), None)):
        classifier = Classifier(bundle)
        (output,) = classifier.answer([classifier.network_input(lesion)])
        assert isinstance(output, ModelOutput)
        assert output.dermoscopy_probability == expected


def test_the_diagnoses_are_one_set_with_melanoma(whole: ModelBundle) -> None:
    classifier = Classifier(whole)
    pictures = [reference_image(radius=radius) for radius in (30, 70, 110)]
    outputs = classifier.answer([classifier.network_input(picture) for picture in pictures], consistency=True)
    for output in outputs:
        assert isinstance(output, ModelOutput)
        diagnoses = dict(output.prediction.diagnoses)
        assert set(diagnoses) == set(whole.card.diagnoses)
        assert list(diagnoses.values()) == sorted(diagnoses.values(), reverse=True)
        assert sum(diagnoses.values()) == pytest.approx(1)
        assert diagnoses["MEL"] == output.prediction.melanoma_probability
        of_others = [diagnoses[name] for name in whole.card.other_cancers]
        assert output.prediction.other_cancer_probability == pytest.approx(sum(of_others))
        assert output.prediction.other_cancer_threshold == 0.25
        assert output.prediction.other_cancer_suspected == (sum(of_others) >= 0.25)


def test_the_other_diagnoses_keep_their_proportions(whole: ModelBundle) -> None:
    card = whole.card
    assert card.diagnosis_calibration is not None
    logits = np.random.default_rng(0).normal(size=(5, len(card.diagnoses)))
    melanoma = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    probabilities = card.diagnosis_probabilities(melanoma, logits)
    assert probabilities is not None
    index = card.diagnoses.index("MEL")
    by_themselves = card.diagnosis_calibration.probabilities(logits)
    expected = by_themselves * ((1 - melanoma) / (1 - by_themselves[:, index]))[:, np.newaxis]
    expected[:, index] = melanoma
    assert probabilities == pytest.approx(expected)
    sure = np.where(np.arange(len(card.diagnoses)) == index, 1000.0, logits)
    assert card.diagnosis_probabilities(melanoma, sure) == pytest.approx(expected)


def test_diagnoses_without_calibration_or_melanoma_give_none(model: Path, lesion: np.ndarray) -> None:
    whole = load_bundle(model)
    points = tuple(replace(point, other_cancer=None) for point in whole.card.operating_points)
    bundle = dataclasses.replace(whole, card=replace(whole.card, operating_points=points, other_cancers=()))
    renamed = tuple("OTHER" if name == "MEL" else name for name in bundle.card.diagnoses)
    for change in ({"diagnosis_calibration": None}, {"diagnoses": renamed}):
        classifier = Classifier(dataclasses.replace(bundle, card=replace(bundle.card, **change)))
        (output,) = classifier.answer([classifier.network_input(lesion)])
        assert isinstance(output, ModelOutput)
        assert output.prediction.diagnoses == ()
        assert output.prediction.other_cancer_probability is None
        assert not output.prediction.other_cancer_suspected


def test_other_cancers_need_no_threshold(model: Path, lesion: np.ndarray) -> None:
    prediction = Classifier(with_other_cancers(load_bundle(model))).predict(lesion)
    assert prediction.other_cancer_probability is not None
    assert prediction.other_cancer_threshold is None
    assert not prediction.other_cancer_suspected


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
