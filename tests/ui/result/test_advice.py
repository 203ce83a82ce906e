"""Each advice in the window and in the table of a folder, with numbers made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
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
    decides = "another skin cancer: 60 %" if advice is Advice.REFER_OTHER_CANCER else "melanoma: "
    first, *_ = panel.probabilities.text().splitlines()
    assert decides in first
    assert ("at or above its threshold of 50 %" in first) == advice.refers
    assert panel.scale.accessibleName() == {
        Advice.REFER_MELANOMA: "Probability: melanoma 60 %, threshold 50 %",
        Advice.REFER_OTHER_CANCER: "Probability: other skin cancer 60 %, threshold 50 %",
    }.get(advice, "Probability: melanoma 10 %, threshold 50 %")
    sum_of_others = fake.numbers["other_cancer_probability"]
    assert panel.diagnoses.isVisible()
    assert panel.diagnoses.rows == [
        ("basal cell carcinoma", 0.5),
        ("naevus", 0.25),
        ("melanoma", 0.125),
        ("Other cancers, sum", sum_of_others),
    ]


def test_melanoma_goes_first_and_the_other_cancer_is_said_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_MELANOMA, other_cancer_probability=0.55)
    judge(window, qtbot, image_file())
    assert answer(window) == "Melanoma suspected. Refer for assessment"
    assert window.screen_page.panel.remarks.text() == "Another skin cancer is suspected too"


def test_what_the_model_can_not_tell_is_said_where_nothing_is_suspected(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    without = {"other_cancer_probability": None, "other_cancer_threshold": None, "borderline": None, "diagnoses": ()}
    fake.numbers = numbers(Advice.BELOW_THRESHOLD, **without)
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    assert panel.remarks.text().splitlines()[0] == "Other skin cancers were not looked for."
    assert "Whether it is borderline is not known" in panel.remarks.text()
    assert "another skin cancer" not in panel.probabilities.text()
    assert not panel.diagnoses.isVisible()


def test_a_folder_is_sorted_counted_and_filtered_by_advice(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    both = numbers(Advice.REFER_MELANOMA, melanoma_probability=0.7, other_cancer_probability=0.55)
    made = [both, *(numbers(advice) for advice in NUMBERS)]
    for number, (name, given) in enumerate(reversed(list(zip(("both", *NUMBERS), made, strict=True)))):
        fake.numbers = given
        fake.consistency = Consistency(0.05, 0.6, consistent=False)
        judge(window, qtbot, image_file(f"{name}.png", folder=folder, radius=40 + number))
    (folder / "text.png").write_bytes(b"no image")
    window.opening.open_paths([folder])
    page = window.folder_page
    qtbot.waitUntil(lambda: page.model.rowCount() == 6 and page.status.text().startswith("6 pictures"))
    order = [page.model.data(page.model.index(row, Column.ANSWER)).split()[0] for row in range(6)]
    assert order == ["▲◆", "▲", "◆", "◐", "●", "✕"]
    assert page.model.data(page.model.index(2, Column.OTHER_CANCER)) == "60 %"
    for count in ("▲ 2 ", "of these ▲◆ 1 with ", "◆ 1 ", "◐ 1 ", "● 1 ", "✕ 1 "):
        assert count in page.status.text()
    expected = {RowFilter(advice): [advice.value] for advice in NUMBERS}
    expected[RowFilter.MELANOMA] = ["both", "refer-melanoma"]
    for show, names in (expected | {RowFilter.NOT_ASSESSED: ["text"], RowFilter.BOTH: ["both"]}).items():
        page.show_box.setCurrentIndex(page.show_box.findData(show))
        assert [page.model.row_at(row).screening.path.stem for row in range(page.model.rowCount())] == names


def test_a_decision_by_key_is_told(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    page = window.screen_page
    qtbot.waitUntil(page.panel.record.isVisible)
    told: list[str] = []
    window.notices.posted.connect(lambda notice: told.append(notice.text))
    for mark in (Mark.CLEAR, None):
        page.choose(Mark.CLEAR)
        button = page.panel.record.mark.buttons[Mark.CLEAR]
        qtbot.waitUntil(lambda mark=mark, button=button: button.isChecked() == (mark is not None))
        assert page.panel.decision.isVisible() == (mark is not None)
        page.show_model()  # shows the same result again
        assert page.panel.decision.isVisible() == (mark is not None)
    assert told == ["Your decision: Clear", "Your decision was removed."]


def test_a_chosen_diagnosis_has_no_date_that_nobody_gave(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    form = window.screen_page.panel.record
    qtbot.waitUntil(form.isVisible)
    form.diagnosis.setCurrentIndex(form.diagnosis.findData("melanoma"))
    form.diagnosis.activated.emit(form.diagnosis.currentIndex())
    assert form.record() == ClinicalRecord(diagnosis="melanoma")
    assert form.confirmed_on.isVisible()
    form.confirmed_on.stepBy(1)
    assert form.record().confirmed_on == QDate.currentDate().toString("yyyy-MM-dd")
    form.confirmed_on.set_text_of_date("")
    calendar = form.confirmed_on.calendarWidget()
    calendar.window().show()
    today = QDate.currentDate()
    qtbot.waitUntil(lambda: (calendar.yearShown(), calendar.monthShown()) == (today.year(), today.month()))


def test_the_heat_map_of_another_cancer_says_that_it_is_about_melanoma(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_OTHER_CANCER)
    judge(window, qtbot, image_file())
    assert "is about melanoma only" in window.screen_page.panel.explanation.saliency_map.note.text()


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
    for share in (0.0, 5.0, 25.0):
        window.settings.update(melanoma_share=5.0)  # so that there is a change
        window.settings.update(melanoma_share=share)
        texts.append(window.screen_page.panel.frequency.text())
    assert texts[0].startswith("About 8 of 100 lesions like this are melanomas where about 2.0 %")
    assert "as in general screening" in texts[0]
    assert "can be set in the settings" in texts[0]
    assert texts[1].startswith("About 19 of 100 lesions like this are melanomas at your clinic, where 5.0 %")
    assert texts[2].startswith("About 60 of 100")
    assert all("holds for the model's data, where 25 % of the lesions are melanomas" in text for text in texts)
