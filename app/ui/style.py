"""What the widgets share: sizes, colours, and how an answer and its probability are written."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.core.domain.results import THUMBNAIL_SIDE, Prediction, Screening

GRID = 8
"""Pixels; distances are multiples of it."""
SUSPECTED = "#d55e00"
CLEAR = "#0072b2"
"""Orange and blue that colour-blind eyes tell apart (Okabe and Ito, 2008); never the only sign."""
MIN_POINT_SIZE = 11.0


def symbol_of(screening: Screening) -> str:
    """The answer as a shape, for eyes that can't rely on its colour."""
    if screening.prediction is None:
        return "✕"
    if screening.is_unfamiliar:
        return "?"
    return "▲" if screening.prediction.melanoma_suspected else "●"


def words_of(screening: Screening) -> str:
    """The answer in few words."""
    if screening.prediction is None:
        return QCoreApplication.translate("answer", "Can't be judged")
    if screening.is_unfamiliar:
        return QCoreApplication.translate("answer", "No result: not like dermoscopy")
    if screening.prediction.melanoma_suspected:
        return QCoreApplication.translate("answer", "Melanoma suspected")
    return QCoreApplication.translate("answer", "No sign of melanoma")


def answer_of(screening: Screening) -> str:
    """The answer to an image with a number, and what follows from it."""
    if screening.is_unfamiliar or screening.prediction is None:
        return words_of(screening)
    if screening.prediction.melanoma_suspected:
        return QCoreApplication.translate("answer", "Melanoma suspected: refer")
    return QCoreApplication.translate("answer", "No sign of melanoma: this does not rule it out")


def number_text(prediction: Prediction) -> str:
    """What is said of a number that was asked for although the picture is unfamiliar."""
    text = QCoreApplication.translate("answer", "The network's number for this picture, which is no probability: {0}.")
    return text.format(percent(prediction.melanoma_probability))


def stability_text(prediction: Prediction) -> str:
    """Whether the answer holds for turned and cropped copies; empty where that was not looked at."""
    stability = prediction.stability
    if stability is None:
        return ""
    between = percent(stability.lowest), percent(stability.highest)
    if stability.steady:
        text = QCoreApplication.translate(
            "answer", "Stable: {0} to {1} when the picture is turned or cropped a little."
        )
    elif prediction.is_near_threshold:
        text = QCoreApplication.translate(
            "answer", "Unsteady: {0} to {1} when the picture is turned or cropped a little, across the threshold."
        )
    else:
        text = QCoreApplication.translate(
            "answer", "Unsteady: {0} to {1} when the picture is turned or cropped a little."
        )
    return text.format(*between)


def percent(value: float) -> str:
    """0..1 as a percentage: whole, with one decimal near the ends; never 0 or 100 by rounding."""
    if 0.0 < value < 0.001:
        return "< 0.1 %"
    if 0.999 < value < 1.0:
        return "> 99.9 %"
    digits = 1 if value < 0.1 or value > 0.99 else 0
    return f"{100 * value:.{digits}f} %"


def label(text: str = "", *, size: float = 1.0, bold: bool = False, parent: QWidget | None = None) -> QLabel:
    """A label that wraps, `size` times the usual font."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is no HTML
    made.setWordWrap(True)
    font = made.font()
    font.setPointSizeF(max(font.pointSizeF(), MIN_POINT_SIZE) * size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFont(font)
    return made


def thumbnail_icon(jpeg: bytes) -> QIcon:
    """A thumbnail in the middle of a square, so that all stand in line; an empty square for none."""
    square = QPixmap(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    square.fill(Qt.GlobalColor.transparent)
    picture = QPixmap()
    if picture.loadFromData(jpeg):
        painter = QPainter(square)
        painter.drawPixmap((square.width() - picture.width()) // 2, (square.height() - picture.height()) // 2, picture)
        painter.end()
    icon = QIcon(square)
    icon.addPixmap(square, QIcon.Mode.Selected)  # else Qt tints it, and its colours with it
    return icon
