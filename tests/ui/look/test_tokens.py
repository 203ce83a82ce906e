"""The colours of the window: contrasts, and that the advices are told apart by colour-blind eyes and in grey."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.core.domain.advice import Advice
from app.ui.look import tokens
from app.ui.look.tokens import DARK, LIGHT, Tokens

UI = Path(__file__).resolve().parents[3] / "app" / "ui"
_MATRICES = {
    "normal": (1, 0, 0, 0, 1, 0, 0, 0, 1),
    "protan": (0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998),
    "deutan": (0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881),
    "tritan": (1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900),
}
BLINDNESS = {kind: np.array(matrix).reshape(3, 3) for kind, matrix in _MATRICES.items()}
"""Of linear RGB at full severity (Machado, Oliveira, Fernandes, IEEE TVCG 15, 2009)."""
SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: QColor) -> np.ndarray:
    """Linear sRGB, 0..1."""
    values = np.array(colour.getRgbF()[:3])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: QColor, other: QColor) -> float:
    """WCAG's contrast of two colours, 1..21."""
    bright = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (bright[1] + 0.05) / (bright[0] + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear sRGB."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@SCHEMES
def test_text_is_legible_on_every_ground(scheme: Tokens) -> None:
    grounds = (scheme.window, scheme.surface, scheme.sunken, scheme.selected, scheme.hover, scheme.note)
    for ground in grounds:
        assert contrast(scheme.text, ground) >= 4.5
    for ground in (scheme.window, scheme.surface, scheme.selected, scheme.hover):
        assert contrast(scheme.text2, ground) >= 4.5
    for ground in (scheme.window, scheme.surface, scheme.selected):
        assert contrast(scheme.accent, ground) >= 4.5
    for fill in (scheme.accent, scheme.accent_hover):
        assert contrast(scheme.on_accent, fill) >= 4.5
    for own in scheme.advice.values():
        assert contrast(own.text, own.fill) >= 4.5
    assert contrast(tokens.ON_STAGE, tokens.STAGE) >= 4.5
    assert contrast(tokens.INK, tokens.PAPER) >= 4.5


@SCHEMES
def test_symbols_edges_and_the_focus_are_seen(scheme: Tokens) -> None:
    for own in scheme.advice.values():
        for ground in (scheme.surface, scheme.selected):
            assert contrast(own.symbol, ground) >= 3
    for ground in (scheme.window, scheme.surface):
        assert contrast(scheme.control, ground) >= 3
        assert contrast(scheme.accent, ground) >= 3
    assert contrast(scheme.bar, scheme.sunken) >= 3


@SCHEMES
@pytest.mark.parametrize("kind", BLINDNESS)
def test_advices_are_told_apart_by_colour_blind_eyes(scheme: Tokens, kind: str) -> None:
    seen = [lab(BLINDNESS[kind] @ linear(scheme.advice[advice].symbol)) for advice in Advice]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) >= 15


@SCHEMES
def test_the_bands_that_refer_are_the_darkest_or_heaviest_in_grey(scheme: Tokens) -> None:
    def lightness(colour: QColor) -> float:
        return float(lab(linear(colour))[0])

    refer = [scheme.advice[advice].fill for advice in Advice if advice.refers]
    others = [scheme.advice[advice].fill for advice in Advice if not advice.refers]
    apart = [abs(lightness(one) - lightness(other)) for one in refer for other in others]
    assert min(apart) > 15


@SCHEMES
def test_high_contrast_has_no_weak_line_and_no_quiet_text(scheme: Tokens) -> None:
    strong = tokens.with_contrast(scheme)
    for ground in (strong.window, strong.surface):
        assert contrast(strong.line, ground) >= 3
        assert contrast(strong.text2, ground) >= 10
    assert strong.accent == scheme.accent


def test_nothing_beside_the_table_names_a_colour_or_a_font() -> None:
    named = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\(\s*[\"'\d]|GlobalColor\.(?!transparent)\w+|setPointSize|QFont\(\"")
    found = {
        f"{file.relative_to(UI)}: {match.group()}"
        for file in UI.rglob("*.py")
        if file.name != "tokens.py"
        for match in named.finditer(file.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_style_sheet_replaces_the_style() -> None:
    assert not [file for file in UI.rglob("*.py") if "setStyleSheet" in file.read_text(encoding="utf-8")]
