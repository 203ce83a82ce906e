"""The AppDir of an AppImage. `appimagetool build/MelaScreen.AppDir` makes one file of it, in the release workflow."""

from __future__ import annotations

import shutil
from pathlib import Path

from linux import tree


def make(bundle: Path, icons: Path, folder: Path, *, epoch: int) -> None:
    """Lay out the AppDir anew in `folder`: AppRun, menu entry and icon at its top, the rest as in the package."""
    shutil.rmtree(folder, ignore_errors=True)
    tree.copy_bundle(bundle, folder / "usr/lib/melascreen")
    tree.add_menu_files(folder / "usr/share", icons)
    tree.copy(tree.LINUX / "AppRun", folder / "AppRun")
    tree.copy(tree.LINUX / "melascreen.desktop", folder / "melascreen.desktop")
    tree.copy(icons / "256.png", folder / "melascreen.png")
    (folder / ".DirIcon").symlink_to("melascreen.png")
    tree.make_uniform(folder, epoch)
