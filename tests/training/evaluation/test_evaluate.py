"""Figures, report and comparison, on results made up for the purpose."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import re
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from app.core.domain.results import Prediction, Screening
from app.core.model.card import Card
from app.core.model.classifier import Classifier
from tests.factories import THUMBNAIL
from training import metrics
from training.data.examples import NOT_STATED, Example
from training.errors import DataError
from training.evaluation.compare import compare
from training.evaluation.evaluate import ARGMAX, Scored, evaluate
from training.evaluation.groups import NOT_SEEN, SEEN
from training.evaluation.report import Report, as_html
from training.evaluation.targets import targets

ROWS = 300


@pytest.fixture(scope="module")
def card(classifier: Classifier) -> Card:
    return classifier.card


def scored(card: Card, *, skill: float, seed: int = 0) -> Scored:
    """Images whose probabilities tell the classes apart by `skill` standard deviations; the first is unreadable."""
    random = np.random.default_rng(0)
    noise = np.random.default_rng(seed).normal(size=ROWS)
    examples, screenings = [], []
    for n in range(ROWS):
        melanoma = int(random.random() < 0.3)
        age = str(random.choice(["", "12", "30.0", "85"]))
        site, source = str(random.choice(["back", "<b>hand</b>"])), str(random.choice(["A", "B"]))
        examples.append(
            Example(f"I{n}", f"/x/I{n}.jpg", melanoma, f"L{n}", source=source, age=age, site=site, diagnosis="NV & co")
        )
        probability = float(1 / (1 + np.exp(-(skill * (melanoma - 0.5) + noise[n]))))
        screenings.append(
            Screening(
                Path(f"/x/I{n}.jpg"),
                card.model_id,
                dt.datetime.now().astimezone(),
                prediction=Prediction(probability, card.operating_point.threshold) if n else None,
                error=None if n else "not readable",
                thumbnail=THUMBNAIL,
            )
        )
    return Scored(tuple(examples), tuple(screenings))


@pytest.fixture
def isic_scorer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The ISIC challenge's, without its own way to unzip (see pyproject.toml)."""
    monkeypatch.setitem(sys.modules, "zipfile_deflate64", zipfile)
    return importlib.import_module("isic_challenge_scoring.classification")


@pytest.mark.filterwarnings("ignore")  # the scorer's own, of pandas and scikit-learn
def test_figures_agree_with_the_isic_challenges_scorer(card: Card, isic_scorer: ModuleType) -> None:
    result = scored(card, skill=2)
    evaluation = evaluate(result, card, data="made up", split="")
    names = [example.image for example, _ in result.classified()]
    truth, given = (
        io.StringIO("image,melanoma\n" + "".join(f"{n},{float(v)!r}\n" for n, v in zip(names, values, strict=True)))
        for values in (result.labels, result.probabilities)
    )
    official = isic_scorer.ClassificationScore.from_stream(truth, given, isic_scorer.ClassificationMetric.AUC)
    theirs = official.per_category.iloc[0]
    at_half = evaluation.at(ARGMAX)
    assert evaluation.auroc.value == pytest.approx(theirs["auc"], abs=1e-9)
    assert evaluation.average_precision == pytest.approx(theirs["ap"], abs=1e-9)
    for name in ("accuracy", "sensitivity", "specificity"):
        assert getattr(at_half, name).value == pytest.approx(theirs[name], abs=1e-9)


def test_groups_divide_the_images_by_each_factor(card: Card) -> None:
    result = scored(card, skill=2)
    evaluation = evaluate(result, card, data="made up", split="")
    assert (evaluation.images, evaluation.failed) == (ROWS - 1, 1)
    values: dict[str, list[str]] = {}
    for group in evaluation.groups:
        values.setdefault(group.factor, []).append(group.value)
    assert values == {
        "source": ["A", "B"],
        "age": ["under 30", "30 to 49", "70 and over", NOT_STATED],
        "site": ["<b>hand</b>", "back"],
    }
    for factor in values:
        assert sum(group.images for group in evaluation.groups if group.factor == factor) == ROWS - 1
    inside = np.array([example.source == "A" for example, _ in result.classified()])
    group = evaluation.groups[0]
    assert group.auroc is not None
    assert group.auroc.value == metrics.auroc(result.labels[inside], result.probabilities[inside])


def test_lesions_seen_in_training_are_a_group_of_their_own(card: Card) -> None:
    result = scored(card, skill=2)
    seen = {example.lesion_id for example in result.examples[:40]}
    whole = evaluate(result, card, data="made up", split="test", train_lesions=seen)
    groups = {group.value: group for group in whole.groups if group.factor == "lesion"}
    inside = [(example.lesion_id in seen, (p >= 0.5) == example.melanoma) for example, p in result.classified()]
    for value, wanted in ((SEEN, True), (NOT_SEEN, False)):
        hits = [hit for is_seen, hit in inside if is_seen == wanted]
        assert groups[value].images == len(hits)
        assert groups[value].accuracy.value == pytest.approx(np.mean(hits))
    assert not [group for group in evaluate(result, card, data="", split="").groups if group.factor == "lesion"]


def test_a_group_with_few_of_a_class_has_no_auroc(card: Card) -> None:
    result = scored(card, skill=2)
    alone = next(i for i, example in enumerate(result.examples) if i and not example.melanoma)
    sexes = ["other" if place == alone else "female" for place in range(ROWS)]
    examples = tuple(replace(example, sex=sex) for example, sex in zip(result.examples, sexes, strict=True))
    changed = Scored(examples, result.screenings)
    groups = {g.value: g for g in evaluate(changed, card, data="", split="").groups if g.factor == "sex"}
    few = [replace(example, sex="few" if place < 25 else "many") for place, example in enumerate(result.examples)]
    by_size = {g.value: g for g in evaluate(Scored(tuple(few), result.screenings), card, data="", split="").groups}
    assert 0 < by_size["few"].melanomas < 10
    assert by_size["few"].auroc is None
    assert by_size["many"].auroc is not None
    assert (groups["other"].auroc, groups["other"].sensitivity) == (None, None)
    assert groups["other"].specificity is not None
    assert groups["female"].auroc is not None


class _Sources(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        self.open.append(tag)


def test_report_has_its_pictures_inside_and_needs_nothing_else(card: Card) -> None:
    result = scored(card, skill=2)
    evaluation = evaluate(result, card, data="made up", split="test")
    before = scored(card, skill=1, seed=1)
    comparison = compare(result, before, (card, card), data="made up", split="test")
    reached = tuple(targets(evaluation, bundle_bytes=30_000_000))
    page = as_html(Report(card, result, evaluation, reached, comparison))
    parser = _Sources()
    parser.feed(page)
    assert len(parser.sources) == 3 + 2 * len(evaluation.thresholds) + 24
    assert all(source.startswith("data:image/") for source in parser.sources)
    assert not re.search(r"https?://", page)
    assert "<b>hand" not in page  # what comes from a table is text, not HTML
    assert "NV &amp; co" in page
    for notified in (str(evaluation.auroc), "size of the bundle", "this one is better"):
        assert notified in page


def test_targets_are_met_or_missed_by_the_measured_value(card: Card) -> None:
    for skill, met in ((6.0, True), (0.5, False)):
        evaluation = evaluate(scored(card, skill=skill), card, data="", split="")
        found = {target.name: target.met for target in targets(evaluation, bundle_bytes=21_000_000 if not met else 1)}
        assert found["AUROC"] is met
        assert found["AUROC, A"] is met
        assert found["size of the bundle"] is met


def test_comparison_is_paired(card: Card) -> None:
    good, bad = scored(card, skill=3), scored(card, skill=1, seed=1)
    comparison = compare(good, bad, (card, card), data="made up", split="")
    first = comparison.differences[0]
    assert first.figure == "AUROC"
    assert first.lead.value == pytest.approx(first.first - first.second)
    assert first.lead.low > 0
    assert first.verdict == "the first is better"
    assert compare(bad, good, (card, card), data="", split="").differences[0].verdict == "the second is better"
    itself = compare(good, good, (card, card), data="", split="").differences
    for difference in itself:  # unpaired, the interval would have a width
        assert (difference.lead.low, difference.lead.value, difference.lead.high) == (0, 0, 0)
        assert difference.verdict == "no difference shown"


def test_comparison_on_other_images_is_refused(card: Card) -> None:
    one, other = scored(card, skill=1), scored(card, skill=1)
    with pytest.raises(DataError, match="same images"):
        compare(one, Scored(other.examples[1:], other.screenings[1:]), (card, card), data="", split="")
