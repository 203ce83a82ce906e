from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.domain.prevalence import Shares
from app.core.domain.results import Consistency, Prediction
from app.core.screening.pipeline import INCONSISTENT_WARNING
from app.ui.services.facts import facts_of
from app.ui.window.main_window import MainWindow
from tests.factories import screening
from tests.ui.conftest import FakeModel
from tests.ui.robot import judge


# --- Consistency
@pytest.mark.parametrize(
    ("consistency", "words", "across"),
    [
        (Consistency(0.4, 0.45, consistent=True), "Steady: copies from 40 % to 45 %", False),
        (Consistency(0.3, 0.8, consistent=False), "Not steady: copies from 30 % to 80 %", False),
        (Consistency(0.0001, 0.8, consistent=False), "Not steady: copies from < 0.1 % to 80 %", True),
        (None, "", False),
    ],
)
def test_whether_the_answer_is_consistent(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    fake: FakeModel,
    consistency: Consistency | None,
    words: str,
    across: bool,
) -> None:
    fake.consistency = consistency
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    said = [fact for fact in panel.facts.facts if "teady" in fact.text]
    assert [fact.text for fact in said] == ([words] if words else [])
    assert any("across the threshold" in fact.more for fact in said) == across
    assert (INCONSISTENT_WARNING in panel.warnings.text()) == across


@pytest.mark.parametrize(
    ("others", "words"),
    [((0.6, 0.9), "Turned and cropped copies: 60 % to 90 %"), (None, "Melanoma steady: copies from 1.0 % to 2.0 %")],
)
def test_the_copies_of_the_probability_that_decides_are_told(others: tuple[float, float] | None, words: str) -> None:
    prediction = Prediction(
        0.01,
        0.2,
        Consistency(0.01, 0.02, consistent=True, other_cancer=others),
        other_cancer_probability=0.8,
        other_cancer_threshold=0.5,
    )
    facts = facts_of(screening(prediction=prediction), None, Shares(0.02))
    assert words in [fact.text for fact in facts]


def test_settings_for_consistency_reach_the_screener(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    window.show_settings()
    page = window.settings_page
    assert (page.input("consistency").value(), page.input("batch_augmentation").value()) == (True, False)
    numbers = itertools.count()

    def asked() -> tuple[bool, bool]:
        """Whether it is looked at for a single image, and for one of a folder."""
        fake.asked_for_consistency.clear()
        number = next(numbers)
        judge(window, qtbot, image_file(f"{number}.png", radius=30 + number))
        image_file(f"{number}.png", folder=tmp_path / f"folder{number}", radius=60 + number)
        window.opening.open_paths([tmp_path / f"folder{number}"])
        qtbot.waitUntil(lambda: len(fake.asked_for_consistency) == 2)
        qtbot.waitUntil(lambda: not window.batch_session.is_under_way)
        single, in_folder = fake.asked_for_consistency
        return single, in_folder

    assert asked() == (True, False)
    page.input("consistency").setChecked(False)
    page.input("batch_augmentation").setChecked(True)
    assert asked() == (False, True)
    assert not window.settings.current.consistency
    assert window.settings.current.batch_augmentation
