from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from PySide6.QtCore import Qt, QUrl, qInstallMessageHandler, qVersion, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.core.model.bundle import load_bundle
from app.core.model.card import LicenceFile
from app.core.system import log as program_log
from app.core.system import paths
from app.core.system.paths import PORTABLE_FOLDER, UserData
from app.core.system.settings import load_settings
from app.core.system.version import version
from app.ui.help.about_panel import AboutPanel
from app.ui.help.support import log_lines, support_text
from app.ui.help.welcome_dialog import WelcomeDialog
from app.ui.services import error_dialog
from app.ui.services.current_model import CurrentModel
from app.ui.services.workers import Workers
from app.ui.window.main_window import MainWindow
from tests.factories import with_gate, with_near, with_other_cancers
from tests.ui.robot import is_saved, model_in_use


@pytest.fixture
def log(user_data: UserData, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    program_log.start(user_data.log)
    yield user_data.log
    qInstallMessageHandler(None)


def about(window: MainWindow, qtbot: QtBot) -> AboutPanel:
    qtbot.waitUntil(lambda: model_in_use(window) != "")
    window.show_about()
    panel = window.findChild(AboutPanel)
    assert isinstance(panel, AboutPanel)
    assert panel.isVisible()
    return panel


def test_it_says_version_model_and_place(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    dialog = about(window, qtbot)
    assert version() in dialog.version.text()
    assert model_in_use(window) in dialog.model.text()
    assert "of 20" in dialog.model.text()  # the model's date
    assert dialog.place.path.text() == str(user_data.folder)
    assert any("numpy" in dialog.parts.item(row).text().lower() for row in range(dialog.parts.count()))


def test_it_says_whose_the_weights_are_and_whether_the_model_tells_dermoscopy(
    user_data: UserData, qtbot: QtBot, model: Path
) -> None:
    workers = Workers()
    bundle = load_bundle(model)
    licence = LicenceFile("LICENCE.txt", "0" * 64, "CC BY-NC 4.0")
    gated = with_gate(bundle, 0.9)
    texts = []
    for card in (changed(bundle.card, licence=None), changed(gated.card, licence=licence)):
        current = CurrentModel()
        current.set_card(card)
        dialog = AboutPanel(user_data, current, workers)
        qtbot.addWidget(dialog)
        texts.append(dialog.model.text())
    workers.close()
    assert "CC BY-NC 4.0" not in texts[0]
    assert "can't tell whether a picture was taken" in texts[0]
    assert "CC BY-NC 4.0" in texts[1]
    assert "can't tell whether a picture was taken" not in texts[1]


def test_it_says_which_advice_the_model_never_gives(user_data: UserData, qtbot: QtBot, model: Path) -> None:
    workers = Workers()
    whole = with_near(with_other_cancers(load_bundle(model), 0.3), 1.0).card
    points = tuple(changed(point, near=None, other_cancer=None) for point in whole.operating_points)
    texts = []
    for card in (whole, changed(whole, operating_points=points)):
        current = CurrentModel()
        current.set_card(card)
        dialog = AboutPanel(user_data, current, workers)
        qtbot.addWidget(dialog)
        texts.append(dialog.model.text())
    workers.close()
    for words in ("does not recognise other skin cancers", "never reports borderline results"):
        assert words not in texts[0]
        assert words in texts[1]


def test_the_data_folder_is_opened(
    window: MainWindow, qtbot: QtBot, user_data: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    dialog = about(window, qtbot)
    qtbot.mouseClick(dialog.place.button, Qt.MouseButton.LeftButton)
    assert [Path(url.toLocalFile()) for url in opened] == [user_data.folder]
    assert user_data.folder.is_dir()
    assert dialog.place.button.isEnabled()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    qtbot.mouseClick(dialog.place.button, Qt.MouseButton.LeftButton)
    assert not dialog.place.button.isEnabled()
    assert dialog.place.path.selectedText() == str(user_data.folder)


def test_gathered_licences_are_shown_with_their_text(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "resources" / "licences"
    folder.mkdir(parents=True)
    (folder / "Qt.txt").write_text("GNU LESSER GENERAL PUBLIC LICENSE")
    (folder / "index.json").write_text(
        json.dumps([{"name": "Qt", "version": "6", "licence": "LGPL-3.0", "homepage": "", "file": "Qt.txt"}])
    )
    monkeypatch.setattr("app.ui.help.about_panel.paths.resources", lambda: tmp_path / "resources")
    dialog = about(window, qtbot)
    assert [dialog.parts.item(row).text() for row in range(dialog.parts.count())] == ["Qt 6: LGPL-3.0"]
    assert dialog.text.isVisible()
    assert "GNU LESSER" in dialog.text.toPlainText()


def test_the_support_text_says_what_support_needs_and_nothing_of_patients(
    window: MainWindow,
    qtbot: QtBot,
    log: Path,
    image_file: Callable[..., Path],
    user_data: UserData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(error_dialog, "QMessageBox", _SilentBox)
    error_dialog.install()
    window.opening.open_paths([image_file("Ivanova Maria.png")])
    qtbot.waitUntil(lambda: is_saved(window))
    for warning in ('Cannot open "Ivanova Maria.jpg"', "could not read Ivanova Maria.jpg", f"no file {tmp_path}/a"):
        qWarning(warning)
    try:
        raise ValueError("/pictures/Ivanova Maria.jpg")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    log.write_text(log.read_text() + "/pictures/Ivanova Maria.jpg, as an older program might have logged\n")
    dialog = about(window, qtbot)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.copied.text().startswith("Copied"))
    text = QGuiApplication.clipboard().text()
    for part in (
        version(),
        model_in_use(window),
        "LiteRT: ",
        f"Qt: {qVersion()}",
        "×",
        "GB free",
        "ValueError",
    ):
        assert part in text
    assert "test_about.py" in text
    assert "Cannot open …" in text
    assert "(left out)" in text
    for part in ("Ivanova", "Maria", ".png", ".jpg", str(tmp_path), str(user_data.folder), str(Path.home())):
        assert part not in text


class _SilentBox(error_dialog.QMessageBox):
    def exec(self) -> int:
        return 0


def test_the_support_text_of_a_log_that_is_not_there(user_data: UserData) -> None:
    assert log_lines(user_data.log) == []
    text = support_text(user_data, None, "")
    assert "Model: none in use" in text
    assert text.endswith("(nothing)\n")


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ("QPainter::begin: Paint device returned engine == 0", "QPainter::begin: Paint device returned engine == 0"),
        ('Could not load the plugin "xcb" in ""', "Could not load the plugin …"),
        ("QFile::open: C:\\Bilder\\Maria.jpg", "QFile::open: C:…"),
        ("Maria Ivanova.jpg can't be opened", "…"),
        ("it can't\nbe", "it can't be"),
        ("in 'Maria'", "in …"),
    ],
)
def test_a_message_of_qt_is_cut_where_a_name_may_begin(message: str, logged: str) -> None:
    assert program_log.without_names(message) == logged
    assert program_log.without_names(logged) == logged


@pytest.fixture
def run(qtbot: QtBot, model: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs the program as a start does, but for its event loop, in place of which it calls something."""
    monkeypatch.setattr(program_log, "start", lambda file: None)
    monkeypatch.setattr(error_dialog, "install", lambda: None)
    real, made = bootstrap.make_window, list[MainWindow]()

    def make(images: list[Path], meanwhile: Callable[[MainWindow], None]) -> None:
        def loop(*_: object) -> int:
            window = made.pop()
            try:
                meanwhile(window)
            finally:
                window.close()
                window.deleteLater()
            return 0

        def make_window(*arguments: object) -> MainWindow:
            made.append(real(*arguments))  # type: ignore[arg-type]
            return made[-1]

        monkeypatch.setattr(bootstrap, "make_window", make_window)
        monkeypatch.setattr(QApplication, "exec", loop)
        assert bootstrap.run_window(images, model) == 0

    return make


def welcome(window: MainWindow) -> WelcomeDialog | None:
    dialog = window.findChild(WelcomeDialog)
    assert dialog is None or isinstance(dialog, WelcomeDialog)
    return dialog


def test_the_first_start_says_once_what_it_is_and_screens_behind_it(
    run: Callable[..., None], qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    def first(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: welcome(window) is not None and is_saved(window))
        dialog = welcome(window)
        assert dialog is not None
        assert dialog.isVisible()
        assert dialog.place.path.text() == str(user_data.folder)
        assert not dialog.problem.isVisible()
        assert not load_settings(user_data.settings).welcomed  # not until it was closed
        qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
        assert load_settings(user_data.settings).welcomed

    def second(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: is_saved(window))
        assert welcome(window) is None

    run([image_file()], first)
    run([image_file()], second)


def test_the_first_start_from_a_read_only_stick(
    run: Callable[..., None],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "stick").touch()  # as good as read-only
    data = UserData(tmp_path / "stick" / PORTABLE_FOLDER, portable=True)
    monkeypatch.setattr(paths, "user_data", lambda: data)

    def start(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: welcome(window) is not None)
        dialog = welcome(window)
        assert dialog is not None
        assert "write-protected" in dialog.problem.text()
        assert dialog.problem.isVisible()
        dialog.accept()
        qtbot.waitUntil(lambda: "write-protected" in window.notice.text())
        assert window.notice.isVisible()
        qtbot.waitUntil(lambda: "Not saved" in window.screen_page.panel.saved.text())

    run([image_file()], start)


def test_other_windows_are_not_welcomed(window: MainWindow, qtbot: QtBot) -> None:
    """Those of the self-test and of the tests, which nobody would click away."""
    qtbot.waitUntil(lambda: model_in_use(window) != "")
    qtbot.wait(50)
    assert not [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    assert not window.notice.isVisible()
