"""Takes PyInstaller's place: without Qt's styles (MelaScreen's is Fusion, which is built in) and translations."""

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, _datas = add_qt6_dependencies(__file__)
binaries = [(source, folder) for source, folder in binaries if "plugins" not in folder.replace("\\", "/").split("/")]
