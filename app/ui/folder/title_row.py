"""The head of the page for folders: the folder's name, how it is shown, the report and the exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QMenu, QWidget

from app.core.history.batches import Batch, FinishedBatch
from app.core.history.entries import storable
from app.ui.arrivals.items import folder_row
from app.ui.arrivals.watched_folders import WatchedFolder
from app.ui.folder.exports import BatchExports
from app.ui.look.icons import icon
from app.ui.look.style import bar_row, label, paint_on
from app.ui.look.tokens import PAGE_TITLE, TextStyle, scaled
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import pictures
from app.ui.widgets.buttons import Button, Look, Segments
from app.ui.widgets.fields import Choice
from app.ui.widgets.folder_list import name_of

LIST, GRID_VIEW = 0, 1
"""Places of the two ways to show a folder."""


class TitleRow(QWidget):
    """`views.group` tells the way to show; `then` where to go after a decision, while the grid is shown."""

    def __init__(self, exports: BatchExports, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self.title = label(style=TextStyle.TITLE)
        self.title.setWordWrap(False)
        self.count = label(quiet=True)
        self.count.setWordWrap(False)
        self.folders = Button(icon="chevron-down", look=Look.QUIET)
        self.folders.setAccessibleName(self.tr("Other folders"))
        self.folders.setToolTip(self.tr("Other folders"))
        self.then = ThenChoice(settings)
        self.then.setFixedWidth(220)
        as_list = Button(icon="list", look=Look.SEGMENT)
        as_grid = Button(icon="layout-grid", look=Look.SEGMENT)
        for button, name in ((as_list, self.tr("List")), (as_grid, self.tr("Pictures"))):
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.views = Segments([as_list, as_grid])
        self.exports = exports
        self._watched: list[tuple[str, str, Callable[[], None]]] = []
        self._make_menu: Callable[[], None] | None = None
        row = bar_row(self)
        row.addWidget(self.title)
        row.addWidget(self.folders)
        row.addWidget(self.count)
        row.addStretch()
        for widget in (self.then, self.views, exports):
            row.addWidget(widget)
        self.setFixedHeight(scaled(PAGE_TITLE))

    def show_batch(self, batch: Batch | None, done: int, decided: int, *, is_over: bool) -> None:
        """Show a batch's name and counts; `is_over`: nothing more of it will be done."""
        self.title.setText(storable(Path(name_of(batch))) if batch is not None else "")
        parts = [pictures(done), self.tr("{0} decided").format(decided)]
        if batch is not None and is_over and done < batch.total:
            parts.append(self.tr("{0} not assessed yet").format(batch.total - done))
        self.count.setText(", ".join(parts) if batch is not None else "")

    def set_folders(
        self, folders: Sequence[FinishedBatch], open_batch: Callable[[Batch], None], open_folder: Callable[[], None]
    ) -> None:
        """Fill the menu that stands for the list of sources in a small window."""
        self._make_menu = partial(self.set_folders, folders, open_batch, open_folder)
        menu = QMenu(self)
        for name, icon_name, show in self._watched:
            menu.addAction(icon(icon_name), name, show)
        if self._watched:
            menu.addSeparator()
        for folder in folders:
            menu.addAction(icon("folder-check"), name_of(folder.batch), partial(open_batch, folder.batch))
        menu.addSeparator()
        menu.addAction(icon("folder-open"), self.tr("Open folder…"), open_folder)
        if (before := self.folders.menu()) is not None:
            before.deleteLater()
        self.folders.setMenu(menu)

    def set_watched(self, folders: Sequence[WatchedFolder], show: Callable[[Path], None]) -> None:
        """List watched folders in the menu above the others."""
        rows = [(folder_row(folder), folder.path) for folder in folders]
        self._watched = [(f"{row.name}, {row.below}", row.icon, partial(show, path)) for row, path in rows]
        if self._make_menu is not None:
            self._make_menu()


class ThenChoice(Choice):
    """A list of where to go after a decision, which shows and changes the setting."""

    def __init__(self, settings: SettingsStore) -> None:
        super().__init__()
        self._settings = settings
        for value, text in (
            ("next-undecided", self.tr("Then: next not decided")),
            ("next", self.tr("Then: next")),
            ("stay", self.tr("Then: stay")),
        ):
            self.addItem(text, value)
        self.setAccessibleName(self.tr("After a decision"))
        self.activated.connect(lambda _: settings.update(after_mark=self.currentData()))
        settings.changed.connect(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        self.setCurrentIndex(self.findData(self._settings.current.after_mark))
