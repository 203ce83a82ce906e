"""How soon the window answers while a batch runs, and how smoothly 100,000 rows scroll.

    python tests/benchmarks/window_latency.py [--data ../shared/dermoscopy] [--files 1500]

A timer of the event loop is due every 5 ms; how much later it comes is how long the window would have kept somebody
waiting. While the batch runs, rows are gone through and the table is sorted anew. Prints the 99th percentile, held
against 50 ms, and, for scrolling, the time to draw the table at places all over 100,000 rows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.core.system import paths  # isort: split

import numpy as np
from PySide6.QtCore import Qt, QTimer

from app.bootstrap import make_application, make_window
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.history.batches import BatchRow
from app.ui.folder.batch_session import State
from app.ui.folder.results_model import Column

INTERVAL = 5
WANTED = 50
ROWS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/dermoscopy"))
    parser.add_argument("--files", type=int, default=1500)
    options = parser.parse_args()
    files = sorted((options.data / "images").iterdir())[: options.files]
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(paths.bundled_model(), paths.UserData(Path(folder)))
        window.show()
        late: list[float] = []
        due = [0.0]

        def tick() -> None:
            now = time.perf_counter()
            if window.batch_session.state is State.RUNNING and due[0]:
                late.append(max(0.0, now - due[0]) * 1000)
            due[0] = now + INTERVAL / 1000
            if window.batch_session.state is State.DONE:
                application.quit()

        def look_around() -> None:
            table, model = window.folder_page.table, window.folder_page.model
            if model.rowCount():
                table.setCurrentIndex(model.index((table.currentIndex().row() + 1) % model.rowCount(), 0))

        timer, looking = QTimer(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        looking.timeout.connect(look_around)
        timer.start(INTERVAL)
        looking.start(700)
        window.open_paths(files)
        application.exec()
        for running in (timer, looking):
            running.stop()
        percentile = float(np.percentile(late, 99))
        print(
            f"{len(files)} images, {len(late)} ticks: 99 of 100 {percentile:.1f} ms late or less, all {max(late):.0f}"
        )
        print(f"ratio to the {WANTED} ms wanted: {percentile / WANTED:.2f}")
        scroll(window)
        window.close()


def scroll(window: object) -> None:
    page = window.folder_page  # type: ignore[attr-defined]
    model, now = ModelId("model", "1", "f" * 64), dt.datetime.now().astimezone()
    rows = []
    for n in range(ROWS):
        prediction = Prediction(n % 1000 / 1000, 0.05)
        screening = Screening(Path(f"/card/{n % 97}/{n}.jpg"), model, now, "a" * 64, prediction)
        rows.append(BatchRow(n, screening, n, is_repeated=False))
    start = time.perf_counter()
    page.model.begin(rows)
    began = time.perf_counter() - start
    start = time.perf_counter()
    page.table.horizontalHeader().setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
    ordered = time.perf_counter() - start
    bar = page.table.verticalScrollBar()
    frames = []
    for step in range(200):
        start = time.perf_counter()
        bar.setValue(bar.maximum() * step // 199)
        page.table.viewport().grab()
        frames.append((time.perf_counter() - start) * 1000)
    print(f"{ROWS} rows: shown in {began * 1000:.0f} ms, sorted by name in {ordered * 1000:.0f} ms; a frame while")
    print(f"scrolling {np.median(frames):.1f} ms (median), {np.percentile(frames, 99):.1f} ms (99th percentile)")


if __name__ == "__main__":
    main()
