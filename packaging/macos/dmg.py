"""The macOS disk image: the app and a link to the folder for programs, to drag the one onto the other.

Not yet run: `hdiutil` is macOS's own. Images of the same app differ, for HFS+ keeps the times of making.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

TRIES = 5
"""`hdiutil create` ends in "Resource busy" now and then on GitHub's machines (actions/runner-images, issue 7522)."""


def make(app: Path, out: Path, *, version: str) -> Path:
    """Write `MelaScreen-VERSION-macos-arm64.dmg` into `out`.

    Raises `FileNotFoundError` where there is no app or no `hdiutil`, `subprocess.CalledProcessError` where that fails.
    """
    if not (app / "Contents" / "MacOS").is_dir():
        raise FileNotFoundError(f"{app}: there is no app")
    image = out / f"MelaScreen-{version}-macos-arm64.dmg"
    with tempfile.TemporaryDirectory(prefix="melascreen-dmg-") as name:
        folder = Path(name) / "MelaScreen"
        folder.mkdir()
        # `ditto` keeps links and signatures as they are
        subprocess.run(["ditto", str(app), str(folder / app.name)], check=True)
        (folder / "Applications").symlink_to("/Applications")
        options = ["-volname", f"MelaScreen {version}", "-fs", "HFS+", "-format", "UDZO", "-ov"]
        command = ["hdiutil", "create", *options, "-srcfolder", str(folder), str(image)]
        for tries_left in range(TRIES - 1, -1, -1):
            if subprocess.run(command, check=not tries_left).returncode == 0:
                break
            time.sleep(5)
    return image
