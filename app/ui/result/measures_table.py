"""A lesion's measurements with their units; a click on a name shows its definition."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.lesion.abcd import Measures
from app.core.lesion.definitions import DEFINITIONS
from app.core.lesion.measure import LesionMeasurement
from app.ui.look.style import label
from app.ui.services.wording import left_to_right

translate = QCoreApplication.translate


def _share(value: float) -> str:
    return left_to_right(f"{100 * value:.0f} %")


WRITTEN: dict[str, Callable[[Measures], str]] = {
    "asymmetry_long": lambda m: _share(m.asymmetry_long),
    "asymmetry_short": lambda m: _share(m.asymmetry_short),
    "colour_asymmetry_long": lambda m: f"{m.colour_asymmetry_long:.1f}",
    "colour_asymmetry_short": lambda m: f"{m.colour_asymmetry_short:.1f}",
    "compactness": lambda m: f"{m.compactness:.2f}",
    "solidity": lambda m: _share(m.solidity),
    "abrupt_sectors": lambda m: str(m.abrupt_sectors),
    "colour_shares": lambda m: f"{len(m.colours)}: {', '.join(m.colours)}",
    "diameter_pixels": lambda m: f"{m.diameter_pixels:.0f}" if m.diameter_mm is None else "",
    "diameter_mm": lambda m: "" if m.diameter_mm is None else f"{m.diameter_mm:.1f}",
}
"""The text of each measure; empty for one that is not known."""


def rows(measures: Measures) -> list[tuple[str, str, str]]:
    """Name in `DEFINITIONS`, title, and value with unit of each measure that is known."""
    shown = []
    for name, definition in DEFINITIONS.items():
        value = WRITTEN[name](measures)
        if value:
            is_share = definition.unit.startswith("share") or name == "colour_shares"
            shown.append((name, definition.title, value if is_share else f"{value} {definition.unit}".strip()))
    return shown


def outline_text(lesion: LesionMeasurement, *, by_hand: bool) -> str:
    """The outline's origin and the image's width."""
    by = translate("lesion", "by hand") if by_hand else translate("lesion", "found by the program: check it")
    if lesion.field_width is None:
        known = translate("lesion", "scale not known")
    elif lesion.measured_by_file:
        known = translate("lesion", "picture {0:.1f} mm wide, as the file states").format(lesion.field_width)
    else:
        known = translate("lesion", "picture {0:.1f} mm wide, by a line along a ruler").format(lesion.field_width)
    return translate("lesion", "Outline {0}; {1}.").format(by, known)


def caution_text(lesion: LesionMeasurement) -> str:
    """A caution on the measurements, or the reason why there are none."""
    if lesion.outline is None:
        return translate("lesion", "No lesion was found. Draw its outline by hand.")
    if lesion.measures is None:
        return translate("lesion", "The outline encloses too little to measure.")
    parts = []
    if lesion.measures.leaves_picture:
        parts.append(translate("lesion", "The lesion reaches the picture's edge: only the visible part is measured."))
    parts.append(translate("lesion", "A single measure tells little, and the result does not depend on the measures."))
    return " ".join(parts)


class MeasuresTable(QWidget):
    """Asymmetry, border, colours and diameter, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QLabel()
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.table.setWordWrap(True)
        self.table.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.table.setAccessibleName(self.tr("Measures of the lesion"))
        self.table.linkActivated.connect(self.define)
        self.definition = label()
        self.caution = label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.table, self.definition, self.caution):
            column.addWidget(widget)
        self.show_lesion(None)

    def show_lesion(self, lesion: LesionMeasurement | None) -> None:
        """Show a measurement, or the reason why there is none; `None`: nothing was measured."""
        measures = lesion.measures if lesion is not None else None
        self.define("")
        self.table.setVisible(measures is not None)
        self.caution.setText(caution_text(lesion) if lesion is not None else "")
        self.caution.setVisible(bool(self.caution.text()))
        self.setVisible(lesion is not None)
        if measures is None:
            self.table.clear()
            return
        colour = self.palette().windowText().color().name()
        self.table.setText(
            "<table width='100%' cellspacing='0' cellpadding='1'>"
            + "".join(
                f"<tr><td><a href='{name}' style='color: {colour}'>{escape(title)}</a></td>"
                f"<td align='right'>{escape(value)}</td></tr>"
                for name, title, value in rows(measures)
            )
            + "</table>"
        )

    def define(self, name: str) -> None:
        """Show a measure's definition, by its name in `DEFINITIONS`; the same again, or an empty name, hides it."""
        definition = DEFINITIONS.get(name)
        text = f"{definition.title}: {definition.text} ({definition.citation})" if definition else ""
        self.definition.setText("" if text == self.definition.text() else text)
        self.definition.setVisible(bool(self.definition.text()))
