"""The help on the model's accuracy, and what it means at the clinic's own share of melanomas."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain.prevalence import IN_SCREENING, LESIONS, Outcomes, Range, at_prevalence, outcomes
from app.core.model.card import Card
from app.ui.help.icon_array import IconArray, LesionSign, ScreeningOutcome, counts_of
from app.ui.look.tokens import GRID, TextStyle
from app.ui.services.wording import accuracy_interval_text, percent, share_text
from app.ui.widgets.fields import ignore_wheel
from app.ui.widgets.text_blocks import beside, selectable

PREVALENCE = 100 * IN_SCREENING
"""First value in percent; the clinic sets its own."""
FINE = 100 * LESIONS
"""Number of lesions for the missed melanomas where they are fewer than one in `LESIONS`."""


class FiguresSection(QWidget):
    """Shows the model's accuracy, and the expected results for a thousand lesions at a share of melanomas.

    Where the model knows other skin cancers, the thousand are melanomas and benign lesions only: how frequent the other
    cancers are is not asked for here, and predictive values, which depend on it, are not given.
    """

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self.accuracy = selectable()
        self.measured_on = selectable()
        self.counted = selectable()
        self.prevalence = PrevalenceBox()
        self.prevalence.setAccessibleName(self.tr("Melanomas among 100 lesions that you look at"))
        self.prevalence.valueChanged.connect(self._on_prevalence_changed)
        self.array = IconArray()
        self.sentences = {kind: selectable() for kind in ScreeningOutcome}
        self.predictive = selectable()
        self.calibrated = selectable()
        question = QHBoxLayout()
        asked = selectable(self.tr("Melanomas among the lesions that you look at:"), TextStyle.BODY_STRONG)
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
        column.addWidget(self.counted)
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

    def set_prevalence(self, share: float) -> None:
        """Begin with a share of melanomas (0..1)."""
        self.prevalence.setValue(100 * share)

    def set_card(self, card: Card | None) -> None:
        self._card = card
        self.of_a_model.setVisible(card is not None)
        if card is None:
            self.accuracy.setText(self.tr("There is no model, so its accuracy is not known."))
            return
        point = card.operating_point
        self.accuracy.setText(accuracy_interval_text(point))
        self.measured_on.setText(
            self.tr("These are the figures of {0}. At another clinic they may be lower.").format(card.model_id)
        )
        self.counted.setText(self.tr("The counts below cover melanomas and benign lesions only."))
        self.counted.setVisible(point.other_cancer is not None)
        self._on_prevalence_changed(self.prevalence.value())

    def _on_prevalence_changed(self, value: float) -> None:
        if self._card is None:
            return
        point = self._card.operating_point
        prevalence = value / 100
        others = point.specificity if point.other_cancer is None else point.other_cancer.benign_not_referred
        shown = outcomes(prevalence, point.sensitivity, others)
        fine = outcomes(prevalence, point.sensitivity, others, lesions=FINE)
        self.array.show_outcomes(shown)
        words = {
            ScreeningOutcome.TRUE_POSITIVE: self.tr("Found: melanoma is suspected in {0} of {1} melanomas."),
            ScreeningOutcome.FALSE_NEGATIVE: self.tr("Missed: melanoma is not suspected in {0} of {1} melanomas."),
            ScreeningOutcome.FALSE_POSITIVE: self.tr(
                "False alarms: melanoma is suspected in {0} of {1} other lesions."
            ),
            ScreeningOutcome.TRUE_NEGATIVE: self.tr("Nothing is suspected in {0} of {1} other lesions."),
        }
        if point.other_cancer is not None:
            words |= {
                ScreeningOutcome.FALSE_POSITIVE: self.tr(
                    "False alarms: a cancer is suspected in {0} of {1} benign lesions."
                ),
                ScreeningOutcome.TRUE_NEGATIVE: self.tr("Nothing is suspected in {0} of {1} benign lesions."),
            }
        for kind, count in counts_of(shown).items():
            is_melanoma = kind in (ScreeningOutcome.TRUE_POSITIVE, ScreeningOutcome.FALSE_NEGATIVE)
            of = shown.melanomas if is_melanoma else shown.others
            self.sentences[kind].setText(words[kind].format(_in_words(count), of))
        if not shown.false_negatives.value and fine.false_negatives.value:
            few = self.tr("Missed: fewer than 1; {0} of {1:,} lesions.").format(_in_words(fine.false_negatives), FINE)
            self.sentences[ScreeningOutcome.FALSE_NEGATIVE].setText(few)
        self.predictive.setText(self._predictive(shown))
        self.predictive.setVisible(point.other_cancer is None)
        self.calibrated.setText(self._calibrated(self._card, prevalence))

    def _predictive(self, shown: Outcomes) -> str:
        lines = []
        if shown.positive is not None:
            among = self.tr(
                "Of the lesions in which melanoma is suspected {0} are melanomas (positive predictive value)."
            )
            lines.append(among.format(share_text(shown.positive)))
        if shown.negative is not None:
            among = self.tr("Of the others {0} are not melanomas (negative predictive value).")
            lines.append(among.format(share_text(shown.negative)))
        lines.append(self.tr("The ranges in brackets follow from the confidence intervals above."))
        return "\n".join(lines)

    def _calibrated(self, card: Card, prevalence: float) -> str:
        if card.calibrated_shares is None:
            return self.tr(
                "The probability in a result holds for the share of melanomas in the data that it was calibrated on;"
                " where melanoma is rarer, it is lower."
            )
        share = card.calibrated_shares.melanoma
        return self.tr(
            "The probability in a result is calibrated for the model's data, in which {0} of the lesions are melanomas."
            " It changes with this share: at {1}, the share set above, a probability of 10 % becomes {2} and one of"
            " 50 % becomes {3}. Set your clinic's share in the settings, and each result says what it means at"
            " your clinic."
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
