"""Prints HTML on A4 pages as PDF with embedded fonts; no table row is cut in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QBuffer, QCoreApplication, QEventLoop, QMarginsF, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QPen,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

translate = QCoreApplication.translate

POINT = 10
"""Pixels: a page has 720 in an inch, so that lengths mean the same on every system and whole ones are fine enough."""
MARGINS = QMarginsF(15, 13, 15, 10)
"""Millimetres."""
FOOTER = 32 * POINT
PADDING = 2 * POINT
"""Space above and below a cell's content."""
STYLE = f"""
p, td, th {{ font-size: {9 * POINT}px; white-space: pre-wrap; }}
p {{ margin-top: {3 * POINT}px; margin-bottom: {3 * POINT}px; }}
table {{ margin-top: {8 * POINT}px; margin-bottom: {8 * POINT}px; }}
td, th {{ padding: {PADDING}px {6 * POINT}px {PADDING}px 0; vertical-align: top; text-align: left; }}
th {{ font-size: {8 * POINT}px; font-weight: 600; }}
.title {{ font-size: {15 * POINT}px; font-weight: 600; }}
.answer {{ font-size: {16 * POINT}px; font-weight: 600; }}
.heading {{ font-size: {11 * POINT}px; font-weight: 600; margin-top: {12 * POINT}px; }}
.large {{ font-size: {10.5 * POINT:.0f}px; }}
.small {{ font-size: {7.5 * POINT:.0f}px; }}
.quiet {{ color: #555555; }}
.rows td, .rows th {{ border-bottom: {POINT // 2}px solid #bbbbbb; }}
"""


Slice = tuple[float, float]
"""Top and bottom of a part of a document."""


def print_pdf(content: str, images: Mapping[str, QImage], *, title: str, clinic: str) -> bytes:
    """Print HTML, whose images go by the names in `images`, on A4 pages with a footer; gives the PDF."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(72 * POINT)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(MARGINS, QPageLayout.Unit.Millimeter)
    writer.setTitle(title)
    writer.setCreator("MelaScreen")
    width, height = float(writer.width()), float(writer.height() - FOOTER)
    _timers = QEventLoop()  # the layout starts timers, which ask for this on a plain thread; they never go off
    document = lay_out(content, images, width)
    layout = document.documentLayout()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor("black"))  # paper is white, however dark the screen is
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette = palette
    painter = QPainter(writer)
    pages = paginate(document, height)
    for number, slices in enumerate(pages, 1):
        if number > 1:
            writer.newPage()
        down = 0.0
        for top, bottom in slices:
            context.clip = QRectF(0, top, width, bottom - top)
            painter.save()
            painter.translate(0, down - top)
            painter.setClipRect(context.clip)
            layout.draw(painter, context)
            painter.restore()
            down += bottom - top
        which = translate("report", "Page {0} of {1}").format(number, len(pages))
        _draw_footer(painter, QRectF(0, height, width, FOOTER), (clinic, title), which)
    painter.end()
    return bytes(buffer.data().data())


def lay_out(content: str, images: Mapping[str, QImage], width: float) -> QTextDocument:
    """HTML laid out in a width, as one piece; its images go by the names in `images`."""
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(_font(9))
    document.setUseDesignMetrics(True)
    wrapped = QTextOption()
    wrapped.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # a name may have no spaces
    document.setDefaultTextOption(wrapped)
    document.setDefaultStyleSheet(STYLE)
    for name, image in images.items():
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(name), image)
    document.setHtml(content)
    document.setTextWidth(width)
    return document


def paginate(document: QTextDocument, height: float) -> list[list[Slice]]:
    """Slices of a document for each page, cut between lines and table rows; a table's head begins each of its pages."""
    layout = document.documentLayout()
    cuts: list[tuple[float, list[Slice]]] = []  # where, and the table's head
    head: list[Slice] = []
    block = document.begin()
    while block.isValid():
        top = layout.blockBoundingRect(block).top()
        cursor = QTextCursor(block)
        table = cursor.currentTable()
        if table is None or table.format().headerRowCount() == 0:
            lines = block.layout()
            cuts += ((top + lines.lineAt(i).y(), []) for i in range(lines.lineCount()))
        else:
            cell = table.cellAt(cursor)
            top -= PADDING
            begins_row = cell.column() == 0 and cell.firstCursorPosition() == cursor
            if begins_row and cell.row() == 1:  # stays with the head
                head = [(layout.frameBoundingRect(table).top(), top)]
            elif begins_row and cell.row() > 1:
                cuts.append((top, head))
        block = block.next()
    end = document.size().height()
    pages: list[list[Slice]] = []
    start, head = 0.0, []
    while True:
        room = height - sum(bottom - top for top, bottom in head)
        if end - start <= room:
            return [*pages, [*head, (start, end)]]
        cut, next_head = max((cut for cut in cuts if start < cut[0] <= start + room), default=(start + room, head))
        pages.append([*head, (start, cut)])
        start, head = cut, next_head


def _draw_footer(painter: QPainter, area: QRectF, names: Sequence[str], number: str) -> None:
    font = _font(7.5)
    metrics = QFontMetricsF(font)
    line = QRectF(area.left(), area.top() + 8 * POINT, area.width(), metrics.height())
    painter.setFont(font)
    painter.setPen(QPen(QColor("#888888"), POINT / 2))
    painter.drawLine(line.topLeft() - QPointF(0, 2 * POINT), line.topRight() - QPointF(0, 2 * POINT))
    painter.setPen(QColor("#333333"))
    painter.drawText(line, Qt.AlignmentFlag.AlignRight, number)
    whose = " ".join(" – ".join(filter(None, names)).split())
    space = line.adjusted(0, 0, -metrics.horizontalAdvance(number) - 12 * POINT, 0)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    painter.drawText(space, left, metrics.elidedText(whose, Qt.TextElideMode.ElideMiddle, space.width()))
    disclaimer = translate(
        "report",
        "MelaScreen supports your decision and does not replace it. A result without suspicion does not rule out"
        " cancer.",
    )
    painter.drawText(line.translated(0, line.height()), left, disclaimer)


def _font(points: float) -> QFont:
    font = QFont()
    font.setPixelSize(round(points * POINT))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
