"""From the start of the process to the window, and to the first result: MelaScreen, a bare window, the thesis's way.

    python -m tests.benchmarks.start_speed [--turns 5] [--quick]
    python -m tests.benchmarks.start_speed --against CHECKOUT [--turns 25]

The thesis's way is a program that imports TensorFlow, loads Inception-ResNet-v2 from a file (random weights) and asks
it by `predict`. Prints the medians and their ratios, from one run, all taking turns. With `--against` the other one is
MelaScreen in another checkout of this repository, such as a worktree of an older commit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.benchmarks.common import draw_images, model_for_drawn_images

PROCESS_TIME = 120
"""Seconds after which a process that has not ended is stopped, and the benchmark with it."""

BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.show()
QTimer.singleShot(0, lambda: (print("window", flush=True), application.quit()))
application.exec()
"""
OURS = """
import gc
import sys
sys.setswitchinterval(0.001)  # as app/__main__.py does
gc.disable()
from pathlib import Path
from app.bootstrap import make_application, make_window, show
from app.core.system.paths import UserData
from PySide6.QtCore import Qt, QTimer
application = make_application()
image, model, data = map(Path, sys.argv[1:])
window = make_window(model, UserData(data))
def end(row):
    item = window.session.item(row)
    if not item.is_waiting:  # whatever the result is: a probability, a rejection or an error
        print("result", flush=True)
        print(item.error or item.screening.error or "", file=sys.stderr)
        window.close()
window.session.item_changed.connect(end, type=Qt.ConnectionType.QueuedConnection)
QTimer.singleShot(0, lambda: print("window", flush=True))
show(window, [image], 0.0)
application.exec()
"""
THESIS = """
import sys
import numpy as np
import tensorflow as tf
from PIL import Image
model = tf.keras.models.load_model(sys.argv[2])
print("window", flush=True)
picture = Image.open(sys.argv[1]).convert("RGB").resize((256, 256), Image.Resampling.LANCZOS)
model.predict(np.asarray(picture, np.float32)[np.newaxis], verbose=0)
print("result", flush=True)
"""
SAVE_THESIS = """
import sys
from tests.benchmarks.common import thesis_network
thesis_network(quick=sys.argv[2] == "quick").save(sys.argv[1])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one turn, against a small network")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="measure only another version beside this one")
    options = parser.parse_args()
    if options.against is not None:
        compare_with(options.against.resolve(), options.turns)
        return
    turns = 1 if options.quick else options.turns
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image, model, thesis = draw_images(folder, 1)[0], model_for_drawn_images(folder), folder / "thesis.keras"
        # in a process of its own: what TensorFlow leaves in memory is not carried along
        moments(SAVE_THESIS, thesis, "quick" if options.quick else "whole")
        times: dict[str, list[float]] = {}
        for turn in range(turns if options.quick else turns + 1):
            for who, script, arguments, lines in (
                ("bare", BARE, [], {"window"}),
                ("ours", OURS, [image, model, folder / f"data-{turn}"], {"window", "result"}),
                ("thesis", THESIS, [image, thesis], {"window", "result"}),
            ):
                found = moments(script, *arguments, lines=lines)
                if turn or options.quick:  # otherwise the first one fills the system's caches
                    for what, seconds in found.items():
                        times.setdefault(f"{who} {what}", []).append(seconds)
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in median.items():
        print(f"{name}: {seconds:.2f} s (median of {turns})")
    print(f"window, against a bare one: {median['ours window'] / median['bare window']:.2f} times as long")
    print(f"first result, against a bare window: {median['ours result'] / median['bare window']:.2f} times as long")
    sooner = median["thesis window"] / median["ours window"]
    print(f"window, against the thesis's model loaded: {sooner:.1f} times sooner")
    print(f"first result, against the thesis's: {median['thesis result'] / median['ours result']:.1f} times sooner")


def compare_with(checkout: Path, turns: int) -> None:
    """Print how long this version takes, as a multiple of another checkout's."""
    from_file = "from tests.benchmarks.start_speed import OURS; print(OURS)"
    theirs = subprocess.run(
        [sys.executable, "-c", from_file], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout
    times: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image, model = draw_images(folder, 1)[0], model_for_drawn_images(folder)
        for turn in range(turns + 1):
            for who, script, place in (("other", theirs, checkout), ("this", OURS, None)):
                found = moments(script, image, model, folder / f"{who}-{turn}", lines={"window", "result"}, cwd=place)
                if turn:  # the first one compiles the modules
                    for what, seconds in found.items():
                        times.setdefault((who, what), []).append(seconds)
    for what in ("window", "result"):
        this, other = (statistics.median(times[who, what]) for who in ("this", "other"))
        print(f"{what}: {this:.2f} against {other:.2f} s (medians of {turns}): {this / other:.2f} times as long")


def moments(
    script: str, *arguments: Path | str, lines: set[str] = frozenset(), cwd: Path | None = None
) -> dict[str, float]:
    """Seconds from the start of a process until each line that its script prints.

    Modules are compiled by the first one only, as an installed program's are by its installer. Ends the benchmark where
    the script fails, does not end in time, or does not print all `lines`.
    """
    start = time.perf_counter()
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=cwd
        ) as process,
    ):
        assert process.stdout is not None
        guard = threading.Timer(PROCESS_TIME, process.kill)
        guard.start()
        found = {line.strip(): time.perf_counter() - start for line in process.stdout}
        guard.cancel()
        if process.wait() or not lines <= found.keys():
            errors.seek(0)
            sys.exit(f"It printed {sorted(found)} and ended with {process.returncode}:\n{errors.read()}")
    return found


if __name__ == "__main__":
    main()
