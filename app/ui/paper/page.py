"""An A4 page in logical pixels at 96 dpi: its measures, and the drawing of text, lines, icons and pictures on it.

Nothing here needs the GUI thread, unlike the window's drawing, which goes by pixmaps.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from app.core.domain.entry import Mark
from app.ui.look.icons import drawing
from app.ui.look.tokens import INK, LIGHT, PAPER, PRINT, PRINT_CAPTION, SMALL_RADIUS, font_of
from app.ui.services.wording import mark_words

Page = Callable[[QPainter], None]
"""Draws a whole page, in logical pixels."""

WIDTH, HEIGHT = 210 / 25.4 * 96, 297 / 25.4 * 96
LEFT, TOP = 57.0, 45.0
RIGHT, BOTTOM = WIDTH - LEFT, HEIGHT - TOP
INNER = RIGHT - LEFT
COLUMN, COLUMN_GAP = 334.0, 12.0
"""Width of one of two columns, and the least distance between them."""
SECOND = RIGHT - COLUMN
"""Where the second column begins."""
PRINTED = 300 / 96
"""Pixels of a picture for each of the page's: 300 in an inch are enough."""
MARK = 20.0
ISOLATES = {0x2066: None, 0x2069: None}
"""Marks that keep a number in order from right to left."""


class Style(Enum):
    """A style of text on paper: pixels, pixels from line to line, weight."""

    ADVICE = (27, 34, 600)
    ACTION = (20, 26, 400)
    TITLE = (20, 26, 600)
    STRONG = (17, 24, 600)
    BODY = (PRINT, 20, 400)
    BODY_STRONG = (PRINT, 20, 600)
    CAPTION = (PRINT_CAPTION, 16, 400)
    CAPTION_STRONG = (PRINT_CAPTION, 16, 600)

    @property
    def line(self) -> float:
        return float(self.value[1])


def font(style: Style) -> QFont:
    """The font of a style; paper knows no text size of the system."""
    pixels, _, weight = style.value
    made = font_of(pixels, weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


class Text:
    """A text laid out in a width, with as many lines as it needs.

    `left_to_right` is for names of files, whose ending belongs at the end in any script.
    """

    def __init__(
        self,
        text: str,
        style: Style = Style.BODY,
        width: float = INNER,
        *,
        colour: QColor = INK,
        left_to_right: bool = False,
    ) -> None:
        self.style, self._colour = style, colour
        whole = "\u2028".join(writable(text).splitlines())
        self._layout = QTextLayout(whole, font(style))
        option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # a name may have no spaces
        option.setUseDesignMetrics(True)
        option.setTextDirection(
            Qt.LayoutDirection.LeftToRight if left_to_right else Qt.LayoutDirection.LayoutDirectionAuto
        )
        self._layout.setTextOption(option)
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
        self._layout.endLayout()

    @property
    def lines(self) -> int:
        return self._layout.lineCount()

    @property
    def height(self) -> float:
        return self.lines * self.style.line

    def line_width(self, number: int) -> float:
        return self._layout.lineAt(number).naturalTextWidth()

    @property
    def width(self) -> float:
        """The width of its longest line."""
        return max((self.line_width(number) for number in range(self.lines)), default=0.0)

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        for number in range(self.lines):
            self.draw_line(number, painter, x, y + number * self.style.line)

    def draw_line(self, number: int, painter: QPainter, x: float, y: float) -> None:
        """Draw one of its lines, whose box begins at `y`."""
        line = self._layout.lineAt(number)
        painter.setPen(self._colour)
        line.draw(painter, QPointF(x, y + baseline(self.style) - line.ascent() - line.y()))


def baseline(style: Style) -> float:
    """Where letters stand within a line of a style, from its top."""
    metrics = QFontMetricsF(font(style))
    return (style.line + metrics.ascent() - metrics.descent()) / 2


def elided(text: str, style: Style, width: float) -> str:
    """A text in one line, without its middle where that is needed."""
    line = " ".join(writable(text).split())
    return QFontMetricsF(font(style)).elidedText(line, Qt.TextElideMode.ElideMiddle, width)


def writable(text: str) -> str:
    """A text as Unicode; other bytes of a file's name are escaped. Paper runs from left to right, whatever the window
    does, so what keeps numbers in order there is left out."""
    return text.encode("utf-8", "backslashreplace").decode().translate(ISOLATES)


def draw_beside(painter: QPainter, x: float, y: float, *texts: Text, gap: float = 8.0) -> float:
    """Draw the first lines of texts on one baseline, that of the first text; gives where the last one ends."""
    stands = y + baseline(texts[0].style)
    for text in texts:
        text.draw_line(0, painter, x, stands - baseline(text.style))
        x += text.line_width(0) + gap
    return x - gap


def draw_at_right(painter: QPainter, text: Text, right: float, y: float) -> None:
    """Draw a text whose lines end at `right`."""
    for number in range(text.lines):
        text.draw_line(number, painter, right - text.line_width(number), y + number * text.style.line)


def draw_hairline(painter: QPainter, y: float, *, colour: QColor = LIGHT.line, width: float = INNER) -> None:
    painter.setPen(QPen(colour, 1))
    painter.drawLine(QPointF(LEFT, y + 0.5), QPointF(LEFT + width, y + 0.5))


def draw_box(painter: QPainter, box: QRectF, fill: QColor, edge: QColor | None = None, width: float = 1.0) -> None:
    """Fill a rounded box and draw its edge within it."""
    half = width / 2 if edge is not None else 0.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(edge, width))
    painter.setBrush(fill)
    painter.drawRoundedRect(box.adjusted(half, half, -half, -half), SMALL_RADIUS, SMALL_RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_mark(painter: QPainter, mark: Mark, x: float, y: float) -> None:
    """Draw the reader's decision: filled, with a heavy edge, or with a light one."""
    refer = mark is Mark.REFER
    words = Text(mark_words(mark), Style.BODY_STRONG if refer else Style.BODY, colour=PAPER if refer else INK)
    box = QRectF(x, y, words.width + 12, MARK)
    if refer:
        draw_box(painter, box, INK)
    elif mark is Mark.WATCH:
        draw_box(painter, box, PAPER, INK, 2.0)
    else:
        draw_box(painter, box, PAPER, LIGHT.control)
    words.draw(painter, x + 6, y)


def draw_icon(painter: QPainter, name: str, x: float, y: float, side: float) -> None:
    """Draw an icon of the window in ink, as lines."""
    svg = drawing(name).replace("currentColor", INK.name())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(x, y, side, side))


def fitting(image: QImage, box: QSizeF) -> QImage:
    """An image with no more pixels than are printed in a box."""
    limit = (box * PRINTED).toSize()
    if image.width() <= limit.width() and image.height() <= limit.height():
        return image
    return image.scaled(limit, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def draw_thumbnail(painter: QPainter, box: QRectF, image: QImage) -> None:
    """Draw an image so that it fills a rounded place; a grey place for none."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(box, SMALL_RADIUS, SMALL_RADIUS)
    painter.setClipPath(path)
    painter.fillRect(box, LIGHT.sunken)
    if not image.isNull():
        size = QSizeF(image.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        place = QRectF(QPointF(), size)
        place.moveCenter(box.center())
        painter.drawImage(place, image)
    painter.restore()
