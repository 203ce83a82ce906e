"""What the program says of melanomas, other cancers and benign lesions: referred as what, or not referred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from tqdm import tqdm

from app.core.domain.results import Screening
from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from training.data.examples import Example
from training.errors import DataError
from training.evaluation.figures.task import Task


class Kind(StrEnum):
    """What a lesion is, as far as it matters to whom it is referred."""

    MELANOMA = "melanoma"
    BCC = "basal cell carcinoma"
    SCC = "squamous cell carcinoma"
    AKIEC = "actinic keratosis or Bowen's disease"
    OTHER = "other malignant lesion"
    BENIGN = "benign lesion"


OTHER_CANCERS = {"BCC": Kind.BCC, "SCC": Kind.SCC, "AKIEC": Kind.AKIEC, "AK": Kind.AKIEC}
"""By the names of the data's diagnoses."""
BENIGN_DIAGNOSES = frozenset({"NV", "BKL", "DF", "VASC"})
"""Benign where the data do not say what is malignant."""
CARCINOMAS = "basal and squamous cell carcinoma together"


class Told(StrEnum):
    """What the program says of an image."""

    MELANOMA = "referred as melanoma"
    OTHER_CANCER = "referred as other cancer only"
    NOT_REFERRED = "not referred"


def kind_of(example: Example) -> Kind | None:
    """`None` where neither the diagnosis nor `malignant` tells."""
    if example.melanoma:
        return Kind.MELANOMA
    if example.diagnosis in OTHER_CANCERS:
        return OTHER_CANCERS[example.diagnosis]
    if example.malignant == "1":
        return Kind.OTHER
    is_benign = example.malignant == "0" or (not example.malignant and example.diagnosis in BENIGN_DIAGNOSES)
    return Kind.BENIGN if is_benign else None


def told(screening: Screening) -> Told:
    """At the operating point in use; a refused image counts as not referred."""
    prediction = screening.prediction
    if prediction is None:
        return Told.NOT_REFERRED
    if prediction.melanoma_suspected:
        return Told.MELANOMA
    return Told.OTHER_CANCER if prediction.other_cancer_suspected else Told.NOT_REFERRED


def kinds(task: Task) -> Iterator[Figure]:
    """For each kind of lesion the shares of what is told, over all sources; of `test` for each source as well.

    Raises `DataError` where the card has no threshold for other cancers.
    """
    if task.bundle.card.operating_point.other_cancer is None:
        raise DataError("The model's card has no threshold for other cancers.")
    classifier = Classifier(task.bundle)
    judged = [
        (kind, example.source, told(screen_file(Path(example.path), classifier)))
        for example in tqdm(task.examples, desc="kinds")
        if (kind := kind_of(example)) is not None
    ]
    yield from _shares(task, [(kind, answer) for kind, _, answer in judged], "")
    if task.split == "test":
        for source in sorted({source for _, source, _ in judged if source}):
            chosen = [(kind, answer) for kind, own, answer in judged if own == source]
            yield from _shares(task, chosen, f", source {source}")


def _shares(task: Task, judged: Sequence[tuple[Kind, Told]], where: str) -> Iterator[Figure]:
    answers: dict[str, list[Told]] = {kind.value: [answer for own, answer in judged if own is kind] for kind in Kind}
    answers[CARCINOMAS] = answers[Kind.BCC.value] + answers[Kind.SCC.value]
    for name, given in answers.items():
        melanomas = len(given) if name == Kind.MELANOMA else 0
        for answer in Told if given else ():
            yield task.share(f"{answer}, {name}{where}", (one is answer for one in given), melanomas)
