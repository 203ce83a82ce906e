"""The page for the clinic's own cases: what was suspected among confirmed diagnoses, and the cancers that were not."""

from __future__ import annotations

import html
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSplitter,
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
from app.ui.services.wording import day_text, diagnosis_words, percent, share_text, warning_text
from app.ui.services.workers import Workers
from app.ui.widgets import results_table
from app.ui.widgets.style import GRID, label, thumbnail_icon


class OwnCasesPage(QWidget):
    """Shows for each model and threshold what the program suspected, and the cancers that it did not."""

    entry_opened = Signal(object)

    def __init__(self, history: EntryRepository, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._misses: list[Entry] = []
        self.status = label()
        self.status.hide()
        self.figures = QScrollArea()
        self.figures.setWidgetResizable(True)
        self.figures.setFrameShape(QFrame.Shape.NoFrame)
        self.figures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.figures.setAccessibleName(self.tr("Figures"))
        self.table = self._table()
        self.setFocusProxy(self.figures)
        self.misses = QWidget()
        below = QVBoxLayout(self.misses)
        below.setContentsMargins(0, GRID, 0, 0)
        below.addWidget(label(self.tr("Confirmed cancers that were not suspected"), size=1.2, bold=True))
        below.addWidget(self.table)
        self.misses.hide()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.figures)
        splitter.addWidget(self.misses)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([420, 280])
        splitter.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(self.status)
        layout.addWidget(splitter, stretch=1)

    def refresh(self) -> None:
        """Count the cases again."""
        self._workers.run(partial(own_case_metrics, self._history), on_result=self._on_counted, on_error=self._on_error)

    def text(self) -> str:
        """All text above the table."""
        content = self.figures.widget()
        return "\n".join(part.text() for part in content.findChildren(QLabel)) if content else ""

    def _on_counted(self, counted: list[tuple[ModelId, float, OwnCaseMetrics]]) -> None:
        self.status.hide()
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(label(self.tr("Our cases"), size=1.6, bold=True))
        for text in self._meaning() if counted else self._nothing_yet():
            layout.addWidget(label(text))
        for model, threshold, metrics in counted:
            layout.addSpacing(GRID)
            heading = label(
                self.tr("{0}, threshold for melanoma {1}").format(model, percent(threshold)), size=1.2, bold=True
            )
            heading.setToolTip(f"SHA-256 {model.sha256}")
            layout.addWidget(heading)
            for text in self._shares(metrics):
                layout.addWidget(label(text, size=1.2))
            layout.addWidget(label(self._counts(metrics)))
        layout.addStretch()
        for part in content.findChildren(QLabel):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures.setWidget(content)
        self._show_misses([entry for _, _, metrics in counted for entry in metrics.misses])

    def _on_error(self, error: MelaScreenError) -> None:
        self.status.setText(warning_text(error))
        self.status.show()

    def _meaning(self) -> tuple[str, ...]:
        return (
            self.tr(
                "How often the program suspected a cancer where one was confirmed. Suspected means its result was"
                " ▲ or ◆; a borderline does not count. Actinic keratosis and Bowen's disease count as cancers here."
                " Your own decisions (Refer, Watch, Clear) play no part. (The model's own figures count a melanoma as"
                " suspected only where melanoma itself was.)"
            ),
            self.tr(
                "Only pictures with a confirmed diagnosis are counted, each picture once. Several pictures of one"
                " lesion count separately."
            ),
            self.tr(
                "The 95 % confidence interval is in brackets. With few cases it is wide, and a difference smaller than"
                " the interval may be chance. Only some lesions are ever confirmed: a melanoma that nobody suspected"
                " is not among them, so more may be missed than this page shows."
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

    def _shares(self, metrics: OwnCaseMetrics) -> tuple[str, ...]:
        """What was suspected among melanomas, other cancers and benign lesions."""
        texts = (
            (
                metrics.melanomas,
                self.tr("Melanomas: {0} of {1} suspected as a cancer, {2}"),
                self.tr("Melanomas: none confirmed yet"),
            ),
            (
                metrics.other_cancers,
                self.tr("Other skin cancers: {0} of {1} suspected as a cancer, {2}"),
                self.tr("Other skin cancers: none confirmed yet"),
            ),
            (
                metrics.benign,
                self.tr("Benign lesions: {0} of {1} not suspected, {2}"),
                self.tr("Benign lesions: none confirmed yet"),
            ),
        )
        return tuple(
            text.format(share.right, share.images, share_text(share.interval)) if share.interval else none
            for share, text, none in texts
        )

    def _counts(self, metrics: OwnCaseMetrics) -> str:
        return self.tr("Pictures: {0}, lesions: {1}, cancers not suspected: {2}, benign lesions suspected: {3}").format(
            metrics.images, metrics.lesions, len(metrics.misses), metrics.benign.images - metrics.benign.right
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
        table.setMinimumHeight(7 * table.fontMetrics().height())
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, columns.index(self.tr("Confirmed by"))):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(lambda index: self.entry_opened.emit(self._misses[index.row()]))
        return table

    def _show_misses(self, misses: list[Entry]) -> None:
        row = max(0, self.table.currentRow())
        self._misses = misses
        self.table.setRowCount(0)
        self.table.setRowCount(len(misses))
        for number, entry in enumerate(misses):
            items = [QTableWidgetItem(text) for text in self._cells(entry)]
            for column, item in enumerate(items):
                item.setToolTip(html.escape(item.text() if column else str(entry.screening.path)))
                self.table.setItem(number, column, item)
            items[0].setIcon(thumbnail_icon(entry.screening.thumbnail))
        self.misses.setVisible(bool(misses))
        if misses:
            self.table.selectRow(min(row, len(misses) - 1))

    def _cells(self, entry: Entry) -> tuple[str, ...]:
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
            ", ".join(filter(None, (record.confirmed_by, record.confirmed_on))) or self.tr("not noted"),
            str(entry.screening.model),
        )
