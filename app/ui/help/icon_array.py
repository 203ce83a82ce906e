"""Icon array: a thousand lesions as symbols, by expected screening outcome."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.advice import Advice
from app.core.domain.prevalence import LESIONS, Outcomes, Range
from app.ui.look.tokens import GRID, tokens

COLUMNS = 50


class ScreeningOutcome(Enum):
    """The outcome of screening a lesion."""

    TRUE_POSITIVE = "found"
    FALSE_NEGATIVE = "missed"
    FALSE_POSITIVE = "false alarm"
    TRUE_NEGATIVE = "not suspected"


class IconArray(QWidget):
    """A thousand lesions as symbols in rows of `COLUMNS`: melanomas found and missed, others suspected and not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kinds: list[ScreeningOutcome] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(12 * COLUMNS)  # lower than the window, with what is said of it

    def show_outcomes(self, shown: Outcomes) -> None:
        counts = counts_of(shown)
        self.kinds = [kind for kind, count in counts.items() for _ in range(count.value)]
        self.setAccessibleName(
            self.tr("Of {0} lesions: {1} found, {2} missed, {3} false alarms, {4} not suspected").format(
                shown.lesions, *(count.value for count in counts.values())
            )
        )
        self.update()

    def cell(self, number: int) -> QRectF:
        """The rectangle of a lesion."""
        side = min(self.width() / COLUMNS, self.height() / (LESIONS / COLUMNS))
        return QRectF(number % COLUMNS * side, number // COLUMNS * side, side, side)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(min(width, self.maximumWidth()) / COLUMNS * LESIONS / COLUMNS)

    def sizeHint(self) -> QSize:
        return QSize(11 * COLUMNS, self.heightForWidth(11 * COLUMNS))

    def minimumSizeHint(self) -> QSize:
        return QSize(7 * COLUMNS, self.heightForWidth(7 * COLUMNS))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        for number, kind in enumerate(self.kinds):
            draw_lesion(painter, self.cell(number), kind, text)


class LesionSign(QWidget):
    """The symbol of an outcome, beside its sentence."""

    def __init__(self, kind: ScreeningOutcome) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(2 * GRID + 4, 2 * GRID + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        draw_lesion(painter, area, self._kind, self.palette().color(QPalette.ColorRole.WindowText))


def counts_of(shown: Outcomes) -> dict[ScreeningOutcome, Range]:
    """Numbers of lesions by outcome, in the order that they are drawn."""
    return {
        ScreeningOutcome.TRUE_POSITIVE: shown.true_positives,
        ScreeningOutcome.FALSE_NEGATIVE: shown.false_negatives,
        ScreeningOutcome.FALSE_POSITIVE: shown.false_positives,
        ScreeningOutcome.TRUE_NEGATIVE: shown.true_negatives,
    }


def draw_lesion(painter: QPainter, area: QRectF, kind: ScreeningOutcome, text: QColor) -> None:
    """Draw a lesion as a full triangle, cross, hollow triangle or dot; the cross in the text's colour."""
    colours = tokens().advice
    centre, half = area.center(), 0.4 * area.width()
    if kind is ScreeningOutcome.TRUE_NEGATIVE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours[Advice.BELOW_THRESHOLD].symbol)
        painter.drawEllipse(centre, 0.6 * half, 0.6 * half)
    elif kind is ScreeningOutcome.FALSE_NEGATIVE:
        painter.setPen(QPen(text, 0.55 * half, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for side in (-1, 1):
            painter.drawLine(centre + QPointF(-half, side * half), centre + QPointF(half, -side * half))
    else:
        found = kind is ScreeningOutcome.TRUE_POSITIVE
        colour = colours[Advice.REFER_MELANOMA if found else Advice.BORDERLINE].symbol
        painter.setPen(
            QPen(colour, 0.25 * half, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
        )
        painter.setBrush(colour if found else Qt.BrushStyle.NoBrush)
        corners = ((0.0, -0.9), (0.95, 0.75), (-0.95, 0.75))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) * half for x, y in corners]))
