"""What a patient's report is made from, and the words that its parts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage

from app.core.domain.advice import advice_of, deciding
from app.core.domain.entry import Entry
from app.core.domain.patient import FollowUp, Patient
from app.core.domain.results import ModelId, Screening
from app.core.history.lesions import LesionHistory
from app.ui.services.wording import percent, short_advice_words

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Findings:
    """A patient with the lesions, the pictures that belong to none, and the follow-ups.

    `pictures` are by the entry's id; for an entry that has none there its thumbnail is shown.
    """

    patient: Patient
    lesions: Sequence[LesionHistory]
    loose: Sequence[Entry]
    follow_ups: Sequence[FollowUp]
    pictures: Mapping[int, QImage] = field(default_factory=dict)

    @property
    def entries(self) -> list[Entry]:
        """All pictures."""
        return [*(entry for history in self.lesions for entry in history.entries), *self.loose]


def models_of(entries: Sequence[Entry]) -> list[ModelId]:
    """The models that gave the answers, each once, sorted by their names."""
    found = {entry.screening.model for entry in entries if entry.screening.answered is not None}
    return sorted(found, key=lambda model: (str(model), model.sha256))


def not_comparable(entries: Sequence[Entry]) -> str:
    """The sentence that answers of different models can't be compared; empty where one model gave them all."""
    if len(models_of(entries)) < 2:
        return ""
    return translate("report", "Different models gave these answers: their probabilities can't be compared.")


def answer_words(screening: Screening) -> tuple[str, str]:
    """An advice in few words and the probability that it goes by; that is empty where there is no answer."""
    words, prediction = short_advice_words(advice_of(screening)), screening.answered
    if prediction is None:
        return words, ""
    number = deciding(prediction)
    if number.of_other_cancer and not advice_of(screening).refers:
        words = translate("report", "{0}, for other skin cancer").format(words)
    return words, percent(number.probability)
