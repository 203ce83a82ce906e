"""Every page at the sizes that clinics have: nothing beyond the window, no advice cut, a name for every control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.ui.folder.results_model import Column
from app.ui.look import tokens
from app.ui.look.focus_ring import BY_KEYBOARD
from app.ui.look.icons import icon
from app.ui.look.tokens import DARK, LIGHT, Scheme, Size, TextStyle, font
from app.ui.result.advice_band import AdviceBand
from app.ui.services.warnings import legend
from app.ui.services.wording import advice_words, percent, short_advice_words
from app.ui.window.main_window import MainWindow
from tests.ui.robot import answer, drop, judge

SIZES = ((1008, 540), (1024, 600), (1366, 768), (1920, 1080))


@pytest.fixture
def filled(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path) -> MainWindow:
    """A window with a folder, opened pictures and a history."""
    for number in range(3):
        image_file(
            f"a picture with rather a long name {number}.png", folder=tmp_path / "folder", radius=40 + 9 * number
        )
    drop(window, tmp_path / "folder")
    qtbot.waitUntil(lambda: window.batch_session.done == 3)
    judge(window, qtbot, image_file("one.png", radius=30), image_file("two.png", radius=35))
    return window


def pages(window: MainWindow, qtbot: QtBot) -> list[QWidget]:
    """Each page, shown once."""
    found = []
    for number in range(window.pages.count()):
        window.pages.setCurrentIndex(number)
        found.append(window.current_page())
        qtbot.wait(30)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_nothing_lies_beyond_the_window(
    filled: MainWindow, qtbot: QtBot, qapp: QApplication, size: tuple[int, int], direction: Qt.LayoutDirection
) -> None:
    qapp.setLayoutDirection(direction)
    try:
        filled.resize(*size)
        for number, _page in enumerate(pages(filled, qtbot)):
            filled.pages.setCurrentIndex(number)
            qtbot.wait(30)
            assert filled.size().toTuple() == size, f"page {number} makes the window larger"
            assert [_name(widget) for widget in _shown(filled) if _is_beyond(widget, filled)] == []
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def _shown(window: MainWindow) -> list[QWidget]:
    """What is seen and does not lie in something that scrolls."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.window() is window and not _scrolls(widget, window)
    ]


def _scrolls(widget: QWidget, window: MainWindow) -> bool:
    place = widget.parentWidget()
    while place is not None and place is not window:
        if place.objectName() == "qt_scrollarea_viewport":
            return True
        place = place.parentWidget()
    return False


def _is_beyond(widget: QWidget, window: MainWindow) -> bool:
    corner = widget.mapTo(window, QPoint(0, 0))
    inside = window.rect().adjusted(-2, -2, 2, 2)
    return (widget.width() > 0 and not inside.contains(corner)) or not inside.contains(
        corner + QPoint(max(0, widget.width() - 1), max(0, widget.height() - 1))
    )


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName()} {widget.geometry().getRect()}"


@pytest.mark.parametrize("advice", Advice)
@pytest.mark.parametrize("width", sorted({*tokens.PANEL.values(), *tokens.FOLDER_PANEL.values()}))
def test_no_advice_is_cut_in_its_band(qtbot: QtBot, advice: Advice, width: int) -> None:
    band = AdviceBand()
    qtbot.addWidget(band)
    band.resize(width, 100)
    band.show_advice(advice, advice_words(advice), "What to do about it, in a sentence that may need two lines")
    band.resize(width, band.heightForWidth(width))
    metrics = QFontMetrics(font(TextStyle.ADVICE))
    assert max(metrics.horizontalAdvance(word) for word in advice_words(advice).split()) < width - 16 - 36 - 12 - 16
    assert band.height() >= band.heightForWidth(width)


@pytest.mark.parametrize("size", SIZES)
def test_no_advice_is_cut_in_a_list(filled: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    filled.resize(*size)
    metrics, second = QFontMetrics(font()), 20  # a melanoma may have another suspicion's symbol beside it
    longest = max(
        metrics.horizontalAdvance(short_advice_words(advice)) + (second if advice is Advice.REFER_MELANOMA else 0)
        for advice in Advice
    )
    for page, column in ((filled.folder_page, 0), (filled.history_page, 1)):
        filled.go_to(page)
        qtbot.wait(30)
        before = 16 + 44 + 12 + 18 + 8  # edge, thumbnail, symbol and the gaps
        assert page.table.columnWidth(column) >= before + longest


def test_every_control_has_a_name(filled: MainWindow, qtbot: QtBot) -> None:
    for page in pages(filled, qtbot):
        nameless = [
            _name(widget)
            for widget in page.findChildren(QWidget)
            if isinstance(widget, QAbstractButton | QComboBox | QSlider | QLineEdit)
            and widget.isVisible()
            and not isinstance(widget.parentWidget(), QLineEdit)  # its icon
            and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
            and not (isinstance(widget, QLineEdit) and (widget.placeholderText() or _is_part_of_another(widget)))
        ]
        assert nameless == []


def _is_part_of_another(field: QLineEdit) -> bool:
    """Whether a line edit lies in a box that has the name."""
    return bool(field.parentWidget() is not None and field.objectName().startswith("qt_"))


def test_the_rail_goes_from_page_to_page_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.rail.buttons[0].setFocus()
    for number in range(1, 7):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert window.pages.currentIndex() == number
        assert window.rail.buttons[number].isChecked()
        window.rail.buttons[number].setFocus()
    assert window.property(BY_KEYBOARD)
    for number in range(7):
        qtbot.keyClick(window, str(number + 1), Qt.KeyboardModifier.ControlModifier)
        assert window.pages.currentIndex() == number


def test_the_focus_is_seen_by_key_and_not_by_click(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    button = window.empty.folder_button
    ring = window.appearance.ring
    window.empty.open_button.setFocus()
    qtbot.keyClick(window.empty.open_button, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is button
    assert ring.shown_around() is button
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert ring.shown_around() is None


def test_the_scheme_is_a_setting_and_changes_at_once(window: MainWindow, qtbot: QtBot) -> None:
    assert tokens.tokens() is LIGHT
    window.settings.update(scheme=Scheme.DARK.value)
    try:
        assert tokens.tokens() is DARK
        assert QApplication.palette().window().color() == DARK.window
        qtbot.wait(30)
        pixel = window.grab().toImage().pixelColor(3, 300)
        assert pixel == DARK.window
    finally:
        window.settings.update(scheme=Scheme.LIGHT.value)
    assert tokens.tokens() is LIGHT


@pytest.mark.parametrize(
    ("width", "size"), [(1008, Size.SMALL), (1199, Size.SMALL), (1200, Size.MEDIUM), (1680, Size.LARGE)]
)
def test_pages_are_laid_out_by_the_windows_width(window: MainWindow, width: int, size: Size) -> None:
    window.resize(width, 700)
    assert window.size_class is size
    assert window.screen_page.panel.width() == tokens.PANEL[size]


def test_the_answer_never_scrolls_away(filled: MainWindow, qtbot: QtBot) -> None:
    filled.resize(1008, 540)
    filled.go_to(filled.screen_page)
    panel = filled.screen_page.panel
    for section in panel.sections.values():
        section.set_open(True)
    qtbot.wait(50)
    bar = panel._scroll.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    qtbot.wait(30)
    assert answer(filled)
    for part in (panel.band, panel.scale, panel.facts, panel.mark, panel.report):
        assert part.visibleRegion().boundingRect() == part.rect()


def test_open_parts_are_remembered(
    filled: MainWindow, open_window: Callable[..., MainWindow], qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    filled.screen_page.panel.sections["record"].set_open(True)
    filled.close()
    again = open_window()
    judge(again, qtbot, image_file("one.png", radius=30))
    assert again.screen_page.panel.sections["record"].is_open
    assert not again.screen_page.panel.sections["why"].is_open


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(OSError, match="no such icon"):
        icon("no such icon")


def test_only_the_window_is_a_window(open_window: Callable[..., MainWindow], qtbot: QtBot, qapp: QApplication) -> None:
    """A part that is shown before it has a parent flashes up as a window of its own."""
    shown: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    window = open_window()
    pages(window, qtbot)
    qapp.removeEventFilter(watch)
    assert shown == [window]


def test_a_window_for_fingers_is_larger_from_the_next_start(
    window: MainWindow, open_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    before = window.empty.open_button.height(), font().pixelSize()
    window.settings.update(touch=True)
    assert window.empty.open_button.height() == before[0]
    window.close()
    again = open_window()
    try:
        assert again.empty.open_button.height() == pytest.approx(1.15 * before[0], abs=1)
        assert font().pixelSize() == round(1.15 * 15)
    finally:
        again.appearance.set_for_touch(False)
    assert font().pixelSize() == before[1]


def test_numbers_keep_their_order_from_right_to_left(qapp: QApplication) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert percent(0.52) == "\u206652 %\u2069"
        assert percent(0.0001) == "\u2066< 0.1 %\u2069"
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert percent(0.52) == "52 %"


def test_the_head_of_the_notes_says_what_the_icons_mean(filled: MainWindow) -> None:
    header = filled.folder_page.table.model()
    tip = header.headerData(Column.NOTES, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "Hair lies over the lesion" in tip
    assert "Too bright" in tip
    assert tip.count("<img") == len(legend())
