"""How soon the window reacts while a batch runs, and how smoothly a folder's rows scroll.

    python -m tests.benchmarks.window_latency [--data ../shared/dermoscopy] [--files 1500] [--quick]

A timer of the event loop is due every 5 ms; how much later it comes is how long the window would have kept a person
waiting. While the batch runs, another row is selected every 0.7 s. Prints the 99th percentile, held against 50 ms,
and, for scrolling, the time to draw the list and the grid at places all over 10,000 and 100,000 rows, as a ratio to
that of 100 rows in the same run. Without the folder `data`, or with `--quick`, it draws its images.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.core.system import paths  # isort: split

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication

from app.bootstrap import make_application, make_window
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.history.batches import BatchRow
from app.ui.folder.batch_session import State
from app.ui.folder.results_model import Column
from app.ui.window.main_window import MainWindow
from tests.benchmarks.common import SHARED, files_and_model

INTERVAL = 5
WANTED = 50
FEW = 100
ROWS, QUICK_ROWS = (10_000, 100_000), (2_000,)
QUICK_FILES = 30
"""More than the window opens one by one (`MANY`)."""
SECONDS_PER_IMAGE = 2
"""The time limit: a batch that is not done by then was interrupted."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--files", type=int, default=1500)
    parser.add_argument("--quick", action="store_true", help="a few drawn images and 2,000 rows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw = QUICK_FILES if options.quick else 0
        files, model = files_and_model(options.data, options.files, folder, draw=draw)
        application = make_application()
        window = make_window(model, paths.UserData(folder / "data"))
        window.show()
        window.start()
        delays = run_batch(application, window, files)
        percentile = float(np.percentile(delays, 99))
        print(f"{len(files)} images, {len(delays)} ticks: 99 of 100 {percentile:.1f} ms late or less, all", end=" ")
        print(f"{max(delays):.0f}; ratio to the {WANTED} ms wanted: {percentile / WANTED:.2f}")
        few = scroll(window, FEW)
        for count in QUICK_ROWS if options.quick else ROWS:
            many = scroll(window, count)
            for view, before, after in zip(("list", "grid"), few, many, strict=True):
                print(
                    f"{view}: a frame of {count} rows takes {after / before:.2f} times one of {FEW} (99th percentile)"
                )
        window.close()


def run_batch(application: QApplication, window: MainWindow, files: list[Path]) -> list[float]:
    """How late each tick came while the batch ran, in ms. Ends the benchmark where the batch is not done in time."""
    session, late, due = window.batch_session, [], [0.0]

    def tick() -> None:
        now = time.perf_counter()
        if session.state is State.RUNNING and due[0]:
            late.append(max(0.0, now - due[0]) * 1000)
        due[0] = now + INTERVAL / 1000
        if session.state is State.DONE:
            application.quit()

    def select_next() -> None:
        table, model = window.folder_page.table, window.folder_page.model
        if model.rowCount():
            table.setCurrentIndex(model.index((table.currentIndex().row() + 1) % model.rowCount(), 0))

    ticking, selecting = QTimer(), QTimer()
    ticking.setTimerType(Qt.TimerType.PreciseTimer)
    ticking.timeout.connect(tick)
    selecting.timeout.connect(select_next)
    QTimer.singleShot(1000 * SECONDS_PER_IMAGE * len(files), application.quit)
    ticking.start(INTERVAL)
    selecting.start(700)
    window.opening.open_paths(files)
    application.exec()
    for timer in (ticking, selecting):
        timer.stop()
    if session.state is not State.DONE:
        window.close()
        sys.exit(f"The batch is not done in time: it is {session.state.name}.")
    return late


def scroll(window: MainWindow, count: int) -> tuple[float, float]:
    """Prints what the rows take; the 99th percentiles of a frame of list and grid, ms."""
    page = window.folder_page
    model, now = ModelId("model", "1", "f" * 64), dt.datetime.now(dt.UTC)
    rows = []
    for n in range(count):
        prediction = Prediction(n % 1000 / 1000, 0.05)
        screening = Screening(Path(f"/card/{n % 97}/{n}.jpg"), model, now, "a" * 64, prediction)
        rows.append(BatchRow(n, screening, n, is_repeated=False))
    start = time.perf_counter()
    page.model.begin(rows)
    began = time.perf_counter() - start
    start = time.perf_counter()
    page.table.horizontalHeader().setSortIndicator(Column.PROBABILITY, Qt.SortOrder.AscendingOrder)
    ordered = time.perf_counter() - start
    print(f"{count} rows: shown in {began * 1000:.0f} ms, sorted by melanoma in {ordered * 1000:.0f} ms")
    percentiles = []
    for button, view in zip(page.head.views.buttons, page.views, strict=True):
        button.click()
        QApplication.processEvents()
        percentiles.append(scroll_view(view))
    page.head.views.buttons[0].click()
    return percentiles[0], percentiles[1]


def scroll_view(view: QAbstractItemView) -> float:
    """Draws a view at places from its top to its end; the 99th percentile, ms."""
    bar, frames = view.verticalScrollBar(), []
    for step in range(400):
        start = time.perf_counter()
        bar.setValue(bar.maximum() * step // 399)
        view.viewport().grab()
        frames.append((time.perf_counter() - start) * 1000)
    found = float(np.percentile(frames, 99))
    print(f"  a frame while scrolling {np.median(frames):.1f} ms (median), {found:.1f} ms (99th percentile)")
    return found


if __name__ == "__main__":
    main()
