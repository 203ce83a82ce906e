from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.core.domain.errors import BundleError, HistoryError
from app.ui.services.workers import Lane, Priority, Workers


@pytest.fixture
def workers(qtbot: QtBot) -> Iterator[Workers]:
    made = Workers()
    yield made
    made.close()


def test_work_runs_elsewhere_and_its_result_comes_here(workers: Workers, qtbot: QtBot) -> None:
    came: list[tuple[str, str]] = []
    workers.run(
        lambda: threading.current_thread().name,
        on_result=lambda where: came.append((where, threading.current_thread().name)),
    )
    qtbot.waitUntil(lambda: bool(came))
    assert came == [("screening lane", "MainThread")]


def test_a_lane_does_not_wait_for_another(workers: Workers, qtbot: QtBot) -> None:
    proceed, came = threading.Event(), []
    workers.run(lambda: proceed.wait(20), lane=Lane.BATCH, on_result=came.append)
    workers.run(lambda: threading.current_thread().name, lane=Lane.BACKGROUND, on_result=came.append)
    qtbot.waitUntil(lambda: came == ["background lane"])
    proceed.set()
    qtbot.waitUntil(lambda: came == ["background lane", True])


def test_a_thread_starts_when_its_lane_is_first_used(qtbot: QtBot) -> None:
    workers = Workers()
    before = set(threading.enumerate())
    workers.run(lambda: None, lane=Lane.BATCH)
    workers.run(lambda: None, lane=Lane.BATCH)
    assert [thread.name for thread in set(threading.enumerate()) - before] == ["batch lane"]
    workers.close()
    assert set(threading.enumerate()) <= before
    workers.run(lambda: None)
    assert set(threading.enumerate()) <= before


def test_items_of_a_generator(workers: Workers, qtbot: QtBot) -> None:
    items: list[int] = []
    done: list[object] = []
    workers.run(lambda: (number * number for number in range(4)), on_item=items.append, on_result=done.append)
    qtbot.waitUntil(lambda: done == [None])
    assert items == [0, 1, 4, 9]


def test_errors_for_the_user(workers: Workers, qtbot: QtBot) -> None:
    errors: list[Exception] = []

    def generator() -> Iterator[int]:
        yield 1
        raise HistoryError("g")

    def plain() -> None:
        raise BundleError("p")

    items: list[int] = []
    workers.run(plain, on_error=errors.append)
    workers.run(generator, on_item=items.append, on_error=errors.append)
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert [type(error) for error in errors] == [BundleError, HistoryError]
    assert items == [1]
    with qtbot.waitSignal(workers.failed) as failed:
        workers.run(plain)
    assert isinstance(failed.args[0], BundleError)


def test_a_programming_error_goes_to_failed_alone(workers: Workers, qtbot: QtBot) -> None:
    told: list[object] = []
    workers.failed.connect(lambda error: told.append(type(error)))

    def wrong() -> None:
        raise TypeError("wrong")

    workers.run(wrong, on_result=told.append, on_error=told.append, on_crash=lambda: told.append("crashed"))
    qtbot.waitUntil(lambda: TypeError in told)
    assert told == ["crashed", TypeError]


def test_a_programming_error_in_cancelled_work_is_reported(workers: Workers, qtbot: QtBot) -> None:
    begun, proceed, crashed = threading.Event(), threading.Event(), []

    def wrong() -> None:
        begun.set()
        proceed.wait(20)
        raise TypeError("wrong")

    job = workers.run(wrong, on_crash=lambda: crashed.append(1))
    assert begun.wait(20)
    job.cancel()
    with qtbot.waitSignal(workers.failed):
        proceed.set()
    assert crashed == []


def test_urgent_work_comes_first(workers: Workers, qtbot: QtBot) -> None:
    order: list[str] = []
    begin = threading.Event()
    workers.run(lambda: begin.wait(20))
    for name, priority in (("a", Priority.LOW), ("b", Priority.LOW), ("now", Priority.HIGH)):
        workers.run(lambda name=name: order.append(name), priority=priority)
    begin.set()
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == ["now", "a", "b"]


def test_nothing_comes_of_cancelled_work(workers: Workers, qtbot: QtBot) -> None:
    begin, came, ran = threading.Event(), [], []
    under_way = workers.run(lambda: begin.wait(20), on_result=came.append)
    waiting = workers.run(lambda: ran.append(1), on_result=came.append)
    under_way.cancel()
    waiting.cancel()
    begin.set()
    workers.run(lambda: "last", on_result=came.append)
    qtbot.waitUntil(lambda: came == ["last"])
    assert ran == []


def test_close_waits_for_the_work_under_way(qtbot: QtBot) -> None:
    workers = Workers()
    begun, ended = threading.Event(), []

    def work() -> None:
        begun.set()
        threading.Event().wait(0.2)
        ended.append(1)

    workers.run(work)
    assert begun.wait(20)
    workers.run(lambda: ended.append(2))
    workers.close()
    assert ended == [1]


def test_qt_keeps_count_of_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 lost one reference to None a call; on Python 3.11 the program aborted after a while."""
    before = sys.getrefcount(None)
    for _ in range(1000):
        QColor().setAlphaF(0.5)
    assert sys.getrefcount(None) > before - 500
