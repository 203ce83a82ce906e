"""The macOS disk image: the app and a link to the folder for programs, to drag the one onto the other.

Not yet run: `hdiutil` is macOS's own. Images of the same app differ, for HFS+ keeps the times of making.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


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
        options = ["-volname", f"MelaScreen {version}", "-fs", "HFS+", "-format", "UDZO", "-ov", "-quiet"]
        subprocess.run(["hdiutil", "create", *options, "-srcfolder", str(folder), str(image)], check=True)
    return image
