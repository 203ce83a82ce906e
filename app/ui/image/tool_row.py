"""The row of tools over a picture: zoom, heat map, outline, the file's name, and what else can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.ui.image.image_view import ImageView
from app.ui.look.icons import icon
from app.ui.look.style import Line, bar_row, label, paint_on
from app.ui.look.tokens import GRID, TOOL, TOOL_ROW, scaled
from app.ui.widgets.buttons import Button, Look


class ToolRow(QWidget):
    """Tools for a view. The page connects `heat_map`, `outline` and `compare` and fills `menu`."""

    def __init__(self, view: ImageView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self._view = view
        self.fit = _tool("maximize", self.tr("Whole picture (0)"))
        self.fit.setCheckable(True)
        self.zoom_out = _tool("zoom-out", self.tr("Smaller"))
        self.zoom_in = _tool("zoom-in", self.tr("Larger"))
        self.heat_map = Button(self.tr("Heat map"), "flame", look=Look.QUIET, key="H", height=TOOL)
        self.outline = Button(self.tr("Outline"), "spline", look=Look.QUIET, key="O", height=TOOL)
        self.compare = Button(self.tr("Then and now"), "columns-2", look=Look.QUIET, key="T", height=TOOL)
        self.compare.set_padding(10)
        self.compare.setToolTip(self.tr("Compare with an earlier picture of the lesion (T)"))
        for button in (self.heat_map, self.outline):
            button.setCheckable(True)
            button.set_padding(10)
        self.heat_map.setToolTip(self.tr("Show what the network took for signs of melanoma (H)"))
        self.outline.setToolTip(self.tr("Show the lesion's outline and its measures (O)"))
        self.name = label(quiet=True)
        self.name.setWordWrap(False)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._name = ""
        self.menu = QMenu(self)
        self.more = _tool("ellipsis", self.tr("More"))
        self.more.clicked.connect(lambda: self.menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft())))
        self.fit.clicked.connect(view.fit)
        self.zoom_out.clicked.connect(view.zoom_out)
        self.zoom_in.clicked.connect(view.zoom_in)
        view.zoomed.connect(lambda: self.fit.setChecked(view.has_image() and view.is_fitted()))
        view.image_changed.connect(self._show_state)
        self._lay_out()
        self._show_state()

    def set_narrow(self, narrow: bool) -> None:
        """Show the tools without their words."""
        for button in (self.heat_map, self.outline, self.compare):
            button.set_compact(narrow)

    def show_name(self, name: str) -> None:
        """Show a file's name, cut in its middle where it is too long."""
        self._name = name
        self._elide()

    def resizeEvent(self, event: object) -> None:
        self._elide()

    def _elide(self) -> None:
        metrics = self.name.fontMetrics()
        self.name.setText(metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, max(0, self.name.width())))
        self.name.setToolTip(self._name)

    def _show_state(self) -> None:
        for button in (self.fit, self.zoom_in, self.zoom_out):
            button.setEnabled(self._view.has_image())

    def _lay_out(self) -> None:
        row = bar_row(self, spacing=4)
        for button in (self.fit, self.zoom_out, self.zoom_in):
            row.addWidget(button)
        row.addSpacing(4)
        line = Line(Qt.Orientation.Vertical)
        line.setFixedHeight(20)
        row.addWidget(line)
        row.addSpacing(4)
        for button in (self.heat_map, self.outline, self.compare):
            row.addWidget(button)
        row.addSpacing(GRID)
        row.addWidget(self.name, stretch=1)
        row.addSpacing(GRID)
        row.addWidget(self.more)
        self.setFixedHeight(scaled(TOOL_ROW))

    def add(self, text: str, icon_name: str, call: Callable[[], object]) -> None:
        """Add an entry to the menu."""
        self.menu.addAction(icon(icon_name), text, call)


def _tool(name: str, tip: str) -> Button:
    button = Button(icon=name, look=Look.QUIET, height=TOOL)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
