"""The watched folders among the settings: a row for each, and a button to add one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.core.history.entries import storable
from app.ui.arrivals.items import state_words
from app.ui.arrivals.watched_folders import WatchedFolder, WatchedFolders
from app.ui.look.style import Line, label
from app.ui.look.tokens import GRID, TextStyle
from app.ui.services.notices import Notices
from app.ui.widgets.buttons import Button
from app.ui.widgets.folder_list import short_name


class WatchedFoldersField(QWidget):
    """Shows the watched folders with their state. A change takes effect at once."""

    def __init__(self, watched: WatchedFolders, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watched, self._notices = watched, notices
        self._shown: list[WatchedFolder] = []
        self.add_button = Button(self.tr("Add a folder…"), "plus")
        self.add_button.clicked.connect(self._on_add_clicked)
        self.removes: list[Button] = []
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(self.tr("Watched folders"), TextStyle.BODY_STRONG))
        meaning = self.tr(
            "New pictures in these folders, as from a dermatoscope or on a network share, are assessed by themselves"
            " and listed as arrived. What lies in a folder when it is added is not assessed. Files are only read."
        )
        words.addWidget(label(meaning, quiet=True))
        head = QHBoxLayout()
        head.setContentsMargins(0, 12, 0, 12)
        head.setSpacing(3 * GRID)
        head.addLayout(words, stretch=1)
        head.addWidget(self.add_button, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._rows)
        column.addWidget(Line())
        watched.changed.connect(self._show)
        self._show()

    def texts(self) -> list[str]:
        """What is said of each folder."""
        return [folder.problem or state_words(folder) for folder in self._shown]

    def _show(self) -> None:
        folders = self._watched.folders()
        if folders == self._shown:
            return  # a button that has the focus stays
        self._shown = folders
        while (item := self._rows.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        self.removes = []
        for folder in folders:
            self._rows.addWidget(self._row(folder))

    def _row(self, folder: WatchedFolder) -> QWidget:
        row = QWidget()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(storable(folder.path)))
        words.addWidget(label(folder.problem or state_words(folder), TextStyle.CAPTION, quiet=True))
        remove = Button(self.tr("Remove"), "x")
        remove.setAccessibleName(self.tr("Remove {0}").format(short_name(folder.path)))
        remove.clicked.connect(lambda _, path=folder.path: self._on_remove_clicked(path))
        self.removes.append(remove)
        inner = QHBoxLayout(row)
        inner.setContentsMargins(3 * GRID, 4, 0, GRID)
        inner.setSpacing(3 * GRID)
        inner.addLayout(words, stretch=1)
        inner.addWidget(remove)
        return row

    def _on_add_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Watch a folder"))
        if not chosen:
            return
        path = Path(chosen)
        if not path.is_dir() or storable(path) != str(path):  # the settings hold Unicode only
            self._notices.warn(self.tr("{0} can't be watched: rename the folder first.").format(storable(path)))
            return
        self._watched.add(path)
        self._notices.info(self.tr("{0} is watched from now on").format(short_name(path)))

    def _on_remove_clicked(self, path: Path) -> None:
        self._watched.remove(path)
        self._notices.info(
            self.tr("{0} is no longer watched. Its results stay in the history.").format(short_name(path))
        )
