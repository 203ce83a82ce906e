"""The answer on paper: the band with advice and action, and the scales with the probabilities."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.core.domain.advice import Advice, DecidingNumber, advice_of, both_suspected, numbers
from app.core.domain.results import Prediction, Screening
from app.ui.look.advice_symbol import band_symbol, draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, text_blocks
from app.ui.paper.page import (
    COLUMN,
    INNER,
    LEFT,
    RIGHT,
    SECOND,
    Style,
    Text,
    draw_at_right,
    draw_beside,
    font,
)
from app.ui.result.probability_scale import TRACK, draw_axis, draw_track, name_of, threshold_text
from app.ui.services.wording import action_words, advice_words, number_text, percent, remarks_on

EDGE, PADDING, SYMBOL, SYMBOL_GAP = 16.0, 12.0, 36.0, 12.0
SCALE_HEAD, AXIS = 28.0, 20.0


def band_block(screening: Screening) -> Block:
    """The advice with what follows from it, or with the reason why there is none."""
    advice = advice_of(screening)
    colours = LIGHT.advice[advice]
    start = EDGE + SYMBOL + SYMBOL_GAP
    if advice is Advice.REFER_MELANOMA and both_suspected(screening):
        start += SYMBOL + 4
    words = Text(advice_words(advice), Style.ADVICE, INNER - start - EDGE, colour=colours.text)
    below = words.height
    follows: list[Text] = []
    beside = None
    if action := action_words(advice):
        text = Text(action, Style.ACTION, INNER - start - EDGE, colour=colours.text)
        if text.lines == words.lines == 1 and start + words.width + 24 + text.width + EDGE <= INNER:
            beside = text
        else:
            follows.append(text)
    else:
        follows = [Text(line, Style.BODY, INNER - start - EDGE, colour=colours.text) for line in _reasons(screening)]
    inner = max(SYMBOL, below + sum(text.height for text in follows))

    def draw(painter: QPainter, y: float) -> None:
        box = QRectF(LEFT, y, INNER, inner + 2 * PADDING)
        painter.fillRect(box, colours.fill)
        if advice is Advice.BORDERLINE:
            painter.fillRect(QRectF(LEFT, box.bottom() - 2, INNER, 2), colours.symbol)
        elif not advice.refers:
            painter.setPen(QPen(LIGHT.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        place = QRectF(LEFT + EDGE, y + PADDING, SYMBOL, SYMBOL)
        draw_advice(painter, place, advice, band_symbol(LIGHT, advice))
        if start > EDGE + SYMBOL + SYMBOL_GAP:
            second = place.translated(SYMBOL + 4, 0)
            draw_advice(painter, second, Advice.REFER_OTHER_CANCER, band_symbol(LIGHT, advice))
        top = y + PADDING + (1.0 if words.lines == 1 else 0.0)
        words.draw(painter, LEFT + start, top)
        if beside is not None:
            draw_at_right(painter, beside, RIGHT - EDGE, y + PADDING + (SYMBOL - beside.height) / 2)
        down = y + PADDING + below
        for text in follows:
            text.draw(painter, LEFT + start, down)
            down += text.height

    return Block(inner + 2 * PADDING, draw, 12.0)


def _reasons(screening: Screening) -> list[str]:
    """Why a picture can't be assessed; beside a number that was asked for, its warnings say it."""
    if screening.prediction is None:
        return [screening.error or ""]
    return [*screening.warnings, number_text(screening.prediction)]


def remark_blocks(screening: Screening) -> list[Block]:
    """What stands below the advice, a line or more each."""
    return [
        block for remark in remarks_on(screening) for block in text_blocks(Text(remark, Style.BODY_STRONG), gap=8.0)
    ]


def scales_block(prediction: Prediction) -> Block:
    """The probabilities on scales side by side, the one that decides first; one alone is as wide as the page."""
    shown = numbers(prediction)
    width = COLUMN if len(shown) > 1 else INNER

    def draw(painter: QPainter, y: float) -> None:
        for place, number in enumerate(shown):
            _draw_scale(painter, QRectF(SECOND if place else LEFT, y, width, 0), prediction, number, decides=not place)

    return Block(SCALE_HEAD + TRACK + AXIS, draw, 8.0)


def _draw_scale(
    painter: QPainter, area: QRectF, prediction: Prediction, number: DecidingNumber, *, decides: bool
) -> None:
    """Draw name, threshold and number over a track and its axis, from the top of an area on."""
    x, y, width = area.x(), area.y(), area.width()
    name = Text(name_of(number), Style.BODY_STRONG)
    draw_beside(painter, x, y + 4, name, Text(threshold_text(number), colour=LIGHT.text2))
    value = Text(percent(number.probability), Style.TITLE if decides else Style.BODY_STRONG)
    draw_at_right(painter, value, x + width, y + (1 if decides else 4))
    draw_track(painter, QRectF(x, y + SCALE_HEAD, width, TRACK), prediction, number, LIGHT)
    painter.setFont(font(Style.CAPTION))
    draw_axis(painter, QRectF(x, y + SCALE_HEAD + TRACK, width, AXIS), LIGHT)


def picture_symbols(screening: Screening) -> tuple[Advice, ...]:
    """Every suspicion as a symbol, in the order of its weight."""
    advice = advice_of(screening)
    return (advice, Advice.REFER_OTHER_CANCER) if both_suspected(screening) else (advice,)
