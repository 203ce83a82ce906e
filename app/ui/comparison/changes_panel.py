"""What changed between two pictures of a lesion, as measurements with their uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.domain.advice import advice_of
from app.core.domain.entry import Entry
from app.core.domain.results import Screening
from app.core.lesion.change import Change, Quantities, Quantity, change
from app.ui.comparison.presenter import ComparisonPresenter, Pair
from app.ui.comparison.visit_button import VisitButton
from app.ui.look.advice_symbol import AdviceSymbol
from app.ui.look.icons import draw_icon
from app.ui.look.panels import panel
from app.ui.look.style import Line, clear, label, paint_on, scrolled
from app.ui.look.tokens import EDGE, GRID, ICON, INLINE_ICON, RADIUS, TextStyle, tokens
from app.ui.services.wording import left_to_right, percent

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Row:
    """A quantity's name, its numbers' format with the unit, and where it is found."""

    name: str
    form: str
    of: Callable[[Quantities], Quantity | None]
    digits: int


class ChangesPanel(QWidget):
    """Shows the presenter's pair. Change is shown and not judged. `picture_chosen` gives another picture to compare."""

    picture_chosen = Signal(object)

    def __init__(self, presenter: ComparisonPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self._presenter = presenter
        self._rows = (
            Row(self.tr("Diameter"), self.tr("{0} mm"), lambda q: q.diameter, 1),
            Row(self.tr("Area"), self.tr("{0} mm²"), lambda q: q.area, 1),
            Row(self.tr("Asymmetry"), "{0}", lambda q: q.asymmetry, 2),
            Row(self.tr("Border"), "{0}", lambda q: q.border, 2),
            Row(self.tr("Colours"), "{0}", lambda q: q.colours, 0),
        )
        self.span = label(quiet=True)
        self.table = QGridLayout()
        self.table.setHorizontalSpacing(GRID)
        self.table.setVerticalSpacing(10)
        self.model_name = label(quiet=True)
        self.answers = QGridLayout()
        self.answers.setVerticalSpacing(10)
        self.at_the_time = label(quiet=True)
        self.caution = _Note(self.tr("Change is shown, not judged: pairs with known outcome were not measured."))
        self.pictures = QGridLayout()
        self.pictures.setSpacing(GRID)
        self.pictures_title = label(style=TextStyle.BODY_STRONG)
        self.buttons = QButtonGroup(self)
        self.buttons.setExclusive(False)
        self._lay_out()
        presenter.shown.connect(self._show)
        presenter.computed.connect(self._show)
        self._show()

    def _show(self) -> None:
        pair = self._presenter.pair
        clear(self.table)
        clear(self.answers)
        self.span.setText(self._span(pair))
        self.model_name.setText("")
        self.at_the_time.setText("")
        if pair is not None:
            self._show_quantities(pair)
            self._show_answers(pair)
        self._show_pictures()

    def _span(self, pair: Pair | None) -> str:
        history = self._presenter.history
        if pair is None or history is None:
            return self.tr("Loading…") if self._presenter.is_computing else ""
        days = (pair.now.entry.screening.shown_at.date() - pair.then.entry.screening.shown_at.date()).days
        return self.tr("in {0}, lesion {1}").format(_time_words(days), history.lesion.number)

    def _show_quantities(self, pair: Pair) -> None:
        for column, text in enumerate((self.tr("Then"), self.tr("Now"), self.tr("Change")), start=1):
            head = label(text, TextStyle.CAPTION, quiet=True)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.table.addWidget(head, 0, column if column < 3 else 4)
        for number, row in enumerate(self._rows, start=1):
            then, now = (row.of(each.quantities) if each.quantities else None for each in (pair.then, pair.now))
            found = change(then, now)
            self.table.addWidget(label(row.name), number, 0)
            texts = (self._value(row, then), self._value(row, now), *self._change(row, found))
            for column, text in enumerate(texts, start=1):
                cell = label(text, TextStyle.BODY_STRONG if column == 3 else TextStyle.BODY, quiet=column == 4)
                cell.setWordWrap(False)
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                self.table.addWidget(cell, number, column)
        reason = ""
        if self._presenter.is_computing:
            reason = self.tr("Measuring…")
        elif pair.then.quantities is None or pair.now.quantities is None:
            reason = self.tr("A picture is gone, or no outline was found: what needs it is left out.")
        elif pair.then.quantities.diameter is None or pair.now.quantities.diameter is None:
            reason = self.tr("Diameter and area need the scale of both pictures: draw a line along a ruler (Lesion).")
        if reason:
            self.table.addWidget(label(reason, quiet=True), len(self._rows) + 1, 0, 1, 5)

    def _value(self, row: Row, quantity: Quantity | None) -> str:
        return "–" if quantity is None else left_to_right(row.form.format(f"{quantity.value:.{row.digits}f}"))

    def _change(self, row: Row, found: Change | None) -> tuple[str, str]:
        if found is None:
            return "", ""
        digits = row.digits
        if found.uncertainty is None:
            return "", self.tr("not known")
        difference = round(found.difference, digits) + 0.0  # no minus before a zero
        sign = "+" if difference > 0 else ""
        return left_to_right(f"{sign}{difference:.{digits}f}"), left_to_right(f"± {found.uncertainty:.{digits}f}")

    def _show_answers(self, pair: Pair) -> None:
        """Show both answers by the model in use, and what was said at the time where that was another model's."""
        results = [pair.then.again, pair.now.again]
        named = next((result for result in results if result is not None), None)
        self.model_name.setText(str(named.model) if named is not None else "")
        for number, text in enumerate((self.tr("Melanoma"), self.tr("Copies"))):
            self.answers.addWidget(label(text), number, 0)
        for column, result in enumerate(results, start=1):
            self._add_answer(column, result)
        earlier = [
            self.tr("{0} by {1}").format(_number(visit.entry.screening), visit.entry.screening.model)
            for visit in (pair.then, pair.now)
            if visit.again is not None and visit.again is not visit.entry.screening
        ]
        if earlier:
            self.at_the_time.setText(self.tr("Answer at the time: {0}").format("; ".join(earlier)))
        elif named is None and not self._presenter.is_computing:
            self.at_the_time.setText(self.tr("The pictures are gone: they can't be computed again."))
        self.at_the_time.setVisible(bool(self.at_the_time.text()))

    def _add_answer(self, column: int, result: Screening | None) -> None:
        prediction = result.answered if result is not None else None
        cell = QWidget()
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()
        if result is not None:
            symbol = AdviceSymbol(INLINE_ICON)
            symbol.show_advice(advice_of(result))
            row.addWidget(symbol)
        words = percent(prediction.melanoma_probability) if prediction is not None else "–"
        number = label(words, TextStyle.BODY_STRONG if column == 2 else TextStyle.BODY)
        number.setWordWrap(False)
        row.addWidget(number)
        self.answers.addWidget(cell, 0, column)
        consistency = prediction.consistency if prediction is not None else None
        text = ""
        if consistency is not None:
            text = self.tr("{0} to {1}").format(percent(consistency.lowest), percent(consistency.highest))
        copies = label(text or "–")
        copies.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.answers.addWidget(copies, 1, column)

    def _show_pictures(self) -> None:
        clear(self.pictures)
        history, pair = self._presenter.history, self._presenter.pair
        if history is None:
            self.pictures_title.setText("")
            return
        self.pictures_title.setText(self.tr("Pictures of lesion {0}").format(history.lesion.number))
        shown = {pair.then.entry.id, pair.now.entry.id} if pair is not None else set[int]()
        for number, entry in enumerate(history.entries):
            button = VisitButton(entry)
            button.setChecked(entry.id in shown)
            button.clicked.connect(lambda _, entry=entry: self._choose(entry))
            self.pictures.addWidget(button, number // 4, number % 4)

    def _choose(self, entry: Entry) -> None:
        self.picture_chosen.emit(entry)

    def _lay_out(self) -> None:
        body = QWidget()
        paint_on(body, QPalette.ColorRole.Base)
        column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 12, EDGE, EDGE)
        column.setSpacing(12)
        title = QVBoxLayout()
        title.setSpacing(0)
        title.addWidget(label(self.tr("What changed"), TextStyle.TITLE))
        title.addWidget(self.span)
        column.addLayout(title)
        column.addLayout(self.table)
        self.table.setColumnStretch(0, 1)
        column.addWidget(Line())
        head = QHBoxLayout()
        name = label(self.tr("Under one model"), TextStyle.BODY_STRONG)
        name.setWordWrap(False)
        self.model_name.setAlignment(Qt.AlignmentFlag.AlignRight)
        head.addWidget(name)
        head.addWidget(self.model_name, stretch=1)
        column.addLayout(head)
        self.answers.setColumnStretch(0, 1)
        column.addLayout(self.answers)
        column.addWidget(self.at_the_time)
        column.addWidget(self.caution)
        column.addWidget(Line())
        column.addWidget(self.pictures_title)
        column.addLayout(self.pictures)
        column.addStretch()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(body))


class _Note(QWidget):
    """A sentence on the colour of notes, with a sign before it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        words = QLabel(text)
        words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12 + ICON + GRID, GRID, 12, GRID)
        row.addWidget(words)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        panel(painter, self.rect(), colours.note, colours.note_edge, radius=RADIUS)
        leading = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        x = 12 if leading else self.width() - 12 - ICON
        draw_icon(painter, "info", QRectF(x, 11, ICON, ICON), colours.text)


def _number(screening: Screening) -> str:
    """The probability of melanoma, as it stands above."""
    prediction = screening.answered
    return percent(prediction.melanoma_probability) if prediction is not None else "–"


def _time_words(days: int) -> str:
    """A span of time: days up to two months, then months."""
    if days == 1:
        return translate("comparison", "1 day")
    if days < 61:
        return translate("comparison", "{0} days").format(days)
    return translate("comparison", "{0} months").format(round(days / (365.25 / 12)))
