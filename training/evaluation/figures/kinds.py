"""What the program advises on melanomas, other cancers and benign lesions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from tqdm import tqdm

from app.core.domain.advice import Advice, advice_of
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


TOLD = {
    Advice.REFER_MELANOMA: "referred as melanoma",
    Advice.REFER_OTHER_CANCER: "referred as other cancer only",
    Advice.BORDERLINE: "borderline",
    Advice.BELOW_THRESHOLD: "below the thresholds",
    Advice.NOT_ASSESSED: "not assessed",
}
NOT_REFERRED = "not referred"
"""All but the first two, together."""


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


def kinds(task: Task) -> Iterator[Figure]:
    """For each kind of lesion the shares of each advice, over all sources; of `test` for each source as well.

    A refused image is not assessed, and so not referred.

    Raises `DataError` where the card has no threshold for other cancers.
    """
    if task.bundle.card.operating_point.other_cancer is None:
        raise DataError("The model's card has no threshold for other cancers.")
    classifier = Classifier(task.bundle)
    judged = [
        (kind, example.source, advice_of(screen_file(Path(example.path), classifier)))
        for example in tqdm(task.examples, desc="kinds")
        if (kind := kind_of(example)) is not None
    ]
    yield from _shares(task, [(kind, answer) for kind, _, answer in judged], "")
    if task.split == "test":
        for source in sorted({source for _, source, _ in judged if source}):
            chosen = [(kind, answer) for kind, own, answer in judged if own == source]
            yield from _shares(task, chosen, f", source {source}")


def _shares(task: Task, judged: Sequence[tuple[Kind, Advice]], where: str) -> Iterator[Figure]:
    answers: dict[str, list[Advice]] = {kind.value: [answer for own, answer in judged if own is kind] for kind in Kind}
    answers[CARCINOMAS] = answers[Kind.BCC.value] + answers[Kind.SCC.value]
    for name, given in answers.items():
        melanomas = len(given) if name == Kind.MELANOMA else 0
        if not given:
            continue
        for advice, words in TOLD.items():
            yield task.share(f"{words}, {name}{where}", (one is advice for one in given), melanomas)
        yield task.share(f"{NOT_REFERRED}, {name}{where}", (not one.refers for one in given), melanomas)
