from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.history.repository import EntryRepository
from app.core.model.bundle import load_bundle
from app.core.model.library import ModelLibrary
from app.core.system import paths
from app.core.system.paths import UserData
from app.core.system.settings import Settings, load_settings, save_settings
from app.ui.folder.batch_session import State
from app.ui.window.main_window import MainWindow
from tests.ui.robot import NO, YES, answer, answer_box, boxes, drop, is_saved, model_in_use

OTHER = "Other 7"


@pytest.fixture
def bundle(tmp_path: Path, model: Path) -> Path:
    """Another model: the same but for its name and the threshold."""
    folder = Path(shutil.copytree(model, tmp_path / "bundle"))
    card = json.loads((folder / "card.json").read_text())
    card.update(name="Other", version="7")
    card["operating_points"][0]["threshold"] = 0.999
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture
def archive(bundle: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as opened:
        for file in bundle.iterdir():
            opened.write(file, f"other/{file.name}")
    return tmp_path / "model.zip"


@pytest.fixture
def chosen(
    open_window: Callable[..., MainWindow], qtbot: QtBot, model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], MainWindow]]:
    """Opens windows that use what is chosen in the settings, as a start without `--model` does."""
    monkeypatch.setattr(paths, "bundled_model", lambda: model)

    def make() -> MainWindow:
        window = open_window(model=None)
        qtbot.waitUntil(lambda: model_in_use(window) != "")
        return window

    return make


def test_a_dropped_model_is_used_once_it_is_checked_and_wanted(
    chosen: Callable[[], MainWindow],
    qtbot: QtBot,
    archive: Path,
    bundle: Path,
    model: Path,
    image_file: Callable[..., Path],
    user_data: UserData,
) -> None:
    window = chosen()
    first = str(load_bundle(model).card.model_id)
    assert model_in_use(window) == first
    drop(window, image_file("one.png"))
    qtbot.waitUntil(lambda: is_saved(window))
    drop(window, archive)
    assert window.current_page() is window.screen_page  # it is no batch
    asked = answer_box(window, qtbot, YES)
    assert OTHER in asked
    assert first in asked
    qtbot.waitUntil(lambda: model_in_use(window) == OTHER)
    assert window.help_page.text().count("99.9 %") > 0  # all pages have its card: its threshold
    drop(window, image_file("two.png", radius=60))
    qtbot.waitUntil(lambda: is_saved(window) and window.screen_page.panel.file.text().startswith("two.png"))
    assert OTHER in window.screen_page.panel.file.text()
    assert any(fact.text.startswith("Sensitivity") for fact in window.screen_page.panel.facts.facts)
    newest, oldest = EntryRepository(user_data.history).entries()
    assert [str(entry.screening.model) for entry in (newest, oldest)] == [OTHER, first]
    assert newest.screening.prediction is not None
    assert newest.screening.prediction.threshold == 0.999
    window.close()
    assert load_settings(user_data.settings).model.startswith("Other-7-")
    qtbot.waitUntil(lambda: model_in_use(chosen()) == OTHER)


def test_a_no_leaves_all_as_it_was(
    chosen: Callable[[], MainWindow], qtbot: QtBot, archive: Path, user_data: UserData
) -> None:
    window = chosen()
    before = model_in_use(window)
    drop(window, archive)
    answer_box(window, qtbot, NO)
    assert model_in_use(window) == before
    assert window.models.name == ""
    assert len(window.models.choices()) == 2  # it may be chosen later


def test_what_fails_the_check_is_told_and_never_used(
    chosen: Callable[[], MainWindow], qtbot: QtBot, archive: Path, bundle: Path
) -> None:
    window = chosen()
    before = model_in_use(window)
    card = json.loads((bundle / "card.json").read_text())
    card["self_test_probability"] = 0.123
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("card.json", json.dumps(card))
        for file in bundle.iterdir():
            if file.name != "card.json":
                opened.write(file, file.name)
    drop(window, archive)
    qtbot.waitUntil(lambda: "model.zip was not installed" in window.notice.text())
    assert "0.123" in window.notice.text()
    assert model_in_use(window) == before
    assert len(window.models.choices()) == 1
    assert not boxes(window)


def test_a_zip_of_images_is_a_batch_beside_a_model(
    chosen: Callable[[], MainWindow], qtbot: QtBot, archive: Path, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    window = chosen()
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as opened:
        opened.write(image_file("1.png"), "1.png")
        opened.writestr("card.json", "{}")
    drop(window, tmp_path / "pictures.zip", archive)
    answer_box(window, qtbot, NO)
    qtbot.waitUntil(lambda: window.batch_session.state is State.DONE)
    assert window.batch_session.done == 1


@pytest.mark.parametrize("what", ["gone", "damaged"])
def test_without_the_chosen_model_none_is_used_and_the_way_back_is_offered(
    chosen: Callable[[], MainWindow],
    qtbot: QtBot,
    bundle: Path,
    model: Path,
    image_file: Callable[..., Path],
    user_data: UserData,
    what: str,
) -> None:
    models = ModelLibrary(user_data.models, model)
    name = models.install(bundle).name
    save_settings(Settings(model=name), user_data.settings)
    if what == "gone":
        shutil.rmtree(models.path(name))
    else:
        (models.path(name) / "network.tflite").write_bytes(b"junk")
    window = chosen()
    assert model_in_use(window) == "no model"
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    assert window.empty.problem.text().startswith("No model")
    assert window.empty.problem.isVisible()
    window.opening.open_paths([image_file()])
    qtbot.waitUntil(lambda: answer(window).startswith("Not assessed"))
    assert EntryRepository(user_data.history).entries() == []
    assert {"gone": "missing", "damaged": "checksum"}[what] in answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: model_in_use(window) == str(load_bundle(model).card.model_id))
    assert load_settings(user_data.settings).model == ""
    window.opening.open_paths([image_file()])
    qtbot.waitUntil(lambda: is_saved(window))


def test_a_no_to_the_way_back_keeps_the_choice(
    chosen: Callable[[], MainWindow], qtbot: QtBot, user_data: UserData
) -> None:
    save_settings(Settings(model="gone-1-12345678"), user_data.settings)
    window = chosen()
    answer_box(window, qtbot, NO)
    assert model_in_use(window) == "no model"
    window.show_settings()
    page = window.settings_page
    assert "not installed any more" in page.model.models.currentText()
    page.input("clinic").setText("A clinic")
    page.input("clinic").editingFinished.emit()
    assert load_settings(user_data.settings).model == "gone-1-12345678"


def test_the_settings_choose_install_and_remove(
    chosen: Callable[[], MainWindow],
    qtbot: QtBot,
    bundle: Path,
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = chosen()
    first = model_in_use(window)
    window.show_settings()
    page = window.settings_page
    field = page.model
    assert field.models.count() == 1
    assert not field.remove.isEnabled()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(bundle / "card.json"), ""))
    qtbot.mouseClick(field.install, Qt.MouseButton.LeftButton)
    answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: model_in_use(window) == OTHER)
    assert field.models.currentText().startswith(OTHER)
    assert load_settings(user_data.settings).model.startswith("Other-7-")
    page.input("clinic").setText("Our clinic")  # the page's own fields leave the model alone
    page.input("clinic").editingFinished.emit()
    assert load_settings(user_data.settings).model.startswith("Other-7-")

    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(field.models, wheel)
    assert field.models.currentIndex() == 1

    field.models.setCurrentIndex(0)
    field.models.activated.emit(0)
    qtbot.waitUntil(lambda: model_in_use(window) == first)
    field.models.setCurrentIndex(1)
    field.models.activated.emit(1)
    qtbot.waitUntil(lambda: model_in_use(window) == OTHER)
    (action,) = field.remove.menu().actions()
    action.trigger()
    assert "in use" in answer_box(window, qtbot, NO)
    assert field.models.count() == 2
    field.remove.menu().actions()[0].trigger()
    answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: model_in_use(window) == first and field.models.count() == 1)
    assert list(user_data.models.iterdir()) == []
    assert load_settings(user_data.settings).model == ""


def test_the_command_line_goes_first(
    open_window: Callable[..., MainWindow], qtbot: QtBot, model: Path, archive: Path, bundle: Path, user_data: UserData
) -> None:
    name = ModelLibrary(user_data.models, model).install(bundle).name
    save_settings(Settings(model=name), user_data.settings)
    window = open_window(model=model)
    qtbot.waitUntil(lambda: model_in_use(window) == str(load_bundle(model).card.model_id))
    drop(window, archive)
    qtbot.waitUntil(lambda: "on the command line" in window.notice.text())
    assert not boxes(window)
    window.show_settings()
    assert not window.settings_page.model.models.isEnabled()
    window.close()
    assert load_settings(user_data.settings).model == name


@pytest.mark.usefixtures("held_batch")
def test_a_batch_goes_on_with_the_model_in_use(
    chosen: Callable[[], MainWindow],
    qtbot: QtBot,
    bundle: Path,
    model: Path,
    image_file: Callable[..., Path],
    user_data: UserData,
    tmp_path: Path,
) -> None:
    name = ModelLibrary(user_data.models, model).install(bundle).name
    window = chosen()
    for number in range(12):
        image_file(f"{number}.png", folder=tmp_path / "folder", radius=40 + number)
    window.opening.open_paths([tmp_path / "folder"])
    session = window.batch_session
    qtbot.waitUntil(lambda: session.state is State.RUNNING and session.done > 0)
    window.models.choose(name)
    qtbot.waitUntil(lambda: model_in_use(window) == OTHER)
    qtbot.waitUntil(lambda: session.state is State.DONE)
    by = [str(entry.screening.model) for entry in EntryRepository(user_data.history).entries()]
    assert len(by) == 12
    assert set(by) == {OTHER, str(load_bundle(model).card.model_id)}
