"""The Windows installer: its lists, that it compiles, and, where wine runs it, what it leaves on a system.

Wine is not Windows: that the installer runs on a real one is proved in the release workflow alone.
"""

from __future__ import annotations

import functools
import importlib
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from app.core.imaging.find import SUFFIXES

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
LARGEST = 75e6
"""Of an installer, in bytes: the clinic's limit."""
sys.path.insert(0, str(PACKAGING))

from windows import installer, version_resource  # noqa: E402 - found by the line above

needs_makensis = pytest.mark.skipif(not shutil.which("makensis"), reason="no makensis (Debian: apt-get install nsis)")
EPOCH = 1_700_000_000
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
CYRILLIC, ARABIC = "Родинка пациента.txt", "شامة $x {y}.txt"


def make_bundle(folder: Path, *files: str) -> Path:
    """A stand-in: files that hold their own names, and folders (whose names end in a slash)."""
    for name in ("melascreen.exe", *files):
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name} of {folder.name}")
    return folder


@pytest.fixture(scope="session")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an icon, as the build prepares it."""
    folder = tmp_path_factory.mktemp("icons")
    Image.new("RGBA", (256, 256), "#0072b2").save(folder / "melascreen.ico", sizes=[(16, 16), (48, 48), (256, 256)])
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(
        tmp_path / "0.1.0", "_internal/a b [1].txt", f"_internal/{CYRILLIC}", f"_internal/deep/er/{ARABIC}"
    )


def test_the_list_names_every_file_and_folders_children_first(bundle: Path) -> None:
    (bundle / "_internal" / "empty").mkdir()
    title, *lines = installer.installed_list(installer.read_payload(bundle), "0.1.0").split("\r\n")
    assert title.startswith(f"{installer.TITLE} 0.1.0")
    assert lines == [
        r"_internal\a b [1].txt",
        rf"_internal\deep\er\{ARABIC}",
        rf"_internal\{CYRILLIC}",
        "melascreen.exe",
        "Uninstall.exe",
        "_internal\\empty\\",
        "_internal\\deep\\er\\",
        "_internal\\deep\\",
        "_internal\\",
        "",
    ]


def test_the_script_doubles_dollars_where_nsis_would_expand_them(bundle: Path) -> None:
    script = installer.files_script(installer.read_payload(bundle))
    source = bundle / "_internal" / "deep" / "er" / ARABIC
    assert f'File "/oname={ARABIC.replace("$", "$$")}" "{source}"' in script
    assert 'SetOutPath "$INSTDIR\\_internal\\deep\\er"' in script


def test_a_link_to_a_file_is_a_file(bundle: Path) -> None:
    link = bundle / "_internal" / "link.dll"
    try:
        link.symlink_to(bundle / "melascreen.exe")
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert Path("_internal/link.dll") in installer.read_payload(bundle).files


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these names are refused by the system, or another's")
@pytest.mark.parametrize(
    "name", ["a:b", "aux.txt", "ends in a dot.", "ends in a space ", "melascreen.EXE", "Uninstall.exe"]
)
def test_names_that_windows_does_not_take_are_refused(bundle: Path, name: str) -> None:
    (bundle / name).write_text("")
    with pytest.raises(ValueError, match=f"(?i){re.escape(name)}: .*name"):
        installer.read_payload(bundle)


@pytest.mark.skipif(os.name == "nt", reason="Windows itself may refuse it")
def test_a_path_that_would_be_too_long_is_refused(bundle: Path) -> None:
    (bundle / ("x" * (installer.LONGEST_PATH + 1))).write_text("")
    with pytest.raises(ValueError, match="longer than"):
        installer.read_payload(bundle)


def test_a_folder_without_the_program_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no melascreen\.exe"):
        installer.read_payload(tmp_path)


@pytest.mark.parametrize(("version", "numbers"), [("1.2.3", (1, 2, 3, 0)), ("0.10.0rc1", (0, 10, 0, 0))])
def test_the_numbers_of_a_version(version: str, numbers: tuple[int, ...]) -> None:
    assert installer.version_numbers(version) == numbers


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.70000"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        installer.version_numbers(version)


def test_pyinstaller_takes_the_programs_version_resource(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.platform != "win32":  # what its module imports, and only needs to write into a program
        monkeypatch.setitem(sys.modules, "pefile", ModuleType("pefile"))
        monkeypatch.setattr("PyInstaller.compat.win32api", None, raising=False)
    versioninfo = importlib.import_module("PyInstaller.utils.win32.versioninfo")
    file = tmp_path / "melascreen.version.txt"
    file.write_text(version_resource.text("1.2.3rc1", program="melascreen"), encoding="utf-8")
    resource = versioninfo.load_version_info_from_text_file(str(file))
    assert (resource.ffi.fileVersionMS, resource.ffi.fileVersionLS) == (0x10002, 0x30000)
    strings = {entry.name: entry.val for entry in resource.kids[0].kids[0].kids}
    assert strings["ProductVersion"] == "1.2.3rc1"
    assert strings["OriginalFilename"] == "melascreen.exe"
    assert strings["FileDescription"] == "MelaScreen"


def test_an_ending_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no ending"):
        installer.types_script([".jpg", 'png"'])


def test_it_registers_what_the_program_reads() -> None:
    assert set(installer.SUFFIXES) == SUFFIXES


def test_without_makensis_it_says_what_to_install(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt-get install nsis"):
        installer.make(bundle, tmp_path, tmp_path / "out", version="0.1.0", epoch=EPOCH)


@needs_makensis
def test_what_is_released_compiles_and_has_its_version(bundle: Path, icons: Path, tmp_path: Path) -> None:
    setup = installer.make(bundle, icons, tmp_path / "out", version="0.1.0", epoch=EPOCH)
    assert setup.name == "MelaScreen-0.1.0-windows-x64-setup.exe"
    content = setup.read_bytes()
    (header,) = struct.unpack_from("<I", content, 0x3C)
    assert content[header : header + 4] == b"PE\0\0"
    assert struct.unpack_from("<H", content, header + 4) == (0x14C,), "a 32-bit stub: it starts on every Windows"
    assert b'requestedExecutionLevel level="asInvoker"' in content, "no administrator is asked for"
    for text in ("ProductVersion", "0.1.0", "The MelaScreen developers"):
        assert text.encode("utf-16-le") in content


@needs_makensis
def test_the_same_bundle_gives_the_same_installer(bundle: Path, icons: Path, tmp_path: Path) -> None:
    first = installer.make(bundle, icons, tmp_path / "first", version="0.1.0", epoch=EPOCH).read_bytes()
    copy = shutil.copytree(bundle, tmp_path / "elsewhere" / "bundle")
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
    second = installer.make(copy, icons, tmp_path / "second", version="0.1.0", epoch=EPOCH).read_bytes()
    assert second == first


@needs_makensis
@pytest.mark.timeout(1200)
def test_the_built_bundle_fits(icons: Path, tmp_path: Path) -> None:
    """Whatever system it was built on: here mostly Linux's, as a stand-in of the same size."""
    built = ROOT / "build" / "MelaScreen"
    if not built.is_dir():
        pytest.skip("no bundle: python3 packaging/build.py makes it")
    bundle = shutil.copytree(built, tmp_path / "bundle")
    if not (bundle / installer.PROGRAM).exists():
        (bundle / "melascreen").rename(bundle / installer.PROGRAM)
    setup = installer.make(bundle, icons, tmp_path / "out", version="0.1.0", epoch=EPOCH)
    assert 10e6 < setup.stat().st_size < LARGEST


# ---- under wine


@dataclass(frozen=True)
class Wine:
    """A Windows of its own, in a folder."""

    prefix: Path

    @property
    def environment(self) -> dict[str, str]:
        # without wine's own additions: .NET, a browser, and entries in this system's menus
        overrides = "mscoree,mshtml,winemenubuilder.exe="
        wine = {"WINEPREFIX": str(self.prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": overrides}
        return {name: value for name, value in os.environ.items() if name != "DISPLAY"} | wine

    @property
    def home(self) -> Path:
        return next(path for path in (self.prefix / "drive_c" / "users").iterdir() if path.name != "Public")

    @property
    def local(self) -> Path:
        return self.home / "AppData" / "Local"

    @property
    def installed(self) -> Path:
        return self.local / "Programs" / "MelaScreen"

    @property
    def data(self) -> Path:
        return self.local / "MelaScreen"

    def run(self, *command: str | Path) -> int:
        """Run a Windows program; gives its exit code."""
        # no pipes: wine's server, which stays for a while, would hold them open
        done = subprocess.run(["wine", *map(str, command)], env=self.environment, timeout=120, **SILENT)
        return done.returncode

    def uninstall(self, folder: Path, *switches: str) -> None:
        """Uninstall silently, and wait: the uninstaller goes on as a copy of itself, whose exit code nobody sees."""
        assert self.run(folder / "Uninstall.exe", "/S", *switches) == 0
        subprocess.run(["wineserver", "-w"], env=self.environment, timeout=120, check=True)
        for copy in self.home.rglob("Temp/~nsu*.tmp"):  # NSIS's own, left until Windows clears the folder
            shutil.rmtree(copy)

    def files(self) -> set[str]:
        """All files and folders of the user's, as paths below the user's folder; with the programs' common one."""
        return below(self.home) | {"AppData/Local/Programs"}

    def registry(self) -> dict[str, dict[str, str]]:
        """The user's registry: key -> name -> value, as in a .reg file. Not what wine notes for itself."""
        export = self.prefix / "exported.reg"
        assert self.run("reg", "export", "HKCU", "Z:" + str(export), "/y") == 0
        keys: dict[str, dict[str, str]] = {"Software\\Classes": {}}  # every Windows has it; a new wine has not
        values: dict[str, str] = {}
        for line in export.read_text("utf-16").replace("\\\n", "").splitlines():
            if line.startswith("["):
                values = keys.setdefault(line.strip("[]").removeprefix("HKEY_CURRENT_USER\\"), {})
            elif "=" in line:
                name, value = line.split("=", 1)
                values[name.strip('"')] = value
        return {key: values for key, values in keys.items() if not key.startswith("Software\\Wine")}


@pytest.fixture(scope="session")
def fresh_wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("wine"):
        pytest.skip("no wine (Debian: apt-get install wine wine64)")
    folder = tmp_path_factory.mktemp("wine")
    wine = Wine(folder / "prefix")
    patch = pytest.MonkeyPatch()
    patch.setenv("HOME", str(folder))  # wine links the desktop and the like into it
    try:
        subprocess.run(["wineboot", "--init"], env=wine.environment, timeout=240, **SILENT)
        if wine.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f") != 0:
            pytest.skip("wine does not run here")
        subprocess.run(["wineserver", "-w"], env=wine.environment, timeout=120, check=True)  # it has all in files then
    finally:
        patch.undo()
    for link in [path for path in (wine.prefix / "drive_c" / "users").rglob("*") if path.is_symlink()]:
        link.unlink()  # nothing is to get out of this folder
        link.mkdir()
    return wine.prefix


@pytest.fixture
def wine(fresh_wine: Path, tmp_path: Path) -> Iterator[Wine]:
    own = Wine(tmp_path / "prefix")
    shutil.copytree(fresh_wine, own.prefix, symlinks=True)
    yield own
    subprocess.run(["wineserver", "-k"], env=own.environment, timeout=60)


@functools.cache
def _program() -> bytes:
    """Some Windows program: wine's own command line."""
    found = list(Path("/usr/lib").glob("**/x86_64-windows/cmd.exe"))
    if not found:
        pytest.skip("wine's own programs are not where they are expected")
    return found[0].read_bytes()


@pytest.fixture(scope="session")
def setups(tmp_path_factory: pytest.TempPathFactory, fresh_wine: Path, icons: Path) -> tuple[Path, Path]:
    """Two versions' installers; the second has lost a folder, and has a file more."""
    if not shutil.which("makensis"):
        pytest.skip("no makensis (Debian: apt-get install nsis)")
    folder = tmp_path_factory.mktemp("setups")
    both = (f"_internal/{CYRILLIC}", f"_internal/deep/er/{ARABIC}", "_internal/kept.dll")
    old = make_bundle(folder / "0.1.0", *both, "_internal/old/gone.dll", "_internal/empty/")
    new = make_bundle(folder / "0.2.0", *both, "_internal/new.dll")
    for bundle in (old, new):
        (bundle / "melascreen.exe").write_bytes(_program())
    # the 64-bit stub: a 64-bit wine runs no other, and the script is the same
    made = [
        installer.make(bundle, icons, folder, version=bundle.name, epoch=EPOCH, target="amd64-unicode")
        for bundle in (old, new)
    ]
    return made[0], made[1]


UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\MelaScreen"
OLD_FILES = {
    "melascreen.exe",
    "Uninstall.exe",
    "installed-files.txt",
    "_internal",
    "_internal/deep",
    "_internal/deep/er",
    f"_internal/deep/er/{ARABIC}",
    "_internal/empty",
    "_internal/kept.dll",
    "_internal/old",
    "_internal/old/gone.dll",
    f"_internal/{CYRILLIC}",
}
NEW_FILES = OLD_FILES - {"_internal/empty", "_internal/old", "_internal/old/gone.dll"} | {"_internal/new.dll"}


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_installing_and_uninstalling_leaves_nothing(wine: Wine, setups: tuple[Path, Path]) -> None:
    files, registry = wine.files(), wine.registry()
    assert wine.run(setups[0], "/S") == 0
    assert below(wine.installed) == OLD_FILES
    assert (wine.installed / "_internal" / CYRILLIC).read_text() == f"_internal/{CYRILLIC} of 0.1.0"
    shortcuts = {Path(path).parent.name for path in wine.files() - files if path.endswith("MelaScreen.lnk")}
    assert shortcuts == {"Desktop", "Programs"}

    keys = wine.registry()
    assert keys[UNINSTALL]["DisplayVersion"] == '"0.1.0"'
    assert keys[UNINSTALL]["Publisher"] == '"The MelaScreen developers"'
    assert int(keys[UNINSTALL]["EstimatedSize"].removeprefix("dword:"), 16) >= len(_program()) // 1024
    assert ".jpg" in keys[r"Software\Classes\Applications\melascreen.exe\SupportedTypes"]
    assert keys[r"Software\Classes\.dcm\OpenWithProgids"] == {"MelaScreen.Image": '""'}

    wine.uninstall(wine.installed)
    assert wine.files() == files
    assert wine.registry() == registry


def test_an_upgrade_takes_away_what_the_new_version_has_not(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S") == 0
    (wine.installed / "_internal" / "old" / "the user's.csv").write_text("mine")
    (wine.installed / "_internal" / "kept.dll").unlink()
    assert wine.run(setups[1], "/S") == 0
    kept = {"_internal/old", "_internal/old/the user's.csv"}
    assert below(wine.installed) == NEW_FILES | kept
    assert (wine.installed / "_internal" / "kept.dll").read_text().endswith("0.2.0")
    assert wine.registry()[UNINSTALL]["DisplayVersion"] == '"0.2.0"'
    wine.uninstall(wine.installed)
    assert below(wine.installed) == {"_internal"} | kept


def test_an_upgrade_that_fails_brings_the_old_version_back(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S") == 0
    before = {path: path.read_bytes() for path in wine.installed.rglob("*") if path.is_file()}
    (wine.installed / "_internal" / "new.dll").mkdir()  # a folder where the new version has a file
    assert wine.run(setups[1], "/S") == 5
    assert below(wine.installed) == OLD_FILES | {"_internal/new.dll"}
    assert {path: path.read_bytes() for path in before} == before
    assert wine.registry()[UNINSTALL]["DisplayVersion"] == '"0.1.0"'


@pytest.mark.parametrize("moved_list", [False, True])
def test_an_upgrade_that_was_cut_off_is_made_good(wine: Wine, setups: tuple[Path, Path], moved_list: bool) -> None:
    assert wine.run(setups[0], "/S") == 0
    aside = wine.installed / ".previous-version"
    (aside / "_internal" / "old").mkdir(parents=True)
    (aside / "unfinished").touch()
    (wine.installed / "_internal" / "old" / "gone.dll").rename(aside / "_internal" / "old" / "gone.dll")
    if moved_list:
        shutil.copy(wine.installed / "installed-files.txt", aside)
        for path in (aside, wine.installed):
            (path / "_internal" / "kept.dll").write_text(path.name)
    assert wine.run(setups[1], "/S") == 0
    assert below(wine.installed) == NEW_FILES
    assert (wine.installed / "_internal" / "kept.dll").read_text().endswith("0.2.0")


def test_a_first_installation_that_fails_leaves_nothing(wine: Wine, setups: tuple[Path, Path]) -> None:
    files = wine.files()
    (wine.local / "Programs").mkdir(exist_ok=True)
    (wine.local / "Programs" / "MelaScreen").write_text("a file where the folder should be")
    assert wine.run(setups[0], "/S") == 5
    assert wine.files() - files <= {"AppData/Local/Programs", "AppData/Local/Programs/MelaScreen"}
    assert UNINSTALL not in wine.registry()


def test_neither_replaced_nor_removed_while_it_runs(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S") == 0
    running = subprocess.Popen(
        ["wine", str(wine.installed / "melascreen.exe")],
        env=wine.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert running.stdout is not None
        assert running.stdout.read(1), "the program has started"
        before = below(wine.installed)
        codes = []
        for command in ([setups[1], "/S"], [wine.installed / "Uninstall.exe", "/S", f"_?={_named(wine.installed)}"]):
            codes.append(wine.run(*command))
        assert codes == [3, 3]
        assert below(wine.installed) == before
    finally:
        running.communicate(b"exit\r\n", timeout=60)
    assert wine.run(setups[1], "/S") == 0


def _named(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def test_a_copy_of_the_folder_does_not_unregister_the_program(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S") == 0
    copy = shutil.copytree(wine.installed, wine.prefix / "drive_c" / "copy")
    registry = wine.registry()
    wine.uninstall(copy)
    assert not copy.exists()
    assert wine.registry() == registry
    assert below(wine.installed) == OLD_FILES


def test_defaults_and_entries_of_others_stay(wine: Wine, setups: tuple[Path, Path]) -> None:
    jpg = r"Software\Classes\.jpg"
    assert wine.run("reg", "add", rf"HKCU\{jpg}", "/ve", "/d", "Viewer.Image", "/f") == 0
    assert wine.run("reg", "add", rf"HKCU\{jpg}\OpenWithProgids", "/v", "Viewer.Image", "/f") == 0
    before = wine.registry()
    assert wine.run(setups[0], "/S") == 0
    assert wine.registry()[jpg] == before[jpg]
    wine.uninstall(wine.installed)
    assert wine.registry() == before


def test_the_history_stays_unless_it_is_to_go(wine: Wine, setups: tuple[Path, Path]) -> None:
    (wine.data / "images").mkdir(parents=True)
    (wine.data / "history.sqlite3").write_text("results")
    for switches in ([], ["/PURGE"]):
        assert wine.run(setups[0], "/S") == 0
        wine.uninstall(wine.installed, *switches)
        assert not wine.installed.exists()
        assert wine.data.exists() == (not switches)


def test_other_files_in_the_folder_are_not_overwritten(wine: Wine, setups: tuple[Path, Path]) -> None:
    (wine.installed / "_internal").mkdir(parents=True)
    (wine.installed / "_internal" / "somebody's").write_text("")
    assert wine.run(setups[0], "/S") == 4
    assert below(wine.installed) == {"_internal", "_internal/somebody's"}


def test_it_is_not_installed_in_two_places(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S", r"/D=C:\own\MelaScreen") == 0
    own = wine.prefix / "drive_c" / "own" / "MelaScreen"
    assert below(own) == OLD_FILES
    assert wine.run(setups[1], "/S", r"/D=C:\other\MelaScreen") == 4
    assert wine.run(setups[1], "/S") == 0, "an upgrade finds its way"
    assert below(own) == NEW_FILES
    assert not wine.installed.exists()


def test_the_folder_of_the_history_is_not_for_the_program(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run(setups[0], "/S", rf"/D=C:\users\{wine.home.name}\AppData\Local\MelaScreen") == 4
    assert not wine.data.exists()


def test_a_shortcut_that_was_removed_does_not_come_back(wine: Wine, setups: tuple[Path, Path]) -> None:
    desktop = wine.home / "Desktop" / "MelaScreen.lnk"
    assert wine.run(setups[0], "/S", "/NODESKTOP") == 0
    assert not desktop.exists()
    assert wine.run(setups[1], "/S") == 0
    assert not desktop.exists()


def test_an_old_windows_is_told_so(wine: Wine, setups: tuple[Path, Path]) -> None:
    assert wine.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win7", "/f") == 0
    assert wine.run(setups[0], "/S") == 6
    assert not wine.installed.exists()
