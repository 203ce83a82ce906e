"""The page for the clinic's own cases: what was suspected among confirmed diagnoses, and the cancers that were not."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.entry import Entry
from app.core.domain.errors import MelaScreenError
from app.core.domain.results import ModelId
from app.core.history.own_cases import OwnCaseMetrics, own_case_metrics
from app.core.history.repository import EntryRepository
from app.ui.history.own_cases_parts import CardText, DiagnosisTable, ShareCard
from app.ui.look.style import Line, bar_row, label, page_head, paint_on, thumbnail_icon
from app.ui.look.tokens import EDGE, GRID, NOTICE, TOOL, scaled
from app.ui.result.warning_list import WarningStrip
from app.ui.services.current_model import CurrentModel
from app.ui.services.warnings import ShortWarning
from app.ui.services.wording import day_text, diagnosis_words, percent
from app.ui.services.workers import Workers
from app.ui.widgets import results_table
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.fields import Choice

FEW = 30
"""Melanomas below which the page says that they are few."""

Counted = tuple[ModelId, float, OwnCaseMetrics]


class OwnCasesPage(QWidget):
    """Shows for a model and threshold what the program suspected, and the cancers that it did not."""

    entry_opened = Signal(object)

    def __init__(
        self, history: EntryRepository, workers: Workers, current: CurrentModel, parent: QWidget | None = None
    ) -> None:
        """The figures of the `current` model's test stand beside those of the cases that it computed."""
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._current = current
        self._counted: list[Counted] = []
        self._misses: list[Entry] = []
        self.status = label()
        self.status.setContentsMargins(EDGE, GRID, EDGE, GRID)
        self.status.hide()
        self.count = label(quiet=True)
        self.count.setWordWrap(False)
        self.model = Choice()
        self.model.setAccessibleName(self.tr("Computed with"))
        self.model.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.model.activated.connect(lambda _: self._show_chosen())
        self.figures = QScrollArea()
        self.figures.setWidgetResizable(True)
        self.figures.setFrameShape(QFrame.Shape.NoFrame)
        self.figures.setAccessibleName(self.tr("Figures"))
        self.table = self._table()
        self.misses = QWidget()
        paint_on(self.misses, QPalette.ColorRole.Base)
        self.missed = label()
        self.show_misses = Button(self.tr("Show them"), look=Look.LINK, height=TOOL)
        self.show_misses.setCheckable(True)
        self.show_misses.toggled.connect(self._on_misses_toggled)
        self._lay_out()
        current.changed.connect(self._show_chosen)

    def refresh(self) -> None:
        """Count the cases again."""
        self._workers.run(partial(own_case_metrics, self._history), on_result=self._on_counted, on_error=self._on_error)

    def text(self) -> str:
        """All text of the figures."""
        content = self.figures.widget()
        if content is None:
            return ""
        texts = [part.text() for part in content.findChildren(QLabel)]
        return "\n".join(texts + [part.text() for part in content.findChildren(WarningStrip)])

    def _lay_out(self) -> None:
        foot = bar_row(self.misses, line_above=True)
        foot.addWidget(self.missed, stretch=1)
        foot.addWidget(self.show_misses)
        self.misses.setMinimumHeight(scaled(NOTICE))
        self.misses.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.figures)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (page_head(self.tr("Our cases"), self.count, self.model), Line(), self.status):
            layout.addWidget(widget)
        layout.addWidget(self._stack, stretch=1)
        layout.addWidget(self.misses)
        self.setFocusProxy(self.figures)

    def _on_counted(self, counted: list[Counted]) -> None:
        self.status.hide()
        chosen = self.model.currentIndex()
        self._counted = counted
        self.model.clear()
        for model, threshold, _ in counted:
            self.model.addItem(
                self.tr("Computed with {0}, threshold for melanoma {1}").format(model, percent(threshold))
            )
        self.model.setVisible(bool(counted))
        self.model.setCurrentIndex(max(0, min(chosen, len(counted) - 1)) if counted else -1)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show the figures of the model and threshold that are chosen."""
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, EDGE, 0, EDGE)
        layout.setSpacing(EDGE)
        metrics = None
        if self._counted:
            model, _, metrics = self._counted[max(0, self.model.currentIndex())]
            for part in self._figures(model, metrics):
                layout.addWidget(part)
        for part in map(self._paragraph, self._meaning() if self._counted else self._nothing_yet()):
            layout.addWidget(part)
        layout.addStretch(1)
        self.figures.setWidget(content)
        self.count.setText(
            self.tr("{0} pictures of {1} lesions with a confirmed diagnosis").format(metrics.images, metrics.lesions)
            if metrics is not None
            else ""
        )
        self._show_misses(metrics.misses if metrics is not None else ())

    def _figures(self, model: ModelId, metrics: OwnCaseMetrics) -> Sequence[QWidget]:
        """The cards, a caution where there are few melanomas, and the table of diagnoses."""
        parts = [self._inset(*self._cards(model, metrics))]
        if metrics.melanomas.images < FEW:
            few = self.tr("Only {0} melanomas so far: the true share may lie anywhere in the interval.")
            words = few.format(metrics.melanomas.images)
            parts.append(self._inset(WarningStrip(ShortWarning(words, "info", words), "info")))
        return [*parts, DiagnosisTable(metrics.told)]

    def _cards(self, model: ModelId, metrics: OwnCaseMetrics) -> Sequence[ShareCard]:
        not_referred = {kind: self._tested(model, f"not referred, {kind}") for kind in ("melanoma", "benign lesion")}
        melanoma, benign = not_referred["melanoma"], not_referred["benign lesion"]
        return (
            ShareCard(
                CardText(
                    self.tr("Melanomas referred"),
                    self.tr("{0} of {1} melanomas were told ▲ or ◆"),
                    self.tr("No melanoma confirmed yet"),
                ),
                metrics.melanomas,
                None if melanoma is None else 1 - melanoma,
            ),
            ShareCard(
                CardText(
                    self.tr("Other skin cancers referred"),
                    self.tr("{0} of {1} other skin cancers were told ▲ or ◆"),
                    self.tr("No other skin cancer confirmed yet"),
                ),
                metrics.other_cancers,
                None,
            ),
            ShareCard(
                CardText(
                    self.tr("Benign lesions not referred"),
                    self.tr("{0} of {1} benign lesions were told ◐ or ●"),
                    self.tr("No benign lesion confirmed yet"),
                ),
                metrics.benign,
                benign,
            ),
        )

    def _tested(self, model: ModelId, metric: str) -> float | None:
        """A figure of the model's test, where its card is the one in use and has it."""
        card = self._current.card
        if card is None or card.model_id != model:
            return None
        found = [figure for figure in card.figures if figure.metric == metric and figure.split == "test"]
        return found[0].estimate.value if found else None

    @staticmethod
    def _inset(*widgets: QWidget) -> QWidget:
        """Widgets of one width beside each other, within the page's edges."""
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(EDGE)
        for widget in widgets:
            row.addWidget(widget, stretch=1)
        return made

    @staticmethod
    def _paragraph(text: str) -> QLabel:
        made = label(text)
        made.setContentsMargins(EDGE, 0, EDGE, 0)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    def _on_error(self, error: MelaScreenError) -> None:
        self.status.setText(str(error))
        self.status.show()

    def _meaning(self) -> tuple[str, ...]:
        return (
            self.tr(
                "How often the program suspected a cancer where one was confirmed. Suspected means its result was"
                " ▲ or ◆; a borderline does not count. Actinic keratosis and Bowen's disease count as cancers here."
                " Your own decisions (Refer, Watch, Clear) play no part."
            ),
            self.tr(
                "Only pictures with a confirmed diagnosis are counted, each picture once. Several pictures of one"
                " lesion count separately."
            ),
            self.tr(
                "With few cases the interval is wide, and a difference smaller than the interval may be chance. Only"
                " some lesions are ever confirmed: a melanoma that nobody suspected is not among them, so more may be"
                " missed than this page shows."
            ),
        )

    def _nothing_yet(self) -> tuple[str, ...]:
        return (
            self.tr("No diagnosis has been confirmed yet."),
            self.tr(
                "When a diagnosis is confirmed, for instance by histopathology, open the result from the history and"
                " fill in the diagnosis. This page then shows how many of the cancers the program suspected, and which"
                " ones it did not."
            ),
        )

    def _table(self) -> QTableWidget:
        columns = (
            self.tr("File"),
            self.tr("Date"),
            self.tr("Melanoma"),
            self.tr("Threshold"),
            self.tr("Other cancer"),
            self.tr("Its threshold"),
            self.tr("Diagnosis"),
            self.tr("Confirmed by"),
            self.tr("Model"),
        )
        table = QTableWidget(0, len(columns))
        table.setHorizontalHeaderLabels(columns)
        results_table.set_up(table, self.tr("Confirmed cancers that were not suspected"), wraps=True)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, columns.index(self.tr("Confirmed by"))):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(lambda index: self.entry_opened.emit(self._misses[index.row()]))
        return table

    def _show_misses(self, misses: Sequence[Entry]) -> None:
        row = max(0, self.table.currentRow())
        self._misses = list(misses)
        self.table.setRowCount(0)
        self.table.setRowCount(len(misses))
        for number, entry in enumerate(misses):
            items = [QTableWidgetItem(text) for text in _cells(entry, self.tr("not noted"))]
            for column, item in enumerate(items):
                item.setToolTip(html.escape(item.text() if column else str(entry.screening.path)))
                self.table.setItem(number, column, item)
            items[0].setIcon(thumbnail_icon(entry.screening.thumbnail))
        self.missed.setText(self.tr("Confirmed cancers that were not suspected: {0}").format(len(misses)))
        self.misses.setVisible(bool(misses))
        if misses:
            self.table.setCurrentIndex(self.table.model().index(min(row, len(misses) - 1), 0))
        else:
            self.show_misses.setChecked(False)

    def _on_misses_toggled(self, shown: bool) -> None:
        self._stack.setCurrentIndex(1 if shown else 0)
        self.show_misses.setText(self.tr("Back to the figures") if shown else self.tr("Show them"))
        self.show_misses.updateGeometry()


def _cells(entry: Entry, not_noted: str) -> tuple[str, ...]:
    prediction, record = entry.screening.answered, entry.record
    numbers = (
        (
            prediction.melanoma_probability,
            prediction.threshold,
            prediction.other_cancer_probability,
            prediction.other_cancer_threshold,
        )
        if prediction
        else (None,) * 4
    )
    return (
        entry.screening.path.name,
        day_text(entry.screening.screened_at),
        *("" if number is None else percent(number) for number in numbers),
        diagnosis_words(record.diagnosis),
        ", ".join(filter(None, (record.confirmed_by, record.confirmed_on))) or not_noted,
        str(entry.screening.model),
    )
