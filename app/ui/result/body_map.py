"""A drawing of the body from front and back that shows a lesion's site and lets one be chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.clinical import SITES
from app.ui.look.figures import FIGURE_HEIGHT, FIGURE_WIDTH, arm, hand, head, leg, mirrored, oval, trunk
from app.ui.look.tokens import see_through, tokens

HEAD, ARMS, LEGS, CHEST, FLANKS, BACK, PALMS_SOLES, ORAL_GENITAL = SITES


class BodyMap(QWidget):
    """Shows a site and lets one be chosen with the mouse or the arrow keys.

    Palms are on the front and soles on the back: the backs of hands and feet belong to their limbs.
    """

    site_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._site = ""
        self._hovered = ""
        self._front, self._back = _front(), _back()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleDescription(self.tr("The arrow keys go from site to site."))
        self.set_site("")

    @property
    def site(self) -> str:
        """The site that is shown, empty for none."""
        return self._site

    def set_site(self, site: str) -> None:
        """Show a site; one that is not on the map is shown as none. Nothing is emitted."""
        self._site = site if site in SITES else ""
        self.setAccessibleName(self.tr("Site on the body: {0}").format(self._site or self.tr("not noted")))
        self.update()

    def site_at(self, point: QPointF) -> str:
        """The site at a point of the widget, empty for none."""
        return next((site for site, region in self.regions() if region.contains(point)), "")

    def regions(self) -> list[tuple[str, QPainterPath]]:
        """Each region's site and outline in the widget, the front's before the back's; none overlaps another."""
        front, back = self._placements()
        return [(site, front.map(path)) for site, path in self._front] + [
            (site, back.map(path)) for site, path in self._back
        ]

    def sizeHint(self) -> QSize:
        return QSize(240, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 170)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.site_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover("")
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        site = self.site_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and site:
            self._select(site)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        before = SITES.index(self._site) if self._site else (-1 if step > 0 else 0)
        self._select(SITES[(before + step) % len(SITES)])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        chosen = tokens().accent
        thick = min(2.5, 1.8 * self._placements()[0].m11())
        for site, region in sorted(self.regions(), key=lambda each: each[0] == self._site):  # its outline on top
            fill = chosen if site in (self._site, self._hovered) else text
            fill = see_through(fill, 1.0 if site == self._site else 0.4 if site == self._hovered else 0.08)
            painter.setBrush(fill)
            painter.setPen(QPen(text, thick) if site == self._site else QPen(_faded(text), 1))
            painter.drawPath(region)
        self._draw_signs(painter)
        line = self.fontMetrics().height()
        painter.setPen(text)
        for number, name in enumerate((self.tr("Front"), self.tr("Back"))):
            half = self.width() / 2
            box = QRectF(number * half, self.height() - line - 2, half, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(chosen, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw_signs(self, painter: QPainter) -> None:
        """Draw eyes and a spine, which distinguish front and back."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        front, back = self._placements()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_faded(text))
        for x in (-4.0, 4.0):
            painter.drawEllipse(front.map(QPointF(x, 12)), 1.2 * front.m11(), 1.2 * front.m11())
        painter.setPen(QPen(_faded(text), 1))
        painter.drawLine(back.map(QPointF(0, 40)), back.map(QPointF(0, 80)))

    def _placements(self) -> tuple[QTransform, QTransform]:
        """Transforms from the front's and the back's units to the widget's pixels."""
        width, height = self.width() / 2, self.height() - self.fontMetrics().height() - 8
        scale = max(0.1, min(width / FIGURE_WIDTH, height / FIGURE_HEIGHT))
        top = 4 + (height - scale * FIGURE_HEIGHT) / 2
        apart = min(width, 1.15 * scale * FIGURE_WIDTH) / 2
        front, back = (
            QTransform.fromTranslate(self.width() / 2 + side * apart, top).scale(scale, scale) for side in (-1, 1)
        )
        return front, back

    def _hover(self, site: str) -> None:
        if site != self._hovered:
            self._hovered = site
            self.setToolTip(site)
            self.setCursor(Qt.CursorShape.PointingHandCursor if site else Qt.CursorShape.ArrowCursor)
            self.update()

    def _select(self, site: str) -> None:
        self.set_site(site)
        self.site_selected.emit(site)


Regions = list[tuple[str, QPainterPath]]


def _front() -> Regions:
    mouth, groin = oval(0, 22, 5.5, 2.5), oval(0, 101, 5.5, 5.5)
    palm = hand()
    return [
        (ORAL_GENITAL, mouth),
        (ORAL_GENITAL, groin),
        (HEAD, head() - mouth),
        *_pair(PALMS_SOLES, palm),
        *_pair(ARMS, arm() - palm),
        *_pair(LEGS, leg() + oval(-12.5, 177, 6.5, 7) - groin),
        *_pair(FLANKS, _flank()),
        (CHEST, _middle() - groin),
    ]


def _back() -> Regions:
    sole = oval(-12, 175, 7, 9.5)
    return [
        (HEAD, head()),
        *_pair(PALMS_SOLES, sole),
        *_pair(ARMS, arm() + hand()),
        *_pair(LEGS, leg() - sole),
        *_pair(FLANKS, _flank()),
        (BACK, _middle()),
    ]


def _strip() -> QPainterPath:
    strip = QPainterPath()
    strip.addRect(QRectF(-40, 48, 26, 46))
    return strip


def _flank() -> QPainterPath:
    return trunk() & _strip()


def _middle() -> QPainterPath:
    return trunk() - _strip() - mirrored(_strip())


def _pair(site: str, left: QPainterPath) -> Regions:
    return [(site, left), (site, mirrored(left))]


def _faded(colour: QColor) -> QColor:
    return see_through(colour, 0.6)
