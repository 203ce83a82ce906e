"""What is told of each kind of lesion, figures by group and weighted calibration, with results made up."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.core.domain.results import Prediction, Screening
from app.core.domain.statistics import Interval
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.card import Figure
from tests.factories import bare, screening, with_other_cancers
from training import metrics
from training.data.examples import Example
from training.errors import DataError
from training.evaluation import card_figures, evaluate
from training.evaluation.figures import kinds
from training.evaluation.figures.calibration import equal_source_weights, is_weighed
from training.evaluation.figures.kinds import Kind, kind_of
from training.evaluation.figures.task import Task
from training.evaluation.model_card import TOO_FEW, pivoted_table


def example(name: str = "I", melanoma: int = 0, **stated: str) -> Example:
    return Example(name, f"/x/{name}.jpg", melanoma, name, **stated)


def predicted(melanoma: float, other: float) -> Prediction:
    return Prediction(melanoma, 0.2, other_cancer_probability=other, other_cancer_threshold=0.3)


class TestKinds:
    @pytest.mark.parametrize(
        ("melanoma", "diagnosis", "malignant", "kind"),
        [
            (1, "MEL", "1", Kind.MELANOMA),
            (0, "BCC", "1", Kind.BCC),
            (0, "SCC", "", Kind.SCC),
            (0, "AKIEC", "1", Kind.AKIEC),
            (0, "AK", "1", Kind.AKIEC),
            (0, "OTHER", "1", Kind.OTHER),
            (0, "OTHER", "0", Kind.BENIGN),
            (0, "", "0", Kind.BENIGN),
            (0, "NV", "", Kind.BENIGN),
            (0, "", "", None),
            (0, "OTHER", "", None),
        ],
    )
    def test_of_an_example(self, melanoma: int, diagnosis: str, malignant: str, kind: Kind | None) -> None:
        assert kind_of(example(melanoma=melanoma, diagnosis=diagnosis, malignant=malignant)) is kind


ROWS = (
    # source, diagnosis, malignant, melanoma probability, other cancer's; None where refused
    ("HAM10000", "MEL", "1", (0.5, 0.1)),
    ("HAM10000", "MEL", "1", None),
    ("HAM10000", "BCC", "1", (0.1, 0.6)),
    ("HAM10000", "BCC", "1", (0.4, 0.5)),
    ("HAM10000", "NV", "0", (0.1, 0.1)),
    ("MILK10k", "SCC", "1", (0.1, 0.1)),
    ("MILK10k", "NV", "0", (0.1, 0.4)),
    ("MILK10k", "NV", "0", (0.1, 0.1)),
    ("MILK10k", "MEL", "1", (0.1, 0.5)),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A table of `ROWS`, as `val` and as `test`, without images."""
    with (tmp_path / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "melanoma", "source", "collection", "diagnosis", "malignant", "split"])
        for split in ("val", "test"):
            for number, (source, diagnosis, malignant, _) in enumerate(ROWS):
                melanoma = int(diagnosis == "MEL")
                writer.writerow([f"{split}{number}", melanoma, source, "main", diagnosis, malignant, split])
    return tmp_path


@pytest.fixture
def screened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of `ROWS` in place of the program's."""

    def screen(path: Path, *_: object, force_prediction: bool = False) -> Screening:
        given = ROWS[int(path.stem[-1])][-1]
        if given is None and not force_prediction:
            return screening(prediction=None, error="refused")
        return screening(prediction=predicted(*(given or (0.3, 0.2))))

    monkeypatch.setattr(kinds, "screen_file", screen)
    monkeypatch.setattr(evaluate, "screen_file", screen)


@pytest.fixture(scope="module")
def bundle(model: Path) -> ModelBundle:
    return with_other_cancers(load_bundle(model), 0.3)


Measure = Callable[..., dict[str, Figure]]


@pytest.fixture
def measure(bundle: ModelBundle, data: Path, screened: None) -> Measure:
    def measured(kind: str, split: str, bundle: ModelBundle = bundle) -> dict[str, Figure]:
        found = list(card_figures.KINDS[kind](Task(bundle, (data,), split, f"melascreen-train figures {kind}")))
        named = {one.metric: one for one in found}
        assert len(named) == len(found)
        return named

    return measured


def test_each_kind_has_the_share_of_each_answer(measure: Measure) -> None:
    found = measure("kinds", "val")
    shares = {name: (round(one.estimate.value, 3), one.images, one.melanomas) for name, one in found.items()}
    expected = {  # melanoma, other cancer only, below the thresholds, not assessed
        "melanoma": (0.333, 0.333, 0, 0.333, 3, 3),
        "basal cell carcinoma": (0.5, 0.5, 0, 0, 2, 0),
        "squamous cell carcinoma": (0, 0, 1, 0, 1, 0),
        "benign lesion": (0, 0.333, 0.667, 0, 3, 0),
        "basal and squamous cell carcinoma together": (0.333, 0.333, 0.333, 0, 3, 0),
    }
    rows = {}
    for kind, (melanoma, other, below, refused, images, melanomas) in expected.items():
        rows |= {
            f"referred as melanoma, {kind}": (melanoma, images, melanomas),
            f"referred as other cancer only, {kind}": (other, images, melanomas),
            f"borderline, {kind}": (0, images, melanomas),
            f"below the thresholds, {kind}": (below, images, melanomas),
            f"not assessed, {kind}": (refused, images, melanomas),
            f"not referred, {kind}": (round(1 - melanoma - other, 2), images, melanomas),
        }
    assert {name: (round(share, 2), *counts) for name, (share, *counts) in shares.items()} == {
        name: (round(share, 2), *counts) for name, (share, *counts) in rows.items()
    }
    assert found["not referred, melanoma"].estimate.low < 0.1


def test_of_test_by_source_too(measure: Measure) -> None:
    found = measure("kinds", "test")
    assert found["not assessed, melanoma, source HAM10000"].estimate.value == 0.5
    assert found["not referred, melanoma, source HAM10000"].estimate.value == 0.5
    assert found["referred as other cancer only, melanoma, source MILK10k"].estimate.value == 1
    assert not any("source MILK10k" in name and "basal cell carcinoma," in name for name in found)
    assert len(found) == len(measure("kinds", "val")) + 6 * (4 + 4)


def test_a_card_without_other_cancers_is_an_error(measure: Measure, model: Path) -> None:
    with pytest.raises(DataError, match="no threshold for other cancers"):
        measure("kinds", "val", bare(model))


class TestWeights:
    def test_each_source_weighs_the_same_with_msk_among_isic_2017(self) -> None:
        sources = ["HAM10000"] * 3 + ["ISIC2017", "MSK"] + ["MILK10k"]
        weights = equal_source_weights([example(f"I{n}", source=source) for n, source in enumerate(sources)])
        assert weights.tolist() == pytest.approx([1 / 3] * 3 + [1 / 2] * 2 + [1])

    def test_other_sources_and_collections_are_left_out(self) -> None:
        assert is_weighed(example(source="BCN20000", collection="main"))
        assert is_weighed(example(source="BCN20000"))
        assert not is_weighed(example(source="BCN20000", collection="A"))
        assert not is_weighed(example(source="Imperial", collection="main"))

    def test_an_image_of_twice_the_weight_counts_as_two(self) -> None:
        random = np.random.default_rng(0)
        labels, probabilities = random.integers(0, 2, 50), random.random(50)
        times = random.integers(1, 4, 50)
        twice = metrics.expected_calibration_error(np.repeat(labels, times), np.repeat(probabilities, times))
        assert metrics.expected_calibration_error(labels, probabilities, weights=times.astype(float)) == pytest.approx(
            twice
        )
        assert metrics.expected_calibration_error(labels, probabilities, weights=np.ones(50)) == pytest.approx(
            metrics.expected_calibration_error(labels, probabilities)
        )


def test_calibration_errors_weigh_the_sources_equally(measure: Measure) -> None:
    found = measure("calibration", "val")
    expected = {"melanoma": 0, "other cancer": 1}
    assert set(found) == {
        f"calibration error of {name}, 15 bins, equal weights of HAM10000, MILK10k" for name in expected
    }
    weights = np.array([1 / 5] * 5 + [1 / 4] * 4)
    for name, column in expected.items():
        labels = np.array([diagnosis in (("MEL",), ("BCC", "SCC"))[column] for _, diagnosis, _, _ in ROWS]).astype(int)
        given = np.array([(pair or (0.3, 0.2))[column] for *_, pair in ROWS])
        figure = found[f"calibration error of {name}, 15 bins, equal weights of HAM10000, MILK10k"]
        error = metrics.expected_calibration_error(labels, given, weights=weights)
        assert (figure.estimate.value, figure.images, figure.melanomas) == (pytest.approx(error, abs=1e-6), 9, 3)


def test_without_other_cancers_melanoma_alone_has_an_error(measure: Measure, model: Path) -> None:
    (metric,) = measure("calibration", "val", bare(model))
    assert metric.startswith("calibration error of melanoma")


def test_figures_by_group(measure: Measure) -> None:
    found = measure("groups", "val")
    sources = {name: one for name, one in found.items() if "source" in name}
    assert set(sources) == {
        f"{figure}, source {source}" for figure in ("sensitivity", "specificity") for source in ("HAM10000", "MILK10k")
    }
    assert (sources["sensitivity, source HAM10000"].images, sources["sensitivity, source HAM10000"].melanomas) == (5, 2)


def test_all_images_of_a_source_are_measured(bundle: ModelBundle, data: Path, screened: None) -> None:
    found = list(card_figures.KINDS["kinds"](Task(bundle, (data,), "all", "a command", sources=("MILK10k",))))
    images = {one.metric: one.images for one in found}
    assert images["not referred, melanoma"] == 2  # one of `val`, one of `test`
    assert images["not referred, benign lesion"] == 4
    assert {(one.data, one.split) for one in found} == {(f"{data}, source MILK10k", "all")}
    with pytest.raises(DataError, match="no image of the source Vienna"):
        _ = Task(bundle, (data,), "all", "a command", sources=("MILK10k", "Vienna")).examples


def test_what_a_group_has_too_few_images_for_is_said_so() -> None:
    def figure(metric: str, images: int) -> Figure:
        return Figure(metric, Interval(0.5, 0.4, 0.6), "data", "test", images, 2, "melascreen-train figures groups")

    table = pivoted_table(
        [
            figure("sensitivity, skin tone 0 very dark", 8),
            figure("AUROC, skin tone 4 light", 50),
            figure("sensitivity, skin tone 4 light", 50),
        ]
    )
    value = "0.5000 (0.4000 to 0.6000)"
    assert table.rows == (
        ("skin tone 0 very dark", "data", "test", "8", "2", TOO_FEW, value),
        ("skin tone 4 light", "data", "test", "50", "2", value, value),
    )
