"""The help on sensitivity and specificity, and their meaning at the clinic's own prevalence."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain.prevalence import LESIONS, Outcomes, Range, at_prevalence, outcomes
from app.core.model.card import Card
from app.ui.help.icon_array import IconArray, LesionSign, ScreeningOutcome, counts_of
from app.ui.services.wording import model_accuracy_text, percent
from app.ui.widgets.fields import ignore_wheel
from app.ui.widgets.style import GRID
from app.ui.widgets.text_blocks import beside, selectable

PREVALENCE = 2.0
"""First value in percent; the clinic sets its own."""
FINE = 100 * LESIONS
"""Number of lesions for the missed melanomas where they are fewer than one in `LESIONS`."""


class FiguresSection(QWidget):
    """Shows sensitivity and specificity, and the expected results at a prevalence."""

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self.accuracy = selectable()
        self.measured_on = selectable()
        self.prevalence = PrevalenceBox()
        self.prevalence.setAccessibleName(self.tr("Melanomas among 100 lesions that you look at"))
        self.prevalence.valueChanged.connect(self._on_prevalence_changed)
        self.array = IconArray()
        self.sentences = {kind: selectable() for kind in ScreeningOutcome}
        self.predictive = selectable()
        self.calibrated = selectable()
        question = QHBoxLayout()
        asked = selectable(self.tr("Melanomas among the lesions that you look at:"), bold=True)
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
            column.addWidget(beside(LesionSign(kind), sentence))
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
        self.accuracy.setText(model_accuracy_text(card.model_id, point))
        self.measured_on.setText(
            self.tr(
                "Sensitivity {0}, specificity {1}; in brackets the 95 % confidence interval, in which the true figure"
                " most likely lies. Measured on {2}. In another clinic they may be lower."
            ).format(point.sensitivity.percent(), point.specificity.percent(), point.measured_on)
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
            ScreeningOutcome.TRUE_POSITIVE: self.tr("Found: {0} of {1} melanomas are suspected, as they should be."),
            ScreeningOutcome.FALSE_NEGATIVE: self.tr("Missed: {0} of {1} melanomas are not suspected."),
            ScreeningOutcome.FALSE_POSITIVE: self.tr("False alarms: {0} of {1} other lesions are suspected."),
            ScreeningOutcome.TRUE_NEGATIVE: self.tr(
                "Cleared: {0} of {1} other lesions are not suspected, as they should be."
            ),
        }
        for kind, count in counts_of(shown).items():
            is_melanoma = kind in (ScreeningOutcome.TRUE_POSITIVE, ScreeningOutcome.FALSE_NEGATIVE)
            of = shown.melanomas if is_melanoma else shown.others
            self.sentences[kind].setText(words[kind].format(_in_words(count), of))
        if not shown.false_negatives.value and fine.false_negatives.value:
            few = self.tr("Missed: fewer than 1; of {0:,} lesions {1}.").format(FINE, _in_words(fine.false_negatives))
            self.sentences[ScreeningOutcome.FALSE_NEGATIVE].setText(few)
        self.predictive.setText(self._predictive(shown))
        self.calibrated.setText(self._calibrated(self._card, prevalence))

    def _predictive(self, shown: Outcomes) -> str:
        lines = []
        if shown.positive is not None:
            among = self.tr("Of the suspected lesions {0} are melanomas (positive predictive value).")
            lines.append(among.format(shown.positive.percent()))
        if shown.negative is not None:
            among = self.tr("Of the lesions without suspicion {0} are none (negative predictive value).")
            lines.append(among.format(shown.negative.percent()))
        lines.append(self.tr("In brackets stands what the ends of the two intervals come to."))
        return "\n".join(lines)

    def _calibrated(self, card: Card, prevalence: float) -> str:
        if card.calibrated_shares is None:
            return self.tr(
                "The probability beside a result holds for the share of melanomas in the data that it was calibrated"
                " on; where melanoma is rarer, it is lower."
            )
        share = card.calibrated_shares.melanoma
        return self.tr(
            "The probability beside a result is calibrated: it holds where as many of the lesions are melanomas as in"
            " the data, {0}. Where melanoma is rarer, it is lower. With {1} as set above, a probability of 10 % would"
            " be {2}, and one of 50 % would be {3}. In the settings you can say how many of your clinic's lesions are"
            " melanomas: a line beside each result then says what it means there."
        ).format(
            percent(share),
            percent(prevalence),
            *(percent(at_prevalence(each, share, prevalence)) for each in (0.1, 0.5)),
        )


class PrevalenceBox(QDoubleSpinBox):
    """Percent; the wheel scrolls the page instead, unless the box has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0.1, 50.0)
        self.setDecimals(1)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(" %")
        self.setValue(PREVALENCE)
        ignore_wheel(self, unless_focused=True)


def _in_words(count: Range) -> str:
    return f"{count.value}" if count.low == count.high else f"{count.value} ({count.low} to {count.high})"
