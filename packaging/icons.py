"""Renders the program's icon: a PNG a size for Linux, `melascreen.ico` for Windows, `melascreen.icns` for macOS.

    python packaging/icons.py FOLDER

By Qt's own SVG renderer, which draws it in the window too; it needs no display.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[1] / "resources" / "icons" / "melascreen.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Sides in pixels: those of the hicolor theme (icon-theme-spec) that menus, panels and docks ask for."""
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)


def render_icons(folder: Path) -> None:
    """Write all of them into `folder`: `SIZE.png`, `melascreen.ico`, `melascreen.icns`."""
    folder.mkdir(parents=True, exist_ok=True)
    for size in (*SIZES, 1024):
        _render(size, folder / f"{size}.png")
    with Image.open(folder / "256.png") as largest:
        largest.save(folder / "melascreen.ico", sizes=[(size, size) for size in ICO_SIZES])
    with Image.open(folder / "1024.png") as largest:
        largest.save(folder / "melascreen.icns")
    (folder / "1024.png").unlink()


def _render(size: int, file: Path) -> None:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    if not image.save(str(file)):
        raise OSError(f"{file}: the icon can't be written")


if __name__ == "__main__":
    render_icons(Path(sys.argv[1]))
