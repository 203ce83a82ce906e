"""The steps that measure a bundle run LiteRT alone: they print their figures without loading TensorFlow."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from training.__main__ import main
assert main(sys.argv[1:]) == 0
loaded = {"tensorflow", "keras"} & sys.modules.keys()
assert not loaded, loaded
"""
IMAGES = 12


@pytest.fixture(scope="module")
def few(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some images of `table`, as the split `val`."""
    folder = tmp_path_factory.mktemp("few")
    with (table / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:IMAGES]
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "path", "split"])
        writer.writeheader()
        writer.writerows(row | {"path": table / "images" / f"{row['image']}.jpg", "split": "val"} for row in rows)
    return folder


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("evaluate --bundle MODEL --data FEW --output OUT --previous MODEL", f"{IMAGES} images, 4 melanomas"),
        ("compare MODEL MODEL --data FEW", "no difference shown"),
        ("figures refusals --bundle MODEL --data FEW", "refused, of dermoscopy images"),
        ("figures stability --bundle MODEL --data FEW", "answers that are steady"),
    ],
)
def test_no_tensorflow(step: str, said: str, model: Path, few: Path, tmp_path: Path) -> None:
    places = {"MODEL": str(model), "FEW": str(few), "OUT": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, *(places.get(word, word) for word in step.split())]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert said in done.stdout
