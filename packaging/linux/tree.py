"""What the installers for Linux have in common: the menu's files, and files that look the same on every build."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LINUX = Path(__file__).resolve().parent
ICON = LINUX.parents[1] / "resources" / "icons" / "melascreen.svg"


def add_menu_files(share: Path, icons: Path) -> None:
    """The menu entry and the icon in all sizes, under a `share` folder as the desktops look for them."""
    copy(LINUX / "melascreen.desktop", share / "applications" / "melascreen.desktop")
    hicolor = share / "icons" / "hicolor"
    for png in icons.glob("*.png"):
        copy(png, hicolor / f"{png.stem}x{png.stem}" / "apps" / "melascreen.png")
    copy(ICON, hicolor / "scalable" / "apps" / "melascreen.svg")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def copy_bundle(bundle: Path, target: Path) -> None:
    """The bundle with its links as they are."""
    shutil.copytree(bundle, target, symlinks=True)


def make_uniform(folder: Path, epoch: int) -> None:
    """Modes 755 for folders, programs and scripts, else 644; all times `epoch`; so whoever builds gets the same."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or is_program(path) else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def is_program(file: Path) -> bool:
    """The bundle's own starter, or a script; libraries and Python's modules in a bundle are neither."""
    if file.name == "melascreen" and file.parent.joinpath("_internal").is_dir():
        return True
    with file.open("rb") as opened:
        return opened.read(2) == b"#!" and "_internal" not in file.parts
