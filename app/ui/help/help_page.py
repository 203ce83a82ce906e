"""The help page: results, figures, the ABCD rule, taking images, and the program's purpose."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.ui.help.figures_section import FiguresSection
from app.ui.help.short_sections import good_picture, patients
from app.ui.look.style import Line, label, paint_on
from app.ui.look.tokens import EDGE, GRID, PAGE_TITLE, TextStyle, scaled
from app.ui.services.current_model import CurrentModel
from app.ui.services.wording import advice_sentence
from app.ui.widgets.nav_list import NavList
from app.ui.widgets.text_blocks import bullet, point, selectable, titled

TEXT_WIDTH, SIDE = 760, 208
"""Pixels of the text, whose lines are hard to read where they are longer, and of the list of sections."""


class Section(Enum):
    """Sections that other pages can link to."""

    ANSWER = "answer"
    FIGURES = "figures"
    ABCD = "abcd"
    PICTURE = "picture"
    PATIENTS = "patients"
    PROGRAM = "program"


class HelpPage(QWidget):
    """A page of text with a list of its sections; `show_section` scrolls to one."""

    def __init__(self, current: CurrentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = current
        self._wanted: Section | None = None
        self._timer = QTimer(self)  # a layout is done when the events before it are
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._scroll)
        self.figures = FiguresSection()
        self._purpose = QVBoxLayout()
        self._sections: dict[Section, QWidget] = {
            Section.ANSWER: titled(self.tr("What the result means"), [*self._answers(), *self._beside_an_answer()]),
            Section.FIGURES: titled(self.tr("What the figures mean"), [self.figures]),
            Section.ABCD: titled(self.tr("The ABCD rule"), self._abcd()),
            Section.PICTURE: titled(self.tr("How to take a good picture"), good_picture()),
            Section.PATIENTS: titled(self.tr("Patients, then and now"), patients()),
            Section.PROGRAM: titled(self.tr("What this program is and is not"), self._program()),
        }
        self.area = _Pages()
        self.area.setAccessibleName(self.tr("Help"))
        paint_on(self.area.viewport(), QPalette.ColorRole.Base)
        self._content = QWidget()
        paint_on(self._content, QPalette.ColorRole.Base)
        self._content.setMaximumWidth(TEXT_WIDTH + 2 * EDGE)
        self._column = QVBoxLayout(self._content)
        self._column.setSpacing(4 * GRID)
        for section in self._sections.values():
            self._column.addWidget(section)
        self._column.addStretch()
        self.area.setWidget(self._content)
        self.setFocusProxy(self.area)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._contents())
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addWidget(self.area, stretch=1)
        current.changed.connect(self._show_card)
        self._show_card()

    def _show_card(self) -> None:
        """Explain the figures of the model in use."""
        card = self._current.card
        self.figures.set_card(card)
        while (item := self._purpose.takeAt(0)) is not None:
            if (before := item.widget()) is not None:
                before.setParent(None)
                before.deleteLater()
        if card is None:
            for text in (
                self.tr("It is not for photographs taken without a dermatoscope."),
                self.tr("There is no model, so what it is meant for is not known."),
            ):
                self._purpose.addWidget(selectable(text))
        else:
            self._purpose.addWidget(selectable(card.intended_use))
            self._purpose.addWidget(selectable(self.tr("It is not for:")))
            for text in card.not_for:
                self._purpose.addWidget(bullet(text))
            self._purpose.addWidget(selectable(self.tr("What the model's data lack, and what is not known of it:")))
            for text in (*card.data_lack, *card.limits):
                self._purpose.addWidget(bullet(text))
        self._timer.start(0)

    def show_section(self, section: Section) -> None:
        """Scroll so that a section begins at the top: at once, or when the page is shown."""
        self._wanted = section
        self.list.show_current(list(self._sections).index(section))
        if self.isVisible():
            self._timer.start(0)

    def text(self) -> str:
        """All text on the page."""
        return "\n".join(part.text() for part in self._content.findChildren(QLabel) if part.isVisibleTo(self._content))

    def top_section(self) -> Section:
        """The section that the page is scrolled to: the last one that begins at its top or above it."""
        top = self.area.verticalScrollBar().value() + EDGE + GRID
        return [name for name, section in self._sections.items() if section.y() <= top or name is Section.ANSWER][-1]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._timer.start(0)

    def _scroll(self) -> None:
        """Leave room below the last section, so that it can begin at the top too, then scroll to the wanted section."""
        last = list(self._sections.values())[-1]
        room = max(2 * GRID, self.area.viewport().height() - last.heightForWidth(last.width()))
        self._column.setContentsMargins(EDGE, EDGE, EDGE, room)
        self._column.activate()
        width = self._content.width()
        self._content.resize(width, self._column.totalHeightForWidth(width))
        if self._wanted is not None and self.isVisible():
            self.area.verticalScrollBar().setValue(self._sections[self._wanted].y() - EDGE)
            self._wanted = None

    def _contents(self) -> QWidget:
        """The list of sections at the side."""
        titles = {
            Section.ANSWER: self.tr("The result"),
            Section.FIGURES: self.tr("The figures"),
            Section.ABCD: self.tr("The ABCD rule"),
            Section.PICTURE: self.tr("A good picture"),
            Section.PATIENTS: self.tr("Patients"),
            Section.PROGRAM: self.tr("The program"),
        }
        icons = ("scan-search", "chart-column", "spline", "camera", "users", "info")
        self.list = NavList(list(zip(titles.values(), icons, strict=True)))
        self.list.setAccessibleName(self.tr("Sections of the help"))
        self.list.show_current(0)
        sections = list(titles)
        self.list.chosen.connect(lambda number: self.show_section(sections[number]))
        heading = label(self.tr("Help"), TextStyle.TITLE)
        heading.setFixedHeight(scaled(PAGE_TITLE))
        heading.setContentsMargins(EDGE, 0, EDGE, 0)
        aside = QWidget()
        aside.setFixedWidth(SIDE)
        column = QVBoxLayout(aside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(heading)
        column.addWidget(self.list)
        column.addStretch()
        return aside

    def _answers(self) -> Iterator[QWidget]:
        meanings = {
            Advice.REFER_MELANOMA: self.tr(
                "The probability of melanoma is at or above its threshold. Most lesions with this result are not"
                " melanomas: the threshold is set so that few melanomas are missed."
            ),
            Advice.REFER_OTHER_CANCER: self.tr(
                "The probability of melanoma is below its threshold, but the combined probability of basal cell"
                " carcinoma, squamous cell carcinoma, actinic keratosis and Bowen's disease is at or above theirs."
                " Some models do not recognise other cancers and never give this result; the result and About say so."
            ),
            Advice.BORDERLINE: self.tr(
                "All probabilities are below their thresholds, but one is so near that the picture reaches it when"
                " turned or cropped a little. Take another picture, or refer."
            ),
            Advice.BELOW_THRESHOLD: self.tr(
                "All probabilities are below their thresholds. Some melanomas look harmless to the program. If the"
                " lesion looks suspicious to you, or changes, act on that."
            ),
            Advice.NOT_ASSESSED: self.tr(
                "There is no result, and the reason is given. It says nothing about the lesion. A number that is"
                " requested although the picture was refused is not a result either."
            ),
        }
        for advice, meaning in meanings.items():
            yield point(advice_sentence(advice), meaning, advice)

    def _beside_an_answer(self) -> Iterator[QWidget]:
        yield point(
            self.tr("The scale"),
            self.tr(
                "The upright line is the threshold, the symbol the probability: that of melanoma, or where another"
                " skin cancer alone is suspected, that of other skin cancers. Equal distances multiply the odds"
                " equally: from 1 to 10 % is as far as from 90 to 99 %, so small probabilities can be told apart."
            ),
        )
        yield point(
            self.tr("Stable or unsteady"),
            self.tr(
                "A picture just below a threshold is also assessed turned and slightly cropped; by default, so is"
                " every picture that is opened on its own. If these copies give nearly the same probability, the"
                " result is stable. If they are far apart or lie on both sides of the threshold, it is unsteady:"
                " take another picture and give the result little weight. A picture above a threshold is referred"
                " either way."
            ),
        )
        yield point(
            self.tr("This does not look like a dermoscopy picture"),
            self.tr(
                "The picture does not look as if it was taken through a dermatoscope, so it is not assessed. Some"
                " models can't tell that and refuse pictures unlike their training pictures; About says so."
                " You can ask for the number anyway, but it then means little."
            ),
        )
        yield point(
            self.tr("Pictures like this were not in the training"),
            self.tr(
                "The picture is assessed, but it is unlike those that the network has learned from and was measured on:"
                " another camera, skin type or site. The model's sensitivity and specificity may be lower for it."
            ),
        )
        yield point(
            self.tr("Most probable diagnoses"),
            self.tr(
                "The most probable diagnoses, and all other skin cancers together. The diagnoses add up to 100 %;"
                " other skin cancers are a sum of some of them."
            ),
        )
        yield point(
            self.tr("The heat map"),
            self.tr(
                "Lines mark what the network took for signs of melanoma, not where a tumour is; the closer the"
                " lines, the more. In some pictures nothing is marked although melanoma is suspected: the threshold"
                " is low, so that few melanomas are missed. It does not show signs of other skin cancers. If ink,"
                " hair or the edge of the picture is marked, distrust the result."
            ),
        )

    def _abcd(self) -> Iterator[QWidget]:
        yield selectable(
            self.tr(
                "Four things to look at, with the naked eye (Friedman et al. 1985) and through the dermatoscope"
                " (Nachbar et al. 1994). MelaScreen measures some of them within the lesion's outline: first check"
                " that the outline is right, and correct it where it is not."
            )
        )
        yield point(
            self.tr("A: asymmetry"),
            self.tr(
                "Halves that differ in shape, colour or structure. Measured: when the lesion is folded along its long"
                " and its short axis, how much of it fails to overlap and how far the colours differ."
            ),
        )
        yield point(
            self.tr("B: border"),
            self.tr(
                "An edge that is ragged, or breaks off abruptly. Measured: how long the outline is for the area within,"
                " how much of the area is indented, and in how many of eight sectors it ends abruptly. That depends on"
                " how closely the outline follows the lesion."
            ),
        )
        yield point(
            self.tr("C: colour"),
            self.tr(
                "Several colours in one lesion. Measured: how much of it is white, red, light brown, dark brown,"
                " blue-grey and black."
            ),
        )
        yield point(
            self.tr("D: diameter, or dermoscopic structures"),
            self.tr(
                "To the naked eye a diameter above 6 mm; through the dermatoscope structures such as network, dots,"
                " globules and streaks. Measured: the largest diameter, in millimetres only where the picture's scale"
                " is known. Structures are not measured: look for them yourself."
            ),
        )
        yield selectable(
            self.tr(
                "A measure alone tells little: many harmless lesions are asymmetric or have several colours, and"
                " some melanomas are small or symmetrical. The result does not come from these measures, and they"
                " don't change it."
            )
        )
        yield selectable(
            "Nachbar F. et al., The ABCD rule of dermatoscopy, J. Am. Acad. Dermatol. 30, 551-559 (1994).\n"
            "Friedman R. J., Rigel D. S., Kopf A. W., Early detection of malignant melanoma, CA Cancer J. Clin. 35,"
            " 130-151 (1985)."
        )

    def _program(self) -> Iterator[QWidget]:
        yield selectable(self.tr("MelaScreen supports your decision and does not replace it."), TextStyle.BODY_STRONG)
        yield selectable(
            self.tr(
                "It looks at one dermoscopy picture at a time. It knows nothing of the patient, of how the lesion has"
                " changed, or of the patient's other lesions."
            )
        )
        purpose = QWidget()
        purpose.setLayout(self._purpose)
        self._purpose.setContentsMargins(0, 0, 0, 0)
        self._purpose.setSpacing(GRID)
        yield purpose


class _Pages(QScrollArea):
    """A scroll area that also scrolls by Home, End and Space."""

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
