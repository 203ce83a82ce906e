from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.model.card import Card
from app.core.screening.service import ImageSource
from app.core.system.paths import UserData
from app.ui.paper.pdf import as_pdf
from app.ui.report import content
from app.ui.report.image_pages import image_pages
from app.ui.report.items import ReportItem
from app.ui.result.measures_table import rows
from app.ui.services.item import Item
from app.ui.window.main_window import MainWindow
from tests.ui.report.pdf_text import page_texts
from tests.ui.robot import entries, judge, see_measures, view


# --- Report and help
@pytest.mark.usefixtures("outliner")
def test_the_report_has_what_there_is(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    tmp_path: Path,
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file("bare.png", radius=50), image_file())
    window.screen_page.go_to(1)
    see_measures(window, qtbot)
    written: list[tuple[ReportItem, Card]] = []

    def noted(_target: Path, item: ReportItem, _picture: object, *, card: Card, **_: object) -> None:
        written.append((item, card))

    monkeypatch.setattr(content, "write_image_report", noted)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "one.pdf"), ""))
    bare, measured = entries(user_data)
    for entry in (bare, measured):
        item = Item(ImageSource(entry.screening.path), entry.screening, entry_id=entry.id, from_history=True)
        before = len(written)
        window.screen_page.panel.report_asked.emit(item)
        qtbot.waitUntil(lambda before=before: len(written) == before + 1)
    (without, card), (whole, _) = written
    for item in (without, whole):
        assert item.explanation is not None
    assert without.lesion is None
    assert whole.lesion is not None
    assert whole.lesion.measures is not None

    heading = "Measures within the outline"
    picture = view(window).grab().toImage()
    found = whole.screening.prediction
    assert found is not None
    low = replace(found, melanoma_probability=0.0, other_cancer_probability=None)
    high = replace(low, melanoma_probability=1.0)
    for value, prediction, words in (
        (-9.0, low, "as a sign of melanoma. This does not rule it out"),
        (-9.0, high, "No part of the picture stands out"),
        (9.0, high, "signs of melanoma, not where a tumour is"),
    ):
        explanation = replace(whole.explanation, saliency_map=np.full((3, 3), value, np.float32))
        screening = replace(whole.screening, prediction=prediction)
        item = replace(whole, explanation=explanation, screening=screening)
        with_all = _pdf(item, picture, card)
        assert words in _text(with_all)
        assert with_all.count(b"/Subtype /Image") == 2
    text = _text(with_all)
    assert heading in text
    assert "Picture with the lesion's outline" in text
    for _, title, value in rows(whole.lesion.measures):
        assert title in text
        assert value in text
    with_none = _pdf(replace(without, explanation=None), picture, card)
    assert with_none.count(b"/Subtype /Image") == 1
    for absent in (heading, "outline", "stands out"):
        assert absent not in _text(with_none)


def _pdf(item: ReportItem, picture: QImage, card: Card) -> bytes:
    return as_pdf(image_pages(item, picture, clinic="", card=card, now=item.screening.screened_at), title="")


def _text(pdf: bytes) -> str:
    return " ".join(page_texts(pdf))


@pytest.mark.usefixtures("outliner")
def test_the_report_is_written_with_map_and_measures(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "one.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    with qtbot.waitSignal(window.notices.posted, timeout=15_000):
        qtbot.mouseClick(window.screen_page.panel.report, Qt.MouseButton.LeftButton)
    assert target.read_bytes().count(b"/Subtype /Image") == 2  # picture and heat map
