"""Each advice in the window and in the table of a folder, with numbers made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.results import Consistency
from app.core.model.card import CalibratedShares
from app.ui.folder.results_model import Column, RowFilter
from app.ui.widgets.style import ADVICE_COLOURS
from app.ui.window.main_window import MainWindow
from tests.ui.conftest import FakeModel
from tests.ui.robot import answer, judge

DIAGNOSES = (("BCC", 0.5), ("NV", 0.25), ("MEL", 0.125), ("SCC", 0.0625))
NUMBERS: dict[Advice, dict[str, object]] = {
    Advice.REFER_MELANOMA: {"melanoma_probability": 0.6, "other_cancer_probability": 0.1},
    Advice.REFER_OTHER_CANCER: {"melanoma_probability": 0.1, "other_cancer_probability": 0.6},
    Advice.BORDERLINE: {"melanoma_probability": 0.1, "other_cancer_probability": 0.1, "borderline": True},
    Advice.BELOW_THRESHOLD: {"melanoma_probability": 0.1, "other_cancer_probability": 0.1, "borderline": False},
}
WORDS = {
    Advice.REFER_MELANOMA: "▲ Melanoma suspected. Refer for assessment",
    Advice.REFER_OTHER_CANCER: "◆ Other skin cancer suspected. Refer for assessment",
    Advice.BORDERLINE: "◐ Borderline. Look again",
    Advice.BELOW_THRESHOLD: "● Below the referral threshold. This does not rule out melanoma",
}


def numbers(advice: Advice, **changes: object) -> dict[str, object]:
    always = {"threshold": 0.5, "other_cancer_threshold": 0.5, "borderline": False, "diagnoses": DIAGNOSES}
    return always | NUMBERS[advice] | changes


@pytest.mark.parametrize("advice", NUMBERS)
def test_an_image(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, advice: Advice
) -> None:
    fake.numbers = numbers(advice)
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    assert f"{panel.symbol.text()} {answer(window)}" == WORDS[advice]
    assert ADVICE_COLOURS[advice] in panel.symbol.styleSheet()
    assert ("Take another picture, or refer" in panel.remarks.text()) == (advice is Advice.BORDERLINE)
    above = "at its threshold of 50 % or above" in panel.other_cancer.text()
    assert above == (advice is Advice.REFER_OTHER_CANCER)
    sum_of_others = fake.numbers["other_cancer_probability"]
    assert panel.diagnoses.isVisible()
    assert panel.diagnoses.rows == [
        ("basal cell carcinoma", 0.5),
        ("naevus", 0.25),
        ("melanoma", 0.125),
        ("Other skin cancers, sum", sum_of_others),
    ]


def test_melanoma_goes_first_and_the_other_cancer_is_said_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_MELANOMA, other_cancer_probability=0.55)
    judge(window, qtbot, image_file())
    assert answer(window) == "Melanoma suspected. Refer for assessment"
    assert window.screen_page.panel.remarks.text() == "Other skin cancer suspected too"


def test_what_the_model_can_not_tell_is_said_where_nothing_is_suspected(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    without = {"other_cancer_probability": None, "other_cancer_threshold": None, "borderline": None, "diagnoses": ()}
    fake.numbers = numbers(Advice.BELOW_THRESHOLD, **without)
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    assert panel.remarks.text().splitlines()[0] == "Other skin cancers were not looked for."
    assert "Whether it is borderline is not known" in panel.remarks.text()
    assert not panel.other_cancer.isVisible()
    assert not panel.diagnoses.isVisible()


def test_a_folder_is_sorted_counted_and_filtered_by_advice(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    for number, advice in enumerate(reversed(NUMBERS)):
        fake.numbers = numbers(advice)
        fake.consistency = Consistency(0.05, 0.6, consistent=False)
        judge(window, qtbot, image_file(f"{advice}.png", folder=folder, radius=40 + number))
    (folder / "text.png").write_bytes(b"no image")
    window.opening.open_paths([folder])
    page = window.folder_page
    qtbot.waitUntil(lambda: page.model.rowCount() == 5 and page.status.text().startswith("5 pictures"))
    order = [page.model.data(page.model.index(row, Column.ANSWER))[0] for row in range(5)]
    assert order == ["▲", "◆", "◐", "●", "✕"]
    assert page.model.data(page.model.index(1, Column.OTHER_CANCER)) == "60 %"
    for symbol in order:
        assert f"{symbol} 1 " in page.status.text()
    for advice in Advice:
        page.show_box.setCurrentIndex(page.show_box.findData(RowFilter(advice)))
        assert page.model.rowCount() == 1
        shown = page.model.row_at(0).screening.path.stem
        assert shown == (advice.value if advice is not Advice.NOT_ASSESSED else "text")


def test_a_key_that_is_a_command_leaves_the_site_as_it_is(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    qtbot.waitUntil(panel.record.isVisible)
    window.activateWindow()
    panel.record.site.setFocus()
    qtbot.keyClick(panel.record.site, Qt.Key.Key_H)
    assert panel.explanation.saliency_map.is_on
    assert panel.record.record().site == ""


def test_what_it_means_at_the_clinic_follows_the_settings(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_MELANOMA)
    judge(window, qtbot, image_file())
    card = window.current_model.card
    assert card is not None
    window.current_model.set_card(changed(card, calibrated_shares=CalibratedShares(0.25, 0.25)))
    texts = []
    for share in (5.0, 25.0):
        window.settings.update(melanoma_share=share)
        texts.append(window.screen_page.panel.frequency.text())
    assert texts[0].startswith("About 19 of 100 lesions like this are melanomas, if 5.0 %")
    assert texts[1].startswith("About 60 of 100")
