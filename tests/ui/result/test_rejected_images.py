from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.results import Rejection
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.screening.pipeline import FORCED_WARNINGS, REASONS, UNLIKE_TRAINING_WARNING
from app.core.system.paths import UserData
from app.ui.history.history_model import Column
from app.ui.result.result_panel import ResultPanel
from app.ui.services.wording import problem_parts
from app.ui.window.main_window import MainWindow
from tests.factories import with_gate, write_bundle
from tests.ui.conftest import FakeModel
from tests.ui.robot import answer, drop, entries, is_saved, let_all_be_done, press, reopen


# --- Refusals
def test_the_number_of_an_unfamiliar_picture_is_had_on_demand(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    fake: FakeModel,
    user_data: UserData,
) -> None:
    fake.changes = {"ood_distance": 3.0}
    drop(window, image_file())
    qtbot.waitUntil(lambda: answer(window).startswith("Can't be assessed"))
    panel = window.screen_page.panel
    assert reason(panel) == REASONS[Rejection.OUT_OF_DISTRIBUTION]
    assert panel.band.advice is Advice.NOT_ASSESSED
    assert panel.problem.number.isVisible()
    for part in (panel.scale, panel.facts, panel.sections["why"], panel.sections["lesion"], panel.sections["record"]):
        assert not part.isVisible()
    assert panel.saved.text() == "Not decided"
    assert not any(button.isEnabled() for button in panel.mark.buttons.values())
    let_all_be_done(window, qtbot)
    assert entries(user_data) == []

    qtbot.mouseClick(panel.problem.number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.session.rowCount() == 1
    assert not panel.problem.number.isVisible()
    _assert_marked(window)
    (entry,) = entries(user_data)
    assert entry.screening.ood_distance == 3.0
    assert entry.screening.is_out_of_distribution
    assert FORCED_WARNINGS[Rejection.OUT_OF_DISTRIBUTION] in entry.screening.warnings

    window = reopen(window, open_window, qtbot, user_data)
    _assert_marked(window)


def reason(panel: ResultPanel) -> str:
    """What the band and the part below it say together, without what is said of every picture."""
    to_do = panel.problem.text.text().removesuffix("That there is no answer says nothing about the lesion.")
    return f"{panel.band.action}. {to_do}".strip()


def _assert_marked(window: MainWindow, reason: Rejection = Rejection.OUT_OF_DISTRIBUTION) -> None:
    """A number is shown, and nothing that looks like an answer."""
    panel = window.screen_page.panel
    assert answer(window) == "Can't be assessed. The number was asked for"
    assert panel.band.advice is Advice.NOT_ASSESSED
    assert FORCED_WARNINGS[reason] in panel.warnings.text()
    assert not panel.scale.isVisible()
    assert "It is not a probability and may mean nothing" in panel.number_note.text()
    assert not panel.facts.isVisible()


def test_the_number_of_one_in_a_folder_is_shown_on_the_first_page(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    fake.changes = {"ood_distance": 3.0}
    image_file("strange.png", folder=tmp_path / "folder")
    window.opening.open_paths([tmp_path / "folder"])
    panel = window.folder_page.panel
    qtbot.waitUntil(panel.problem.number.isVisible)
    assert reason(panel) == REASONS[Rejection.OUT_OF_DISTRIBUTION]
    qtbot.mouseClick(panel.problem.number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.current_page() is window.screen_page
    assert window.screen_page.panel.file.text().startswith("strange.png")
    _assert_marked(window)


@pytest.fixture
def gated(open_window: Callable[..., MainWindow], model: Path, tmp_path: Path, fake: FakeModel) -> MainWindow:
    """A window whose model has a gate, to which nothing is dermoscopy."""
    fake.changes = {"dermoscopy_probability": 0.25}
    return open_window(write_bundle(with_gate(load_bundle(model), 0.25), tmp_path / "gated"))


def test_the_number_of_what_the_gate_refuses_is_had_on_demand(
    gated: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    drop(gated, image_file())
    qtbot.waitUntil(lambda: answer(gated).startswith("Can't be assessed"))
    panel = gated.screen_page.panel
    assert reason(panel) == REASONS[Rejection.NOT_DERMOSCOPY]
    assert panel.problem.number.isVisible()
    qtbot.mouseClick(panel.problem.number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_saved(gated))
    _assert_marked(gated, Rejection.NOT_DERMOSCOPY)
    (entry,) = entries(user_data)
    assert (entry.screening.forced, entry.screening.is_out_of_distribution) == (True, False)
    assert entry.screening.dermoscopy_probability == 0.25
    gated.go_to(gated.history_page)
    model = gated.history_page.model
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert str(model.data(model.index(0, Column.ANSWER))).startswith("✕ Can't be assessed")
    assert [model.data(model.index(0, column)) for column in (Column.MELANOMA, Column.OTHER_CANCER)] == ["", ""]


def test_dermoscopy_unlike_the_trainings_has_an_answer_and_a_warning(
    gated: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.changes = {"dermoscopy_probability": 0.9, "ood_distance": 3.0}
    drop(gated, image_file())
    qtbot.waitUntil(lambda: is_saved(gated))
    panel = gated.screen_page.panel
    assert panel.band.advice in (Advice.REFER_MELANOMA, Advice.BELOW_THRESHOLD)
    assert panel.scale.isVisible()
    assert not panel.problem.number.isVisible()
    assert UNLIKE_TRAINING_WARNING in panel.warnings.text()


@pytest.mark.usefixtures("fake")
def test_a_picture_of_bad_quality_has_no_number(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, user_data: UserData
) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (256, 256), (120, 120, 120)).save(grey)
    drop(window, grey)
    qtbot.waitUntil(lambda: answer(window).startswith("Can't be assessed"))
    panel = window.screen_page.panel
    item = window.session.item(0)
    assert item.screening is not None
    assert item.screening.refusal is Rejection.QUALITY
    assert reason(panel) == item.screening.error
    assert panel.band.action == problem_parts(item.screening.error)[0]
    assert not panel.problem.number.isVisible()
    assert not panel.sections["lesion"].isVisible()
    press(window, qtbot, Qt.Key.Key_O)
    let_all_be_done(window, qtbot)
    assert not panel.explanation.lesion.editor.is_visible()
    assert entries(user_data) == []


def test_what_was_measured_stands_beside_what_is_needed(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dark, corrupt = tmp_path / "dark.png", tmp_path / "corrupt.png"
    Image.fromarray((reference_image() * 0.05).astype("uint8")).save(dark)
    corrupt.write_bytes(b"no picture")
    drop(window, dark, corrupt)
    problem = window.screen_page.panel.problem
    qtbot.waitUntil(problem.found.isVisible)
    labels = [part for part in problem.found.findChildren(QLabel) if part.isVisible()]
    shown = [part.text() for part in labels]
    place = shown.index("Brightness")
    assert shown[place + 2] == "14 % or more"
    assert int(shown[place + 1].removesuffix(" %")) < 14
    assert labels[place + 1].font().weight() > labels[shown.index("Sharpness") + 1].font().weight()
    window.screen_page.go_to(1)
    qtbot.waitUntil(lambda: not window.session.item(1).is_waiting)
    assert problem.isVisible()
    assert not problem.found.isVisible()
    window.screen_page.go_to(0)
    qtbot.waitUntil(problem.found.isVisible)
