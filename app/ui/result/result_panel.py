"""The result of one image: symbol, sentence and probability on a scale; or the reason why there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.advice import advice_of
from app.core.domain.results import Prediction, Screening
from app.ui.result.diagnosis_bars import DiagnosisBars
from app.ui.result.explanation_panel import ExplanationPanel
from app.ui.result.probability_scale import ProbabilityScale
from app.ui.result.record_form import RecordForm
from app.ui.services.current_model import CurrentModel
from app.ui.services.frequencies import frequency_text
from app.ui.services.item import Item
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import (
    accuracy_text,
    answer_of,
    consistency_text,
    decision_text,
    number_text,
    probability_texts,
    remarks_on,
    symbol_of,
    time_text,
    warning_text,
)
from app.ui.widgets.style import ADVICE_COLOURS, GRID, label

SHARES = frozenset({"melanoma_share", "other_cancer_share"})
"""Settings that the line on the clinic's lesions goes by."""


class ResultPanel(QScrollArea):
    """Shows one item: waiting, its result, or the reason why there is none."""

    report_asked = Signal(object)
    """With the current item."""
    prediction_forced = Signal(object)
    """With the current item, which was rejected for its content."""
    help_asked = Signal()

    def __init__(
        self,
        record: RecordForm,
        explanation: ExplanationPanel,
        current: CurrentModel,
        settings: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        """`record` and `explanation` are shown below the result.

        The figures of the `current` model stand beside the results that it computed, with what they mean at the
        clinic's shares of cancers.
        """
        super().__init__(parent)
        self._settings = settings
        self._item: Item | None = None
        self.record = record
        self.explanation = explanation
        self._current = current
        self._details_text = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(300)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

        self.symbol = label(size=3.0)
        self.answer = label(size=2.0, bold=True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setMaximumHeight(GRID)
        self.scale = ProbabilityScale()
        self.remarks = label(bold=True)
        self.decision = label(bold=True)
        self.probabilities = label()
        self.diagnoses = DiagnosisBars()
        self.frequency = label()
        self.consistency = label()
        self.accuracy = label()
        self.meaning = QPushButton(self.tr("What does this mean?"))
        self.meaning.setFlat(True)
        self.meaning.clicked.connect(self.help_asked)
        self.reason = label(size=1.1)
        self.details = QPushButton(self.tr("&Copy details"))
        self.details.clicked.connect(self._on_details_clicked)
        self.number = QPushButton(self.tr("Show the &number anyway"))
        self.number.clicked.connect(lambda: self.prediction_forced.emit(self._item))
        self.warnings = label()
        self.file = label()
        self.saved = label()
        self.model = label()
        self.report = QPushButton(self.tr("&Report…"))
        self.report.clicked.connect(lambda: self.report_asked.emit(self._item))
        self.disclaimer = label(self.tr("MelaScreen supports your decision and does not replace it."))
        self._lay_out()
        settings.changed.connect(self._on_settings_changed)
        record.mark_shown.connect(self._show_decision)
        self.show_item(None)

    def _lay_out(self) -> None:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for widget in self._parts():
            layout.addWidget(widget)
            if isinstance(widget, QLabel):
                widget.setTextInteractionFlags(
                    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
                )
                widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addStretch()
        self.setWidget(content)

    def _parts(self) -> tuple[QWidget, ...]:
        return (
            self.symbol,
            self.answer,
            self.remarks,
            self.decision,
            self.busy,
            self.scale,
            self.probabilities,
            self.frequency,
            self.consistency,
            self.accuracy,
            self.reason,
            self.number,
            self.details,
            self.disclaimer,
            self.meaning,
            self.warnings,
            self.diagnoses,
            self.explanation,
            self.file,
            self.saved,
            self.record,
            self.report,
            self.model,
        )

    def show_item(self, item: Item | None) -> None:
        """Show an item in place of the one before: waiting, a result, or the reason why there is none."""
        self._item = item
        self.record.show_entry(item.entry_id if item else None)
        self.explanation.show_item(item)
        for part in self._parts():
            if part not in (self.disclaimer, self.record, self.explanation):
                part.hide()
                if isinstance(part, QLabel):
                    part.clear()
        if item is None:
            return
        screening = item.screening
        captured_at = screening and screening.captured_at
        pictured = self.tr("taken on {0}").format(f"{captured_at:%Y-%m-%d %H:%M}") if captured_at else ""
        self._set(self.file, "\n".join(filter(None, (item.source.path.name, pictured))))
        if item.error:
            self.show_problem(self.tr("Not assessed"), item.error)
        elif screening is None:
            self._set(self.answer, self.tr("Looking at the picture…"))
            self.busy.show()
        elif screening.prediction is None:
            self.show_problem(answer_of(screening), screening.error or "", str(screening.path))
            self.number.setVisible(screening.refusal is not None and screening.refusal.is_of_content)
            self._set(self.warnings, _as_lines(screening.warnings))
        else:
            self._show_result(screening, screening.prediction)
            self._show_decision()
            self.report.show()
            self._set(self.saved, self._saved_text(item))

    def show_problem(self, title: str, reason: str, details: str = "") -> None:
        """Show an error in place of a result, with details to copy."""
        self._set(self.symbol, "✕")
        self.symbol.setStyleSheet("")
        self._set(self.answer, title)
        self._set(self.reason, reason)
        self._details_text = "\n".join(filter(None, (title, reason, details)))
        self.details.show()

    def _show_result(self, screening: Screening, prediction: Prediction) -> None:
        self._set(self.symbol, symbol_of(screening))
        self.symbol.setStyleSheet(f"color: {ADVICE_COLOURS[advice_of(screening)]}")
        self._set(self.answer, answer_of(screening))
        self.meaning.show()
        self._set(self.warnings, _as_lines(screening.warnings))
        self._set(self.model, self.tr("Model: {0}").format(screening.model))
        if not screening.is_answer:
            self._set(self.probabilities, number_text(prediction))
            return
        self._set(self.remarks, "\n".join(remarks_on(screening)))
        self.scale.set_prediction(prediction)
        self.scale.show()
        self._set(self.probabilities, "\n".join(probability_texts(prediction)))
        self._show_frequency(screening)
        self._set(self.consistency, consistency_text(prediction))
        self.diagnoses.set_prediction(prediction)
        card = self._current.card
        point = card.point_of(screening) if card is not None else None
        if point is not None:
            self._set(self.accuracy, accuracy_text(point))
            self.accuracy.setToolTip(self.tr("Measured on {0}.").format(point.measured_on))

    def _show_frequency(self, screening: Screening) -> None:
        self._set(self.frequency, frequency_text(screening, self._current.card, self._settings.clinic_shares()))

    def _saved_text(self, item: Item) -> str:
        if item.saving_error:
            return warning_text(self.tr("Not saved: {0}").format(item.saving_error))
        if item.entry_id is None:
            return ""
        when = time_text(item.screening.screened_at) if item.screening else ""
        if item.from_history:
            return self.tr("From the history, {0}").format(when)
        return self.tr("Saved in the history, {0}").format(when)

    def _set(self, part: QLabel, text: str) -> None:
        part.setText(text)
        part.setVisible(bool(text))

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Show what the result means at other shares of cancers."""
        screening = self._item.screening if self._item is not None else None
        if SHARES & names and screening is not None:
            self._show_frequency(screening)

    def _show_decision(self) -> None:
        screening = self._item.screening if self._item is not None else None
        mark = self.record.shown_mark
        self._set(self.decision, decision_text(screening, mark) if screening is not None and mark is not None else "")

    def _on_details_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._details_text)


def _as_lines(warnings: tuple[str, ...]) -> str:
    return "\n".join(warning_text(warning) for warning in warnings)
