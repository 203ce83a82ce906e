from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.core.domain.errors import BundleError
from app.core.model.card import read_card
from app.ui.help.about_panel import AboutPanel
from app.ui.services.current_model import CurrentModel
from app.ui.window.main_window import MainWindow


def test_who_watches_finds_the_card_or_why_there_is_none(model: Path, qtbot: QtBot) -> None:
    card = read_card((model / "card.json").read_bytes())
    current = CurrentModel()
    assert (current.card, current.problem) == (None, "")
    with qtbot.waitSignal(current.changed):
        current.set_card(card)
    assert (current.card, current.problem) == (card, "")
    with qtbot.waitSignal(current.changed):
        current.set_unusable(BundleError("The model is damaged."))
    assert (current.card, current.problem) == (None, "The model is damaged.")


def test_the_window_names_the_model_in_use(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.current_model.card is not None)
    window.show_about()
    about = window.findChild(AboutPanel)
    assert about.isVisible()
    assert about.model.text().startswith(f"Model: {window.current_model.card.model_id}, of ")
    assert not window.empty.problem.text()
    window.current_model.set_unusable(BundleError("The model is damaged."))
    assert about.model.text() == "No model"
    window.go_to(window.screen_page)
    assert window.empty.problem.isVisible()
    assert window.empty.problem.text().endswith("The model is damaged.")
