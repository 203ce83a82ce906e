"""From the start of the process to the window, and to the first answer: MelaScreen, a bare window, the thesis's way.

    python tests/benchmarks/start_speed.py [--turns 5]

The thesis's way is a program that imports TensorFlow, loads Inception-ResNet-v2 from a file (random weights) and asks
it by `predict`. Prints the medians and their ratios, from one run, all taking turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

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
import sys
from pathlib import Path
from app.core import paths
from app.bootstrap import make_application, make_window
from PySide6.QtCore import QTimer
application = make_application()
window = make_window(paths.bundled_model(), paths.UserData(Path(sys.argv[2])))
window.open_paths([Path(sys.argv[1])])
window.show()
QTimer.singleShot(0, lambda: print("window", flush=True))
panel = window.screen_page.panel
timer = QTimer()
timer.timeout.connect(lambda: panel.scale.isVisible() and (print("answer", flush=True), window.close()))
timer.start(1)
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
print("answer", flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image, model = folder / "lesion.png", folder / "thesis.keras"
        prepare(image, model)
        times: dict[str, list[float]] = {}
        for turn in range(turns + 1):
            data = folder / f"data-{turn}"
            for who, script, arguments in (
                ("bare", BARE, []),
                ("ours", OURS, [image, data]),
                ("thesis", THESIS, [image, model]),
            ):
                for what, seconds in moments(script, arguments).items():
                    if turn:  # the first one fills the system's caches
                        times.setdefault(f"{who} {what}", []).append(seconds)
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in median.items():
        print(f"{name}: {seconds:.2f} s (median of {turns})")
    print(f"window, against a bare one: {median['ours window'] / median['bare window']:.2f} times as long")
    sooner = median["thesis window"] / median["ours window"]
    print(f"window, against the thesis's model loaded: {sooner:.1f} times sooner")
    print(f"first answer, against the thesis's: {median['thesis answer'] / median['ours answer']:.1f} times sooner")


def prepare(image: Path, model: Path) -> None:
    """In a process of its own: what TensorFlow leaves in memory is not carried along."""
    script = (
        "import sys, msgspec\nfrom PIL import Image\nfrom app.core.imaging.reference_image import reference_image\n"
        "from training import models\nfrom training.recipe import load_recipe\n"
        "Image.fromarray(reference_image()).save(sys.argv[1])\n"
        "network = msgspec.structs.replace(load_recipe('thesis').network, weights='none')\n"
        "models.build(network).save(sys.argv[2])\n"
    )
    subprocess.run([sys.executable, "-c", script, str(image), str(model)], check=True, capture_output=True)


def moments(script: str, arguments: list[Path]) -> dict[str, float]:
    """Seconds from the start until each line that the script prints."""
    start = time.perf_counter()
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        return {line.strip(): time.perf_counter() - start for line in process.stdout}


if __name__ == "__main__":
    main()
