"""Labels, separators and thumbnails in the program's look."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.results import THUMBNAIL_SIDE
from app.ui.look.tokens import SMALL_RADIUS, STAGE, TextStyle, font, tokens


class Label(QLabel):
    """A label that wraps, in a style of text; `quiet`: in the second text colour."""

    def __init__(
        self, text: str = "", style: TextStyle = TextStyle.BODY, *, quiet: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is no HTML
        self.setWordWrap(True)
        self.setFont(font(style))
        if quiet:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def label(
    text: str = "", style: TextStyle = TextStyle.BODY, *, quiet: bool = False, parent: QWidget | None = None
) -> Label:
    """A `Label`."""
    return Label(text, style, quiet=quiet, parent=parent)


class Line(QWidget):
    """A hairline between two areas."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self._upright = orientation == Qt.Orientation.Vertical
        self.setSizePolicy(*((fixed, free) if self._upright else (free, fixed)))

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), tokens().line)


def column_of(*widgets: QWidget, stretched: QWidget) -> QWidget:
    """Widgets below each other without a gap, one of which takes what is left."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, stretch=1 if widget is stretched else 0)
    return made


def paint_on(widget: QWidget, role: QPalette.ColorRole) -> None:
    """Fill a widget with a role's colour."""
    widget.setAutoFillBackground(True)
    widget.setBackgroundRole(role)


def draw_thumbnail(
    painter: QPainter, rect: QRect, picture: QPixmap, *, cover: bool, radius: int = SMALL_RADIUS
) -> None:
    """Draw a picture into a rounded place: filling it (`cover`), or whole, on the stage's colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(QRectF(rect), SMALL_RADIUS, SMALL_RADIUS)
    painter.setClipPath(path)
    painter.fillRect(rect, STAGE if not picture.isNull() else tokens().sunken)
    if not picture.isNull():
        mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding if cover else Qt.AspectRatioMode.KeepAspectRatio
        size = picture.size().scaled(rect.size(), mode)
        place = QRect(rect.topLeft(), size)
        place.moveCenter(rect.center())
        painter.drawPixmap(place, picture)
    painter.restore()


def thumbnail_icon(jpeg: bytes) -> QIcon:
    """A thumbnail (JPEG) centred in a square, so that all are aligned; an empty square for none."""
    square = QPixmap(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    square.fill(Qt.GlobalColor.transparent)
    image = QPixmap()
    if image.loadFromData(jpeg):
        painter = QPainter(square)
        painter.drawPixmap((square.width() - image.width()) // 2, (square.height() - image.height()) // 2, image)
        painter.end()
    icon = QIcon(square)
    icon.addPixmap(square, QIcon.Mode.Selected)  # else Qt tints it, and its colours with it
    return icon
