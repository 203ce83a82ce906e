"""Labels, separators, bars, scroll areas and thumbnails in the program's look."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.results import THUMBNAIL_SIDE
from app.ui.look.icons import draw_icon
from app.ui.look.tokens import EDGE, PAGE_TITLE, SMALL_RADIUS, STAGE, TextStyle, font, scaled, tokens


def label(
    text: str = "", style: TextStyle = TextStyle.BODY, *, quiet: bool = False, parent: QWidget | None = None
) -> QLabel:
    """A label that wraps, in a style of text; `quiet`: in the second text colour."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is no HTML
    made.setWordWrap(True)
    made.setFont(font(style))
    if quiet:
        made.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return made


class Sign(QWidget):
    """An icon beside words, in the colour of quiet text or in the accent."""

    def __init__(self, name: str, side: int, *, accent: bool = False) -> None:
        super().__init__()
        self._name, self._accent = name, accent
        self.setFixedSize(QSize(side, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = tokens().accent if self._accent else tokens().text2
        draw_icon(QPainter(self), self._name, QRectF(self.rect()), colour)


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


def bar_row(bar: QWidget, *, spacing: int = 12, line_above: bool = False) -> QHBoxLayout:
    """The row of a bar that goes across a page, with the page's edge at both ends and a hairline below or above it."""
    inner = QWidget()  # a row of controls of a fixed height would not fill the bar, and the hairline would move
    row = QHBoxLayout(inner)
    row.setContentsMargins(EDGE, 0, EDGE, 0)
    row.setSpacing(spacing)
    column = QVBoxLayout(bar)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    if line_above:
        column.addWidget(Line())
    column.addWidget(inner, stretch=1)
    if not line_above:
        column.addWidget(Line())
    return row


def page_head(name: str, beside: QWidget, control: QWidget) -> QWidget:
    """The head of a page: its name, what is said beside it, and a control at the end."""
    title = label(name, TextStyle.TITLE)
    title.setWordWrap(False)
    head = QWidget()
    row = QHBoxLayout(head)
    row.setContentsMargins(EDGE, 0, EDGE, 0)
    row.setSpacing(12)
    row.addWidget(title)
    row.addWidget(beside)
    row.addStretch()
    row.addWidget(control)
    head.setFixedHeight(scaled(PAGE_TITLE))
    return head


def scrolled(body: QWidget) -> QScrollArea:
    """A widget that scrolls up and down only; the keys that scroll are those of what is in it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(body)
    return area


def clear(layout: QLayout) -> None:
    """Take all widgets out of a layout and delete them."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def paint_on(widget: QWidget, role: QPalette.ColorRole) -> None:
    """Fill a widget with a role's colour."""
    widget.setAutoFillBackground(True)
    widget.setBackgroundRole(role)


def mirrored(widget: QWidget, box: QRect) -> QRect:
    """A box within a widget, given from the left, at its place in the widget's layout direction."""
    return widget.style().visualRect(widget.layoutDirection(), widget.rect(), box)


def draw_thumbnail(painter: QPainter, rect: QRect, picture: QPixmap, *, cover: bool) -> None:
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
