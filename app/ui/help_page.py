"""The help: what an answer and its figures mean, how to take a good picture, and what the program is not."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.card import Card, Figure
from app.core.prevalence import LESIONS, Outcomes, Range, at_prevalence, outcomes
from app.ui.style import CLEAR, GRID, SUSPECTED, label, percent

TEXT_WIDTH = 760
"""Pixels: longer lines are hard to read."""
COLUMNS = 50
PREVALENCE = 2.0
"""Percent; no more than a start, the clinic's own is to be set."""
FINE = 100 * LESIONS
"""Lesions to say how few are missed where that is less than one in `LESIONS`."""
FALSE_ALARM = "#b37400"
"""A duller orange than `SUSPECTED`, 3:1 against light and dark grey; its triangle is hollow besides."""


class Section(Enum):
    """What can be led to from elsewhere."""

    ANSWER = "answer"
    FIGURES = "figures"
    ABCD = "abcd"
    PICTURE = "picture"
    PROGRAM = "program"


class Outcome(Enum):
    """What becomes of a lesion."""

    FOUND = "found"
    MISSED = "missed"
    FALSE_ALARM = "false alarm"
    CLEARED = "cleared"


class HelpPage(QWidget):
    """A page of text with a list of its sections; `show_section` scrolls to one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: Section | None = None
        self._timer = QTimer(self)  # a layout is done when the events before it are
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._scroll)
        self.figures = _Figures()
        self._purpose = QVBoxLayout()
        self._sections: dict[Section, QWidget] = {
            Section.ANSWER: _section(self.tr("What the answer means"), self._answer()),
            Section.FIGURES: _section(self.tr("What the figures mean"), [self.figures]),
            Section.ABCD: _section(self.tr("The ABCD rule"), self._abcd()),
            Section.PICTURE: _section(self.tr("How to take a good picture"), self._picture()),
            Section.PROGRAM: _section(self.tr("What this program is and is not"), self._program()),
        }
        self.area = _Pages()
        self.area.setAccessibleName(self.tr("Help"))
        self._content = QWidget()
        self._content.setMaximumWidth(TEXT_WIDTH + 2 * GRID)
        self._column = QVBoxLayout(self._content)
        self._column.setSpacing(4 * GRID)
        for section in self._sections.values():
            self._column.addWidget(section)
        self._column.addStretch()
        self.area.setWidget(self._content)
        self.setFocusProxy(self.area)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 2 * GRID, 0, 0)
        row.setSpacing(2 * GRID)
        row.addLayout(self._contents())
        row.addWidget(self.area, stretch=1)
        self.set_card(None)

    def set_card(self, card: Card | None) -> None:
        """The model in use, whose figures are explained; `None` for none."""
        self.figures.set_card(card)
        while (item := self._purpose.takeAt(0)) is not None:
            if (before := item.widget()) is not None:
                before.setParent(None)
                before.deleteLater()
        if card is None:
            for text in (
                self.tr("Photographs without a dermatoscope and cancers other than melanoma are not what it is for."),
                self.tr("There is no model, so no more can be said of what it is meant for."),
            ):
                self._purpose.addWidget(_text(text))
        else:
            self._purpose.addWidget(_text(card.intended_use))
            self._purpose.addWidget(_text(self.tr("It is not for:")))
            for text in card.not_for:
                self._purpose.addWidget(_bullet(text))
        self._timer.start(0)

    def show_section(self, section: Section) -> None:
        """Scroll so that a section begins at the top: at once, or when the page is shown."""
        self._wanted = section
        if self.isVisible():
            self._timer.start(0)

    def text(self) -> str:
        """All that the page says."""
        return "\n".join(part.text() for part in self._content.findChildren(QLabel) if part.isVisibleTo(self._content))

    def top_section(self) -> Section:
        """The section that the page is scrolled to: the last one that begins at its top or above it."""
        top = self.area.verticalScrollBar().value() + GRID
        return [name for name, section in self._sections.items() if section.y() <= top or name is Section.ANSWER][-1]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._timer.start(0)

    def _scroll(self) -> None:
        """Leave room below the last section, so that it too can begin at the top; then scroll to what is wanted."""
        last = list(self._sections.values())[-1]
        room = max(2 * GRID, self.area.viewport().height() - last.heightForWidth(last.width()))
        self._column.setContentsMargins(0, 0, 2 * GRID, room)
        self._column.activate()
        width = self._content.width()
        self._content.resize(width, self._column.totalHeightForWidth(width))
        if self._wanted is not None and self.isVisible():
            self.area.verticalScrollBar().setValue(self._sections[self._wanted].y())
            self._wanted = None

    def _contents(self) -> QVBoxLayout:
        contents = QVBoxLayout()
        contents.setContentsMargins(0, 0, 0, 2 * GRID)
        contents.setSpacing(GRID)
        for section, text in (
            (Section.ANSWER, self.tr("The answer")),
            (Section.FIGURES, self.tr("The figures")),
            (Section.ABCD, self.tr("The ABCD rule")),
            (Section.PICTURE, self.tr("A good picture")),
            (Section.PROGRAM, self.tr("The program")),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)  # in a dialog, Enter elsewhere is no click here
            button.clicked.connect(partial(self.show_section, section))
            contents.addWidget(button)
        contents.addStretch()
        return contents

    def _answer(self) -> Iterator[QWidget]:
        suspected = self.tr(
            "The probability lies at the threshold or above it. Refer the lesion for assessment. Most suspected lesions"
            " are no melanoma: the threshold is set so that few melanomas are missed."
        )
        clear = self.tr(
            "The probability lies below the threshold. This does not rule melanoma out: some melanomas look harmless to"
            " the program. If the lesion looks suspicious to you, or changes, act on that."
        )
        yield _point(self.tr("Melanoma suspected: refer"), suspected, "▲", SUSPECTED)
        yield _point(self.tr("No sign of melanoma: this does not rule it out"), clear, "●", CLEAR)
        yield _point(
            self.tr("Can't be judged, because …"),
            self.tr("There is no answer, and the reason stands there. This is not 'no sign of melanoma'."),
            "✕",
        )
        yield _point(
            self.tr("The scale"),
            self.tr(
                "The upright line is the threshold, the symbol the probability. Equal distances multiply the odds"
                " equally: from 1 to 10 % is as far as from 90 to 99 %, so small probabilities can be told apart."
            ),
        )
        yield _point(
            self.tr("Stable or unsteady"),
            self.tr(
                "The picture is also judged turned and slightly cropped. If these copies give nearly the same"
                " probability, the answer is stable. If they are far apart or lie on both sides of the threshold, it is"
                " unsteady: take another picture and give the answer little weight."
            ),
        )
        yield _point(
            self.tr("This does not look like a dermoscopy image"),
            self.tr(
                "The picture is unlike those that the network has learned from, so it is not judged. You can have it"
                " judged all the same, but the number then means little."
            ),
        )
        yield _point(
            self.tr("Second opinion: the diagnoses"),
            self.tr(
                "A second part of the network says how probable each of several diagnoses is. It does not change the"
                " answer. Where it contradicts the answer, look more closely."
            ),
        )
        yield _point(
            self.tr("The heat map"),
            self.tr(
                "It shows what moved the network, not where a tumour is: orange places spoke for melanoma, blue ones"
                " against it. If ink, hair or the edge of the picture is lit, distrust the answer."
            ),
        )

    def _abcd(self) -> Iterator[QWidget]:
        yield _text(
            self.tr(
                "Four things to look at, with the naked eye (Friedman et al. 1985) and through the dermatoscope"
                " (Nachbar et al. 1994). MelaScreen measures some of them within the lesion's outline: look first"
                " whether the outline is right, and correct it where it is not."
            )
        )
        yield _point(
            self.tr("A: asymmetry"),
            self.tr(
                "Halves that differ in shape, colour or structure. Measured: when the lesion is folded along its long"
                " and its short axis, how much of it does not cover itself and how far the colours differ."
            ),
        )
        yield _point(
            self.tr("B: border"),
            self.tr(
                "An edge that is ragged, or breaks off abruptly. Measured: how long the outline is for the area within,"
                " and how much of the area is indented. How abruptly it ends is not measured."
            ),
        )
        yield _point(
            self.tr("C: colour"),
            self.tr(
                "Several colours in one lesion. Measured: how much of it is white, red, light brown, dark brown,"
                " blue-grey and black."
            ),
        )
        yield _point(
            self.tr("D: diameter, or dermoscopic structures"),
            self.tr(
                "To the naked eye a diameter above 6 mm; through the dermatoscope structures such as network, dots,"
                " globules and streaks. Measured: the largest diameter, in millimetres only where the picture's scale"
                " is known. Structures are not measured: look for them yourself."
            ),
        )
        yield _text(
            self.tr(
                "A measure alone tells little: many harmless lesions are asymmetric or of several colours, and small or"
                " even melanomas exist. The answer does not come from these measures, and they don't change it."
            )
        )
        yield _text(
            "Nachbar F. et al., The ABCD rule of dermatoscopy, J. Am. Acad. Dermatol. 30, 551-559 (1994).\n"
            "Friedman R. J., Rigel D. S., Kopf A. W., Early detection of malignant melanoma, CA Cancer J. Clin. 35,"
            " 130-151 (1985)."
        )

    def _picture(self) -> Iterator[QWidget]:
        for text in (
            self.tr("Clean the lens."),
            self.tr("With contact, use enough fluid and press out the bubbles; don't press the lesion pale."),
            self.tr("Part the hair, or clip it."),
            self.tr("No ink and no ruler over the lesion: they raise false alarms."),
            self.tr("One lesion in a picture, in the middle, filling about half of the field, with skin all around."),
            self.tr("Focus on the lesion and hold still. Use the dermatoscope's own, even light; no shadow, no glare."),
            self.tr("Don't zoom digitally: it adds nothing and loses the skin around."),
            self.tr("Save as JPEG at full size, not from a messenger or as a screenshot."),
        ):
            yield _bullet(text)

    def _program(self) -> Iterator[QWidget]:
        yield _text(self.tr("MelaScreen supports a decision; it makes none. The decision is yours."), bold=True)
        yield _text(
            self.tr(
                "It looks at one dermoscopy image at a time. It knows nothing of the patient, of how the lesion has"
                " changed, or of the patient's other lesions."
            )
        )
        purpose = QWidget()
        purpose.setLayout(self._purpose)
        self._purpose.setContentsMargins(0, 0, 0, 0)
        self._purpose.setSpacing(GRID)
        yield purpose


class LesionArray(QWidget):
    """A thousand lesions as symbols in rows of `COLUMNS`: melanomas found and missed, then false alarms and cleared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kinds: list[Outcome] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(12 * COLUMNS)  # lower than the window, with what is said of it

    def show_outcomes(self, shown: Outcomes) -> None:
        counts = _counts(shown)
        self.kinds = [kind for kind, count in counts.items() for _ in range(count.value)]
        self.setAccessibleName(
            self.tr("Of {0} lesions: {1} found, {2} missed, {3} false alarms, {4} cleared").format(
                shown.lesions, *(count.value for count in counts.values())
            )
        )
        self.update()

    def cell(self, number: int) -> QRectF:
        """Where a lesion is drawn."""
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
            _draw_lesion(painter, self.cell(number), kind, text)


class _Figures(QWidget):
    """Sensitivity and specificity in words, and what they come to at a prevalence."""

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self.accuracy = _text()
        self.measured_on = _text()
        self.prevalence = _PrevalenceBox()
        self.prevalence.setAccessibleName(self.tr("Melanomas among 100 lesions that you look at"))
        self.prevalence.valueChanged.connect(self._on_prevalence_changed)
        self.array = LesionArray()
        self.sentences = {kind: _text() for kind in Outcome}
        self.predictive = _text()
        self.calibrated = _text()
        question = QHBoxLayout()
        asked = _text(self.tr("Melanomas among the lesions that you look at:"), bold=True)
        asked.setBuddy(self.prevalence)
        question.addWidget(asked)
        question.addWidget(self.prevalence)
        question.addStretch()
        asked.setWordWrap(False)
        self.of_a_model = QWidget()
        column = QVBoxLayout(self.of_a_model)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.measured_on)
        column.addLayout(question)
        column.addWidget(self.array)
        for kind, sentence in self.sentences.items():
            column.addWidget(_beside(_Sign(kind), sentence))
        column.addWidget(self.predictive)
        column.addWidget(self.calibrated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.accuracy)
        layout.addWidget(self.of_a_model)

    def set_card(self, card: Card | None) -> None:
        self._card = card
        self.of_a_model.setVisible(card is not None)
        if card is None:
            self.accuracy.setText(self.tr("There is no model, so there are no figures."))
            return
        point = card.operating_point
        self.accuracy.setText(
            self.tr(
                "At the threshold of {0} the model {1} finds {2} of 100 melanomas (its sensitivity) and clears {3} of"
                " 100 other lesions (its specificity)."
            ).format(
                percent(point.threshold),
                card.model_id,
                f"{100 * point.sensitivity.value:.0f}",
                f"{100 * point.specificity.value:.0f}",
            )
        )
        self.measured_on.setText(
            self.tr(
                "Sensitivity {0}, specificity {1}; in brackets the 95 % confidence interval, in which the true figure"
                " most likely lies. Measured on {2}. In another clinic they may be lower."
            ).format(point.sensitivity.as_percent(), point.specificity.as_percent(), point.measured_on)
        )
        self._on_prevalence_changed(self.prevalence.value())

    def _on_prevalence_changed(self, value: float) -> None:
        if self._card is None:
            return
        point = self._card.operating_point
        prevalence = value / 100
        shown = outcomes(prevalence, point.sensitivity, point.specificity)
        fine = outcomes(prevalence, point.sensitivity, point.specificity, lesions=FINE)
        self.array.show_outcomes(shown)
        words = {
            Outcome.FOUND: self.tr("Found: {0} of {1} melanomas are suspected, as they should be."),
            Outcome.MISSED: self.tr("Missed: {0} of {1} melanomas are not suspected."),
            Outcome.FALSE_ALARM: self.tr("False alarms: {0} of {1} other lesions are suspected."),
            Outcome.CLEARED: self.tr("Cleared: {0} of {1} other lesions are not suspected, as they should be."),
        }
        for kind, count in _counts(shown).items():
            of = shown.melanomas if kind in (Outcome.FOUND, Outcome.MISSED) else shown.others
            self.sentences[kind].setText(words[kind].format(_in_words(count), of))
        if not shown.missed.value and fine.missed.value:
            few = self.tr("Missed: fewer than 1; of {0:,} lesions {1}.").format(FINE, _in_words(fine.missed))
            self.sentences[Outcome.MISSED].setText(few)
        self.predictive.setText(self._predictive(shown))
        self.calibrated.setText(self._calibrated(self._card, prevalence))

    def _predictive(self, shown: Outcomes) -> str:
        lines = []
        if shown.positive is not None:
            among = self.tr("Of the suspected lesions {0} are melanomas (positive predictive value).")
            lines.append(among.format(shown.positive.as_percent()))
        if shown.negative is not None:
            among = self.tr("Of the lesions without suspicion {0} are none (negative predictive value).")
            lines.append(among.format(shown.negative.as_percent()))
        lines.append(self.tr("In brackets stands what the ends of the two intervals come to."))
        return "\n".join(lines)

    def _calibrated(self, card: Card, prevalence: float) -> str:
        figure = _whole_test(card)
        if figure is None:
            return self.tr(
                "The probability beside an answer holds for the share of melanomas in the data that it was calibrated"
                " on; where melanoma is rarer, it is lower."
            )
        share = figure.melanomas / figure.images
        return self.tr(
            "The probability beside an answer is calibrated: it holds where as many of the lesions are melanomas as in"
            " the data, {0} of {1} images or {2}. Where melanoma is rarer, it is lower. With {3} as set above, a"
            " probability of 10 % would be {4}, and one of 50 % would be {5}."
        ).format(
            figure.melanomas,
            figure.images,
            percent(share),
            percent(prevalence),
            *(percent(at_prevalence(each, share, prevalence)) for each in (0.1, 0.5)),
        )


class _PrevalenceBox(QDoubleSpinBox):
    """Percent; the wheel scrolls the page instead, unless the box has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0.1, 50.0)
        self.setDecimals(1)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(" %")
        self.setValue(PREVALENCE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Pages(QScrollArea):
    """Scrolls by the arrows, Page Up and Page Down, and besides by Home, End and Space."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        places = {
            Qt.Key.Key_Home: bar.minimum(),
            Qt.Key.Key_End: bar.maximum(),
            Qt.Key.Key_Space: bar.value() + (-bar.pageStep() if back else bar.pageStep()),
        }
        place = places.get(Qt.Key(event.key()))
        if place is None:
            super().keyPressEvent(event)
        else:
            bar.setValue(place)


class _Sign(QWidget):
    """The symbol of a kind of lesion, beside what is said of it."""

    def __init__(self, kind: Outcome) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(2 * GRID + 4, 2 * GRID + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        _draw_lesion(painter, area, self._kind, self.palette().color(QPalette.ColorRole.WindowText))


def _counts(shown: Outcomes) -> dict[Outcome, Range]:
    return {
        Outcome.FOUND: shown.found,
        Outcome.MISSED: shown.missed,
        Outcome.FALSE_ALARM: shown.false_alarms,
        Outcome.CLEARED: shown.cleared,
    }


def _draw_lesion(painter: QPainter, area: QRectF, kind: Outcome, text: QColor) -> None:
    """A full triangle, a cross, a hollow triangle or a dot; the cross, which matters most, in the text's colour."""
    centre, half = area.center(), 0.4 * area.width()
    if kind is Outcome.CLEARED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(CLEAR))
        painter.drawEllipse(centre, 0.6 * half, 0.6 * half)
    elif kind is Outcome.MISSED:
        painter.setPen(QPen(text, 0.55 * half, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for side in (-1, 1):
            painter.drawLine(centre + QPointF(-half, side * half), centre + QPointF(half, -side * half))
    else:
        found = kind is Outcome.FOUND
        colour = QColor(SUSPECTED if found else FALSE_ALARM)
        painter.setPen(
            QPen(colour, 0.25 * half, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
        )
        painter.setBrush(colour if found else Qt.BrushStyle.NoBrush)
        corners = ((0.0, -0.9), (0.95, 0.75), (-0.95, 0.75))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) * half for x, y in corners]))


def _in_words(count: Range) -> str:
    return f"{count.value}" if count.low == count.high else f"{count.value} ({count.low} to {count.high})"


def _whole_test(card: Card) -> Figure | None:
    """A figure on all of the `test` split, not on a group of it."""
    tested = [figure for figure in card.figures if figure.split == "test" and 0 < figure.melanomas < figure.images]
    return max(tested, key=lambda figure: figure.images, default=None)


def _section(heading: str, parts: Iterator[QWidget] | list[QWidget]) -> QWidget:
    section = QWidget()
    section.setAccessibleName(heading)
    column = QVBoxLayout(section)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    column.addWidget(_text(heading, size=1.6, bold=True))
    for part in parts:
        column.addWidget(part)
    return section


def _point(title: str, text: str, symbol: str = "", colour: str = "") -> QWidget:
    """A title and what it means, with a symbol before it where there is one."""
    head = _text(title, bold=True)
    point = QWidget()
    column = QVBoxLayout(point)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_beside(_text(symbol, colour=colour), head) if symbol else head)
    column.addWidget(_text(text))
    return point


def _bullet(text: str) -> QWidget:
    return _beside(_text("•"), _text(text))


def _beside(sign: QWidget, text: QLabel) -> QWidget:
    """A sign at the first line of a text whose lines begin one below the other."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID)
    sign.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    row.addWidget(sign, alignment=Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, stretch=1)
    return pair


def _text(text: str = "", *, size: float = 1.0, bold: bool = False, colour: str = "") -> QLabel:
    """A label whose text can be selected."""
    made = label(text, size=size, bold=bold)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if colour:
        made.setStyleSheet(f"color: {colour}")
    return made
