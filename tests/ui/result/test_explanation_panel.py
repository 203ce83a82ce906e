from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import EMPTY_ANNOTATION, Annotation, Entry, SimilarCase
from app.core.domain.errors import BundleError, HistoryError
from app.core.domain.outline import Outline
from app.core.domain.results import Consistency, ModelId, Rejection
from app.core.history.repository import EntryRepository
from app.core.imaging.reference_image import reference_image
from app.core.lesion import measure
from app.core.lesion.measure import LesionMeasurement
from app.core.model.card import Card
from app.core.model.classifier import Classifier, ModelOutput
from app.core.screening.pipeline import INCONSISTENT_WARNING, OUT_OF_DISTRIBUTION_REASON, OUT_OF_DISTRIBUTION_WARNING
from app.core.screening.service import ImageSource, ScreeningService
from app.core.system.paths import UserData
from app.ui.help.help_page import Section
from app.ui.image.image_view import ImageView
from app.ui.report import content
from app.ui.report.content import ReportItem, image_html
from app.ui.report.image_report import ImageReports
from app.ui.result.explanation_panel import ExplanationPanel
from app.ui.result.measures_table import rows
from app.ui.services.item import Item
from app.ui.services.workers import Priority
from app.ui.settings.settings_dialog import SettingsDialog
from app.ui.window.main_window import MainWindow
from tests.ui.window.test_main_window import answer, drop, is_saved


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
    consistency: Consistency | None = None
    diagnoses: tuple[tuple[str, float], ...] = ()
    asked_for_stability: list[bool] = field(default_factory=list)


def circle(radius: float, x: float = 0.5, y: float = 0.47) -> Outline:
    turns = [2 * math.pi * i / 60 for i in range(60)]
    return Outline(tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns))


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
        made.asked_for_stability.append(consistency)
        return [_changed(given) for given in ask(self, pictures)]

    def _changed(given: ModelOutput | BundleError) -> ModelOutput:
        assert isinstance(given, ModelOutput)
        prediction = replace(given.prediction, consistency=made.consistency)
        explanation = replace(given.explanation, diagnoses=made.diagnoses)
        return replace(given, prediction=prediction, explanation=explanation, **made.changes)

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


def why(window: MainWindow) -> ExplanationPanel:
    return window.screen_page.panel.why


def view(window: MainWindow) -> ImageView:
    return window.screen_page.view


def press(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    window.activateWindow()
    view(window).setFocus()
    qtbot.keyClick(view(window), key)


def judge(window: MainWindow, qtbot: QtBot, *files: Path) -> None:
    """Open files and wait until all are saved, the first with its picture."""
    drop(window, *files)
    opened = window.session
    qtbot.waitUntil(lambda: all(opened.item(row).entry_id is not None for row in range(opened.rowCount())))
    qtbot.waitUntil(view(window).has_image)


def reopen(window: MainWindow, open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData) -> MainWindow:
    """Close the window, and open another with the last entry of the history in it."""
    window.close()
    again = open_window()
    again.session.open_entry(entries(user_data)[-1])
    qtbot.waitUntil(view(again).has_image)
    return again


def entries(user_data: UserData) -> list[Entry]:
    """The oldest first."""
    return sorted(EntryRepository(user_data.history).entries(), key=lambda entry: entry.id)


def drawn(user_data: UserData, place: int = 0) -> Annotation:
    return entries(user_data)[place].annotation


def let_all_be_done(window: MainWindow, qtbot: QtBot) -> None:
    """Wait for all that was asked of the worker, and for what that asks for."""
    for _ in range(2):
        done: list[object] = []
        window._workers.run(lambda: None, on_result=done.append, priority=Priority.LOW)
        qtbot.waitUntil(lambda done=done: bool(done))


def has_map(window: MainWindow) -> bool:
    return view(window).has_heat_map() and view(window).is_heat_map_visible()


def see_measures(window: MainWindow, qtbot: QtBot) -> None:
    """By the key O, and wait for them."""
    press(window, qtbot, Qt.Key.Key_O)
    qtbot.waitUntil(why(window).lesion.measures.table.isVisible)


def drag(window: MainWindow, *points: tuple[float, float]) -> None:
    """Press at the first place of the picture (fractions), go to the others, and let go at the last."""
    target, (width, height) = view(window), view(window).image_size()
    places = [target.view_point(QPointF(x * width, y * height)).toPoint() for x, y in points]
    QTest.mousePress(target.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(target.viewport(), place)
    QTest.mouseRelease(target.viewport(), Qt.MouseButton.LeftButton, pos=places[-1])


def draw_small(window: MainWindow, qtbot: QtBot) -> None:
    """A new outline by hand, a third as wide as the one that is found."""
    qtbot.mouseClick(why(window).lesion.draw, Qt.MouseButton.LeftButton)
    drag(window, *circle(0.09).points)
    assert why(window).lesion.editor.is_editing
    qtbot.keyClick(view(window), Qt.Key.Key_Return)
    assert not why(window).lesion.editor.is_editing


def diameter(window: MainWindow) -> float:
    found = why(window).lesion.lesion
    assert found is not None
    assert found.measures is not None
    return found.measures.diameter_pixels


# --- Heat map


def test_h_shows_and_hides_the_map_of_a_fresh_result(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], explained: list[Path]
) -> None:
    judge(window, qtbot, image_file())
    assert not view(window).is_heat_map_visible()
    press(window, qtbot, Qt.Key.Key_H)
    assert has_map(window)
    assert why(window).saliency_map.legend.isVisible()
    press(window, qtbot, Qt.Key.Key_H)
    assert not view(window).is_heat_map_visible()
    assert not why(window).saliency_map.legend.isVisible()
    assert explained == []  # it came with the answer


def test_the_map_of_an_entry_is_computed_once_more_from_the_picture(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    explained: list[Path],
    user_data: UserData,
) -> None:
    path = image_file()
    judge(window, qtbot, path)
    fresh = why(window).explanation
    window = reopen(window, open_window, qtbot, user_data)
    assert why(window).explanation is None
    assert explained == []  # nobody asked yet
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: has_map(window))
    again = why(window).explanation
    assert fresh is not None
    assert again is not None
    assert np.array_equal(again.activation_map, fresh.activation_map)
    assert again.area == fresh.area
    for _ in range(2):
        press(window, qtbot, Qt.Key.Key_H)
    assert has_map(window)
    assert explained == [path]


def test_the_map_is_gone_at_once_and_never_over_another_picture(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures have sizes of their own, and the areas of their maps go with them."""
    sizes = (256, 240, 224)
    paths = [tmp_path / f"{size}.png" for size in sizes]
    for path, size in zip(paths, sizes, strict=True):
        Image.fromarray(reference_image()[:size, :size]).save(path)
    judge(window, qtbot, *paths)
    press(window, qtbot, Qt.Key.Key_H)
    assert has_map(window)
    page = window.screen_page
    seen: list[tuple[bool, int]] = []

    def check() -> None:
        """What would be painted now."""
        if view(window).has_heat_map():
            item = window.session.item(page.current_row)
            assert item.screening is not None
            assert why(window).explanation is item.screening.explanation
            assert view(window).image_size()[0] == sizes[page.current_row]
            seen.append((True, page.current_row))
        else:
            seen.append((False, page.current_row))

    for row in (1, 2, 0, 2, 1, 0):
        page.go_to(row)
        assert not view(window).has_heat_map()
        for _ in range(row + 1):  # leave some of the pictures before they are there
            qtbot.wait(15)
            check()
    let_all_be_done(window, qtbot)
    check()
    assert seen[-1] == (True, 0)


def test_a_map_that_comes_late_is_not_laid_over_the_next_picture(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    user_data: UserData,
    tmp_path: Path,
) -> None:
    judge(window, qtbot, image_file())
    grey = tmp_path / "grey.png"
    Image.new("RGB", (256, 256), (120, 120, 120)).save(grey)
    window = reopen(window, open_window, qtbot, user_data)
    drop(window, grey)
    qtbot.waitUntil(lambda: answer(window) == "Can't be judged, because")
    begun, let_go = threading.Event(), threading.Event()
    explain = ScreeningService.explain

    def slow(self: ScreeningService, content: bytes, name: Path) -> object:
        begun.set()
        assert let_go.wait(20)
        return explain(self, content, name)

    monkeypatch.setattr(ScreeningService, "explain", slow)
    window.screen_page.go_to(0)
    qtbot.waitUntil(view(window).has_image)
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(begun.is_set)
    window.screen_page.go_to(1)
    let_go.set()
    let_all_be_done(window, qtbot)
    assert view(window).has_image()
    assert not view(window).has_heat_map()
    assert why(window).explanation is None


def test_without_the_file_it_says_why_there_is_no_map(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
) -> None:
    path = image_file()
    judge(window, qtbot, path)
    path.unlink()
    window = reopen(window, open_window, qtbot, user_data)
    press(window, qtbot, Qt.Key.Key_H)
    saliency_map = why(window).saliency_map
    qtbot.waitUntil(saliency_map.reason.isVisible)
    assert "There is no file" in saliency_map.reason.text() or "no such file" in saliency_map.reason.text().lower()
    assert not saliency_map.legend.isVisible()
    assert not view(window).has_heat_map()
    judge(window, qtbot, image_file("other.png", radius=50))
    assert not saliency_map.reason.isVisible()
    qtbot.waitUntil(lambda: has_map(window))  # what was chosen stays chosen


def test_the_map_of_another_models_answer_is_not_made_up(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    explained: list[Path],
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    (entry,) = entries(user_data)
    old = replace(entry.screening, model=ModelId("Old net", "0.9", "ab" * 32))
    window.session.open_entry(EntryRepository(user_data.history).add(old))
    press(window, qtbot, Qt.Key.Key_H)
    saliency_map = why(window).saliency_map
    qtbot.waitUntil(saliency_map.reason.isVisible)
    assert "Old net 0.9" in saliency_map.reason.text()
    assert not view(window).has_heat_map()
    assert explained == []


def test_without_a_result_there_is_nothing_to_explain(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("broken.png", "too.png"):
        (tmp_path / name).write_bytes(b"no picture")
        drop(window, tmp_path / name)
        qtbot.waitUntil(lambda: answer(window) == "Can't be judged, because")
    window.screen_page.go_to(0)
    assert not why(window).isVisible()
    press(window, qtbot, Qt.Key.Key_H)
    press(window, qtbot, Qt.Key.Key_O)
    let_all_be_done(window, qtbot)
    assert not view(window).has_heat_map()
    assert not why(window).lesion.box.isChecked()


def test_arrow_keys_move_the_slider_and_not_the_pictures(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    press(window, qtbot, Qt.Key.Key_H)
    slider = why(window).saliency_map.slider
    before = slider.value()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == before + 1
    assert window.screen_page.current_row == 0


# --- Outline and measures


@pytest.mark.usefixtures("outliner")
def test_o_shows_outline_and_measures(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    judge(window, qtbot, image_file())
    lesion_controls = why(window).lesion
    assert not lesion_controls.editor.is_visible()
    see_measures(window, qtbot)
    assert lesion_controls.editor.is_visible()
    assert lesion_controls.lesion is not None
    assert lesion_controls.lesion.measures is not None
    shown = rows(lesion_controls.lesion.measures)
    assert len(shown) > 5
    for _, title, value in shown:
        assert title in lesion_controls.measures.table.text()
        assert value in lesion_controls.measures.table.text()
    assert "found by the program" in lesion_controls.hint.text()
    press(window, qtbot, Qt.Key.Key_O)
    assert not lesion_controls.editor.is_visible()
    assert not lesion_controls.measures.isVisible()


def test_a_found_outline_is_kept_and_read_back(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    assert drawn(user_data) == EMPTY_ANNOTATION
    see_measures(window, qtbot)
    kept = drawn(user_data)
    assert kept.outline is not None
    assert np.allclose(kept.outline.points, circle(0.27).points, atol=1e-4)
    assert not kept.outline_by_hand
    before = diameter(window)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert outliner.asked == 1
    assert why(window).lesion.editor.outline == list(kept.outline.points)
    assert diameter(window) == pytest.approx(before, abs=0.5)


def test_outline_follows_the_picture_and_the_answer(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], outliner: FakeOutliner, user_data: UserData
) -> None:
    """With the box checked each result that comes gets its own, and none is left over the next picture."""
    judge(window, qtbot, image_file("one.png"))
    see_measures(window, qtbot)
    outliner.outline = circle(0.2)
    drop(window, image_file("two.png", radius=50))
    assert not why(window).lesion.editor.is_visible()
    assert not why(window).lesion.measures.isVisible()
    qtbot.waitUntil(lambda: len(entries(user_data)) == 2 and drawn(user_data, 1).outline is not None)
    let_all_be_done(window, qtbot)
    assert why(window).lesion.editor.outline == list(circle(0.2).points)
    assert diameter(window) == pytest.approx(0.4 * 256, abs=3)


def test_an_outline_by_hand_replaces_the_one_that_was_found(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    assert diameter(window) == pytest.approx(0.54 * 256, abs=3)
    assert not why(window).lesion.find_again.isVisible()
    draw_small(window, qtbot)
    assert not why(window).lesion.measures.table.isVisible()  # what was measured within the other is gone at once
    qtbot.waitUntil(why(window).lesion.measures.table.isVisible)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)
    assert "by hand" in why(window).lesion.hint.text()
    kept = drawn(user_data)
    assert kept.outline_by_hand
    assert kept.outline is not None
    assert kept.outline.area_share == pytest.approx(math.pi * 0.09**2, rel=0.1)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)
    assert "by hand" in why(window).lesion.hint.text()
    assert outliner.asked == 1


@pytest.mark.usefixtures("outliner")
def test_a_corrected_outline_is_kept(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    before = diameter(window)
    controls = why(window).lesion
    qtbot.mouseClick(controls.correct, Qt.MouseButton.LeftButton)
    assert controls.correct.text() == "Done"
    handle = controls.editor.handles()[0]
    out = handle + QPointF(40, 0)
    port = view(window).viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=handle.toPoint())
    QTest.mouseMove(port, out.toPoint())
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=out.toPoint())
    qtbot.mouseClick(controls.correct, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(controls.measures.table.isVisible)
    assert drawn(user_data).outline_by_hand
    assert diameter(window) > before + 5


@pytest.mark.usefixtures("outliner")
def test_a_correction_is_kept_when_another_picture_is_shown_at_once(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    see_measures(window, qtbot)
    controls = why(window).lesion
    busy, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        busy.set()
        assert let_go.wait(20)

    window._workers.run(hold)  # the worker has something else to do
    qtbot.waitUntil(busy.is_set)
    qtbot.mouseClick(controls.draw, Qt.MouseButton.LeftButton)
    drag(window, *circle(0.09).points)
    window.screen_page.go_to(1)
    assert not controls.editor.is_editing
    let_go.set()
    let_all_be_done(window, qtbot)
    kept = drawn(user_data)
    assert kept.outline_by_hand
    assert kept.outline is not None
    assert kept.outline.area_share == pytest.approx(math.pi * 0.09**2, rel=0.1)
    assert not drawn(user_data, 1).outline_by_hand
    assert controls.editor.outline == list(circle(0.27).points)  # the other's own


def test_find_again_goes_back_to_what_is_found(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    controls = why(window).lesion
    qtbot.waitUntil(controls.measures.table.isVisible)
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not drawn(user_data).outline_by_hand)
    let_all_be_done(window, qtbot)
    assert outliner.asked == 2
    assert controls.editor.outline == list(circle(0.27).points)
    assert diameter(window) == pytest.approx(0.54 * 256, abs=3)
    assert not controls.find_again.isVisible()


def test_an_outline_by_hand_stays_where_none_is_found(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    controls = why(window).lesion
    qtbot.waitUntil(controls.measures.table.isVisible)
    kept = drawn(user_data)
    outliner.outline = None
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "by hand stays" in controls.hint.text())
    assert drawn(user_data) == kept


def test_an_outline_that_could_not_be_saved_is_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    qtbot.waitUntil(why(window).lesion.measures.table.isVisible)
    draw = EntryRepository.update_annotation

    def full(_self: EntryRepository, _entry: Entry, _annotation: Annotation) -> None:
        raise HistoryError("The disk is full.")

    monkeypatch.setattr(EntryRepository, "update_annotation", full)
    draw_small(window, qtbot)
    qtbot.waitUntil(lambda: "disk is full" in window.notice.text())
    assert not drawn(user_data).outline_by_hand
    monkeypatch.setattr(EntryRepository, "update_annotation", draw)
    window.close()
    assert drawn(user_data).outline_by_hand


def test_where_nothing_finds_outlines_they_are_drawn(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bundle may have no such network. What is drawn by hand is measured all the same, and stays."""

    def look(_: ScreeningService, content: bytes, annotation: Annotation) -> LesionMeasurement:
        if annotation.outline is None:
            raise BundleError("The model in use finds no outlines. Draw it by hand.")
        return measure.measure_lesion(content, None, outline=annotation.outline, field_width=annotation.field_width)

    monkeypatch.setattr(ScreeningService, "measure_lesion", look)
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_O)
    controls = why(window).lesion
    qtbot.waitUntil(lambda: "Draw it by hand" in controls.hint.text())
    assert not controls.measures.isVisible()
    draw_small(window, qtbot)
    qtbot.waitUntil(controls.measures.table.isVisible)
    kept = drawn(user_data)
    assert kept.outline_by_hand
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Draw it by hand" in controls.hint.text())
    assert drawn(user_data) == kept
    assert controls.editor.is_visible()


@pytest.mark.usefixtures("outliner")
def test_outlines_without_a_file_are_kept_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    """Over the thumbnail nothing can be measured; what is drawn is not lost for that."""
    path = image_file()
    judge(window, qtbot, path)
    path.unlink()
    press(window, qtbot, Qt.Key.Key_O)
    controls = why(window).lesion
    qtbot.waitUntil(lambda: bool(controls.hint.text()) and "Looking" not in controls.hint.text())
    draw_small(window, qtbot)
    qtbot.waitUntil(lambda: drawn(user_data).outline_by_hand)


@pytest.mark.usefixtures("outliner")
def test_a_result_that_is_not_saved_is_measured_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    user_data.folder.parent.mkdir(parents=True, exist_ok=True)
    user_data.folder.touch()
    drop(window, image_file())
    qtbot.waitUntil(lambda: "Not saved" in window.screen_page.panel.saved.text())
    qtbot.waitUntil(view(window).has_image)
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    qtbot.waitUntil(why(window).lesion.measures.table.isVisible)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)


# --- Scale


@pytest.fixture
def length(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, bool]]:
    """What is answered when a line's length is asked for: millimetres, and whether they were given."""
    given = [(10.0, True)]
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: given[-1])
    return given


@pytest.mark.usefixtures("outliner", "length")
def test_a_line_along_a_ruler_gives_millimetres(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    controls = why(window).lesion
    assert "scale not known" in controls.hint.text()
    assert " mm<" not in controls.measures.table.text()
    qtbot.mouseClick(controls.ruler, Qt.MouseButton.LeftButton)
    assert "ruler" in controls.hint.text()
    drag(window, (0.1, 0.9), (0.4, 0.9), (0.6, 0.9))
    qtbot.waitUntil(lambda: " mm<" in controls.measures.table.text())
    width = drawn(user_data).field_width
    assert width == pytest.approx(20, rel=0.03)  # 10 mm are half of it
    assert "by a line along a ruler" in controls.hint.text()
    assert controls.lesion is not None
    assert controls.lesion.measures is not None
    assert controls.lesion.measures.diameter_mm == pytest.approx(0.54 * 20, rel=0.05)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert " mm<" in why(window).lesion.measures.table.text()
    draw_small(window, qtbot)
    qtbot.waitUntil(why(window).lesion.measures.table.isVisible)
    assert drawn(user_data).field_width == width  # another outline has the same scale


@pytest.mark.usefixtures("outliner")
def test_a_line_that_makes_no_sense_changes_nothing(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    length: list[tuple[float, bool]],
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    controls = why(window).lesion
    before, shown = drawn(user_data), controls.measures.table.text()
    for given, words in (((100.0, True), "mm wide"), ((0.1, True), "mm wide"), ((10.0, False), "")):
        length.append(given)
        window.notice.hide()
        qtbot.mouseClick(controls.ruler, Qt.MouseButton.LeftButton)
        drag(window, (0.1, 0.9), (0.15, 0.9), (0.2, 0.9) if given[0] > 1 else (0.9, 0.9))
        assert not controls.line.is_measuring
        assert controls.line.line is None
        assert window.notice.isVisible() == bool(words)
        assert words in window.notice.text()
    let_all_be_done(window, qtbot)
    assert drawn(user_data) == before
    assert controls.measures.table.text() == shown


@pytest.mark.usefixtures("outliner")
def test_a_line_is_not_taken_for_another_picture(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row of a running folder may change behind the dialog."""
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    see_measures(window, qtbot)

    def asked(*_: object) -> tuple[float, bool]:
        window.screen_page.go_to(1)
        qtbot.waitUntil(view(window).has_image)
        return 10.0, True

    monkeypatch.setattr(QInputDialog, "getDouble", asked)
    qtbot.mouseClick(why(window).lesion.ruler, Qt.MouseButton.LeftButton)
    drag(window, (0.1, 0.9), (0.4, 0.9), (0.6, 0.9))
    let_all_be_done(window, qtbot)
    assert [entry.annotation.field_width for entry in entries(user_data)] == [None, None]


@pytest.mark.usefixtures("outliner")
def test_a_click_on_a_measure_says_what_it_is(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    measures = why(window).lesion.measures
    found = why(window).lesion.lesion
    assert found is not None
    assert found.measures is not None
    first = rows(found.measures)[0][1]
    assert not measures.definition.isVisible()
    place = QPoint(8, measures.table.fontMetrics().height() // 2 + 2)
    qtbot.mouseClick(measures.table, Qt.MouseButton.LeftButton, pos=place)
    assert measures.definition.isVisible()
    assert measures.definition.text().startswith(f"{first}: ")
    qtbot.mouseClick(measures.table, Qt.MouseButton.LeftButton, pos=place)
    assert not measures.definition.isVisible()


# --- Second opinion and similar cases


def embedding(*values: float) -> bytes:
    one = np.array(values, np.float64)
    return bytes((one / np.linalg.norm(one)).astype(np.float16).tobytes())


def test_more_shows_diagnoses_and_similar_cases_and_opens_one(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, user_data: UserData
) -> None:
    fake.diagnoses = (("NV", 0.7), ("MEL", 0.25), ("OTHER", 0.05))
    for name, case in (("near.png", (1, 0.1)), ("far.png", (0.1, 1)), ("asked.png", (1, 0))):
        fake.changes = {"case": embedding(*case)}
        judge(window, qtbot, image_file(name, radius=40 + len(name)))
    history = EntryRepository(user_data.history)
    near, far, _ = entries(user_data)
    history.update_record(far, ClinicalRecord(diagnosis="melanoma"))
    history.update_record(near, ClinicalRecord(diagnosis="naevus", confirmed_by="histopathology"))
    more = why(window).more
    assert not more.content.isVisible()
    qtbot.mouseClick(more.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: more.cases.count() == 2)
    assert more.opinion.text().splitlines()[:3] == ["70 %  naevus", "25 %  melanoma", "5.0 %  OTHER"]
    assert [more.cases.item(row).text() for row in range(2)] == ["naevus\n100 %", "melanoma\n10 %"]
    assert "histopathology" in more.cases.item(0).toolTip()

    window.activateWindow()
    more.cases.setFocus()
    more.cases.setCurrentRow(0)
    qtbot.keyClick(more.cases, Qt.Key.Key_Right)
    assert more.cases.currentRow() == 1  # and not to another picture
    assert window.screen_page.panel.file.text() == "asked.png"
    row = window.session.rowCount()
    qtbot.keyClick(more.cases, Qt.Key.Key_Return)
    assert window.session.rowCount() == row + 1
    assert window.screen_page.panel.file.text() == "far.png"
    assert window.session.item(window.screen_page.current_row).entry_id == far.id
    let_all_be_done(window, qtbot)
    assert [more.cases.item(place).text() for place in range(more.cases.count())] == ["naevus\n20 %"]


def test_more_says_so_where_there_is_nothing(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    more = why(window).more
    qtbot.mouseClick(more.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(more.cases_note.isVisible)
    assert "None: cases are compared" in more.cases_note.text()
    assert not more.cases.isVisible()
    assert more.opinion.text() == "The model in use gives none."
    assert fake.diagnoses == ()


def test_similar_cases_come_although_the_thumbnail_came_between(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the page Folder an item gets its thumbnail while its cases are looked for."""
    judge(window, qtbot, image_file())
    (entry,) = entries(user_data)
    monkeypatch.setattr(ScreeningService, "similar_cases", lambda *_: [SimilarCase(entry, 0.5)])
    panel = window.folder_page.panel.why
    panel.more.button.setChecked(True)
    item = Item(ImageSource(entry.screening.path), replace(entry.screening, thumbnail=b""), entry_id=entry.id)
    panel.show_item(item)
    item.set_thumbnail(entry.screening.thumbnail)
    qtbot.waitUntil(lambda: panel.more.cases.count() == 1)


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
    qtbot.waitUntil(lambda: answer(window) == "Can't be judged, because")
    panel = window.screen_page.panel
    assert panel.reason.text() == OUT_OF_DISTRIBUTION_REASON
    assert panel.symbol.text() == "✕"
    assert panel.number.isVisible()
    for part in (panel.scale, panel.distance, panel.why, panel.report, panel.saved):
        assert not part.isVisible()
    let_all_be_done(window, qtbot)
    assert entries(user_data) == []

    qtbot.mouseClick(panel.number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.session.rowCount() == 1
    assert not panel.number.isVisible()
    _assert_marked(window)
    (entry,) = entries(user_data)
    assert entry.screening.ood_distance == 3.0
    assert entry.screening.is_out_of_distribution
    assert OUT_OF_DISTRIBUTION_WARNING in entry.screening.warnings

    window = reopen(window, open_window, qtbot, user_data)
    _assert_marked(window)


def _assert_marked(window: MainWindow) -> None:
    """A number is shown, and nothing that looks like an answer."""
    panel = window.screen_page.panel
    assert answer(window) == "No result: not like dermoscopy"
    assert panel.symbol.text() == "?"
    assert panel.symbol.styleSheet() == ""
    assert OUT_OF_DISTRIBUTION_WARNING in panel.warnings.text()
    assert not panel.scale.isVisible()
    assert "which is no probability" in panel.distance.text()
    assert not panel.performance.isVisible()


def test_the_number_of_one_in_a_folder_is_shown_on_the_first_page(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    fake.changes = {"ood_distance": 3.0}
    image_file("strange.png", folder=tmp_path / "folder")
    window.open_paths([tmp_path / "folder"])
    panel = window.folder_page.panel
    qtbot.waitUntil(panel.number.isVisible)
    assert panel.reason.text() == OUT_OF_DISTRIBUTION_REASON
    qtbot.mouseClick(panel.number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.pages.currentWidget() is window.screen_page
    assert window.screen_page.panel.file.text() == "strange.png"
    _assert_marked(window)


@pytest.mark.usefixtures("fake")
def test_a_picture_of_bad_quality_has_no_number(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, user_data: UserData
) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (256, 256), (120, 120, 120)).save(grey)
    drop(window, grey)
    qtbot.waitUntil(lambda: answer(window) == "Can't be judged, because")
    panel = window.screen_page.panel
    item = window.session.item(0)
    assert item.screening is not None
    assert item.screening.refusal is Rejection.QUALITY
    assert panel.reason.text() == item.screening.error
    assert not panel.number.isVisible()
    assert not panel.why.isVisible()
    press(window, qtbot, Qt.Key.Key_O)
    let_all_be_done(window, qtbot)
    assert not panel.why.lesion.editor.is_visible()
    assert entries(user_data) == []


# --- Stability


@pytest.mark.parametrize(
    ("consistency", "words", "across"),
    [
        (Consistency(0.4, 0.45, consistent=True), "Stable: 40 % to 45 %", False),
        (Consistency(0.3, 0.8, consistent=False), "Unsteady: 30 % to 80 %", False),
        (Consistency(0.0001, 0.8, consistent=False), "Unsteady: < 0.1 % to 80 %", True),
        (None, "", False),
    ],
)
def test_whether_the_answer_is_steady(
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
    assert panel.consistency.isVisible() == bool(words)
    assert panel.consistency.text().startswith(words)
    assert ("across the threshold" in panel.consistency.text()) == across
    assert (INCONSISTENT_WARNING in panel.warnings.text()) == across


def test_settings_for_stability_reach_the_screener(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    window.show_settings()
    (dialog,) = window.findChildren(SettingsDialog)
    assert (dialog.consistency.isChecked(), dialog.batch_augmentation.isChecked()) == (True, False)
    numbers = itertools.count()

    def asked() -> tuple[bool, bool]:
        """Whether it is looked at for a single image, and for one of a folder."""
        fake.asked_for_stability.clear()
        number = next(numbers)
        judge(window, qtbot, image_file(f"{number}.png", radius=30 + number))
        image_file(f"{number}.png", folder=tmp_path / f"folder{number}", radius=60 + number)
        window.open_paths([tmp_path / f"folder{number}"])
        qtbot.waitUntil(lambda: len(fake.asked_for_stability) == 2)
        qtbot.waitUntil(lambda: not window.batch_session.is_under_way)
        single, in_folder = fake.asked_for_stability
        return single, in_folder

    assert asked() == (True, False)
    dialog.consistency.setChecked(False)
    dialog.batch_augmentation.setChecked(True)
    assert asked() == (False, True)
    assert not window.settings().consistency
    assert window.settings().batch_augmentation
    dialog.close()


# --- Report and help


@pytest.mark.usefixtures("outliner")
def test_the_report_has_what_there_is(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    tmp_path: Path,
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file("bare.png", radius=50), image_file())
    window.screen_page.go_to(1)
    see_measures(window, qtbot)
    written: list[tuple[ReportItem, Card]] = []

    def noted(_target: Path, item: ReportItem, _picture: object, *, card: Card, **_: object) -> None:
        written.append((item, card))

    monkeypatch.setattr(content, "write_image_report", noted)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "one.pdf"), ""))
    bare, measured = entries(user_data)
    for entry in (bare, measured):
        item = Item(ImageSource(entry.screening.path), entry.screening, entry_id=entry.id, from_history=True)
        before = len(written)
        window.screen_page.panel.report_asked.emit(item)
        qtbot.waitUntil(lambda before=before: len(written) == before + 1)
    (without, card), (whole, _) = written
    for item in (without, whole):
        assert item.explanation is not None
        assert item.explanation.activation_map is not None
    assert without.lesion is None
    assert whole.lesion is not None
    assert whole.lesion.measures is not None

    heading = "Measures within the outline"
    images = {"picture": view(window).grab().toImage()}
    images |= {"scale": images["picture"], "heat_map": images["picture"]}
    with_all = image_html(whole, images, clinic="", card=card, now=measured.screening.screened_at)
    assert "<img src='heat_map'" in with_all
    assert "What moved the network" in with_all
    assert heading in with_all
    for _, title, value in rows(whole.lesion.measures):
        assert title in with_all
        assert value in with_all
    del images["heat_map"]
    with_none = image_html(without, images, clinic="", card=card, now=bare.screening.screened_at)
    assert heading not in with_none
    assert "heat_map" not in with_none
    assert "What moved the network" not in with_none


@pytest.mark.usefixtures("outliner")
def test_the_report_is_written_with_map_and_measures(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "one.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    reports = window.findChild(ImageReports)
    assert reports is not None
    with qtbot.waitSignal(reports.notified, timeout=15_000):
        qtbot.mouseClick(window.screen_page.panel.report, Qt.MouseButton.LeftButton)
    assert target.read_bytes().count(b"/Subtype /Image") == 3  # picture, scale, heat map


def test_the_help_opens_at_the_answer_and_by_key(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_F1)
    assert window.pages.currentWidget() is window.help_place
    page = window.help_place.page()
    qtbot.waitUntil(page.isVisible)
    page.show_section(Section.PICTURE)
    qtbot.waitUntil(lambda: page.top_section() is Section.PICTURE)
    window.pages.setCurrentWidget(window.screen_page)
    meaning = window.screen_page.panel.meaning
    assert meaning.isVisible()
    qtbot.mouseClick(meaning, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.help_place
    qtbot.waitUntil(lambda: page.top_section() is Section.ANSWER)
    assert page.isVisible()
