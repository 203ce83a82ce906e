"""A bundle's figures on a few drawn lesions; what they come to is measured on real images."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from msgspec.structs import replace as changed
from PIL import Image

from app.core.domain.errors import BundleError
from app.core.domain.statistics import Interval
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import CARD_FILE, ModelBundle, load_bundle
from app.core.model.card import Figure
from app.core.model.classifier import Classifier, ModelOutput
from app.core.model.segmentation import LOGITS, OutlineNetwork
from app.core.model.test_time_augmentation import augmented_views
from app.core.quality.artifacts import Artifact
from app.core.screening.pipeline import screen_file
from tests.factories import FAR, bare, with_consistency, with_detector, with_gate
from training.data.examples import load_source, of_split
from training.data.images import read_image
from training.errors import DataError
from training.evaluation import artifact_rates, card_figures
from training.evaluation.card_figures import merged
from training.evaluation.figures.negatives import image_files, read_negatives
from training.evaluation.figures.task import Task
from training.export import update
from training.metrics import proportion
from training.networks.convert import as_litert

IMAGES = 6
PLACES = (0, 1, 2, 3, 6, 7)
"""Of the images of `table` in the split `test`: four melanomas and two others."""


def figure(metric: str, command: str, value: float = 0.5) -> Figure:
    return Figure(metric, Interval(value, 0.4, 0.6), "drawn", "test", 10, 5, command)


def by_metric(found: Iterator[Figure]) -> dict[str, Figure]:
    each = list(found)
    named = {one.metric: one for one in each if one.split}
    assert len(named) == sum(bool(one.split) for one in each)
    return named


@pytest.fixture(scope="module")
def data(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few images of `table` as the split `test` and one as `val`, a black one among the former."""
    folder = tmp_path_factory.mktemp("split")
    black = folder / "black.png"
    Image.fromarray(np.zeros((256, 256, 3), np.uint8)).save(black)
    with (table / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "split", "path"])
        writer.writeheader()
        for place in (*PLACES, 8):
            image = table / "images" / f"{rows[place]['image']}.jpg"
            source = "drawn" if place < 6 else "other"
            split = "val" if place == 8 else "test"
            writer.writerow(rows[place] | {"split": split, "source": source, "path": black if place == 7 else image})
    return folder


@pytest.fixture(scope="module")
def bundle(model: Path) -> ModelBundle:
    return bare(model)


class TestMerged:
    def test_new_ones_take_the_place_of_those_by_the_same_command(self) -> None:
        before = [figure("a", "one"), figure("b", "two"), figure("c", "one"), figure("d", "three")]
        new = [figure("a", "one", 0.55), figure("e", "one")]
        assert merged(before, new) == (before[1], before[3], *new)

    def test_another_commands_stay_although_they_measure_the_same(self) -> None:
        before, new = [figure("a", "one")], [figure("a", "two")]
        assert merged(before, new) == (*before, *new)
        assert merged([], new) == tuple(new)
        assert merged(before, []) == tuple(before)


class TestRefusals:
    def measure(self, bundle: ModelBundle, data: Path, *negatives: str) -> list[Figure]:
        return list(card_figures.refusals(Task(bundle, (data,), "test", "a command", negatives)))

    def test_without_a_detector_only_the_black_one_is_refused(self, bundle: ModelBundle, data: Path) -> None:
        found = by_metric(iter(self.measure(bundle, data)))
        one, none = proportion(1, IMAGES), proportion(0, IMAGES)
        expected = {
            "refused, of dermoscopy images": (one, IMAGES),
            "refused for their quality": (one, IMAGES),
            "refused for not looking like dermoscopy": (none, IMAGES),
            "refused, source drawn": (proportion(0, 4), 4),
            "refused, source other": (proportion(1, 2), 2),
        }
        assert set(found) == set(expected)
        for metric, (share, images) in expected.items():
            given = found[metric]
            assert (given.estimate.value, given.estimate.low, given.estimate.high) == pytest.approx(
                (share.value, share.low, share.high), abs=1e-6
            )
            assert (given.images, given.data, given.split, given.command) == (images, str(data), "test", "a command")

    def test_with_everything_far_all_are(self, bundle: ModelBundle, data: Path) -> None:
        strict = with_detector(bundle, FAR)
        found = by_metric(iter(self.measure(strict, data)))
        assert found["refused, of dermoscopy images"].estimate.value == 1
        assert found["refused for their quality"].estimate.value == pytest.approx(1 / IMAGES, abs=1e-6)
        assert found["refused for not looking like dermoscopy"].estimate.value == pytest.approx(5 / IMAGES, abs=1e-6)

    def test_with_a_gate_what_is_far_is_warned_of_and_not_refused(self, bundle: ModelBundle, data: Path) -> None:
        far = with_detector(bundle, FAR)
        found = by_metric(iter(self.measure(with_gate(far, 0.9), data)))
        assert found["refused, of dermoscopy images"].estimate.value == pytest.approx(1 / IMAGES, abs=1e-6)
        unlike = "warned of being unlike the training's images"
        assert found[unlike].estimate.value == pytest.approx(5 / IMAGES, abs=1e-6)
        closed = by_metric(iter(self.measure(with_gate(far, 0.1), data)))
        assert closed["refused, of dermoscopy images"].estimate.value == 1
        assert closed["refused for not looking like dermoscopy"].estimate.value == pytest.approx(5 / IMAGES, abs=1e-6)
        assert closed[unlike].estimate.value == 0

    def test_negatives_count_apart_and_together(self, bundle: ModelBundle, data: Path, tmp_path: Path) -> None:
        for name, rgb in (("a", reference_image()), ("b", np.zeros((256, 256, 3), np.uint8))):
            (tmp_path / name).mkdir()
            Image.fromarray(rgb).save(tmp_path / name / f"{name}.png")
        patterns = (str(tmp_path / "a"), str(tmp_path / "b" / "*.png"))
        negatives = [one for one in self.measure(bundle, data, *patterns) if not one.split]
        assert [(one.metric, one.data, one.images, one.estimate.value) for one in negatives] == [
            ("caught, of other pictures", patterns[0], 1, 0),
            ("caught, of other pictures", patterns[1], 1, 1),
            ("caught, of all other pictures", ", ".join(patterns), 2, 0.5),
        ]
        alone = [one for one in self.measure(bundle, data, patterns[1]) if not one.split]
        assert [one.metric for one in alone] == ["caught, of other pictures"]


class TestTablesOfNegatives:
    """A folder with a table: two close-ups in `val`, one in `train`, a document in `val`; all but the first black."""

    @pytest.fixture
    def photographs(self, tmp_path: Path) -> Path:
        (tmp_path / "images").mkdir()
        rows = ["image,kind,source,split"]
        for name, kind, source, split in (
            ("a.jpg.1", "lesion", "X", "val"),
            ("b", "lesion", "Y", "val"),
            ("c", "lesion", "X", "train"),
            ("d", "other", "Y", "val"),
        ):
            rgb = reference_image() if name == "a.jpg.1" else np.zeros((256, 256, 3), np.uint8)
            Image.fromarray(rgb).save(tmp_path / "images" / f"{name}.webp")
            rows.append(f"{name},{kind},{source},{split}")
        (tmp_path / "metadata.csv").write_text("\n".join(rows))
        return tmp_path

    def test_of_the_split_alone_by_kind_and_source(self, bundle: ModelBundle, data: Path, photographs: Path) -> None:
        task = Task(bundle, (data,), "val", "a command", (str(photographs),))
        found = [one for one in card_figures.refusals(task) if one.data == str(photographs)]
        assert {(one.split, one.command) for one in found} == {("val", "a command")}
        caught = {one.metric.removeprefix("caught, of other pictures"): one for one in found}
        assert {name: (one.images, round(one.estimate.value, 6)) for name, one in caught.items()} == {
            "": (3, 0.666667),
            ", kind lesion": (2, 0.5),
            ", kind other": (1, 1),
            ", source X": (1, 0),
            ", source Y": (2, 1),
        }

    def test_what_a_gate_is_taught_on_is_not_measured(self, photographs: Path) -> None:
        with pytest.raises(DataError, match="taught on its split train"):
            read_negatives(str(photographs), "train")

    def test_without_splits_all_are_measured(self, photographs: Path) -> None:
        table = photographs / "metadata.csv"
        table.write_text("image\na.jpg.1\nb\nc\nd\n")
        assert len(read_negatives(str(photographs), "train").images) == 4
        assert read_negatives(str(photographs), "train").split == ""

    @pytest.mark.parametrize(
        ("row", "word"), [("e,lesion,X,val", "no image 'e'"), ("c,lesion,X,test", "no image in val")]
    )
    def test_what_is_missing_is_named(self, photographs: Path, row: str, word: str) -> None:
        (photographs / "metadata.csv").write_text(f"image,kind,source,split\n{row}\n")
        with pytest.raises(DataError, match=word):
            read_negatives(str(photographs), "val")


class TestFiles:
    def test_a_pattern_that_names_nothing_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").touch()
        for pattern in (tmp_path, tmp_path / "*.jpg", tmp_path / "*", tmp_path / "nowhere"):
            with pytest.raises(DataError, match="no image"):
                image_files(str(pattern))

    def test_images_alone_in_folders_at_any_depth(self, tmp_path: Path) -> None:
        for name in ("b.png", "a.JPG", "notes.txt", "deep/er/c.jpeg"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        names = [file.relative_to(tmp_path).as_posix() for file in image_files(str(tmp_path))]
        assert names == ["a.JPG", "b.png", "deep/er/c.jpeg"]
        assert image_files(str(tmp_path / "*.png")) == [tmp_path / "b.png"]

    def test_an_unknown_split_is_an_error(self, bundle: ModelBundle, data: Path) -> None:
        with pytest.raises(DataError, match="no images"):
            list(card_figures.refusals(Task(bundle, (data,), "train", "a command")))


@pytest.fixture(scope="module")
def ranges(bundle: ModelBundle, data: Path) -> list[tuple[int, float, np.ndarray]]:
    """Label, probability, and those with the copies', of the images that are not refused; by hand."""
    classifier = Classifier(bundle)
    found = []
    for example in of_split(load_source(data), "test")[:-1]:
        picture = classifier.network_input(read_image(Path(example.path)))
        answers = classifier.answer([picture, *augmented_views(picture)])
        each = [answer.prediction.melanoma_probability for answer in answers if isinstance(answer, ModelOutput)]
        found.append((example.melanoma, each[0], np.array(each)))
    return found


class TestStability:
    @pytest.mark.parametrize("limit", [1e-6, 50.0, None])
    def test_steady_and_unsteady_answers_are_counted(
        self, bundle: ModelBundle, data: Path, ranges: list[tuple[int, float, np.ndarray]], limit: float | None
    ) -> None:
        """At a threshold that one image's copies straddle at least; with a limit that none keeps to, all, or some."""
        threshold = float((ranges[0][2].min() + ranges[0][2].max()) / 2)
        apart = np.array([np.ptp(np.log(each / (1 - each))) for _, _, each in ranges])
        if limit is None:
            limit = float(np.sort(apart)[1:3].mean())
        turned = np.array([each.min() < threshold <= each.max() for _, _, each in ranges])
        consistent = ~turned & (apart <= limit)
        wrong = np.array([(probability >= threshold) != label for label, probability, _ in ranges])
        changed_bundle = with_consistency(bundle, threshold=threshold, limit=limit)
        found = by_metric(card_figures.consistency(Task(changed_bundle, (data,), "test", "a command")))
        expected = {
            "answers that are steady": consistent,
            "answers that a copy turns over": turned,
            "wrong at the screening threshold, of steady answers": wrong[consistent],
            "wrong at the screening threshold, of unsteady answers": wrong[~consistent],
        }
        expected = {metric: chosen for metric, chosen in expected.items() if chosen.size}
        assert turned.any()
        assert set(found) == set(expected)
        for metric, chosen in expected.items():
            assert found[metric].estimate.value == pytest.approx(chosen.mean(), abs=1e-6)
            assert found[metric].images == chosen.size

    def test_a_card_without_a_limit_is_an_error(self, bundle: ModelBundle, data: Path) -> None:
        with pytest.raises(DataError, match="no limit"):
            list(card_figures.consistency(Task(bundle, (data,), "val", "a command")))


def test_labelled_images_that_the_data_lack_are_not_counted(
    bundle: ModelBundle, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = of_split(load_source(data), "test")[0].image
    labels = {here: frozenset({Artifact.HAIR}), "elsewhere": frozenset({Artifact.HAIR})}
    monkeypatch.setattr(artifact_rates, "labelled", lambda split: labels)
    found = by_metric(card_figures.KINDS["warnings"](Task(bundle, (data,), "test", "a command")))
    assert found["found, hair (labelled by eye)"].images == 1


@pytest.mark.parametrize(
    ("kind", "word"), [("outline", "outlines"), ("abcd", "outlines"), ("diagnoses", "calibration of diagnoses")]
)
def test_what_a_bundle_does_not_have_is_not_measured(bundle: ModelBundle, data: Path, kind: str, word: str) -> None:
    with pytest.raises(DataError, match=word):
        list(card_figures.KINDS[kind](Task(bundle, (data,), "test", "a command")))


def test_a_diagnosis_that_the_split_lacks_has_no_calibration_error(model: Path, data: Path) -> None:
    found = by_metric(card_figures.KINDS["diagnoses"](Task(load_bundle(model), (data,), "test", "a command")))
    assert set(found) == {
        "the most probable diagnosis is right",
        "calibration error of MEL, 15 bins",
        "calibration error of NV, 15 bins",
    }
    assert {one.images for one in found.values()} == {IMAGES}


def test_several_tables_are_measured_together(bundle: ModelBundle, data: Path, tmp_path: Path) -> None:
    with (data / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    second = tmp_path / "more.csv"
    with second.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"image": f"more-{row['image']}"} for row in rows)
    task = Task(bundle, (data, second), "test", "a command")
    found = by_metric(card_figures.refusals(task))["refused, of dermoscopy images"]
    assert (found.images, found.data) == (2 * IMAGES, f"{data}, {second}")


def test_masks_are_needed_beside_one_of_the_tables(bundle: ModelBundle, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    task = Task(bundle, (first, second / "metadata.csv"), "test", "a command")
    with pytest.raises(DataError, match="not 0"):
        _ = task.outlined_data
    (second / "masks").mkdir()
    assert task.outlined_data == second / "metadata.csv"
    (first / "masks").mkdir()
    with pytest.raises(DataError, match="not 2"):
        _ = task.outlined_data


class TestBundles:
    @pytest.fixture
    def copy(self, model: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(model, tmp_path / "bundle"))

    def test_figures_are_put_in_and_read(self, copy: Path) -> None:
        before = load_bundle(copy)
        first = [figure("a", "one"), figure("b", "one"), figure("a", "two")]
        update.put_figures(copy, first)
        assert load_bundle(copy).card.figures == (*before.card.figures, *first)
        again = [figure("a", "one", 0.55)]
        update.put_figures(copy, again)
        after = load_bundle(copy)
        assert after.card.figures == (*before.card.figures, first[2], *again)
        assert replace(after, card=changed(after.card, figures=before.card.figures)) == before

    def test_nothing_is_put_into_what_is_no_bundle(self, copy: Path) -> None:
        network = copy / load_bundle(copy).card.network.file
        network.write_bytes(network.read_bytes()[:-1])
        card = (copy / CARD_FILE).read_bytes()
        with pytest.raises(BundleError, match="checksum"):
            update.put_figures(copy, [figure("a", "one")])
        assert (copy / CARD_FILE).read_bytes() == card

    def test_an_outlines_network_is_put_in_and_finds(self, copy: Path, tmp_path: Path) -> None:
        content = darkness_network()
        before = load_bundle(copy).card
        update.put_outline(copy, content, side=64, origin="this test")
        after = load_bundle(copy)
        assert after.outline == content
        assert after.card.outline is not None
        assert (after.card.outline.side, after.card.outline.origin) == (64, "this test")
        assert changed(after.card, outline=before.outline) == before
        network = OutlineNetwork(after.outline, side=after.card.outline.side)
        found = network.find(reference_image(radius=60))
        assert found is not None
        assert found.area_share == pytest.approx(np.pi * (60 / 256) ** 2, rel=0.15)
        image = tmp_path / "a.png"
        Image.fromarray(reference_image()).save(image)
        assert screen_file(image, Classifier(after)).prediction is not None

    def test_what_is_no_such_network_changes_nothing(self, copy: Path) -> None:
        before = {file.name: file.read_bytes() for file in copy.iterdir()}
        with pytest.raises(BundleError):
            update.put_outline(copy, b"no network", side=64, origin="this test")
        assert {file.name: file.read_bytes() for file in copy.iterdir()} == before


def darkness_network() -> bytes:
    """A network of the outlines' shape for images of 64: what is darker than 140 is lesion."""
    image = keras.Input((64, 64, 3), name="image")
    pooled = layers.AveragePooling2D(2)(image)
    dark = layers.Conv2D(
        1,
        1,
        kernel_initializer=keras.initializers.Constant(-1 / 3),
        bias_initializer=keras.initializers.Constant(140.0),
    )
    return as_litert(keras.Model(image, {LOGITS: layers.Reshape((32, 32))(dark(pooled))}))
