"""The window's keys: one table that makes the shortcuts and that the dialog shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.core.domain.entry import DECISIONS, Mark

Key = str | QKeySequence.StandardKey
STANDARD = QKeySequence.StandardKey
PAGES = 7


@dataclass(frozen=True)
class Binding:
    """Keys and what they do in the window (`MainWindow`) or on a page.

    `on_table`: only while one of the page's `views` has the focus, so that other fields keep the key.
    """

    keys: tuple[Key, ...]
    place: str
    call: Callable[[Any], object]
    on_table: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the table: keys as they are shown, what they do, and what makes them. Without a text it isn't shown."""

    keys: str
    text: str
    bindings: tuple[Binding, ...] = ()


WINDOW, SCREEN, FOLDER, HISTORY = "MainWindow", "ScreenPage", "FolderPage", "HistoryPage"
PATIENT, PATIENTS, COMPARISON = "PatientView", "PatientList", "ComparisonPage"
"""Names of classes, which are not imported: that would slow down every start."""


def table() -> tuple[Row, ...]:
    """All keys, in the order in which they are shown."""
    return (*_opening(), *_images(), *_patients(), *_pages(), *_entries(), *_not_shown())


def _opening() -> tuple[Row, ...]:
    tr = _translated
    return (
        Row(
            tr("Ctrl+O"),
            tr("open pictures"),
            (Binding((STANDARD.Open,), WINDOW, lambda w: w.opening.ask_for_files()),),
        ),
        Row(
            tr("Ctrl+Shift+O"),
            tr("open a folder"),
            (Binding(("Ctrl+Shift+O",), WINDOW, lambda w: w.opening.ask_for_folder()),),
        ),
        Row(
            tr("Ctrl+V"),
            tr("paste a picture or copied files"),
            (Binding((STANDARD.Paste,), WINDOW, lambda w: w.opening.paste()),),
        ),
    )


def _images() -> tuple[Row, ...]:
    tr = _translated
    return (
        Row(
            tr("← →"),
            tr("previous, next"),
            (
                Binding(("Left", "Up"), SCREEN, lambda page: page.step(-1)),
                Binding(("Right", "Down"), SCREEN, lambda page: page.step(1)),
            ),
        ),
        Row(
            tr("Home, End"),
            tr("first, last"),
            (
                Binding(("Home",), SCREEN, lambda page: page.go_to(0)),
                Binding(("End",), SCREEN, lambda page: page.go_to_last()),
            ),
        ),
        Row(
            tr("wheel, drag, 0"),
            tr("zoom, move, whole picture"),
            tuple(Binding(("0",), place, lambda page: page.image_pane.view.fit()) for place in (SCREEN, FOLDER)),
        ),
        Row(
            tr("H, O"),
            tr("heat map, outline and measures"),
            tuple(
                binding
                for place in (SCREEN, FOLDER)
                for binding in (
                    Binding(("H",), place, lambda page: page.panel.explanation.saliency_map.toggle()),
                    Binding(("O",), place, lambda page: page.panel.explanation.lesion.toggle()),
                )
            ),
        ),
    )


def _patients() -> tuple[Row, ...]:
    tr = _translated
    return (
        Row(
            tr("P, L, T"),
            tr("whose picture it is, which lesion, then and now"),
            (
                Binding(("P",), SCREEN, lambda page: page.owner_asked.emit("patient")),
                Binding(("L",), SCREEN, lambda page: page.owner_asked.emit("lesion")),
                Binding(("T",), SCREEN, lambda page: page.ask_to_compare()),
            ),
        ),
        Row(
            tr("T, S, +"),
            tr("patient's page: then and now, see again, add a lesion"),
            (
                Binding(("T",), PATIENT, lambda page: page.compare_current()),
                Binding(("S",), PATIENT, lambda page: page.ask_for_follow_up()),
                Binding(("+",), PATIENT, lambda page: page.map.begin_adding()),
            ),
        ),
        Row(
            tr("B, L"),
            tr("then and now: blink, link the panes"),
            (
                Binding(("B",), COMPARISON, lambda page: page.toggle_blink()),
                Binding(("L",), COMPARISON, lambda page: page.toggle_link()),
            ),
        ),
    )


def _pages() -> tuple[Row, ...]:
    tr = _translated
    return (
        Row(
            tr("Ctrl+1 … Ctrl+7"),
            tr("screen, folder, patients, history, our cases, help, settings"),
            tuple(Binding((f"Ctrl+{number + 1}",), WINDOW, partial(_go_to_tab, number)) for number in range(PAGES)),
        ),
        Row(
            tr("Ctrl+Z"), tr("undo the last decision"), (Binding((STANDARD.Undo,), WINDOW, lambda w: w.notice.undo()),)
        ),
        Row(tr("F1"), tr("help"), (Binding((STANDARD.HelpContents,), WINDOW, lambda w: w.go_to(w.help_page)),)),
    )


def _entries() -> tuple[Row, ...]:
    tr = _translated
    return (
        Row(
            tr("1, 2, 3"),
            tr("your decision: refer, watch, clear (folder: and go on); press again to remove it"),
            tuple(
                Binding((str(number),), place, partial(_choose, mark), on_table=place not in (SCREEN, COMPARISON))
                for number, mark in enumerate(DECISIONS, start=1)
                for place in (SCREEN, FOLDER, HISTORY, COMPARISON)
            ),
        ),
        Row(
            tr("Space"),
            tr("large preview, and back"),
            tuple(
                Binding(("Space",), place, lambda page: page.ask_for_preview(), on_table=True)
                for place in (FOLDER, HISTORY)
            ),
        ),
        Row(
            tr("Enter, Delete"),
            tr("open a result; delete one of the history"),
            (
                Binding(("Return", "Enter"), FOLDER, lambda page: page.open_current(), on_table=True),
                Binding(("Return", "Enter"), HISTORY, lambda page: page.open_selected(), on_table=True),
                Binding(("Return", "Enter"), PATIENTS, lambda page: page.open_selected(), on_table=True),
                Binding(("Return", "Enter"), PATIENT, lambda page: page.table.open_current(), on_table=True),
                Binding((STANDARD.Delete,), HISTORY, lambda page: page.delete_selected(), on_table=True),
            ),
        ),
    )


def _not_shown() -> tuple[Row, ...]:
    bindings = (
        Binding(("?",), WINDOW, lambda w: w.show_keys()),
        Binding((STANDARD.Preferences,), WINDOW, lambda w: w.show_settings()),
        Binding((STANDARD.Quit,), WINDOW, lambda w: w.close()),
    )
    return (Row("", "", bindings),)


def shown() -> list[tuple[str, str]]:
    """Keys and what they do, for the dialog."""
    return [(row.keys, row.text) for row in table() if row.text]


def install(place: QWidget) -> None:
    """Make the keys of the window or of a page."""
    for row in table():
        for binding in row.bindings:
            if binding.place == type(place).__name__:
                _make(binding, place)


def _make(binding: Binding, place: QWidget) -> None:
    owner, context = place, Qt.ShortcutContext.WidgetWithChildrenShortcut
    if binding.place == WINDOW:
        context = Qt.ShortcutContext.WindowShortcut
    owners: tuple[QWidget, ...] = (owner,)
    if binding.on_table:
        owners, context = place.views, Qt.ShortcutContext.WidgetShortcut  # type: ignore[attr-defined]
    for each in owners:
        for key in binding.keys:
            shortcut = QShortcut(QKeySequence(key), each)
            shortcut.setContext(context)
            shortcut.activated.connect(lambda: binding.call(place))


def _go_to_tab(number: int, window: Any) -> None:
    window.pages.setCurrentIndex(number)


def _choose(mark: Mark, page: Any) -> None:
    page.choose(mark)


def _translated(text: str) -> str:
    return QCoreApplication.translate("KeysBox", text)
