"""A start that finds a window open hands over what it was asked to open: real processes, off screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.__main__ import main
from app.core.domain.patient import Patient, Sex
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.system import log, paths
from app.core.system.log import Event
from app.core.system.paths import DATA_VARIABLE, UserData
from app.core.system.settings import Settings, save_settings
from app.ui.services import error_dialog
from app.ui.window import hand_over as handing
from app.ui.window.hand_over import GREETING, Listener, Wanted, as_message, from_message, hand_over
from app.ui.window.main_window import MainWindow
from tests.ui.conftest import PATIENCE

ROOT = Path(__file__).parents[3]
PATIENT = Patient("KD-20417", 1961, Sex.MALE)
OF_PATIENT = ("--patient", "KD-20417", "--birth-year", "1961", "--sex", "male")
SECONDS = PATIENCE / 1000
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(user_data: UserData) -> Iterator[Start]:
    """Starts the program: `start("--patient", "A", data=folder, cwd=folder)`; ends all at the end."""
    save_settings(Settings(welcomed=True), user_data.settings)
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, data: Path = user_data.folder, cwd: Path = ROOT) -> subprocess.Popen[str]:
        environment = os.environ | {DATA_VARIABLE: str(data), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            env=environment,
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=SECONDS)
    return process.returncode, errors


@pytest.fixture
def in_window(qtbot: QtBot, model: Path, monkeypatch: pytest.MonkeyPatch, user_data: UserData) -> Callable[..., None]:
    """Runs the program in this process, with something in the place of its event loop."""
    save_settings(Settings(welcomed=True), user_data.settings)
    monkeypatch.setattr(error_dialog, "install", lambda: None)
    monkeypatch.setattr(paths, "bundled_model", lambda: model)
    made: list[MainWindow] = []
    make_window = bootstrap.make_window

    def remember(*arguments: object) -> MainWindow:
        made.append(make_window(*arguments))  # type: ignore[arg-type]
        return made[-1]

    def run(meanwhile: Callable[[MainWindow], None], patient: Patient | None = None) -> None:
        def loop(*_: object) -> int:
            window = made.pop()
            try:
                qtbot.waitUntil(user_data.window.exists)
                meanwhile(window)
            finally:
                window.close()
                window.deleteLater()
            return 0

        monkeypatch.setattr(bootstrap, "make_window", remember)
        monkeypatch.setattr(QApplication, "exec", loop)
        assert bootstrap.run_window([], None, patient=patient) == 0

    return run


def test_a_second_start_hands_over_and_ends(start: Start, image_file: Callable[..., Path], user_data: UserData) -> None:
    start()
    wait_for(user_data.window.exists)
    folder = image_file("Ivanova.png").parent
    assert end_of(start(*OF_PATIENT, "Ivanova.png", cwd=folder)) == (0, "")
    known = PatientRepository(EntryRepository(user_data.history).database)
    wait_for(lambda: user_data.history.exists() and known.get(PATIENT.identifier) == PATIENT)
    wait_for(lambda: "image of" in user_data.log.read_text(encoding="utf-8"))  # the path was whole
    lines = user_data.log.read_text(encoding="utf-8")
    assert "taken over from another start: 1 images or folders, 1 patients" in lines
    assert lines.count("started") == 1
    assert not any(name in lines for name in ("Ivanova", "KD-20417", "1961"))


def test_patient_and_pictures_arrive_in_the_open_window(
    in_window: Callable[..., None], start: Start, image_file: Callable[..., Path], user_data: UserData, qtbot: QtBot
) -> None:
    folder = image_file("a.png", radius=50).parent
    image_file("b.png", radius=60)

    def meanwhile(window: MainWindow) -> None:
        window.showMinimized()
        other = start(*OF_PATIENT, "a.png", "b.png", cwd=folder)
        qtbot.waitUntil(lambda: other.poll() is not None)
        assert end_of(other) == (0, "")
        assert window.patient.patient == PATIENT
        assert [window.session.item(row).source.path for row in range(2)] == [folder / "a.png", folder / "b.png"]
        assert not window.isMinimized()
        history = EntryRepository(user_data.history)
        qtbot.waitUntil(lambda: [entry.record.patient for entry in history.entries()] == [PATIENT.identifier] * 2)
        without = start("a.png", cwd=folder)
        qtbot.waitUntil(lambda: without.poll() is not None)
        assert end_of(without) == (0, "")
        assert window.patient.patient == PATIENT
        assert window.session.rowCount() == 3

    in_window(meanwhile)
    assert not user_data.window.exists()


def test_the_first_start_opens_the_patient(in_window: Callable[..., None], qtbot: QtBot) -> None:
    in_window(lambda window: qtbot.waitUntil(lambda: window.patient.patient == PATIENT), PATIENT)


def test_two_data_folders_do_not_mix(
    in_window: Callable[..., None], start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    def meanwhile(window: MainWindow) -> None:
        theirs = UserData(tmp_path / "theirs")
        other = start("--patient", "B", data=theirs.folder)
        qtbot.waitUntil(theirs.window.exists)
        assert other.poll() is None
        assert window.patient.patient is None

    in_window(meanwhile)


def test_a_window_with_a_model_of_its_own_stands_alone(start: Start, user_data: UserData, model: Path) -> None:
    start()
    wait_for(user_data.window.exists)
    kept = user_data.window.read_text(encoding="ascii")
    other = start("--model", str(model))
    wait_for(lambda: user_data.log.read_text(encoding="utf-8").count("window shown") == 2)
    assert other.poll() is None
    assert user_data.window.read_text(encoding="ascii") == kept


@pytest.mark.skipif(sys.platform == "win32", reason="there, what a killed program had opened goes with it")
def test_what_a_killed_window_left_is_cleared_away(start: Start, user_data: UserData, qapp: object) -> None:
    killed = start()
    wait_for(lambda: user_data.window.exists() and user_data.window.stat().st_size > 0)  # it is there before its text
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    left = Path(tempfile.gettempdir(), user_data.window.read_text(encoding="ascii"))
    assert left.is_socket()
    began = time.monotonic()
    assert not hand_over(Wanted(PATIENT), user_data.window)
    assert time.monotonic() - began < handing.PATIENCE
    listener = Listener(user_data.window)
    listener.listen()
    assert not left.exists()
    name = user_data.window.read_text(encoding="ascii")
    assert Path(tempfile.gettempdir(), name).stat().st_mode & 0o077 == 0
    listener.close()
    assert not user_data.window.exists()
    assert not Path(tempfile.gettempdir(), name).exists()


def test_a_window_that_does_not_answer_is_sent_nothing(user_data: UserData, qtbot: QtBot) -> None:
    listener, came = Listener(user_data.window), list[Wanted]()
    listener.came.connect(came.append)
    listener.listen()
    began = time.monotonic()
    assert not hand_over(Wanted(PATIENT), user_data.window)  # nothing is answered while this thread waits
    assert time.monotonic() - began > 0.9 * handing.PATIENCE
    qtbot.wait(300)
    assert came == []
    listener.close()


def test_a_window_that_listens_later_is_not_forgotten(user_data: UserData, qapp: object) -> None:
    first, second = Listener(user_data.window), Listener(user_data.window)
    first.listen()
    second.listen()
    name = user_data.window.read_text(encoding="ascii")
    first.close()
    assert user_data.window.read_text(encoding="ascii") == name
    second.close()


@pytest.mark.parametrize("left", ["", "/home/ivanova/notes", "melascreen-" + 32 * "g", "melascreen-" + 32 * "0"])
def test_a_file_that_names_no_window_is_none(left: str, user_data: UserData, qapp: object) -> None:
    user_data.folder.mkdir(parents=True)
    user_data.window.write_text(left, encoding="ascii")
    assert not hand_over(Wanted(PATIENT), user_data.window)


def test_a_folder_that_can_not_be_written_to_is_no_error(tmp_path: Path, qapp: object) -> None:
    (tmp_path / "file").touch()
    listener = Listener(tmp_path / "file" / "window.txt")
    listener.listen()
    listener.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"Ivanova\n",
        b"\xff\xfe\n",
        as_message(Wanted(PATIENT)).replace(b"1,", b"2,", 1),
        b"x" * 5000,
        b"[" * 3000 + b"\n",
    ],
)
def test_what_is_not_understood_is_ignored(
    sent: bytes, user_data: UserData, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "MOST_BYTES", 4000)
    log.start(user_data.log)
    listener, came = Listener(user_data.window), list[Wanted]()
    listener.came.connect(came.append)
    listener.listen()
    socket = QLocalSocket()
    socket.connectToServer(user_data.window.read_text(encoding="ascii"))
    qtbot.waitUntil(socket.canReadLine)
    assert bytes(socket.readLine().data()) == GREETING
    socket.write(sent)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert bytes(socket.readAll().data()) == b""
    listener.close()
    assert came == []
    text = user_data.log.read_text(encoding="utf-8")
    assert Event.NOT_UNDERSTOOD.partition("%")[0] in text
    assert "Ivanova" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"images": ["relative.png"]},
        {"images": ["/a\0.png"]},
        {"images": [1]},
        {"images": None},
        {"patient": {"identifier": "A"}},
        {"patient": {"identifier": " ", "birth_year": None, "sex": None}},
        {"patient": {"identifier": 7, "birth_year": None, "sex": None}},
        {"patient": {"identifier": "A", "birth_year": "1961", "sex": None}},
        {"patient": {"identifier": "A", "birth_year": 61, "sex": None}},
        {"patient": {"identifier": "A", "birth_year": None, "sex": "m"}},
    ],
)
def test_a_message_with_a_wrong_value_is_not_understood(changes: dict[str, object]) -> None:
    message = {"version": 1, "patient": None, "images": []} | changes
    with pytest.raises(ValueError, match=r".*"):
        from_message(json.dumps(message).encode())


def test_a_message_comes_as_it_was_sent() -> None:
    for wanted in (
        Wanted(),
        Wanted(PATIENT, (Path("/a b/Родинка.png").absolute(), Path("/not/utf-8\udcff.png").absolute())),
        Wanted(Patient("Ä 1\u2028")),
    ):
        assert from_message(as_message(wanted)) == wanted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--patient", ""), "--patient is empty"),
        (("--patient", "  "), "--patient is empty"),
        (("--patient", "a\nb"), "printable"),
        (("--patient", "a" * 201), "up to 200"),
        (("--patient", "a", "--birth-year", ""), "--birth-year takes a year"),
        (("--patient", "a", "--birth-year", "65"), "--birth-year takes a year"),
        (("--patient", "a", "--birth-year", "2999"), "--birth-year takes a year"),
        (("--patient", "a", "--sex", ""), "--sex takes female, male, other"),
        (("--patient", "a", "--sex", "m"), "--sex takes female, male, other"),
        (("--birth-year", "1961"), "need --patient"),
        (("--sex", "male"), "need --patient"),
    ],
)
def test_a_bad_value_is_an_error(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
