"""Folders that were assessed before, and pictures in which melanoma is suspected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.domain.errors import BundleError
from app.core.domain.results import Prediction, Rejection, Screening
from app.core.history.batches import Batch, BatchRepository, ItemResult
from app.core.history.repository import EntryRepository
from app.core.model.classifier import Classifier, ModelOutput
from app.core.system.paths import UserData
from app.ui.window.main_window import FIRST_SIZE, MainWindow
from tests.factories import screening

OTHER = {"other_cancer_probability": 0.9, "other_cancer_threshold": 0.5}
RESULTS = {
    "both.jpg": Prediction(0.95, 0.2, **OTHER),
    "melanoma.jpg": Prediction(0.9, 0.2),
    "carcinoma.jpg": Prediction(0.1, 0.2, **OTHER),
    "near.jpg": Prediction(0.19, 0.2, borderline=True),
    "sub/below.jpg": Prediction(0.1, 0.2),
    "low.jpg": Prediction(0.01, 0.2),
}
"""The most suspicious first."""
REFUSED, BROKEN = "refused.jpg", "broken.jpg"
FILES = (*RESULTS, BROKEN, REFUSED)
"""Of the folder: what can't be read and what was refused have no result."""
SUSPICIOUS = (*RESULTS, REFUSED, BROKEN)
"""The same as the list has them at first."""


def failed(name: str, refusal: Rejection | None) -> Screening:
    return screening(name, prediction=None, error="It is no use.", refusal=refusal, thumbnail=b"", sha256="0" * 64)


def assess(user_data: UserData, name: str = "card") -> Batch:
    """A folder with a result of each kind, done: its pictures are not there any more."""
    batches = BatchRepository(EntryRepository(user_data.history).database)
    root = Path("/pictures") / name
    batch = batches.create([root / file for file in FILES], [root])
    results = [
        replace(screening(f"{name}/{file}", sha256=f"{name}{number}".encode().hex().ljust(64, "0")), prediction=each)
        for number, (file, each) in enumerate(RESULTS.items())
    ]
    results += [failed(f"{name}/{BROKEN}", None), failed(f"{name}/{REFUSED}", Rejection.QUALITY)]
    batches.write(batch, [ItemResult(position, each) for position, each in enumerate(results)])
    batches.close(batch)
    return batch


@pytest.fixture
def assessed(user_data: UserData) -> Batch:
    """In the history before the window is opened."""
    return assess(user_data)


@pytest.fixture
def open_window(open_window: Callable[..., MainWindow]) -> Callable[..., MainWindow]:
    """Wide enough for a folder with the result beside it, also after a restart."""

    def make() -> MainWindow:
        window = open_window()
        window.resize(FIRST_SIZE)
        return window

    return make


@pytest.fixture
def suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Melanoma twice as probable as the network says, so that it is suspected in some drawn pictures."""
    ask = Classifier.answer

    def twice(given: ModelOutput | BundleError) -> ModelOutput:
        assert isinstance(given, ModelOutput)
        probability = min(1.0, 2 * given.prediction.melanoma_probability)
        return replace(given, prediction=replace(given.prediction, melanoma_probability=probability))

    def answer(self: Classifier, pictures: Sequence[np.ndarray], *, consistency: bool = False) -> list[ModelOutput]:
        return [twice(given) for given in ask(self, pictures, consistency=consistency)]

    monkeypatch.setattr(Classifier, "answer", answer)
