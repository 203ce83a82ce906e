"""Takes PyInstaller's place: Qt's local sockets, without the plugins and libraries for encrypted connections."""

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, _datas = add_qt6_dependencies(__file__)
binaries = [(source, folder) for source, folder in binaries if "plugins" not in folder.replace("\\", "/").split("/")]
