"""An image's whole way: what is refused and why, what a number comes with, and what is kept of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as changed
from PIL import Image, ImageFilter

from app.core.domain.advice import Advice, Unknown, advice_of, not_known
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import EMPTY_ANNOTATION, Entry
from app.core.domain.errors import BundleError
from app.core.domain.geometry import WHOLE
from app.core.domain.results import Rejection, Screening
from app.core.history.batches import BatchRepository, ItemResult, ResultCache
from app.core.history.own_cases import own_case_metrics
from app.core.history.repository import EntryRepository
from app.core.imaging import borders
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.classifier import Classifier, ModelOutput
from app.core.model.operating_point import log_odds
from app.core.model.test_time_augmentation import augmented_views
from app.core.quality.assessment import IssueKind, assess
from app.core.screening.batch_runner import run_batch
from app.core.screening.pipeline import (
    FORCED_WARNINGS,
    INCONSISTENT_WARNING,
    REASONS,
    UNLIKE_TRAINING_WARNING,
    Loaded,
    classify_prepared,
    explain,
    prepare,
    screen_content,
    screen_file,
    without_consistency,
)
from app.core.screening.service import ImageSource, ScreeningService
from tests.drawn import detailed_lesion
from tests.factories import (
    FAR,
    NEAR,
    bare,
    fake_detector,
    file_of,
    root_mean_square,
    roots_of_features,
    with_consistency,
    with_detector,
    with_gate,
    with_near,
    with_other_cancers,
    write_bundle,
)


def screen(rgb: np.ndarray, classifier: Classifier, **how: bool) -> Screening:
    return screen_content(file_of(rgb), Path("a.png"), classifier, **how)


def numbers(one: Screening) -> list[float]:
    """All that the network gave: unfamiliarity, probability, and the lowest and highest of copies."""
    found = [] if one.ood_distance is None else [one.ood_distance]
    if one.prediction is not None:
        found.append(one.prediction.melanoma_probability)
        if one.prediction.consistency is not None:
            found += [one.prediction.consistency.lowest, one.prediction.consistency.highest]
    return found


@pytest.fixture(scope="module")
def bundle(model: Path) -> ModelBundle:
    return bare(model)


@pytest.fixture(scope="module")
def plain(bundle: ModelBundle) -> Classifier:
    return Classifier(bundle)


@pytest.fixture(scope="module")
def strict(bundle: ModelBundle) -> Classifier:
    """Finds everything unfamiliar."""
    return Classifier(with_detector(bundle, FAR))


@pytest.fixture(scope="module")
def closed(bundle: ModelBundle) -> Classifier:
    """Takes nothing for dermoscopy, though all is like the training's images."""
    return Classifier(with_gate(with_detector(bundle, NEAR), 0.25))


@pytest.fixture
def strict_model(bundle: ModelBundle, tmp_path: Path) -> Path:
    """The same as a folder."""
    return write_bundle(with_detector(bundle, FAR), tmp_path / "strict model")


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


def blurred() -> np.ndarray:
    return np.asarray(Image.fromarray(detailed_lesion()).filter(ImageFilter.GaussianBlur(14)))


def grey() -> np.ndarray:
    return np.asarray(Image.fromarray(detailed_lesion()).convert("L").convert("RGB"))


def black() -> np.ndarray:
    return np.zeros((256, 256, 3), np.uint8)


def blank() -> np.ndarray:
    return np.full((256, 256, 3), (200, 160, 140), np.uint8)


class TestQuality:
    @pytest.mark.parametrize(
        ("draw", "word"), [(black, "dark"), (blank, "one colour"), (grey, "no colours"), (blurred, "blurred")]
    )
    @pytest.mark.parametrize("force_prediction", [False, True])
    def test_what_shows_nothing_is_refused(
        self, plain: Classifier, draw: Callable[[], np.ndarray], word: str, force_prediction: bool
    ) -> None:
        found = screen(draw(), plain, force_prediction=force_prediction, consistency=True)
        assert (found.prediction, found.status, found.refusal) == (None, "refused", Rejection.QUALITY)
        assert word in str(found.error)
        assert found.sha256 == hashlib.sha256(file_of(draw())).hexdigest()
        assert (found.ood_distance, found.embedding) == (None, b"")
        assert Image.open(io.BytesIO(found.thumbnail)).size == (160, 160)

    def test_a_good_picture_has_a_number_and_its_explanation(self, plain: Classifier) -> None:
        found = screen(detailed_lesion(), plain)
        assert (found.status, found.error, found.refusal, found.warnings) == ("ok", None, None, ())
        assert found.prediction is not None
        assert found.prediction == plain.predict(detailed_lesion())
        explanation = explain(file_of(detailed_lesion()), Path("a.png"), plain)
        assert explanation is not None
        assert explanation.area == WHOLE
        assert np.array_equal(explanation.saliency_map, plain.explain(plain.network_input(detailed_lesion())))

    def test_what_shows_nothing_has_no_explanation(self, plain: Classifier) -> None:
        assert explain(file_of(black()), Path("a.png"), plain) is None

    def test_a_poor_one_is_warned_of(self, plain: Classifier) -> None:
        found = screen((detailed_lesion() * 0.3).astype(np.uint8), plain)
        assert found.prediction is not None
        assert "too dark" in found.warnings[0]

    @pytest.mark.parametrize("content", [b"no image", b"", b"\xff\xd8\xff\xe0 cut short"])
    def test_an_unreadable_file_stays_failed(self, plain: Classifier, content: bytes) -> None:
        found = screen_content(content, Path("a.jpg"), plain, force_prediction=True)
        assert (found.prediction, found.status, found.refusal) == (None, "failed", None)
        assert found.error

    def test_so_does_one_that_is_not_there(self, plain: Classifier, tmp_path: Path) -> None:
        found = screen_file(tmp_path / "gone.jpg", plain)
        assert (found.status, found.refusal, found.sha256) == ("failed", None, None)

    def test_and_one_that_the_network_fails_on(self, plain: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> list[ModelOutput]:
            raise BundleError("The model broke.")

        monkeypatch.setattr(Classifier, "answer", broken)
        found = screen(detailed_lesion(), plain)
        assert (found.status, found.refusal, found.error) == ("failed", None, "The model broke.")


class TestFamiliarity:
    def test_what_is_far_from_the_training_is_refused(self, strict: Classifier) -> None:
        found = screen(detailed_lesion(), strict)
        assert (found.prediction, found.status, found.refusal) == (None, "refused", Rejection.OUT_OF_DISTRIBUTION)
        assert found.error == REASONS[Rejection.OUT_OF_DISTRIBUTION]
        assert found.is_out_of_distribution
        assert found.ood_distance is not None
        assert found.ood_distance > 1
        assert found.embedding == b""
        assert found.thumbnail

    def test_a_number_can_be_asked_for_all_the_same(self, strict: Classifier, plain: Classifier) -> None:
        dark = (detailed_lesion() * 0.3).astype(np.uint8)
        found = screen(dark, strict, force_prediction=True)
        without = screen(dark, plain)
        assert (found.status, found.refusal, found.is_answer) == ("unfamiliar", None, False)
        assert found.forced
        assert found.prediction == without.prediction is not None
        assert found.is_out_of_distribution
        assert found.warnings == (FORCED_WARNINGS[Rejection.OUT_OF_DISTRIBUTION], *without.warnings)
        assert len(found.warnings) > 1

    def test_what_is_near_is_looked_at(self, bundle: ModelBundle) -> None:
        found = screen(detailed_lesion(), Classifier(with_detector(bundle, NEAR)))
        assert found.prediction is not None
        assert found.ood_distance is not None
        assert 0 < found.ood_distance < 1
        assert not found.is_out_of_distribution
        assert FORCED_WARNINGS[Rejection.OUT_OF_DISTRIBUTION] not in found.warnings
        assert len(np.frombuffer(found.embedding, np.float16)) == 4  # what similar cases are found by

    def test_without_it_nothing_is_unfamiliar(self, plain: Classifier) -> None:
        stripes = np.tile(np.repeat(np.array([[255, 0, 0], [0, 0, 255]], np.uint8), 8, axis=0), (256, 16, 1))
        found = screen(stripes, plain)
        assert found.prediction is not None
        assert (found.ood_distance, found.is_out_of_distribution, found.embedding) == (None, False, b"")

    def test_it_is_told_by_the_networks_features(self, bundle: ModelBundle) -> None:
        """Fitted to one picture by hand: that one is familiar, something else is not."""
        centre = roots_of_features(bundle, detailed_lesion())
        fitted = replace(fake_detector(bundle.card), centres=centre[np.newaxis])
        page = np.full((256, 256, 3), 250, np.uint8)
        page[::8, 20:-20], page[40:90, 40:90] = (40, 40, 120), (240, 60, 60)
        classifier = Classifier(with_detector(bundle, 0.05, fitted))
        own, other = screen(detailed_lesion(), classifier), screen(page, classifier)
        assert (own.status, other.status, other.refusal) == ("ok", "refused", Rejection.OUT_OF_DISTRIBUTION)
        assert own.ood_distance == pytest.approx(0, abs=0.01)
        distance = root_mean_square(roots_of_features(bundle, page) - centre)
        assert other.ood_distance == pytest.approx(distance / 0.05, rel=0.01)


class TestGate:
    """The gate refuses, and the distance from the training's images only warns."""

    def test_what_is_no_dermoscopy_is_refused(self, closed: Classifier) -> None:
        found = screen(detailed_lesion(), closed)
        assert (found.prediction, found.status, found.refusal) == (None, "refused", Rejection.NOT_DERMOSCOPY)
        assert found.error == REASONS[Rejection.NOT_DERMOSCOPY]
        assert "dermatoscope" in found.error
        assert found.dermoscopy_probability == pytest.approx(0.25)
        assert not found.is_out_of_distribution

    def test_its_number_can_be_asked_for(self, closed: Classifier, plain: Classifier) -> None:
        found = screen(detailed_lesion(), closed, force_prediction=True)
        assert (found.status, found.refusal, found.is_answer, found.forced) == ("unfamiliar", None, False, True)
        assert found.prediction == screen(detailed_lesion(), plain).prediction
        assert found.warnings[0] == FORCED_WARNINGS[Rejection.NOT_DERMOSCOPY]
        assert UNLIKE_TRAINING_WARNING not in found.warnings

    @pytest.mark.parametrize("force_prediction", [False, True])
    def test_dermoscopy_unlike_the_trainings_is_answered_with_a_warning(
        self, bundle: ModelBundle, plain: Classifier, force_prediction: bool
    ) -> None:
        classifier = Classifier(with_gate(with_detector(bundle, FAR), 0.9))
        found = screen(detailed_lesion(), classifier, force_prediction=force_prediction)
        without = screen(detailed_lesion(), plain)
        assert (found.status, found.is_answer, found.forced) == ("ok", True, False)
        assert found.prediction == without.prediction
        assert found.is_out_of_distribution
        assert found.warnings == (UNLIKE_TRAINING_WARNING, *without.warnings)

    def test_at_the_limit_it_is_answered(self, bundle: ModelBundle) -> None:
        for limit, status in ((0.5, "ok"), (0.5001, "refused")):
            found = screen(detailed_lesion(), Classifier(with_gate(bundle, 0.5, limit)))
            assert found.status == status
            assert found.dermoscopy_probability == pytest.approx(0.5)

    def test_bad_quality_is_refused_before_it(self, closed: Classifier) -> None:
        found = screen(black(), closed, force_prediction=True)
        assert (found.refusal, found.dermoscopy_probability) == (Rejection.QUALITY, None)

    def test_a_batch_refuses_too_and_keeps_what_the_gate_found(
        self, history: EntryRepository, closed: Classifier, image_file: Callable[..., Path]
    ) -> None:
        batches = BatchRepository(history.database)
        file = image_file(radius=50)
        history.add(screen_file(file, closed, force_prediction=True))
        batch = batches.create([file], [file.parent])
        (row,) = [row for rows in run_batch(batches, batch, lambda: closed, workers=1) for row in rows]
        assert (row.screening.refusal, row.entry_id, row.is_repeated) == (Rejection.NOT_DERMOSCOPY, None, False)
        assert row.screening.dermoscopy_probability == pytest.approx(0.25)
        assert batches.rows(batch.id) == [row]
        assert history.count() == 1

    def test_the_number_that_was_asked_for_is_known_to_who_asks_for_it(
        self, history: EntryRepository, closed: Classifier
    ) -> None:
        asked = screen(detailed_lesion(), closed, force_prediction=True)
        entry = history.record_once(asked)
        assert asked.sha256 is not None
        assert asked.prediction is not None
        with history.database.reader() as connection:
            cache = {
                force: ResultCache(connection, closed.model_id, asked.prediction.threshold, force_prediction=force)
                for force in (False, True)
            }
            assert cache[False].find(asked.sha256) is None
            known = cache[True].find(asked.sha256)
        assert known is not None
        assert known.id == entry.id
        assert known.screening.status == "unfamiliar"

    def test_other_cancers_come_along(self, model: Path, history: EntryRepository) -> None:
        whole = load_bundle(model)
        classifier = Classifier(with_other_cancers(with_gate(whole, 0.9), 0.125))
        found = screen(detailed_lesion(), classifier)
        assert found.prediction is not None
        assert found.prediction.other_cancer_probability is not None
        assert found.prediction.other_cancer_threshold == 0.125
        history.add(found)
        (entry,) = history.entries()
        assert entry.screening == found

    def test_the_copies_give_the_range_of_other_cancers_too(self, model: Path) -> None:
        bundle = with_consistency(with_other_cancers(load_bundle(model), 0.125), threshold=0.2, limit=50.0)
        found = screen(reference_image(radius=BETWEEN), Classifier(bundle), consistency=True).prediction
        assert found is not None
        assert found.consistency is not None
        assert found.consistency.other_cancer is not None
        lowest, highest = found.consistency.other_cancer
        assert found.other_cancer_probability is not None
        assert 0 < lowest <= found.other_cancer_probability <= highest < 1
        assert lowest < highest

    @pytest.mark.parametrize("melanoma", [False, True])
    def test_another_cancer_gives_the_advice_below_the_threshold_of_melanoma(self, model: Path, melanoma: bool) -> None:
        bundle = with_other_cancers(load_bundle(model), 0.0)
        point = changed(bundle.card.operating_point, threshold=0.0 if melanoma else 1.0)
        suspecting = replace(bundle, card=changed(bundle.card, operating_points=(point,)))
        found = screen(detailed_lesion(), Classifier(suspecting))
        assert advice_of(found) is (Advice.REFER_MELANOMA if melanoma else Advice.REFER_OTHER_CANCER)
        assert found.prediction is not None
        assert found.prediction.other_cancer_suspected

    def test_a_number_asked_for_suspects_nothing(self, model: Path) -> None:
        refusing = with_gate(with_other_cancers(load_bundle(model), 0.0), 0.25)
        found = screen(detailed_lesion(), Classifier(refusing), force_prediction=True)
        assert found.forced
        assert advice_of(found) is Advice.NOT_ASSESSED


class TestFrame:
    def test_a_frame_is_cropped_and_said(self, plain: Classifier) -> None:
        rgb = np.full((700, 800, 3), 5, np.uint8)
        rgb[300:556, 100:356] = detailed_lesion()
        found = screen(rgb, plain)
        explanation = explain(file_of(rgb), Path("a.png"), plain)
        assert explanation is not None
        area = explanation.area
        places = (area.left * 800, area.top * 700, area.right * 800, area.bottom * 700)
        assert places == pytest.approx((100, 300, 356, 556), abs=8)
        expected = assess(detailed_lesion(), full_size=(256, 256), frame=area)
        (said,) = (finding.message for finding in expected.findings if finding.kind is IssueKind.FRAME)
        assert said in found.warnings
        cropped, _ = borders.crop_borders(rgb)
        assert found.prediction == plain.predict(cropped)
        assert found.prediction == plain.predict(rgb)
        (uncut,) = plain.answer([plain.network_input(rgb)])
        assert isinstance(uncut, ModelOutput)
        assert found.prediction != uncut.prediction
        assert Image.open(io.BytesIO(found.thumbnail)).size == (160, 140)  # of the picture as it is


BETWEEN = 85
"""Radius of a lesion, in pixels, whose two copies are answered one above and one below the picture itself."""


@pytest.fixture(scope="module")
def probabilities(plain: Classifier) -> list[float]:
    """Of a picture and its copies, by hand."""
    picture = plain.network_input(reference_image(radius=BETWEEN))
    answers = plain.answer([picture, *augmented_views(picture)])
    return [answer.prediction.melanoma_probability for answer in answers if isinstance(answer, ModelOutput)]


class TestStability:
    def look(
        self, bundle: ModelBundle, *, threshold: float, limit: float = 50.0, consistency: bool = True
    ) -> Screening:
        classifier = Classifier(with_consistency(bundle, threshold=threshold, limit=limit))
        return screen(reference_image(radius=BETWEEN), classifier, consistency=consistency)

    def test_the_copies_give_the_range(self, bundle: ModelBundle, probabilities: list[float]) -> None:
        found = self.look(bundle, threshold=min(probabilities) / 2).prediction
        assert found is not None
        assert found.consistency is not None
        assert len(set(probabilities)) == 3
        assert found.melanoma_probability == pytest.approx(probabilities[0], abs=1e-6)
        assert found.consistency.lowest == pytest.approx(min(probabilities), abs=1e-6)
        assert found.consistency.highest == pytest.approx(max(probabilities), abs=1e-6)
        assert found.consistency.consistent

    def test_a_copy_below_the_threshold_is_warned_of(self, bundle: ModelBundle, probabilities: list[float]) -> None:
        own, lowest = probabilities[0], min(probabilities)
        assert lowest < own
        found = self.look(bundle, threshold=(lowest + own) / 2)
        assert advice_of(found) is Advice.REFER_MELANOMA
        assert found.prediction is not None
        assert found.prediction.is_near_threshold
        assert found.prediction.consistency is not None
        assert not found.prediction.consistency.consistent
        assert found.warnings[-1] == INCONSISTENT_WARNING

    def test_without_a_limit_the_advice_is_the_same_whether_copies_are_looked_at_or_not(
        self, bundle: ModelBundle, probabilities: list[float]
    ) -> None:
        own, highest = probabilities[0], max(probabilities)
        assert own < highest
        for consistency in (True, False):
            found = self.look(bundle, threshold=(own + highest) / 2, consistency=consistency)
            assert advice_of(found) is Advice.BELOW_THRESHOLD
            assert not_known(found) == (Unknown.OTHER_CANCER, Unknown.COPIES)
            assert (INCONSISTENT_WARNING in found.warnings) == consistency

    def test_far_apart_on_one_side_is_unsteady_but_not_warned_of(
        self, bundle: ModelBundle, probabilities: list[float]
    ) -> None:
        found = self.look(bundle, threshold=min(probabilities) / 2, limit=1e-3)
        assert found.prediction is not None
        assert found.prediction.consistency is not None
        assert not found.prediction.consistency.consistent
        assert INCONSISTENT_WARNING not in found.warnings

    def test_unless_asked_for_it_is_not_looked_at(self, bundle: ModelBundle, probabilities: list[float]) -> None:
        found = self.look(bundle, threshold=float(np.mean(probabilities)), consistency=False)
        assert found.prediction is not None
        assert found.prediction.consistency is None
        assert INCONSISTENT_WARNING not in found.warnings

    def test_a_picture_near_its_threshold_with_a_copy_above_is_borderline_wherever_it_is_opened(
        self, bundle: ModelBundle, probabilities: list[float]
    ) -> None:
        own, highest = probabilities[0], max(probabilities)
        assert own < highest
        for distance, borderline in ((float(log_odds(highest) - log_odds(own)) + 0.1, True), (1e-6, False)):
            near = with_near(with_consistency(bundle, threshold=highest), distance)
            classifier = Classifier(near)
            for consistency in (False, True):
                found = screen(reference_image(radius=BETWEEN), classifier, consistency=consistency)
                assert advice_of(found) is (Advice.BORDERLINE if borderline else Advice.BELOW_THRESHOLD)
                assert found.prediction is not None
                assert (found.prediction.consistency is not None) == (borderline or consistency)
                again = without_consistency(found, near.card.operating_point).prediction
                assert again is not None
                assert (again.consistency is not None) == borderline
                if borderline:
                    assert INCONSISTENT_WARNING not in found.warnings  # the advice says it

    def test_a_card_without_a_limit_gives_none(self, plain: Classifier) -> None:
        found = screen(reference_image(radius=50), plain, consistency=True)
        assert found.prediction is not None
        assert found.prediction.consistency is None

    def test_unfamiliarity_is_of_the_picture_itself(self, bundle: ModelBundle) -> None:
        both = with_consistency(with_detector(bundle, NEAR), threshold=0.2)
        classifier = Classifier(both)
        found = screen(detailed_lesion(), classifier, consistency=True)
        assert found.ood_distance == pytest.approx(screen(detailed_lesion(), classifier).ood_distance, rel=1e-5)
        assert found.prediction is not None
        assert found.prediction.consistency is not None


class TestTogether:
    @pytest.mark.parametrize("how", [{}, {"force_prediction": True, "consistency": True}])
    def test_several_give_what_each_gives_alone(self, bundle: ModelBundle, how: dict[str, bool]) -> None:
        """Some familiar and some not, some refused and one that is no image between them."""
        pictures = [reference_image(radius=40), black(), detailed_lesion(), reference_image(radius=90)]
        distances = sorted(root_mean_square(roots_of_features(bundle, pictures[index])) for index in (0, 2, 3))
        some = with_detector(with_consistency(bundle, threshold=0.06), (distances[0] + distances[1]) / 2)
        classifier = Classifier(some)
        contents = [file_of(rgb) for rgb in pictures]
        contents.insert(2, b"no image")
        prepared = [
            prepare(Loaded.of(content, Path(f"{index}.png")), classifier) for index, content in enumerate(contents)
        ]
        together = classify_prepared(prepared, classifier, **how)
        alone = [
            screen_content(content, Path(f"{index}.png"), classifier, **how) for index, content in enumerate(contents)
        ]
        assert len(together) == 5
        statuses = [one.status for one in together]
        assert statuses.count("failed") == 1
        assert statuses.count("refused") == (1 if how else 3)
        for one, other in zip(together, alone, strict=True):
            assert (one.path, one.sha256, one.error, one.refusal) == (
                other.path,
                other.sha256,
                other.error,
                other.refusal,
            )
            assert (one.warnings, one.thumbnail) == (other.warnings, other.thumbnail)
            assert (one.ood_distance is None) == (other.ood_distance is None)
            assert numbers(one) == pytest.approx(numbers(other), rel=1e-4)
        assert [len(numbers(one)) for one in together].count(4 if how else 2) == (3 if how else 1)

    def test_nothing_gives_nothing(self, plain: Classifier) -> None:
        assert classify_prepared([], plain) == []


class TestBatches:
    @pytest.fixture
    def batches(self, history: EntryRepository) -> BatchRepository:
        return BatchRepository(history.database)

    def test_a_number_asked_for_although_unfamiliar_is_not_known(
        self, history: EntryRepository, batches: BatchRepository, strict: Classifier
    ) -> None:
        asked = screen(detailed_lesion(), strict, force_prediction=True)
        history.add(asked)
        assert asked.sha256 is not None
        assert asked.prediction is not None
        threshold = asked.prediction.threshold
        with batches.database.reader() as connection:
            assert ResultCache(connection, strict.model_id, threshold).find(asked.sha256) is None
        familiar = history.add(replace(asked, forced=False))
        with batches.database.reader() as connection:
            known = ResultCache(connection, strict.model_id, threshold).find(asked.sha256)
        assert known is not None
        assert known.id == familiar.id

    def test_a_batch_refuses_what_somebody_had_a_number_for(
        self, history: EntryRepository, batches: BatchRepository, bundle: ModelBundle, image_file: Callable[..., Path]
    ) -> None:
        file = image_file(radius=50)
        given = with_detector(bundle, FAR)
        history.add(screen_file(file, Classifier(given), force_prediction=True))
        batch = batches.create([file], [file.parent])
        (row,) = [row for rows in run_batch(batches, batch, lambda: Classifier(given, threads=1)) for row in rows]
        assert (row.screening.refusal, row.entry_id, row.is_repeated) == (Rejection.OUT_OF_DISTRIBUTION, None, False)
        assert history.count() == 1

    def test_a_result_of_the_same_content_does_not_stand_for_it(
        self, history: EntryRepository, batches: BatchRepository, strict: Classifier
    ) -> None:
        """Nor in writing: an outcome is not taken for the entry that was asked for."""
        asked = screen(detailed_lesion(), strict, force_prediction=True)
        entry = history.add(asked)
        batch = batches.create([asked.path], [])
        (row,) = batches.write(batch, [ItemResult(0, replace(asked, forced=False))])
        assert row.entry_id != entry.id
        assert not row.is_repeated

    def test_a_refusal_survives_writing_and_reading(
        self, history: EntryRepository, batches: BatchRepository, strict: Classifier
    ) -> None:
        refused = [screen(black(), strict), screen((detailed_lesion() * 0.3).astype(np.uint8), strict)]
        failed = screen_content(b"no image", Path("b.png"), strict)
        batch = batches.create([one.path for one in (*refused, failed)], [])
        written = batches.write(batch, [ItemResult(i, one) for i, one in enumerate((*refused, failed))])
        rows = batches.rows(batch.id)
        assert rows == written
        assert [row.screening.refusal for row in rows] == [Rejection.QUALITY, Rejection.OUT_OF_DISTRIBUTION, None]
        assert [row.screening.status for row in rows] == ["refused", "refused", "failed"]
        for row, one in zip(rows, (*refused, failed), strict=True):
            assert row.screening == replace(one, thumbnail=b"")
            assert row.entry_id is None
        assert rows[1].screening.is_out_of_distribution
        assert rows[1].screening.warnings
        assert history.count() == 0
        assert batches.pending(batch.id) == []

    def test_unsteadiness_survives_too(
        self, history: EntryRepository, batches: BatchRepository, bundle: ModelBundle
    ) -> None:
        classifier = Classifier(with_consistency(bundle, threshold=0.06, limit=1e-3))
        one = screen(reference_image(radius=50), classifier, consistency=True)
        assert one.prediction is not None
        assert one.prediction.consistency is not None
        batch = batches.create([one.path], [])
        batches.write(batch, [ItemResult(0, one)])
        (row,) = batches.rows(batch.id)
        assert row.screening.prediction == one.prediction


class TestService:
    @pytest.fixture
    def service(self, strict_model: Path, history: EntryRepository) -> ScreeningService:
        return ScreeningService(strict_model, history)

    def test_a_refused_one_is_given_and_not_written(self, service: ScreeningService, history: EntryRepository) -> None:
        (given,) = service.screen(ImageSource(Path("a.png"), file_of(detailed_lesion())))
        assert isinstance(given, Screening)
        assert given.refusal is Rejection.OUT_OF_DISTRIBUTION
        assert history.count() == 0

    def test_a_number_that_was_asked_for_is_written_as_one(
        self, service: ScreeningService, history: EntryRepository
    ) -> None:
        source = ImageSource(Path("a.png"), file_of(detailed_lesion()))
        given, entry = service.screen(source, force_prediction=True)
        assert isinstance(given, Screening)
        assert isinstance(entry, Entry)
        (read,) = history.entries()
        assert read.id == entry.id
        assert read.screening.ood_distance == given.ood_distance
        assert read.screening.is_out_of_distribution
        assert read.screening.warnings[0] == FORCED_WARNINGS[Rejection.OUT_OF_DISTRIBUTION]
        assert read.screening.embedding == given.embedding != b""

    def test_it_does_not_count_for_what_the_model_is_worth(
        self, service: ScreeningService, history: EntryRepository
    ) -> None:
        source = ImageSource(Path("a.png"), file_of(detailed_lesion()))
        _, entry = service.screen(source, force_prediction=True)
        assert isinstance(entry, Entry)
        history.update_record(entry, ClinicalRecord(diagnosis="melanoma"))
        assert own_case_metrics(history) == []
        familiar = history.add(replace(entry.screening, forced=False, sha256="0" * 64))
        history.update_record(familiar, ClinicalRecord(diagnosis="melanoma"))
        ((_, _, found),) = own_case_metrics(history)
        assert found.melanomas.images == 1

    def test_it_is_explained_although_it_is_refused(self, service: ScreeningService) -> None:
        explanation = service.explain(file_of(detailed_lesion()), Path("a.png"))
        assert explanation is not None
        assert service.explain(file_of(black()), Path("a.png")) is None

    def test_without_a_network_for_it_no_outline_is_found(self, service: ScreeningService) -> None:
        with pytest.raises(BundleError, match="by hand"):
            service.measure_lesion(file_of(detailed_lesion()), EMPTY_ANNOTATION)
