"""The result of one image: a card that never scrolls, the parts that explain it, and the reader's decision below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.advice import Advice, advice_of
from app.core.domain.entry import Mark
from app.core.domain.results import Prediction, Screening
from app.ui.look.appearance import announce
from app.ui.look.style import Line, Sign, label, paint_on, scrolled
from app.ui.look.tokens import EDGE, GRID, INLINE_ICON, TextStyle
from app.ui.result.advice_band import AdviceBand
from app.ui.result.diagnosis_bars import DiagnosisBars
from app.ui.result.explanation import ExplanationPresenter
from app.ui.result.fact_list import FactList
from app.ui.result.mark_bar import MarkBar
from app.ui.result.probability_scale import ProbabilityScale
from app.ui.result.problem import ProblemPart
from app.ui.result.record_form import RecordForm
from app.ui.result.warning_list import WarningList
from app.ui.services.current_model import CurrentModel
from app.ui.services.facts import facts_of
from app.ui.services.item import Item
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import (
    action_words,
    advice_words,
    day_text,
    decision_text,
    number_text,
    problem_parts,
)
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.section import Section

LOW = 520
"""Pixels of height below which the answer is set closer."""
SHARES = frozenset({"melanoma_share", "other_cancer_share"})
"""Settings that the line on the clinic's lesions goes by."""


class ResultPanel(QWidget):
    """Shows one item: waiting, its result, or the reason why there is none."""

    report_asked = Signal(object)
    """With the current item; so has the next."""
    export_asked = Signal(object)
    prediction_forced = Signal(object)
    """With the current item, which was rejected for its content."""
    help_asked = Signal()
    open_asked = Signal()
    """Another picture is to be opened, in place of one that can't be assessed."""
    mark_chosen = Signal(object)
    """A decision's button was pressed."""

    def __init__(
        self,
        record: RecordForm,
        explanation: ExplanationPresenter,
        current: CurrentModel,
        settings: SettingsStore,
        *,
        with_report: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`record` and the parts of `explanation` are shown below the result.

        The figures of the `current` model stand beside the results that it computed, with what they mean at the
        clinic's shares of cancers.
        """
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self._settings = settings
        self._item: Item | None = None
        self.record = record
        self.explanation = explanation
        self._current = current
        self.band = AdviceBand()
        self.scale = ProbabilityScale()
        self.facts = FactList()
        self._numbers = QWidget()
        self._under_card = Line()
        self.problem = ProblemPart()
        self.problem.number.clicked.connect(lambda: self.prediction_forced.emit(self._item))
        self.problem.other.clicked.connect(self.open_asked)
        self.warnings = WarningList()
        self.diagnoses = DiagnosisBars()
        self.number_note = label()
        self.file = label(style=TextStyle.CAPTION, quiet=True)
        self.mark = MarkBar()
        self.mark.setAccessibleName(self.tr("Your decision"))
        self.mark.chosen.connect(self.mark_chosen)
        self.saved = label(quiet=True)
        self._saved_sign = Sign("check", INLINE_ICON)
        self.decision = label(style=TextStyle.CAPTION, quiet=True)
        self.report = Button(self.tr("Report…"), "file-text", look=Look.PRIMARY)
        self.report.clicked.connect(lambda: self.report_asked.emit(self._item))
        self.export = Button(icon="share", look=Look.QUIET, height=22)
        self.export.name(self.tr("Export for other programs"))
        self.export.clicked.connect(lambda: self.export_asked.emit(self._item))
        if not with_report:
            self.report.hide()
            self.export.hide()
        self._with_report = with_report
        self.above_decision = QVBoxLayout()
        self.sections = self._make_sections()
        self._lay_out()
        settings.changed.connect(self._on_settings_changed)
        record.mark_shown.connect(self._on_mark_read)
        explanation.saliency_map.toggled.connect(partial(self._open_part, "why"))
        explanation.quality_found.connect(self.problem.show_found)
        explanation.lesion.box.toggled.connect(partial(self._open_part, "lesion"))
        self.show_item(None)

    @property
    def item(self) -> Item | None:
        return self._item

    def set_narrow(self, narrow: bool) -> None:
        """Give way where the window is small: fewer warnings, no keys on buttons."""
        self.warnings.set_narrow(narrow)
        self.mark.set_narrow(narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave less room between the parts of the answer where the window is low."""
        super().resizeEvent(event)
        low = self.height() < LOW
        self.band.set_low(low)
        self._numbers_column.setContentsMargins(EDGE, 2 if low else GRID, EDGE, 0)
        self._numbers_column.setSpacing(1 if low else 4)

    def show_item(self, item: Item | None, mark: Mark | None = None) -> None:
        """Show an item in place of the one before: waiting, a result, or the reason why there is none.

        `mark` is the decision on an item that has no entry, whose record would tell it.
        """
        is_other = item is not self._item
        self._item = item
        self.record.show_entry(item.entry_id if item else None)
        self.explanation.show_item(item)
        screening = item.screening if item is not None else None
        prediction = screening.prediction if screening is not None else None
        for part in (self._numbers, self._under_card, self.problem, self.number_note):
            part.hide()
        self.warnings.show_warnings(screening.warnings if screening is not None else ())
        self._show_sections(item, prediction)
        if item is None:
            self.band.show_advice(Advice.NOT_ASSESSED, "", "")
        elif item.error:
            self.show_problem(self.tr("Not assessed"), item.error)
        elif screening is None:
            self.band.show_advice(None, self.tr("Assessing…"), item.source.path.name)
        elif prediction is None:
            self._show_refusal(screening)
        else:
            self._show_result(screening, prediction)
        self._show_foot(item, mark)
        if is_other:
            self._scroll.verticalScrollBar().setValue(0)
        if item is not None and not item.is_waiting:
            announce(self.band, self.band.accessibleName())

    def show_problem(self, title: str, reason: str, details: str = "") -> None:
        """Show an error in place of a result, with details to copy."""
        what, to_do = problem_parts(reason)
        self.band.show_advice(Advice.NOT_ASSESSED, title, what)
        self.problem.show_problem(to_do, "\n".join(filter(None, (title, reason, details))), is_picture=False)

    def _show_refusal(self, screening: Screening) -> None:
        what, to_do = problem_parts(screening.error or "")
        self.band.show_advice(Advice.NOT_ASSESSED, advice_words(Advice.NOT_ASSESSED), what)
        details = "\n".join((advice_words(Advice.NOT_ASSESSED), screening.error or "", str(screening.path)))
        of_content = screening.refusal is not None and screening.refusal.is_of_content
        self.problem.show_problem(to_do, details, is_picture=True, has_number=of_content)

    def _show_result(self, screening: Screening, prediction: Prediction) -> None:
        advice = advice_of(screening)
        if not screening.is_answer:
            self.band.show_advice(advice, advice_words(advice), self.tr("The number was asked for"))
            self.number_note.setText(number_text(prediction))
            self.number_note.show()
            return
        self.band.show_advice(advice, advice_words(advice), action_words(advice))
        self.scale.set_prediction(prediction)
        self._numbers.show()
        self._under_card.show()
        self.diagnoses.set_prediction(prediction)
        self._show_facts(screening)

    def _show_facts(self, screening: Screening) -> None:
        self.facts.show_facts(facts_of(screening, self._current.card, self._settings.clinic_shares()))

    def _show_sections(self, item: Item | None, prediction: Prediction | None) -> None:
        """Show the parts that an item has."""
        answered = item is not None and item.screening is not None and item.screening.answered is not None
        self.sections["diagnoses"].setVisible(answered and bool(prediction and prediction.diagnoses))
        for name in ("why", "lesion"):
            self.sections[name].setVisible(prediction is not None)
        self.sections["record"].setVisible(item is not None and item.entry_id is not None)
        self.file.setText(_about(item))
        self.file.setVisible(item is not None and not item.is_waiting)  # the band says which one is assessed

    def _show_foot(self, item: Item | None, mark: Mark | None) -> None:
        ready = item is not None and item.screening is not None
        self.report.setEnabled(ready)
        self.export.setEnabled(ready)
        self.mark.setEnabled(item is not None and item.entry_id is not None)
        self.show_mark(self.record.shown_mark if item is not None and item.entry_id is not None else mark)
        self.saved.setText(self._saved_text(item, mark))
        self._saved_sign.setVisible(item is not None and item.entry_id is not None and not item.saving_error)
        self.saved.setToolTip(item.saving_error if item is not None else "")

    def allow_mark(self) -> None:
        """Let an item without an entry be decided on: the page keeps the decision."""
        self.mark.setEnabled(True)

    def show_mark(self, mark: Mark | None) -> None:
        """Show another decision on the item that is shown."""
        self.mark.show_mark(mark)
        screening = self._item.screening if self._item is not None else None
        text = decision_text(screening, mark) if screening is not None and mark is not None else ""
        self.decision.setText(text)
        self.decision.setVisible(bool(text) and mark is Mark.CLEAR and "," in text)

    def _saved_text(self, item: Item | None, mark: Mark | None) -> str:
        if item is None:
            return ""
        if item.saving_error:
            return self.tr("Not saved: {0}").format(item.saving_error)
        if item.entry_id is None or item.screening is None:
            return self.tr("Not decided") if mark is None else ""
        when = times.local(item.screening.screened_at)
        if when.date() == times.today():
            return self.tr("Saved at {0}").format(f"{when:%H:%M}")
        return self.tr("Saved on {0}").format(day_text(item.screening.screened_at))

    def _on_mark_read(self) -> None:
        if self._item is not None and self._item.entry_id is not None:
            self.show_mark(self.record.shown_mark)

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Show what the result means at other shares of cancers, and the heat map where it is wanted now."""
        if "heat_map" in names:
            self.explanation.saliency_map.set_on(self._settings.current.heat_map)
        screening = self._item.screening if self._item is not None else None
        if SHARES & names and screening is not None and screening.is_answer:
            self._show_facts(screening)

    def _open_part(self, name: str, on: bool) -> None:
        """Open the part of what was turned on."""
        if on:
            self.sections[name].set_open(True)

    def _on_section_toggled(self) -> None:
        """Remember which parts are open."""
        names = [name for name, section in self.sections.items() if section.is_open and name != "diagnoses"]
        self._settings.update(open_sections=tuple(names))

    def _make_sections(self) -> dict[str, Section]:
        why = QWidget()
        column = QVBoxLayout(why)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.explanation.saliency_map, self.explanation.similar_cases):
            column.addWidget(part)
        made = {
            "diagnoses": Section(self.tr("Most probable diagnoses"), self.diagnoses, always_open=True),
            "why": Section(self.tr("Why"), why),
            "lesion": Section(self.tr("Lesion"), self.explanation.lesion),
            "record": Section(self.tr("Record"), self.record),
        }
        for name, section in made.items():
            if name in self._settings.current.open_sections:
                section.set_open(True)
            if name != "diagnoses":
                section.head.toggled.connect(lambda _: self._on_section_toggled())
        return made

    def _lay_out(self) -> None:
        inner = QWidget()
        paint_on(inner, QPalette.ColorRole.Base)
        parts = QVBoxLayout(inner)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(0)
        for part in (self.number_note, self.file):
            part.setContentsMargins(EDGE, GRID, EDGE, GRID)
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for widget in (self.problem, self.number_note, self.warnings, *self.sections.values(), self.file):
            parts.addWidget(widget)
        parts.addStretch()
        self._scroll = scrolled(inner)
        self._scroll.setMinimumHeight(12)
        numbers = self._numbers_column = QVBoxLayout(self._numbers)
        numbers.setContentsMargins(EDGE, GRID, EDGE, 0)
        numbers.setSpacing(4)
        numbers.addWidget(self.scale)
        numbers.addWidget(Line())
        numbers.addWidget(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.band)
        column.addWidget(self._numbers)
        column.addWidget(self._under_card)
        column.addWidget(self._scroll, stretch=1)
        column.addLayout(self.above_decision)
        column.addWidget(Line())
        column.addLayout(self._foot())

    def _foot(self) -> QVBoxLayout:
        top = QHBoxLayout()
        top.addWidget(label(self.tr("Your decision"), TextStyle.BODY_STRONG))
        self.saved.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        top.addStretch(1)
        top.addWidget(self._saved_sign)
        top.addWidget(self.saved)
        top.addWidget(self.export)
        bottom = QHBoxLayout()
        if self._with_report:
            bottom.addWidget(self.mark)
            bottom.addStretch()
            bottom.addWidget(self.report)
        else:
            self.mark.segments.stretch()
            bottom.addWidget(self.mark, stretch=1)
        foot = QVBoxLayout()
        foot.setContentsMargins(EDGE, GRID, EDGE, 12)
        foot.setSpacing(4)
        foot.addLayout(top)
        foot.addLayout(bottom)
        foot.addWidget(self.decision)
        return foot


def _about(item: Item | None) -> str:
    """The file, when it was taken, and the model."""
    if item is None:
        return ""
    screening = item.screening
    if screening is None:
        return item.source.path.name
    taken = screening.captured_at
    parts = (item.source.path.name, f"{taken:%Y-%m-%d %H:%M}" if taken else "", str(screening.model))
    return " · ".join(filter(None, parts))
