"""A patient with two lesions, one of them seen at two visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from app.core.domain.body import Place, View
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.patient import Lesion, Patient, Risk, Sex
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.patients.patient_view import PatientView
from app.ui.patients.patients_page import PatientsPage
from app.ui.window.main_window import MainWindow
from tests.factories import screening

TODAY = dt.datetime.now().astimezone().date()
EARLIER = TODAY - dt.timedelta(days=182)
KNOWN = Patient("KD-20417", 1961, Sex.MALE, 2, frozenset({Risk.FAMILY_MELANOMA}), "Outdoor work for 30 years.")
CHEST, BACK = Place(View.FRONT, 0.4, 0.25), Place(View.BACK, 0.43, 0.26)


@dataclass
class Story:
    """What the history holds of the patient."""

    history: EntryRepository
    lesions: list[Lesion]
    entries: list[Entry]
    """Of the first lesion then and now, of the second one now, and one without a lesion."""


def add(history: EntryRepository, patient: str, probability: float, day: dt.date) -> Entry:
    number = history.count()
    taken = dt.datetime.combine(day, dt.time(9))
    result = screening(f"{number}.jpg", probability, sha256=f"{number:064}", captured_at=taken)
    return history.add(result, ClinicalRecord(patient=patient))


@pytest.fixture
def story(user_data: UserData) -> Story:
    history = EntryRepository(user_data.history)
    PatientRepository(history.database).save(KNOWN)
    lesions = LesionRepository(history.database)
    placed = [lesions.add(KNOWN.identifier, place) for place in (CHEST, BACK)]
    entries = [
        add(history, KNOWN.identifier, probability, day)
        for probability, day in ((0.01, EARLIER), (0.02, TODAY), (0.9, TODAY), (0.03, TODAY))
    ]
    for lesion, some in ((placed[0], entries[:2]), (placed[1], entries[2:3])):
        lesions.assign([entry.id for entry in some], lesion)
    add(history, "KD-1", 0.5, EARLIER)
    return Story(history, placed, entries)


@pytest.fixture
def page(story: Story, window: MainWindow, qtbot: QtBot) -> PatientsPage:
    """The list of patients."""
    window.go_to(window.patients_page)
    qtbot.waitUntil(lambda: window.patients_page.list.model.rowCount() == 2)
    return window.patients_page


@pytest.fixture
def view(page: PatientsPage, qtbot: QtBot) -> PatientView:
    """The patient's page."""
    page.open(KNOWN.identifier)
    qtbot.waitUntil(lambda: page.presenter.data is not None)
    return page.view
