"""Fields, questions and tables that several pages share."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QSpinBox, QTableView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets import results_table
from app.ui.widgets.dialogs import ask
from app.ui.widgets.fields import Choice, ignore_wheel


def turn_wheel(widget: QWidget) -> bool:
    """Whether the widget takes the event; else what it lies on gets it."""
    at, none = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


@pytest.mark.parametrize(("unless_focused", "focused", "changes"), [
    (False, False, False), (False, True, False), (True, False, False), (True, True, True),
])  # fmt: skip
def test_the_wheel_scrolls_the_page_and_leaves_the_field(
    qtbot: QtBot, unless_focused: bool, focused: bool, changes: bool
) -> None:
    page, field, other = QWidget(), QSpinBox(), QSpinBox()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for each in (field, other):
        each.setValue(7)
        column.addWidget(each)
    ignore_wheel(field, unless_focused=unless_focused)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    (field if focused else other).setFocus()
    assert turn_wheel(field) == changes
    assert (field.value() != 7) == changes
    assert field.hasFocus() == focused


class TestChoice:
    """On a page whose keys are commands, as the window's are."""

    KEYS = (Qt.Key.Key_H, Qt.Key.Key_O, Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left)

    @pytest.fixture
    def page(self, qtbot: QtBot) -> QWidget:
        page = QWidget()
        qtbot.addWidget(page)
        choice, table = Choice(), QTableView()
        choice.addItems(["–", "head/neck", "other"])
        column = QVBoxLayout(page)
        column.addWidget(choice)
        column.addWidget(table)
        page.setFocusProxy(table)
        page.commands = []  # type: ignore[attr-defined]
        for key in self.KEYS:
            shortcut = QShortcut(QKeySequence(key), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda key=key: page.commands.append(key))  # type: ignore[attr-defined]
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        choice.setFocus()
        return page

    def test_closed_it_leaves_keys_to_the_page(self, page: QWidget, qtbot: QtBot) -> None:
        choice = page.findChild(Choice)
        for key in self.KEYS:
            if key != Qt.Key.Key_Space:
                qtbot.keyClick(choice, key)
        assert page.commands == [key for key in self.KEYS if key != Qt.Key.Key_Space]  # type: ignore[attr-defined]
        assert (choice.currentIndex(), choice.view().isVisible()) == (0, False)

    def test_opened_by_the_space_bar_all_keys_are_its_own(self, page: QWidget, qtbot: QtBot) -> None:
        choice = page.findChild(Choice)
        qtbot.keyClick(choice, Qt.Key.Key_Space)
        assert choice.view().isVisible()
        for key in (Qt.Key.Key_Down, Qt.Key.Key_O, Qt.Key.Key_Return):
            qtbot.keyClick(choice.view(), key)
        assert choice.currentText() == "other"
        assert page.commands == []  # type: ignore[attr-defined]
        assert choice.hasFocus()

    def test_after_a_choice_by_mouse_the_page_has_the_focus(self, page: QWidget, qtbot: QtBot) -> None:
        choice = page.findChild(Choice)
        choice.showPopup()
        qtbot.wait(QApplication.doubleClickInterval())  # a click that comes sooner is the one that opened it
        place = choice.view().visualRect(choice.model().index(1, 0)).center()
        qtbot.mouseMove(choice.view().viewport(), place)
        qtbot.mouseClick(choice.view().viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert choice.currentText() == "head/neck"
        qtbot.waitUntil(page.findChild(QTableView).hasFocus)


@pytest.mark.parametrize(("button", "called"), [
    (QMessageBox.StandardButton.Yes, True), (QMessageBox.StandardButton.No, False),
])  # fmt: skip
def test_a_question_does_not_wait_for_its_answer(
    qtbot: QtBot, button: QMessageBox.StandardButton, called: bool
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    calls: list[str] = []
    ask(parent, "<All> will be deleted.", verb="Delete", then=lambda: calls.append("yes"), title="Delete")
    (box,) = parent.findChildren(QMessageBox)
    assert not calls
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert [each.text() for each in box.buttons()] == ["Delete", "Cancel"]
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.No)
    box.button(button).click()
    qtbot.waitUntil(lambda: not parent.findChildren(QMessageBox))
    assert calls == (["yes"] if called else [])


def test_a_table_of_results_selects_rows_and_is_sorted_by_its_head(qtbot: QtBot) -> None:
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(QStandardItemModel(3, 2))
    results_table.set_up(table, "Results", widths=(5, 9))
    sortings: list[tuple[int, Qt.SortOrder]] = []
    results_table.make_sortable(table, 1, lambda column, order: sortings.append((column, order)))
    table.resize(600, 300)
    table.show()
    qtbot.waitExposed(table)
    line = table.fontMetrics().height()
    assert [table.columnWidth(column) for column in range(2)] == [5 * line, 9 * line]
    assert table.accessibleName() == "Results"
    table.selectRow(2)
    table.setCurrentIndex(table.model().index(1, 0))
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]
    head = table.horizontalHeader()
    assert (head.sortIndicatorSection(), head.sortIndicatorOrder()) == (1, Qt.SortOrder.DescendingOrder)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2 * line, head.height() // 2))
    assert [column for column, _ in sortings] == [0]
