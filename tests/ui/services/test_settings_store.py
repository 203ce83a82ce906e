from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.domain.prevalence import IN_SCREENING, Shares
from app.core.system.settings import Settings, load_settings, save_settings
from app.ui.services.settings_store import SettingsStore


def test_a_change_is_saved_and_told(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "settings.json"
    save_settings(Settings(clinic="before"), file)
    store = SettingsStore(file)
    assert store.current == Settings(clinic="before")
    with qtbot.waitSignal(store.changed) as changed:
        store.update(clinic="after", consistency=True, keep_images=True)
    assert changed.args == [{"clinic", "keep_images"}]
    assert store.current == load_settings(file) == Settings(clinic="after", keep_images=True)


def test_a_share_that_nobody_set_is_assumed(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"clinic": "earlier", "melanoma_share": 2.0}')  # as earlier versions wrote whether set or not
    store = SettingsStore(file)
    assert store.current.clinic == "earlier"
    assert store.clinic_shares() == Shares(IN_SCREENING, None, assumed=True)
    store.update(melanoma_share=5.0, other_cancer_share=10.0)
    assert store.clinic_shares() == SettingsStore(file).clinic_shares() == Shares(0.05, 0.1)


def test_the_same_again_is_no_change(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "settings.json"
    store = SettingsStore(file)
    with qtbot.assertNotEmitted(store.changed):
        store.update(clinic="")
    assert not file.exists()


def test_settings_that_cannot_be_saved_hold_until_the_end(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").touch()
    store = SettingsStore(tmp_path / "file" / "settings.json")
    with qtbot.waitSignal(store.changed):
        store.update(clinic="Клиника № 5")
    assert store.current.clinic == "Клиника № 5"


def test_there_is_no_field_of_that_name(tmp_path: Path, qtbot: QtBot) -> None:
    with pytest.raises(TypeError):
        SettingsStore(tmp_path / "settings.json").update(clinics="")
