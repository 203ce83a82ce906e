from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core import migrations
from app.core.history import History
from app.core.types import HistoryError, ModelId, Prediction, Screening
from tests.conftest import NAMES


def screening(name: str = "a.jpg", probability: float = 0.25, **changes: object) -> Screening:
    fields: dict[str, object] = {
        "path": Path("/pictures") / name,
        "model": ModelId("model", "1.2", "f" * 64),
        "taken_at": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=3))),
        "sha256": "a" * 64,
        "prediction": Prediction(probability, 0.2),
        "warnings": ("a ruler; perhaps", "ещё"),
        "thumbnail": b"\xff\xd8\xff",
    }
    return Screening(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "new" / "history.sqlite3")


def test_what_is_written_is_read(history: History) -> None:
    written = [history.add(screening(f"{name}.jpg")) for name in NAMES]
    assert history.entries() == written[::-1]
    assert History(history.file).entries()[0].screening == screening(f"{NAMES[-1]}.jpg")
    assert history.count() == len(NAMES)


def test_pages(history: History) -> None:
    ids = [history.add(screening(str(number))).id for number in range(7)]
    first = history.entries(limit=3)
    second = history.entries(limit=3, before=first[-1].id)
    assert [entry.id for entry in first + second] == ids[::-1][:6]


def test_delete(history: History) -> None:
    kept, gone = history.add(screening()), history.add(screening())
    history.delete(gone.id)
    history.delete(gone.id)
    assert history.entries() == [kept]
    assert history.add(screening()).id > gone.id


def test_deleted_content_is_gone_from_the_file(history: History) -> None:
    entry = history.add(screening("Very Secret Patient.jpg"))
    history.delete(entry.id)
    files = history.file.parent.glob("history.sqlite3*")
    assert not any(b"Very Secret Patient" in file.read_bytes() for file in files)


def test_failed_screenings_are_not_recorded(history: History) -> None:
    with pytest.raises(ValueError, match="failed"):
        history.add(screening(prediction=None, error="damaged", thumbnail=b""))
    assert history.entries() == []


def test_path_that_is_no_text(history: History) -> None:
    history.add(screening("\udcff.jpg"))
    assert history.entries()[0].screening.path.name == "\\udcff.jpg"


WRITER = """
import sys
from pathlib import Path
from app.core.history import History
from tests.unit.test_history import screening
history = History(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    entry = history.add(screening(f"{sys.argv[3]}-{number}"))
    print(entry.id, flush=True)
"""


def writer(file: Path, count: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(file), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_kill_at_any_moment(history: History) -> None:
    """What was said to be saved is there after kill -9, and the file goes on working."""
    said: list[int] = []
    for delay in (0.02, 0.05, 0.11):
        with writer(history.file, 100_000, "k") as process:
            assert process.stdout is not None
            said.append(int(process.stdout.readline()))
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            said += [int(line) for line in process.stdout.read().splitlines() if line]
        stored = {entry.id for entry in history.entries(limit=100_000)}
        assert stored >= set(said)
        with sqlite3.connect(history.file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_two_windows_at_once(history: History) -> None:
    """Both make the new file, both write, and nothing of either is lost."""
    with writer(history.file, 40, "a") as one, writer(history.file, 40, "b") as other:
        assert (one.wait(), other.wait()) == (0, 0)
    names = sorted(entry.screening.path.name for entry in history.entries())
    assert names == sorted(f"{who}-{number}" for who in "ab" for number in range(40))


def test_history_of_a_newer_program_is_left_alone(history: History) -> None:
    history.add(screening())
    with sqlite3.connect(history.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = history.file.read_bytes()
    with pytest.raises(HistoryError, match="newer"):
        history.entries()
    assert history.file.read_bytes() == before


def test_a_migration_keeps_the_data_and_a_copy_of_before(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    history.add(screening())
    step = "ALTER TABLE screening ADD COLUMN patient TEXT;\nCREATE INDEX by_patient ON screening (patient);"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    assert history.entries()[0].screening == screening()
    copy = history.file.with_name("history.sqlite3.before-2")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM screening").fetchone() == (1,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_migration_that_fails_changes_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    history.add(screening())
    step = "ALTER TABLE screening ADD COLUMN patient TEXT;\nALTER TABLE nowhere ADD COLUMN a TEXT;"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    with pytest.raises(HistoryError):
        history.entries()
    monkeypatch.undo()
    assert history.entries()[0].screening == screening()


def test_file_that_is_no_database(history: History) -> None:
    history.file.parent.mkdir()
    history.file.write_bytes(b"no database" * 1000)
    with pytest.raises(HistoryError, match="history"):
        history.entries()
    assert history.file.read_bytes() == b"no database" * 1000


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError):
        History(tmp_path / "file" / "history.sqlite3").add(screening())
