"""A window as the program makes it, off screen; no thread and no window is left when a test ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap import make_application, make_window
from app.core.domain.entry import Annotation
from app.core.domain.errors import BundleError
from app.core.domain.outline import Outline
from app.core.domain.results import Consistency
from app.core.history.batches import BatchRow
from app.core.lesion import measure
from app.core.lesion.measure import LesionMeasurement
from app.core.model.classifier import Classifier, ModelOutput
from app.core.screening.batch_runner import screen_batch
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.services.workers import Job
from app.ui.window.main_window import MainWindow
from tests.ui.robot import circle

PATIENCE = 30_000
"""Milliseconds that a test waits for what must come: a busy machine is no failure."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QtBot, "waitUntil", partialmethod(QtBot.waitUntil, timeout=PATIENCE))


@pytest.fixture(scope="session")
def qapp() -> object:
    return make_application()


@pytest.fixture
def open_window(qtbot: QtBot, model: Path, user_data: UserData) -> Iterator[Callable[..., MainWindow]]:
    """Opens windows: `open_window()`, `open_window(model=folder)`; closes them at the end."""
    opened: list[MainWindow] = []

    def make(model: Path | None = model) -> MainWindow:
        window = make_window(model, user_data)
        opened.append(window)
        if not window.settings.current.window_geometry:
            window.resize(1366, 768)  # the off-screen display is smaller
        with qtbot.waitActive(window):
            window.show()
        window.start()
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()


@dataclass
class FakeOutliner:
    """Stands in for the network that finds outlines."""

    outline: Outline | None
    asked: int = 0

    def find(self, _rgb: np.ndarray) -> Outline | None:
        self.asked += 1
        return self.outline


@dataclass
class FakeModel:
    """What the network's answers are changed into, and what it was asked for."""

    changes: dict[str, object] = field(default_factory=dict)
    numbers: dict[str, object] = field(default_factory=dict)
    """Of the prediction."""
    consistency: Consistency | None = None
    asked_for_consistency: list[bool] = field(default_factory=list)


@pytest.fixture
def outliner(monkeypatch: pytest.MonkeyPatch) -> FakeOutliner:
    """Whatever bundle ships: an outline is found at once, and what is within is measured as it always is."""
    fake = FakeOutliner(circle(0.27))

    def look(_: ScreeningService, content: bytes, annotation: Annotation) -> LesionMeasurement:
        return measure.measure_lesion(
            content, fake.find, outline=annotation.outline, field_width=annotation.field_width
        )

    monkeypatch.setattr(ScreeningService, "measure_lesion", look)
    return fake


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """Whatever bundle ships: its answers are as familiar, steady and alike as the test wants."""
    made = FakeModel()
    ask = Classifier.answer

    def changed(self: Classifier, pictures: Sequence[np.ndarray], *, consistency: bool = False) -> list[object]:
        made.asked_for_consistency.append(consistency)
        return [_changed(given) for given in ask(self, pictures)]

    def _changed(given: ModelOutput | BundleError) -> ModelOutput:
        assert isinstance(given, ModelOutput)
        prediction = replace(given.prediction, consistency=made.consistency, **made.numbers)
        return replace(given, prediction=prediction, **made.changes)

    monkeypatch.setattr(Classifier, "answer", changed)
    return made


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The names of the pictures for which the network was asked once more."""
    names: list[Path] = []
    explain = ScreeningService.explain

    def noted(self: ScreeningService, content: bytes, name: Path) -> object:
        names.append(name)
        return explain(self, content, name)

    monkeypatch.setattr(ScreeningService, "explain", noted)
    return names


@pytest.fixture
def held_batch(one_by_one: None, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A batch in the window waits after its first result until a job is cancelled (pause, stop, close), or for this."""
    let_go = threading.Event()
    cancel = Job.cancel

    def cancel_and_let_go(self: Job) -> None:
        cancel(self)
        let_go.set()

    def held(*arguments: Any) -> Iterator[list[BatchRow]]:
        for rows in screen_batch(*arguments):
            yield rows
            assert let_go.wait(PATIENCE / 1000)

    monkeypatch.setattr(Job, "cancel", cancel_and_let_go)
    monkeypatch.setattr("app.ui.folder.batch_session.screen_batch", held)
    return let_go
