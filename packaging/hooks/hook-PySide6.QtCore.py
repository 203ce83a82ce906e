"""Takes PyInstaller's place: without plugins and translations."""

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, _datas = add_qt6_dependencies(__file__)
binaries = [(source, folder) for source, folder in binaries if "plugins" not in folder.replace("\\", "/").split("/")]
