"""The script of the screenshots leads the window through its states, with drawn pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240
WANTED = {
    "screen-empty",
    "folder-list",
    "folder-grid",
    "screen-not-assessed",
    "patient",
    "history",
    "our-cases",
    "settings-about",
}


@pytest.mark.timeout(SECONDS + 30)
@pytest.mark.parametrize("look", ["light", "rtl"])
def test_each_state_is_drawn_at_the_size_asked_for(tmp_path: Path, look: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.screenshots", str(tmp_path), "--sizes", "1024x600", "--looks", look],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "does not fit" not in done.stdout
    drawn = {path.stem: path for path in (tmp_path / f"1024x600-{look}").glob("*.png")}
    assert drawn.keys() >= (WANTED | {"report-image-1", "report-folder-1"} if look == "light" else WANTED)
    for path in drawn.values():
        with Image.open(path) as image:
            assert image.size == ((794, 1123) if path.stem.startswith("report") else (1024, 600))
            assert len(image.getcolors(1024 * 600) or ()) > 20
