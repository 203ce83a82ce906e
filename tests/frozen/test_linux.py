"""The installers for Linux: what is in the package, the archive and the menu."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("installers for Linux are made on Linux", allow_module_level=True)

from app.core.imaging.find import SUFFIXES
from linux import appdir, deb, selfextracting, tree

ROOT = Path(__file__).parents[2]
EPOCH = 1_700_000_000
MIME_OF = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg"),
    **dict.fromkeys((".tif", ".tiff"), "image/tiff"),
    **dict.fromkeys((".bmp", ".dib"), "image/bmp"),
    **dict.fromkeys((".heic", ".heif", ".hif"), "image/heif"),
    **dict.fromkeys((".dcm", ".dicom"), "application/dicom"),
    ".png": "image/png",
    ".webp": "image/webp",
}


@pytest.fixture
def entry() -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(tree.LINUX / "melascreen.desktop", encoding="utf-8")
    return dict(parser["Desktop Entry"])


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A stand-in: a starter that passes its self-test, a library of the system's, a link, a folder in a folder."""
    folder = tmp_path / "bundle"
    (folder / "_internal/resources/model").mkdir(parents=True)
    (folder / "melascreen").write_text('#!/bin/sh\necho started "$@"\n')
    (folder / "melascreen").chmod(0o755)
    (folder / "_internal/libcrypto.so.3").write_bytes(b"the system's")
    (folder / "_internal/resources/model/card.json").write_text("{}")
    (folder / "_internal/link").symlink_to("resources/model/card.json")
    return folder


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    folder = tmp_path / "icons"
    folder.mkdir()
    for size in (16, 256):
        (folder / f"{size}.png").write_bytes(b"png")
    return folder


def test_menu_entry_offers_what_the_program_reads(entry):
    offered = set(entry["MimeType"].removesuffix(";").split(";"))
    assert {MIME_OF[suffix] for suffix in SUFFIXES} <= offered
    assert "inode/directory" not in offered  # it would become what opens folders
    assert entry["Exec"] == "melascreen %F"
    assert entry["Terminal"] == "false"


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not installed")
def test_menu_entry_is_valid():
    subprocess.run(["desktop-file-validate", tree.LINUX / "melascreen.desktop"], check=True)


def test_window_and_menu_entry_find_each_other(entry):
    assert f'setDesktopFileName("{entry["Icon"]}")' in (ROOT / "app/bootstrap.py").read_text(encoding="utf-8")
    assert entry["StartupWMClass"] == "melascreen"


def test_versions_sort_as_debians_do():
    assert deb.debian_version("1.2.3") == "1.2.3"
    assert deb.debian_version("1.2.0rc1") == "1.2.0~rc1"
    assert deb.debian_version("1.2.0.dev4") == "1.2.0~dev4"


def test_control_file_has_what_dpkg_asks_for():
    fields = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", deb.control_file("1.2.0", 4096), re.MULTILINE))
    assert fields["Package"] == "melascreen"
    assert fields["Version"] == "1.2.0"
    assert fields["Installed-Size"] == "4096"
    depends = fields["Depends"].split(", ")
    assert {"libc6 (>= 2.36)", "libxcb-cursor0", "libegl1", "libssl3"} <= set(depends)
    assert any("fonts-dejavu-core" in alternative for alternative in depends)


def test_control_file_ends_in_a_description():
    text = deb.control_file("1.2.0", 1)
    described = text[text.index("Description:") :].splitlines()
    assert all(line.startswith(" ") for line in described[1:])
    assert text.endswith("\n")


def test_package_has_menu_icons_and_documents(bundle, icons, tmp_path):
    file = deb.make(bundle, icons, tmp_path, version="1.2.0", epoch=EPOCH)
    assert file.name == "melascreen_1.2.0_amd64.deb"
    listing = subprocess.run(["dpkg-deb", "--contents", file], capture_output=True, text=True, check=True).stdout
    names = {line.split()[5].removeprefix(".") for line in listing.splitlines()}
    assert {
        "/usr/bin/melascreen",
        "/usr/lib/melascreen/melascreen",
        "/usr/lib/melascreen/_internal/link",
        "/usr/share/applications/melascreen.desktop",
        "/usr/share/icons/hicolor/16x16/apps/melascreen.png",
        "/usr/share/icons/hicolor/scalable/apps/melascreen.svg",
        "/usr/share/doc/melascreen/copyright",
        "/usr/share/doc/melascreen/changelog.gz",
    } <= names
    assert "/usr/lib/melascreen/_internal/libcrypto.so.3" not in names  # the system's, kept up to date
    assert all(" root/root " in line for line in listing.splitlines())


def test_package_has_no_scripts_that_run_as_root(bundle, icons, tmp_path):
    file = deb.make(bundle, icons, tmp_path, version="1.2.0", epoch=EPOCH)
    subprocess.run(["dpkg-deb", "--control", file, tmp_path / "control"], check=True)
    assert [path.name for path in (tmp_path / "control").iterdir()] == ["control"]


def test_same_input_gives_the_same_package(bundle, icons, tmp_path):
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        os.utime(bundle / "melascreen")  # built again
        (bundle / "_internal/resources").chmod(0o700 if name == "one" else 0o755)
        made.append(deb.make(bundle, icons, tmp_path / name, version="1.2.0", epoch=EPOCH).read_bytes())
    assert made[0] == made[1]


def test_a_library_that_nothing_brings_stops_the_build(tmp_path):
    program = tmp_path / "program"
    program.mkdir()
    needy = shutil.which("true")
    shutil.copy(needy, program / "needy")
    deb.check_dependencies(program)  # only libc
    (program / "needy").write_bytes((program / "needy").read_bytes().replace(b"libc.so.6", b"libq.so.6"))
    with pytest.raises(LookupError, match=r"libq\.so\.6"):
        deb.check_dependencies(program)


def test_appdir_starts_by_a_link(bundle, icons, tmp_path):
    folder = tmp_path / "MelaScreen.AppDir"
    appdir.make(bundle, icons, folder, epoch=EPOCH)
    assert {"AppRun", "melascreen.desktop", "melascreen.png", ".DirIcon"} <= {path.name for path in folder.iterdir()}
    (tmp_path / "link").symlink_to(folder / "AppRun")
    output = subprocess.run([tmp_path / "link", "a b"], capture_output=True, text=True, check=True).stdout
    assert output == "started a b\n"


def test_uninstaller_lists_files_before_their_folders(bundle):
    listed = selfextracting.files_in(bundle)
    assert listed.index("_internal/resources/model/card.json") < listed.index("_internal/resources/model")
    assert listed.index("_internal/resources/model") < listed.index("_internal/resources") < listed.index("_internal")
    assert "_internal/link" in listed


class TestInstallScript:
    """`install.sh` and `uninstall.sh`, with what makeself would have unpacked."""

    @pytest.fixture
    def unpacked(self, bundle: Path, icons: Path, tmp_path: Path) -> Path:
        root = tmp_path / "unpacked"
        tree.copy_bundle(bundle, root / "program")
        tree.copy(tree.LINUX / "uninstall.sh", root / "program/uninstall.sh")
        tree.copy(tree.LINUX / "install.sh", root / "install.sh")
        tree.add_menu_files(root / "share", icons)
        (root / "program/files.txt").write_text("\n".join(selfextracting.files_in(root / "program")) + "\n")
        return root

    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        home = tmp_path / "Дом مريض"
        (home / ".local/share/MelaScreen").mkdir(parents=True)
        (home / ".local/share/MelaScreen/history.sqlite3").write_text("kept")
        monkeypatch.setenv("HOME", str(home))
        for variable in ("XDG_DATA_HOME", "DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(variable, raising=False)
        yield home
        assert (home / ".local/share/MelaScreen/history.sqlite3").read_text() == "kept"

    @staticmethod
    def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", script, *arguments], capture_output=True, text=True, check=False)

    def files(self, home: Path) -> set[str]:
        return {path.relative_to(home).as_posix() for path in home.rglob("*") if not path.is_dir()}

    def test_installs_starts_and_leaves_nothing_behind(self, unpacked, home):
        before = self.files(home)
        done = self.run(unpacked / "install.sh")
        assert done.returncode == 0, done.stdout + done.stderr
        started = subprocess.run([home / ".local/bin/melascreen", "x"], capture_output=True, text=True, check=True)
        assert started.stdout == "started x\n"
        entry = (home / ".local/share/applications/melascreen.desktop").read_text(encoding="utf-8")
        assert f'\nExec="{home}/.local/share/melascreen-program/melascreen" %F\n' in entry
        assert self.run(home / ".local/share/melascreen-program/uninstall.sh").returncode == 0
        assert self.files(home) == before
        assert not (home / ".local/share/melascreen-program").exists()

    def test_upgrade_removes_the_old_files_and_keeps_the_users(self, unpacked, home):
        folder = home / "a b"
        assert self.run(unpacked / "install.sh", "--into", str(folder)).returncode == 0
        (folder / "mine.txt").write_text("mine")
        (unpacked / "program/_internal/link").unlink()
        (unpacked / "program/files.txt").write_text("\n".join(selfextracting.files_in(unpacked / "program")) + "\n")
        assert self.run(unpacked / "install.sh", "--into", str(folder)).returncode == 0
        assert not (folder / "_internal/link").is_symlink()
        assert (folder / "mine.txt").read_text() == "mine"
        assert self.run(folder / "uninstall.sh").returncode == 0
        assert [path.name for path in folder.iterdir()] == ["mine.txt"]

    def test_a_version_that_fails_its_self_test_does_not_replace_the_old(self, unpacked, home):
        assert self.run(unpacked / "install.sh").returncode == 0
        (unpacked / "program/melascreen").write_text("#!/bin/sh\necho FAILED something\nexit 1\n")
        done = self.run(unpacked / "install.sh")
        assert done.returncode == 1
        assert "FAILED something" in done.stdout + done.stderr
        assert "started" in (home / ".local/share/melascreen-program/melascreen").read_text()
        assert not (home / ".local/share/melascreen-program.new").exists()

    def test_a_folder_with_other_files_is_refused(self, unpacked, home):
        (home / "photos").mkdir()
        (home / "photos/holiday.jpg").write_text("x")
        done = self.run(unpacked / "install.sh", "--into", str(home / "photos"))
        assert done.returncode == 1
        assert "other files" in done.stdout + done.stderr
        assert [path.name for path in (home / "photos").iterdir()] == ["holiday.jpg"]
        assert not (home / ".local/share/applications").exists()

    def test_a_running_program_is_not_replaced(self, unpacked, home):
        assert self.run(unpacked / "install.sh").returncode == 0
        program = home / ".local/share/melascreen-program/melascreen"
        program.unlink()
        shutil.copy(shutil.which("sleep"), program)
        with subprocess.Popen([program, "60"]) as process:
            try:
                done = self.run(unpacked / "install.sh")
                removed = self.run(program.parent / "uninstall.sh")
            finally:
                process.kill()
        assert done.returncode == removed.returncode == 1
        assert "running" in done.stdout + done.stderr
        assert program.exists()
