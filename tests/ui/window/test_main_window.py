from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragLeaveEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice, advice_of
from app.core.history.repository import EntryRepository
from app.core.imaging import preprocess
from app.core.imaging.reference_image import reference_image
from app.core.model.classifier import Classifier
from app.core.screening import pipeline
from app.core.screening.options import ScreeningOptions
from app.core.screening.service import ImageSource, ScreeningService
from app.core.system.paths import UserData
from app.ui.image.image_view import to_qimage
from app.ui.services import item
from app.ui.services.wording import percent
from app.ui.window.main_window import MainWindow
from tests.conftest import NAMES
from tests.ui.robot import answer, drag_over, drop, files, is_saved

ANSWERS = {
    Advice.REFER_MELANOMA: "Melanoma suspected. Refer for assessment",
    Advice.REFER_OTHER_CANCER: "Other skin cancer suspected. Refer for assessment",
    Advice.BORDERLINE: "Borderline. Look again",
    Advice.BELOW_THRESHOLD: "Below the referral threshold. This does not rule out melanoma",
}


def expected(path: Path, classifier: Classifier) -> tuple[str, str]:
    """The answer's words and the probability as written, for a file, by the core alone."""
    from app.core.screening.pipeline import screen_file

    screening = screen_file(path, classifier, consistency=True)
    assert screening.prediction is not None
    return ANSWERS[advice_of(screening)], percent(screening.prediction.melanoma_probability)


def test_empty_window_says_what_to_do(window: MainWindow) -> None:
    empty = window.empty
    assert "Drop a dermoscopy picture" in empty.target.accessibleName()
    assert empty.target.isVisible()
    assert answer(window) == ""
    assert "supports a clinician's decision and makes none" in empty.disclaimer.text()
    assert empty.disclaimer.isVisible()


@pytest.mark.parametrize("name", NAMES)
def test_drop_is_answered_and_saved(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    classifier: Classifier,
    user_data: UserData,
    name: str,
) -> None:
    path = image_file(f"{name}.png")
    drop(window, path)
    qtbot.waitUntil(lambda: is_saved(window))
    words, probability = expected(path, classifier)
    panel = window.screen_page.panel
    assert answer(window) == words
    assert probability in panel.scale.accessibleName()
    assert panel.scale.isVisible()
    assert any(fact.text.startswith("Sensitivity ") for fact in panel.facts.facts)
    assert str(classifier.model_id) in panel.file.text()
    (entry,) = EntryRepository(user_data.history).entries()
    assert entry.screening.path == path
    assert entry.screening.prediction is not None
    assert percent(entry.screening.prediction.melanoma_probability) == probability


def test_several_files(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    drop(window, *(image_file(f"{number}.png", radius=40 + 15 * number) for number in range(4)))
    opened = window.session
    qtbot.waitUntil(lambda: opened.rowCount() == 4 and not any(opened.item(row).is_waiting for row in range(4)))
    assert [opened.item(row).source.path.name for row in range(4)] == ["0.png", "1.png", "2.png", "3.png"]
    assert window.screen_page.current_row == 0
    assert window.screen_page.strip.isVisible()


def test_keys_go_through_what_was_opened(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    drop(window, *(image_file(f"{number}.png", radius=30 + 10 * number) for number in range(4)))
    page = window.screen_page
    qtbot.waitUntil(lambda: window.session.rowCount() == 4)
    window.activateWindow()
    page.view.setFocus()
    for key, row in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, 3),
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
    ):
        qtbot.keyClick(page.view, key)
        assert page.current_row == row
    assert page.panel.file.text().startswith("0.png")


def test_no_old_answer_under_a_new_picture(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, image_file("one.png"))
    qtbot.waitUntil(lambda: is_saved(window))
    let_go = threading.Event()
    screen = ScreeningService.screen

    def slow(self: ScreeningService, source: object, *options: object) -> object:
        assert let_go.wait(20)
        yield from screen(self, source, *options)  # type: ignore[arg-type]

    monkeypatch.setattr(ScreeningService, "screen", slow)
    drop(window, image_file("two.png", radius=30))
    qtbot.waitUntil(lambda: answer(window) == "Assessing…. two.png")
    panel = window.screen_page.panel
    assert panel.band.is_busy
    for part in (panel.scale, panel.facts, *panel.sections.values()):
        assert not part.isVisible()
    assert panel.saved.text() == "Not decided"
    assert not panel.report.isEnabled()
    assert "melanoma" not in answer(window).lower()
    let_go.set()
    qtbot.waitUntil(lambda: is_saved(window))
    assert panel.file.text().startswith("two.png")


def test_a_file_that_changed_is_not_shown_beside_the_old_answer(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    """A capture program may write every picture under the same name."""
    drop(window, image_file("capture.png"), image_file("other.png", radius=30))
    page = window.screen_page
    qtbot.waitUntil(lambda: is_saved(window) and page.view.has_image())
    assert page.view.image_size() == (256, 256)
    image_file("capture.png", radius=20)
    page.go_to(1)
    page.go_to(0)
    qtbot.waitUntil(page.image_pane.notice.isVisible)
    assert "has changed" in page.image_pane.notice.text()
    assert page.view.image_size() == (160, 160)  # the thumbnail of what was judged


def test_a_file_that_changes_between_picture_and_answer(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = ScreeningService.screen

    def after_a_change(self: ScreeningService, source: object, *options: object) -> object:
        image_file("capture.png", radius=20)
        yield from screen(self, source, *options)  # type: ignore[arg-type]

    monkeypatch.setattr(ScreeningService, "screen", after_a_change)
    first = image_file("capture.png")
    before = first.read_bytes()
    drop(window, first)
    page = window.screen_page
    qtbot.waitUntil(lambda: is_saved(window) and page.view.has_image())
    judged = to_qimage(reference_image(radius=20))
    qtbot.waitUntil(lambda: page.view.image().convertToFormat(judged.format()) == judged)
    assert first.read_bytes() != before
    assert not page.image_pane.notice.isVisible()


def test_the_image_that_is_looked_at_is_screened_next(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    let_go = threading.Event()
    screen = ScreeningService.screen

    def noted(self: ScreeningService, source: ImageSource, options: ScreeningOptions) -> object:
        assert let_go.wait(20)
        order.append(source.path.name)
        yield from screen(self, source, options)

    monkeypatch.setattr(ScreeningService, "screen", noted)
    drop(window, *(image_file(f"{number}.png", radius=30 + number) for number in range(6)))
    qtbot.waitUntil(lambda: window.session.rowCount() == 6)
    window.screen_page.go_to(5)
    let_go.set()
    qtbot.waitUntil(lambda: len(order) == 6)
    assert order.index("5.png") <= 1  # one may have been under way
    assert sorted(order) == [f"{number}.png" for number in range(6)]  # each of them once


def test_the_window_answers_while_the_network_works(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding, the network and the database run on the jobs' thread, none on the window's."""
    threads: dict[str, str] = {}
    for owner, name in (
        (Classifier, "answer"),
        (EntryRepository, "record_once"),
        (EntryRepository, "entries"),
        (item, "decode"),
        (pipeline, "decode"),
    ):
        original = getattr(owner, name)

        def noted(
            *arguments: object, _original: Callable[..., object] = original, _name: str = name, **named: object
        ) -> object:
            threads[_name] = threading.current_thread().name
            return _original(*arguments, **named)

        monkeypatch.setattr(owner, name, noted)
    drop(window, image_file())
    qtbot.waitUntil(lambda: is_saved(window) and window.screen_page.view.has_image())
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 1)
    assert threads == dict.fromkeys(("answer", "record_once", "entries", "decode"), "screening lane")


def test_error_stands_where_the_answer_would(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, user_data: UserData
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut short")
    drop(window, broken)
    qtbot.waitUntil(lambda: answer(window).startswith("Can't be assessed"))
    panel = window.screen_page.panel
    assert "damaged" in panel.band.action
    assert not panel.scale.isVisible()
    assert not panel.facts.isVisible()
    qtbot.mouseClick(panel.problem.details, Qt.MouseButton.LeftButton)
    assert str(broken) in QGuiApplication.clipboard().text()
    assert EntryRepository(user_data.history).entries() == []


def test_what_cannot_be_taken_is_refused_while_dragging(window: MainWindow, tmp_path: Path) -> None:
    text = QMimeData()
    text.setText("hello")
    assert not drag_over(window, text)
    assert not drag_over(window, files(tmp_path / "letter.docx"))
    remote = QMimeData()
    remote.setUrls([QUrl("ftp://elsewhere/a.jpg")])
    assert not drag_over(window, remote)
    assert drag_over(window, files(tmp_path / "lesion.JPG"))
    assert drag_over(window, files(tmp_path))


def test_what_can_not_be_opened_is_named(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    drag_over(window, files(tmp_path / "letter.pdf"))
    assert window.notice.text().startswith("Can't be opened: letter.pdf. Drop pictures")
    window.notice.hide()
    drop(window, tmp_path / "other.pdf", image_file("lesion.png"))
    qtbot.waitUntil(lambda: is_saved(window))
    assert "other.pdf" in window.notice.text()
    assert "lesion.png" not in window.notice.text()
    assert [window.session.item(row).source.path.name for row in range(window.session.rowCount())] == ["lesion.png"]


def test_dragging_over_a_page_and_away_leaves_it(window: MainWindow, tmp_path: Path) -> None:
    window.go_to(window.history_page)
    assert drag_over(window, files(tmp_path / "lesion.jpg"))
    assert window.current_page() is window.screen_page
    QGuiApplication.sendEvent(window, QDragLeaveEvent())
    assert window.current_page() is window.history_page


def test_a_failed_paste_leaves_the_answer(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    drop(window, image_file())
    qtbot.waitUntil(lambda: is_saved(window))
    before = answer(window)
    QGuiApplication.clipboard().setText("hello")
    window.opening.paste()
    assert answer(window) == before != ""
    assert window.screen_page.panel.scale.isVisible()


def test_paste_a_picture(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    QGuiApplication.clipboard().setImage(to_qimage(reference_image()))
    window.opening.paste()
    qtbot.waitUntil(lambda: is_saved(window))
    (entry,) = EntryRepository(user_data.history).entries()
    assert entry.screening.path.name.startswith("Pasted")
    assert len(entry.screening.path.parts) == 1  # it has no folder, and none is made up
    qtbot.waitUntil(window.screen_page.view.has_image)
    assert window.screen_page.view.image_size() == (256, 256)


def test_paste_copied_files(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    QGuiApplication.clipboard().setMimeData(files(image_file("copied.png")))
    window.opening.paste()
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.screen_page.panel.file.text().startswith("copied.png")


def test_paste_nothing(window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("hello")
    window.opening.paste()
    assert window.notice.text().startswith("Nothing to paste")


def test_open_by_key(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = image_file("chosen.png")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: is_saved(window))
    assert window.screen_page.panel.file.text().startswith("chosen.png")


def test_preview_is_the_same_way_up_as_the_network_sees_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []
    prepare = preprocess.prepare

    def noted(rgb: np.ndarray) -> preprocess.Prepared:
        seen.append(rgb)
        return prepare(rgb)

    monkeypatch.setattr(preprocess, "prepare", noted)  # what is judged, and then goes to the network
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "turned.jpg"
    Image.fromarray(reference_image()[:200]).save(path, exif=exif, quality=95)
    drop(window, path)
    qtbot.waitUntil(lambda: is_saved(window) and window.screen_page.view.has_image())
    shown = window.screen_page.view.image().convertToFormat(QImage.Format.Format_RGB888)
    height, width = shown.height(), shown.width()
    pixels = np.frombuffer(shown.constBits(), np.uint8).reshape(height, shown.bytesPerLine())[:, : 3 * width]
    assert (width, height) == (200, 256)
    assert np.array_equal(pixels.reshape(height, width, 3), seen[0])


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_without_a_model_nothing_is_classified(
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    model: Path,
    image_file: Callable[..., Path],
    tmp_path: Path,
    user_data: UserData,
    damage: str,
) -> None:
    bundle = tmp_path / "bundle"
    if damage == "damaged":
        bundle.mkdir()
        for file in model.iterdir():
            (bundle / file.name).write_bytes(file.read_bytes())
        (bundle / "network.tflite").write_bytes(b"junk")
    window = open_window(model=bundle)
    qtbot.waitUntil(lambda: window.empty.problem.text().startswith("No model"))
    drop(window, image_file())
    qtbot.waitUntil(lambda: answer(window).startswith("Not assessed"))
    assert {"missing": "missing", "damaged": "checksum"}[damage] in answer(window)
    assert not window.screen_page.panel.scale.isVisible()
    qtbot.waitUntil(window.screen_page.view.has_image)
    assert EntryRepository(user_data.history).entries() == []


def test_result_that_cannot_be_saved_is_shown_as_not_saved(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    user_data.folder.parent.mkdir(parents=True, exist_ok=True)
    user_data.folder.touch()
    drop(window, image_file())
    saved = window.screen_page.panel.saved
    qtbot.waitUntil(lambda: "Not saved" in saved.text())
    assert answer(window) in ANSWERS.values()


def test_window_place_is_remembered(open_window: Callable[..., MainWindow]) -> None:
    window = open_window()
    window.resize(1100, 600)
    window.close()
    assert open_window().size().height() == 600  # the off-screen display is narrower, and the window is cut to it


def test_zoom_and_fit(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    drop(window, image_file())
    view = window.screen_page.view
    qtbot.waitUntil(view.has_image)
    fitted = view.transform().m11()
    view.scale(3, 3)
    window.activateWindow()
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.transform().m11() == pytest.approx(fitted)


def test_picture_of_odd_width_keeps_its_pixels() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = to_qimage(rgb[:, ::-1])
    buffer = io.BytesIO()
    Image.fromarray(rgb[:, ::-1]).save(buffer, "PNG")
    assert image == QImage.fromData(buffer.getvalue()).convertToFormat(QImage.Format.Format_RGB888)
