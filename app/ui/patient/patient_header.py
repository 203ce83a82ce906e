"""The bar over everything that belongs to a patient: who it is, and which lesion."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.core.domain import times
from app.core.domain.patient import Lesion, Patient
from app.ui.look.icons import draw_icon
from app.ui.look.panels import panel
from app.ui.look.style import Line, Sign, bar_row, label, paint_on
from app.ui.look.tokens import GRID, ICON, INLINE_ICON, LOW_ROW, PATIENT_HEADER, TOOL, TextStyle, font, scaled, tokens
from app.ui.patient.lesion_words import where_words
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.patient_words import patient_words, risks_words


class PatientHeader(QWidget):
    """Shows a patient and, where one is given, a lesion. Without a patient it says that none is chosen.

    What has no room is cut from the end; the identifier never is.
    """

    choose_asked = Signal()
    """To choose the patient whose pictures are taken, or whose picture this is."""
    close_asked = Signal()
    lesion_asked = Signal()
    page_asked = Signal(str)
    """With the identifier of the patient whose page is to be shown."""

    def __init__(self, *, of_page: bool = False, brief: bool = False, parent: QWidget | None = None) -> None:
        """`of_page`: on the patient's own page, where buttons take the place of the link to it. `brief`: patient and
        lesion alone, and hidden without a patient."""
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self.setFixedHeight(scaled(PATIENT_HEADER))
        self._patient: Patient | None = None
        self._of_page, self._brief = of_page, brief
        self.identifier = QLabel()
        self.identifier.setTextFormat(Qt.TextFormat.PlainText)
        self.identifier.setFont(font(TextStyle.STRONG))
        self.identifier.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.details = Elided()
        self.risk = RiskChip()
        self.parting = Line(Qt.Orientation.Vertical)
        self.parting.setFixedHeight(INLINE_ICON)
        self.lesion = Button("", look=Look.QUIET, height=TOOL)
        self.lesion.setToolTip(self.tr("Which lesion the picture shows (L)"))
        self.lesion.clicked.connect(self.lesion_asked)
        self.choose = Button(self.tr("Choose patient…"), "search", look=Look.LINK, height=TOOL)
        self.choose.clicked.connect(self.choose_asked)
        self.close_button = Button("", "x", look=Look.QUIET, height=TOOL)
        self.close_button.setToolTip(self.tr("Close the patient: new pictures are noted under none"))
        self.close_button.setAccessibleName(self.tr("Close the patient"))
        self.close_button.clicked.connect(self.close_asked)
        self.other_open = label(style=TextStyle.BODY_STRONG)
        self.other_open.setWordWrap(False)
        self.hint = label(self.tr("A picture can be assessed without one"), quiet=True)
        self.hint.setWordWrap(False)
        self.page = Button(self.tr("Patient's page"), "arrow-right", look=Look.LINK, height=TOOL)
        self.page.clicked.connect(self._ask_for_page)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(GRID)
        self._lay_out()
        self.show_patient(None)
        self.show_other_open("")

    @property
    def patient(self) -> Patient | None:
        """The patient who is shown."""
        return self._patient

    def set_compact(self, compact: bool) -> None:
        """Be lower, and show the link to the patient's page as an arrow alone, and no hint."""
        self.setFixedHeight(scaled(LOW_ROW if compact else PATIENT_HEADER))
        self.page.set_compact(compact)
        self.hint.setVisible(not compact and self._patient is None and not self._of_page)

    def add_action(self, button: Button) -> None:
        """Put a button at the end."""
        self._actions.addWidget(button)

    def show_patient(self, patient: Patient | None, lesion: Lesion | None = None, *, is_open: bool = False) -> None:
        """Show a patient, or none. `is_open`: it is the one under whom new pictures are noted, who can be closed."""
        self._patient = patient
        known = patient is not None
        today = times.today()
        self.identifier.setText(patient.identifier if patient is not None else self.tr("No patient chosen"))
        metrics = QFontMetrics(self.identifier.font())
        self.identifier.setFixedWidth(metrics.horizontalAdvance(self.identifier.text()) + 2)
        self.details.set_text(patient_words(patient, today) if patient is not None else "")
        self.risk.set_text(risks_words(patient) if patient is not None else "")
        self.choose.setVisible(not known)
        self.hint.setVisible(not known and not self._of_page)
        self.page.setVisible(known and not self._of_page)
        self.close_button.setVisible(is_open and not self._of_page)
        self.show_lesion(lesion)
        if self._brief:
            for widget in (self.details, self.risk, self.choose, self.hint, self.page, self.close_button):
                widget.hide()
            self.setVisible(known)

    def show_other_open(self, identifier: str) -> None:
        """Say under whom new pictures are noted where that is not the patient who is shown; empty where it is."""
        shown = bool(identifier) and not self._brief and not self._of_page
        self.other_open.setText(self.tr("New pictures: {0}").format(identifier))
        self.other_open.setVisible(shown)
        if shown:
            self.close_button.show()
            self.hint.hide()

    def show_lesion(self, lesion: Lesion | None, *, can_choose: bool | None = None) -> None:
        """Show the lesion of the picture, or the offer to choose one (where there is a patient, if not said)."""
        offered = self._patient is not None and not self._of_page if can_choose is None else can_choose
        if lesion is not None:
            number = self.tr("Lesion {0}").format(lesion.number)
            where = where_words(lesion) if lesion.place is not None else ""
            self.lesion.setText(" · ".join(filter(None, (number, where))))
        else:
            self.lesion.setText(self.tr("Which lesion?"))
        self.lesion.updateGeometry()
        self.lesion.setVisible(offered)
        self.parting.setVisible(offered)

    def _ask_for_page(self) -> None:
        if self._patient is not None:
            self.page_asked.emit(self._patient.identifier)

    def _lay_out(self) -> None:
        row = bar_row(self)
        row.addWidget(Sign("user-round", ICON))
        row.addWidget(self.identifier)
        for widget in (self.choose, self.details, self.risk, self.parting, self.lesion):
            row.addWidget(widget)
        row.addStretch()
        for end in (self.hint, self.other_open, self.close_button, self.page):
            row.addWidget(end)
        row.addLayout(self._actions)


class Elided(QWidget):
    """A line of text that gives way: it is cut at its end where it has no room, and whole in the tooltip."""

    def __init__(
        self,
        text: str = "",
        style: TextStyle = TextStyle.BODY,
        *,
        quiet: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._style, self._quiet = style, quiet
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(font(self._style)).horizontalAdvance(self._text) + 2, scaled(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, scaled(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(self._style))
        painter.setPen(tokens().text2 if self._quiet else tokens().text)
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)


class RiskChip(Elided):
    """A patient's risks in a frame, with a sign before them."""

    SIDE = 12

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font()).horizontalAdvance(self._text)
        return QSize(words + 2 + 2 * self.SIDE + INLINE_ICON + GRID, scaled(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * self.SIDE + INLINE_ICON, scaled(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        painter.setLayoutDirection(self.layoutDirection())
        panel(painter, self.rect(), colours.surface, colours.control, radius=self.height() / 2)
        direction, middle = self.layoutDirection(), self.height() / 2
        sign = QRectF(self.SIDE, middle - INLINE_ICON / 2, INLINE_ICON, INLINE_ICON).toRect()
        draw_icon(painter, "triangle", QRectF(self.style().visualRect(direction, self.rect(), sign)), colours.text)
        left = self.SIDE + INLINE_ICON + GRID
        area = self.style().visualRect(direction, self.rect(), self.rect().adjusted(left, 0, -self.SIDE, 0))
        painter.setFont(font())
        painter.setPen(colours.text)
        shown = QFontMetrics(font()).elidedText(self._text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
