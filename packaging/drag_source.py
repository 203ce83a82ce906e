"""A small window in the screen's corner from which a file can be dragged: `python packaging/drag_source.py FILE`.

`smoke.py` moves the pointer; the drag itself goes from program to program as any file manager's does.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

SIDE = 60
"""In pixels, from the screen's upper left corner."""


class DragSource(QLabel):
    def __init__(self, file: str) -> None:
        flags = Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.X11BypassWindowManagerHint
        super().__init__("drag", None, flags)
        self.setWindowTitle("drag source")
        self._file = file
        self.setGeometry(0, 0, SIDE, SIDE)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        drag = QDrag(self)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(self._file)])
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    application = QApplication(sys.argv)
    source = DragSource(sys.argv[1])
    source.show()
    sys.exit(application.exec())
