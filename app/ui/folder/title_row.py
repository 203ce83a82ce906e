"""The head of the page for folders: the folder's name, how it is shown, the report and the exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.history.batches import Batch, FinishedBatch
from app.ui.folder.exports import BatchExports
from app.ui.widgets.buttons import Button, Look, Segments
from app.ui.widgets.fields import Choice
from app.ui.widgets.folder_list import name_of
from app.ui.widgets.icons import icon
from app.ui.widgets.style import Line, label, paint_on
from app.ui.widgets.tokens import EDGE, PAGE_TITLE, TextStyle, scaled

LIST, GRID_VIEW = 0, 1
"""Places of the two ways to show a folder."""


class TitleRow(QWidget):
    """`views.group` tells the way to show; `then` where to go after a decision, while the grid is shown."""

    def __init__(self, exports: BatchExports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self.title = label(style=TextStyle.TITLE)
        self.title.setWordWrap(False)
        self.count = label(quiet=True)
        self.count.setWordWrap(False)
        self.folders = Button(icon="chevron-down", look=Look.QUIET)
        self.folders.setAccessibleName(self.tr("Other folders"))
        self.folders.setToolTip(self.tr("Other folders"))
        self.then = then_choice()
        self.then.setFixedWidth(220)
        as_list = Button(icon="list", look=Look.SEGMENT)
        as_grid = Button(icon="layout-grid", look=Look.SEGMENT)
        for button, name in ((as_list, self.tr("List")), (as_grid, self.tr("Pictures"))):
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.views = Segments([as_list, as_grid])
        self.exports = exports
        row = QHBoxLayout()
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addWidget(self.folders)
        row.addWidget(self.count)
        row.addStretch()
        for widget in (self.then, self.views, exports):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, stretch=1)
        column.addWidget(Line())
        self.setFixedHeight(scaled(PAGE_TITLE))

    def set_folders(
        self, folders: Sequence[FinishedBatch], open_batch: Callable[[Batch], None], open_folder: Callable[[], None]
    ) -> None:
        """Fill the menu that stands for the list of sources in a small window."""
        menu = QMenu(self)
        for folder in folders:
            menu.addAction(icon("folder-check"), name_of(folder.batch), partial(open_batch, folder.batch))
        menu.addSeparator()
        menu.addAction(icon("folder-open"), self.tr("Open folder…"), open_folder)
        if (before := self.folders.menu()) is not None:
            before.deleteLater()
        self.folders.setMenu(menu)


def then_choice() -> Choice:
    """A list of where to go after a decision, with the setting's values."""
    made = Choice()
    for value, text in (
        ("next-undecided", QCoreApplication.translate("folder", "Then: next not decided")),
        ("next", QCoreApplication.translate("folder", "Then: next")),
        ("stay", QCoreApplication.translate("folder", "Then: stay")),
    ):
        made.addItem(text, value)
    made.setAccessibleName(QCoreApplication.translate("folder", "After a decision"))
    return made
