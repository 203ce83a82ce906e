"""Colours, type and distances of the window and of reports: the one table that names them.

Colours are in sRGB, distances in logical pixels at 96 dpi. Contrasts and the distances between the advice's colours are
checked in `tests/ui/widgets/test_tokens.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from PySide6.QtGui import QColor, QFont

from app.core.domain.advice import Advice


@dataclass(frozen=True)
class AdviceColours:
    """An advice's symbol, and the fill and text of its band."""

    symbol: QColor
    fill: QColor
    text: QColor


@dataclass(frozen=True)
class Tokens:
    """The colours of a scheme, light or dark."""

    window: QColor
    surface: QColor
    sunken: QColor
    line: QColor
    control: QColor
    text: QColor
    text2: QColor
    disabled: QColor
    accent: QColor
    accent_hover: QColor
    on_accent: QColor
    selected: QColor
    hover: QColor
    track: QColor
    bar: QColor
    note: QColor
    note_edge: QColor
    advice: dict[Advice, AdviceColours]


STAGE, ON_STAGE = QColor("#2A2D31"), QColor("#E8ECF0")
"""Behind every picture, and text on it; the same in both schemes."""
PAPER, INK = QColor("#FFFFFF"), QColor("#17202A")
"""Print; paper is the halo of what is drawn on a picture, too."""
OUTLINE, CASING = QColor("#FFEC6E"), QColor(0, 0, 0, 190)
"""A line over a picture and what lies under it, so that it is seen on light and dark skin. Pale yellow is neither the
heat map's colour, nor what skin, hair or a gel bubble look like."""

_DARK_TEXT, _LIGHT_TEXT = QColor("#17202A"), QColor("#E8ECF0")
LIGHT = Tokens(
    window=QColor("#F1F4F6"),
    surface=QColor("#FFFFFF"),
    sunken=QColor("#E7EBEF"),
    line=QColor("#D5DBE1"),
    control=QColor("#7A8591"),
    text=_DARK_TEXT,
    text2=QColor("#4A5561"),
    disabled=QColor("#8C96A0"),
    accent=QColor("#0F6873"),
    accent_hover=QColor("#0B545D"),
    on_accent=QColor("#FFFFFF"),
    selected=QColor("#E1F1F3"),
    hover=QColor("#EEF2F5"),
    track=QColor("#C6CFD7"),
    bar=QColor("#5E6B78"),
    note=QColor("#FFF7E3"),
    note_edge=QColor("#E2C98A"),
    advice={
        Advice.REFER_MELANOMA: AdviceColours(QColor("#A63200"), QColor("#A63200"), QColor("#FFFFFF")),
        Advice.REFER_OTHER_CANCER: AdviceColours(QColor("#5B2C8E"), QColor("#5B2C8E"), QColor("#FFFFFF")),
        Advice.BORDERLINE: AdviceColours(QColor("#B87900"), QColor("#FFF1CF"), QColor("#3A2A00")),
        Advice.BELOW_THRESHOLD: AdviceColours(QColor("#3583C2"), QColor("#FFFFFF"), _DARK_TEXT),
        Advice.NOT_ASSESSED: AdviceColours(QColor("#66717D"), QColor("#FFFFFF"), _DARK_TEXT),
    },
)
DARK = Tokens(
    window=QColor("#12161B"),
    surface=QColor("#1B2127"),
    sunken=QColor("#0E1216"),
    line=QColor("#343D47"),
    control=QColor("#74808C"),
    text=_LIGHT_TEXT,
    text2=QColor("#A9B4BF"),
    disabled=QColor("#66717D"),
    accent=QColor("#5FC7D1"),
    accent_hover=QColor("#85D8E0"),
    on_accent=QColor("#0C2226"),
    selected=QColor("#15383E"),
    hover=QColor("#232A32"),
    track=QColor("#4A5560"),
    bar=QColor("#93A0AC"),
    note=QColor("#2E2716"),
    note_edge=QColor("#6B5A2B"),
    advice={
        Advice.REFER_MELANOMA: AdviceColours(QColor("#FF8A57"), QColor("#BA430F"), QColor("#FFFFFF")),
        Advice.REFER_OTHER_CANCER: AdviceColours(QColor("#D8BEFF"), QColor("#8150C8"), QColor("#FFFFFF")),
        Advice.BORDERLINE: AdviceColours(QColor("#FFD466"), QColor("#3B2F12"), QColor("#FFE6AD")),
        Advice.BELOW_THRESHOLD: AdviceColours(QColor("#4C9FDC"), QColor("#1B2127"), _LIGHT_TEXT),
        Advice.NOT_ASSESSED: AdviceColours(QColor("#98A3AE"), QColor("#1B2127"), _LIGHT_TEXT),
    },
)


class Scheme(StrEnum):
    """The setting: which colours the window has."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_current = LIGHT


def tokens() -> Tokens:
    """The colours in use. Of the GUI thread; reports, which are on paper, take `LIGHT`."""
    return _current


def use(chosen: Tokens) -> None:
    """Take other colours from now on; `appearance` calls it and draws the window anew."""
    global _current
    _current = chosen


def with_contrast(colours: Tokens) -> Tokens:
    """Colours for a system that asks for high contrast: separators as strong as edges, and no quiet text."""
    return replace(colours, line=colours.control, text2=colours.text)


def see_through(colour: QColor, alpha: float) -> QColor:
    """A colour with an opacity, 0..1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


class TextStyle(Enum):
    """A style of text: pixels, pixels from line to line, weight."""

    ADVICE = (27, 34, 600)
    """The advice's words."""
    ACTION = (20, 26, 400)
    """What to do."""
    TITLE = (20, 26, 600)
    """A page's title, and the number that decides."""
    STRONG = (17, 24, 600)
    """A patient's identifier, a section's head."""
    BODY = (15, 22, 400)
    BODY_STRONG = (15, 22, 600)
    CAPTION = (13, 18, 400)
    """Tick labels, column heads, key hints, a file's name under its advice."""
    CAPTION_STRONG = (13, 18, 600)


FAMILIES = ("IBM Plex Sans", "IBM Plex Sans Arabic", "Noto Sans")
PRINT, PRINT_CAPTION = 14, 12
"""Pixels at 96 dpi of text on paper."""
_scale = 1.0


def set_text_scale(scale: float) -> None:
    """Take how much larger the system's text is than its default, 0.9..2.0."""
    global _scale
    _scale = min(max(scale, 0.9), 2.0)


def font(style: TextStyle = TextStyle.BODY) -> QFont:
    """The font of a style, at the system's text size."""
    pixels, _, weight = style.value
    return font_of(round(pixels * _scale), weight)


def font_of(pixels: int, weight: int) -> QFont:
    """The program's font in a size; a `weight` over 400 is heavier."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.DemiBold if weight > 400 else QFont.Weight.Normal)
    return made


def scaled(pixels: float) -> int:
    """A height or a width that holds text, at the system's text size."""
    return round(pixels * _scale)


GRID = 8
"""The usual distance; others are 4, 12, 16, 24 and 32."""
EDGE = 16
"""From the edge of a page or a panel."""
CONTROL, TOOL, CHIP = 36, 34, 32
"""Heights of a button or input, of one within a tool row, and of a chip."""
ROW, LOW_ROW, COLUMN_HEADS = 52, 40, 32
"""Heights of a list's row with two lines, with one, and of its head."""
TOOL_ROW, PAGE_TITLE, NOTICE, PATIENT_HEADER = 44, 60, 44, 48
RAIL_WIDTH, RAIL_ITEM = 84, 54
PILL = 18
"""Height of a count of what is new."""
FILM_STRIP, FILM_CELL = 84, 76
ICON, RAIL_ICON, INLINE_ICON = 18, 22, 16
RADIUS, SMALL_RADIUS, LARGE_RADIUS = 6, 4, 8
"""Of a control; of a thumbnail or a mark; of a card or a drop target."""


class Size(Enum):
    """The window's width class."""

    SMALL, MEDIUM, LARGE = range(3)

    @classmethod
    def of(cls, width: int) -> Size:
        """The class of a window's width, in logical pixels."""
        return cls.SMALL if width < 1200 else cls.MEDIUM if width < 1680 else cls.LARGE


PANEL = {Size.SMALL: 344, Size.MEDIUM: 384, Size.LARGE: 416}
"""Width of the panel beside a picture."""
COMPARISON_PANEL = {Size.SMALL: 344, Size.MEDIUM: 384, Size.LARGE: 384}
"""Width of the panel beside two pictures."""
BODY_MAP = {Size.SMALL: 344, Size.MEDIUM: 424, Size.LARGE: 520}
"""Width of the body map beside a patient's lesions."""
FOLDER_PANEL = {Size.SMALL: 344, Size.MEDIUM: 344, Size.LARGE: 480}
SOURCES_FROM = 1240
"""Width of the folder's page from which its sources have room beside the list and the panel."""
SOURCES = {Size.SMALL: 208, Size.MEDIUM: 208, Size.LARGE: 240}
