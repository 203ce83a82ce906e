from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.model.card import Card
from app.core.screening.service import ImageSource
from app.core.system.paths import UserData
from app.ui.report import content
from app.ui.report.content import ReportItem, image_html
from app.ui.result.measures_table import rows
from app.ui.services.item import Item
from app.ui.window.main_window import MainWindow
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
        assert item.explanation.activation_map is not None
    assert without.lesion is None
    assert whole.lesion is not None
    assert whole.lesion.measures is not None

    heading = "Measures within the outline"
    images = {"image": view(window).grab().toImage()}
    images |= {"scale": images["image"], "saliency_map": images["image"]}
    found = whole.screening.prediction
    assert found is not None
    low = replace(found, melanoma_probability=0.0, other_cancer_probability=None)
    high = replace(low, melanoma_probability=1.0)
    for value, prediction, words in (
        (-9.0, low, "as a sign of melanoma. This does not rule it out"),
        (-9.0, high, "No part of the picture stands out"),
        (9.0, high, "signs of melanoma, not where a tumour is"),
    ):
        explanation = replace(whole.explanation, activation_map=np.full((3, 3), value, np.float32))
        screening = replace(whole.screening, prediction=prediction)
        item = replace(whole, explanation=explanation, screening=screening)
        with_all = image_html(item, images, clinic="", card=card, now=measured.screening.screened_at)
        assert "<img src='saliency_map'" in with_all
        assert words in with_all
    assert heading in with_all
    for _, title, value in rows(whole.lesion.measures):
        assert title in with_all
        assert value in with_all
    del images["saliency_map"]
    with_none = image_html(without, images, clinic="", card=card, now=bare.screening.screened_at)
    assert heading not in with_none
    assert "saliency_map" not in with_none
    assert "stands out" not in with_none


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
    assert target.read_bytes().count(b"/Subtype /Image") == 3  # image, scale, saliency map
