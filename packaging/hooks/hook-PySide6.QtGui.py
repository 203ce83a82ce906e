"""Takes PyInstaller's place for Qt's plugins: only those that MelaScreen can use, and none of Qt's translations.

What is left out drags in much more than itself: gtk3 all of GTK, virtualkeyboard all of QML. JPEG is what thumbnails
are; PNG needs no plugin; all other pictures are read by Pillow and pydicom.
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

PLUGINS = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("bradient",),
    "platformthemes": ("qxdgdesktopportal",),  # the desktop's own file dialogs, and its light or dark
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "imageformats": ("qjpeg", "qsvg"),
    "iconengines": ("qsvgicon",),
}

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [
    (source, folder)
    for source, folder in binaries
    if "plugins" not in Path(folder).parts
    or Path(source).stem.removeprefix("lib") in PLUGINS.get(Path(folder).name, ())
]
datas = []
