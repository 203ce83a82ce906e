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
from app.ui.folder.results_model import Column
from app.ui.services.wording import advice_sentence
from app.ui.window.main_window import MainWindow
from tests.ui.conftest import FakeModel
from tests.ui.robot import answer, has_map, judge

DIAGNOSES = (("BCC", 0.5), ("NV", 0.25), ("MEL", 0.125), ("SCC", 0.0625))
NUMBERS: dict[Advice, dict[str, object]] = {
    Advice.REFER_MELANOMA: {"melanoma_probability": 0.6, "other_cancer_probability": 0.1},
    Advice.REFER_OTHER_CANCER: {"melanoma_probability": 0.1, "other_cancer_probability": 0.6},
    Advice.BORDERLINE: {"melanoma_probability": 0.1, "other_cancer_probability": 0.1, "borderline": True},
    Advice.BELOW_THRESHOLD: {"melanoma_probability": 0.1, "other_cancer_probability": 0.1, "borderline": False},
}
WORDS = {
    Advice.REFER_MELANOMA: "Melanoma suspected. Refer for assessment",
    Advice.REFER_OTHER_CANCER: "Other skin cancer suspected. Refer for assessment",
    Advice.BORDERLINE: "Borderline. Look again: take another picture, or refer",
    Advice.BELOW_THRESHOLD: "Below the referral threshold. This does not rule out melanoma",
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
    assert answer(window) == WORDS[advice] == advice_sentence(advice) == panel.band.accessibleName()
    assert panel.band.advice is advice
    assert ("Turned or cropped a little" in panel.facts.text()) == (advice is Advice.BORDERLINE)
    first, second = panel.scale.texts()
    assert panel.scale.accessibleName() == f"{first}; {second}"
    assert first == {
        Advice.REFER_MELANOMA: "Melanoma, refer from 50 %: 60 %",
        Advice.REFER_OTHER_CANCER: "Other skin cancer, refer from 50 %: 60 %",
    }.get(advice, "Melanoma, refer from 50 %: 10 %")
    assert second.endswith(": 10 %")
    sum_of_others = fake.numbers["other_cancer_probability"]
    assert panel.diagnoses.isVisible()
    assert panel.diagnoses.rows == [
        ("Basal cell carcinoma", 0.5),
        ("Naevus", 0.25),
        ("Melanoma", 0.125),
        ("Other skin cancers, sum", sum_of_others),
    ]


def test_melanoma_goes_first_and_the_other_cancer_is_said_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_MELANOMA, other_cancer_probability=0.55)
    judge(window, qtbot, image_file())
    assert answer(window) == "Melanoma suspected. Refer for assessment"
    assert window.screen_page.panel.facts.facts[0].text == "Another skin cancer is suspected too"


def test_what_the_model_can_not_tell_is_said_where_nothing_is_suspected(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    without = {"other_cancer_probability": None, "other_cancer_threshold": None, "borderline": None, "diagnoses": ()}
    fake.numbers = numbers(Advice.BELOW_THRESHOLD, **without)
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    assert panel.facts.facts[0].text == "Other skin cancers were not looked for."
    assert "Whether it is borderline is not known" in panel.facts.text()
    assert panel.scale.texts() == ["Melanoma, refer from 50 %: 10 %"]
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
    qtbot.waitUntil(lambda: page.model.rowCount() == 6 and page.head.count.text().startswith("6 pictures"))
    order = [page.model.data(page.model.index(row, Column.ANSWER)).split()[0] for row in range(6)]
    assert order == ["▲◆", "▲", "◆", "◐", "●", "✕"]
    assert page.model.data(page.model.index(2, Column.OTHER_CANCER)) == "60 %"
    chips = page.filters.chips.chips
    assert {advice: chip.text() for advice, chip in chips.items()} == {
        advice: "2" if advice is Advice.REFER_MELANOMA else "1" for advice in Advice
    }
    assert page.filters.both.text() == "▲◆ 1"
    names = {advice: [advice.value] for advice in NUMBERS} | {Advice.NOT_ASSESSED: ["text"]}
    names[Advice.REFER_MELANOMA] = ["both", "refer-melanoma"]
    wanted = [*((chips[advice], names[advice]) for advice in Advice), (page.filters.both, ["both"])]
    for chip, shown in wanted:
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert [page.model.row_at(row).screening.path.stem for row in range(page.model.rowCount())] == shown
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert page.model.rowCount() == 6


def test_a_decision_by_key_is_told(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    fake.numbers = numbers(Advice.REFER_MELANOMA)
    judge(window, qtbot, image_file())
    page = window.screen_page
    qtbot.waitUntil(page.panel.record.isEnabled)
    told: list[str] = []
    window.notices.posted.connect(lambda notice: told.append(notice.text))
    for mark in (Mark.CLEAR, None):
        page.choose(Mark.CLEAR)
        button = page.panel.mark.buttons[Mark.CLEAR]
        qtbot.waitUntil(lambda mark=mark, button=button: button.isChecked() == (mark is not None))
        assert page.panel.decision.isVisible() == (mark is not None)
        assert ("against the program's suspicion" in page.panel.decision.text()) == (mark is not None)
        page.show_model()  # shows the same result again
        assert button.isChecked() == page.panel.decision.isVisible() == (mark is not None)
    assert told == ["lesion.png: Clear noted", "lesion.png: decision removed"]


def test_a_chosen_diagnosis_has_no_date_that_nobody_gave(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    form = window.screen_page.panel.record
    window.screen_page.panel.sections["record"].set_open(True)
    qtbot.waitUntil(form.isEnabled)
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
    window.screen_page.panel.explanation.saliency_map.toggle()
    qtbot.waitUntil(lambda: has_map(window))
    assert "is about melanoma only" in window.screen_page.panel.explanation.saliency_map.note.text()


def test_a_key_that_is_a_command_leaves_the_site_as_it_is(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel
) -> None:
    judge(window, qtbot, image_file())
    panel = window.screen_page.panel
    panel.sections["record"].set_open(True)
    qtbot.waitUntil(panel.record.isEnabled)
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
    for share in (0.0, 5.0, 25.0, 0.23):
        window.settings.update(melanoma_share=5.0)  # so that there is a change
        window.settings.update(melanoma_share=share)
        texts.append(window.screen_page.panel.facts.facts[0])
    assert [fact.text for fact in texts] == [
        "Of 100 like this, about 8 are melanomas",
        "Of 100 like this, about 19 are melanomas",
        "Of 100 like this, about 60 are melanomas",
        "Of 100 like this, about 1 is a melanoma",
    ]
    assert [fact.second for fact in texts] == [
        "where 2 % of all lesions are melanomas (assumed)",
        "at your clinic's share of melanomas, 5 %",
        "at your clinic's share of melanomas, 25 %",
        "at your clinic's share of melanomas, 0.23 %",
    ]
    assert "as in general screening" in texts[0].more
    assert "can be set in the settings" in texts[0].more
    assert all("holds for the model's data, where 25 % of the lesions are melanomas" in fact.more for fact in texts)
