from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from app.core.domain.errors import HistoryError, ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.domain.results import ModelId, Rejection
from app.core.system import log
from app.core.system.log import LINE, Event, Plain
from app.core.system.paths import UserData

_log = logging.getLogger("app.core.system.test")


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def logged(file: Path, message: object, *arguments: object) -> str:
    """What a call leaves in the log, without its time."""
    log.start(file)
    _log.info(message, *arguments)
    log.stop()
    line = lines(file)[-1]
    assert LINE.fullmatch(line), line
    return line.split(" INFO app.core.system.test: ")[1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Message("file-unreadable", cause="/home/ivanova"), "file-unreadable"),
        (ImageError(ImageProblem.DAMAGED, Message("image-damaged")), "image-damaged"),
        (HistoryError("The history of Ivanova."), "plain"),
        (ValueError("/pictures/Ivanova.jpg"), "ValueError"),
        (KeyError, "KeyError"),
        (Rejection.QUALITY, "quality"),
        (ModelId("My model (new)", "4", "f" * 64), "My-model--new--4"),
        (Plain("1.2.0"), "1.2.0"),
        (3, "3"),
        (True, "True"),
        (np.float32(0.5), "0.5"),
        ("Ivanova Maria", "…"),
        (Path("/pictures/Ivanova.jpg"), "…"),
        (b"Ivanova", "…"),
        (["Ivanova"], "…"),
        (None, "…"),
        (object(), "…"),
    ],
)
def test_a_value_is_shown_where_it_can_hold_no_name(value: object, shown: str, user_data: UserData) -> None:
    assert logged(user_data.log, Event.UNHANDLED, value) == f"unhandled error: {shown}"


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("Ivanova Maria", ()),
        ("/pictures/%s", ("Ivanova",)),
        (ValueError("Ivanova"), ()),
        (Event.WINDOW_SHOWN, ("Ivanova",)),  # no number
        (Event.WINDOW_SHOWN, (1.0, "Ivanova")),
        (Event.MODEL_READ, ({"Ivanova": 1},)),
    ],
)
def test_what_is_no_event_with_its_values_is_left_out(
    message: object, arguments: tuple[object, ...], user_data: UserData
) -> None:
    assert logged(user_data.log, message, *arguments) == "(left out)"


@pytest.mark.parametrize("event", [event for event in Event if event is not Event.QT])
def test_each_event_is_a_line_of_the_log(event: Event, user_data: UserData) -> None:
    values = [Plain("a-code") if kind == "s" else 12 for kind in log.value_kinds(event)]
    assert logged(user_data.log, event, *values).startswith(event.split("%")[0])


@pytest.mark.parametrize(
    "line",
    [
        "Ivanova Maria",
        "/pictures/Ivanova.jpg",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: Ivanova Maria",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: opened Ivanova.jpg",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: unhandled error: /pictures/Ivanova",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: image not read: Ivanova; Maria",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: window shown 0.50 s after the start, Ivanova",
        "2026-01-02 03:04:05,678 INFO ivanova.maria: window shown 0.50 s after the start",
        "2026-01-02 03:04:05,678 INFO app.cli.classify: unhandled error: Ivanova Maria",
        "2026-01-02 03:04:05,678 INFO Ivanova Maria",
    ],
)
def test_nothing_else_is_a_line_of_the_log(line: str) -> None:
    assert not LINE.fullmatch(line)


def test_an_error_is_logged_by_its_kind_and_places(user_data: UserData) -> None:
    log.start(user_data.log)
    try:
        raise OSError("/pictures/Ivanova.jpg")
    except OSError as error:
        _log.exception(Event.UNHANDLED, error)
    log.stop()
    first, *places = lines(user_data.log)
    assert first.endswith("ERROR app.core.system.test: unhandled error: OSError")
    assert [place.split(":")[0] for place in places] == ["  system/test_log.py"]
    assert all(LINE.fullmatch(line) for line in (first, *places))


def test_the_log_is_begun_once(user_data: UserData, tmp_path: Path) -> None:
    log.start(tmp_path / "first.log")
    log.start(user_data.log)
    _log.info(Event.HISTORY_QUARANTINED)
    log.stop()
    _log.warning(Event.HISTORY_QUARANTINED)
    assert lines(tmp_path / "first.log") == []
    assert len(lines(user_data.log)) == 1


def test_without_a_log_only_warnings_are_shown(user_data: UserData, capsys: pytest.CaptureFixture[str]) -> None:
    user_data.folder.parent.mkdir(parents=True)
    user_data.folder.touch()
    log.start(user_data.log)
    _log.info(Event.WINDOW_SHOWN, 1.0)
    _log.warning(Event.MODEL_NOT_INSTALLED, Message("model-too-large", megabytes=100))
    assert capsys.readouterr().err.splitlines()[-1].endswith("model not installed: model-too-large")
    log.stop()
