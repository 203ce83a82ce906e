from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.arrivals.volumes import MemoryCards, Volume, is_on_network, mounted_volumes
from app.ui.services.workers import Workers

DISK = Volume(Path("/"), "System")
CARD = Volume(Path("/media/EOS"), "EOS_DIGITAL", b"sdb1", is_card=True)


class Machine:
    """What is mounted, how often it was asked, and what was told."""

    def __init__(self) -> None:
        self.volumes = [DISK]
        self.asked = 0
        self.told: list[str] = []

    def mounted(self) -> list[Volume]:
        self.asked += 1
        return list(self.volumes)

    def wait(self, qtbot: QtBot) -> None:
        """For a look that begins from now on."""
        before = self.asked
        qtbot.waitUntil(lambda: self.asked > before + 2)


@pytest.fixture
def machine(qapp: object) -> Machine:
    return Machine()


@pytest.fixture
def cards(machine: Machine) -> Iterator[MemoryCards]:
    workers = Workers()
    made = MemoryCards(workers, workers, interval=0.01, mounted=machine.mounted)
    made.put_in.connect(lambda volume: machine.told.append(volume.name))
    yield made
    workers.close()


def test_a_card_with_pictures_is_told_once_each_time_that_it_is_put_in(
    cards: MemoryCards, machine: Machine, qtbot: QtBot
) -> None:
    cards.start()
    machine.wait(qtbot)
    machine.volumes = [DISK, CARD]
    qtbot.waitUntil(lambda: machine.told == ["EOS_DIGITAL"])
    machine.wait(qtbot)
    assert machine.told == ["EOS_DIGITAL"]
    machine.volumes = [DISK]
    machine.wait(qtbot)
    machine.volumes = [DISK, CARD]
    qtbot.waitUntil(lambda: machine.told == ["EOS_DIGITAL"] * 2)


def test_a_card_that_was_there_at_the_start_and_a_disk_without_pictures_are_not_told(
    cards: MemoryCards, machine: Machine, qtbot: QtBot
) -> None:
    machine.volumes = [DISK, CARD]
    cards.start()
    machine.wait(qtbot)
    machine.volumes = [DISK, CARD, Volume(Path("/media/stick"), "STICK")]
    machine.wait(qtbot)
    assert machine.told == []


def test_the_volumes_of_this_machine_can_be_told(qapp: object, tmp_path: Path) -> None:
    assert all(volume.root.is_absolute() for volume in mounted_volumes())
    assert not is_on_network(tmp_path)
    assert is_on_network(Path("//server/share"))
