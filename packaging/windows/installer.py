"""The Windows installer: writes what NSIS has to know of a bundle and lets `makensis` compile `melascreen.nsi`.

`makensis` (NSIS 3.08 or later) runs on Windows and on Linux (Debian's package `nsis`), and takes any folder for a
bundle. The same bundle, version and NSIS give the same installer, byte for byte, whatever the files' dates and wherever
they lie; another NSIS brings another stub and another compressor, so another file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "melascreen.nsi"
PROGRAM = "melascreen.exe"
UNINSTALLER = "Uninstall.exe"
LIST = "installed-files.txt"
"""What the installer put into its folder; lies there, and decides what an upgrade and the uninstaller remove."""
TITLE = "; MelaScreen"
"""A list begins with it; the installer takes no other file for a list."""
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"),
    *(".heic", ".heif", ".hif", ".dcm", ".dicom"),
)
"""What 'Open with' offers the program for: `app.core.imaging.find.SUFFIXES`, as a test holds; the build runs without
the program's packages."""
TARGET = "x86-unicode"
"""NSIS's stub. The 32-bit one runs on every Windows and is the only one in NSIS's own distribution for Windows."""
LONGEST_PATH = 180
"""Of a file inside the bundle, in UTF-16 code units: 259 (Windows's MAX_PATH without its end) less 79 for the folder
that it is installed into, `C:\\Users\\NAME\\AppData\\Local\\Programs\\MelaScreen\\`, with `.previous-version\\` in an
upgrade."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[ .]$|^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)', re.IGNORECASE)
"""What no Windows file name has (Microsoft, "Naming Files, Paths, and Namespaces")."""


@dataclass(frozen=True)
class Payload:
    """What is installed: the files and their folders, as paths relative to the bundle, in a fixed order."""

    bundle: Path
    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    """Parents after their children: the order in which they can be removed."""
    size: int
    """Of all files, in bytes."""


def make(bundle: Path, icons: Path, out: Path, *, version: str, epoch: int, target: str = TARGET) -> Path:
    """Compile the installer of a bundle (a folder with `PROGRAM`) into `out`; `melascreen.ico` is in `icons`.

    Gives the installer's path. Raises `ValueError` for a bundle that can't be installed on Windows,
    `FileNotFoundError` where there is no `makensis`, and `subprocess.CalledProcessError` where that fails; its warnings
    are failures too.
    """
    makensis = find_makensis()
    payload = read_payload(bundle)
    out.mkdir(parents=True, exist_ok=True)
    setup = out.resolve() / f"MelaScreen-{version}-windows-x64-setup.exe"
    defined = {
        "TARGET": target,
        "VERSION": version,
        "VERSION_NUMBERS": ".".join(map(str, version_numbers(version))),
        "KILOBYTES": str(-(-payload.size // 1024)),
        "OUTPUT": str(setup),
    }
    options = [
        "-V2",
        "-WX",
        "-NOCD",
        "-INPUTCHARSET",
        "UTF8",
        *(f"-D{name}={value}" for name, value in defined.items()),
    ]
    # NSIS turns names into the locale's bytes: a name that ASCII lacks needs a locale that has it
    environment = os.environ | {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": str(epoch)}
    with tempfile.TemporaryDirectory(prefix="melascreen-nsis-") as name:
        work = Path(name)
        (work / "files.nsh").write_text(files_script(payload), encoding="utf-8-sig")
        (work / "types.nsh").write_text(types_script(SUFFIXES), encoding="utf-8-sig")
        # NSIS reads lines of UTF-16 without a mark
        (work / LIST).write_bytes(installed_list(payload, version).encode("utf-16-le"))
        shutil.copy(icons / "melascreen.ico", work)
        subprocess.run([makensis, *options, str(SCRIPT)], cwd=work, env=environment, check=True)
    return setup


def find_makensis() -> str:
    """The compiler: on the PATH, or where NSIS's own installer puts it on Windows."""
    usual = Path(os.environ.get("PROGRAMFILES(X86)", "C:/Program Files (x86)")) / "NSIS" / "makensis.exe"
    found = shutil.which("makensis") or (str(usual) if usual.is_file() else None)
    if found is None:
        raise FileNotFoundError("There is no makensis; it comes with NSIS (Debian: apt-get install nsis).")
    return found


def read_payload(bundle: Path) -> Payload:
    """List a bundle. A link counts as the file it leads to.

    Raises `ValueError` for names that Windows does not take (forbidden characters, names that differ only in case,
    paths too long), for links to folders, and where the program itself is missing.
    """
    if not (bundle / PROGRAM).is_file():
        raise ValueError(f"{bundle}: there is no {PROGRAM} in it")
    files, folders, seen = [], [], {key: key for key in (LIST, UNINSTALLER.casefold())}
    for path in sorted(bundle.rglob("*"), key=lambda path: path.relative_to(bundle).as_posix()):
        inside = path.relative_to(bundle)
        if _FORBIDDEN.search(path.name):
            raise ValueError(f"{inside}: Windows does not take this name")
        if len(str(inside).encode("utf-16-le")) // 2 > LONGEST_PATH:
            raise ValueError(f"{inside}: longer than {LONGEST_PATH} characters")
        if (key := inside.as_posix().casefold()) in seen:
            raise ValueError(f"{inside}: on Windows the same name as {seen[key]}")
        seen[key] = inside.as_posix()
        if path.is_file():
            files.append(inside)
        elif path.is_dir() and not path.is_symlink():
            folders.append(inside)
        else:
            raise ValueError(f"{inside}: neither a file nor a folder")
    return Payload(
        bundle.resolve(), tuple(files), tuple(reversed(folders)), sum((bundle / f).stat().st_size for f in files)
    )


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """The four numbers of a version resource: "1.2.3rc1" gives (1, 2, 3, 0).

    Raises `ValueError` for what does not begin with three numbers below 65536.
    """
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)(?![0-9])", version)
    if numbers is None or any(int(number) > 0xFFFF for number in numbers.groups()):
        raise ValueError(f"{version}: no version that begins with three numbers")
    major, minor, patch = map(int, numbers.groups())
    return major, minor, patch, 0


def installed_list(payload: Payload, version: str) -> str:
    """The text of `LIST`: a title, the files, then the folders (they end in a backslash), children first."""
    files = [_windows(file) for file in payload.files]
    folders = [_windows(folder) + "\\" for folder in payload.folders]
    lines = [f"{TITLE} {version}: what its installer put into this folder", *files, UNINSTALLER, *folders]
    return "".join(f"{line}\r\n" for line in lines)


def files_script(payload: Payload) -> str:
    """NSIS macros: `INSTALL_FILES`, `EACH_PROGRAM` (the bundle's own programs) and `EACH_TOP` (its top level)."""
    lines = ["!macro INSTALL_FILES"]
    for folder in (Path(), *reversed(payload.folders)):
        lines.append(f"  SetOutPath {_quoted('$INSTDIR', folder)}")
        for file in (file for file in payload.files if file.parent == folder):
            lines.append(f'  File {_quoted("/oname=" + file.name)} "{payload.bundle / file}"')
    lines += ["!macroend", "!macro EACH_PROGRAM DO"]
    programs = [file for file in payload.files if file.suffix.lower() == ".exe" and file.parent == Path()]
    lines += [f"  !insertmacro ${{DO}} {_quoted(program.name)}" for program in programs]
    lines += ["!macroend", "!macro EACH_TOP DO"]
    top = sorted({path.parts[0] for path in (*payload.files, *payload.folders)})
    lines += [f"  !insertmacro ${{DO}} {_quoted(name)}" for name in (*top, UNINSTALLER)]
    return "\n".join([*lines, "!macroend", ""])


def types_script(suffixes: Iterable[str]) -> str:
    """An NSIS macro `EACH_TYPE` for the file name endings that the program opens; raises `ValueError` for no ending."""
    lines = ["!macro EACH_TYPE DO"]
    for suffix in sorted(suffixes):
        if not re.fullmatch(r"\.[a-z0-9]+", suffix):
            raise ValueError(f"{suffix!r} is no ending of file names")
        lines.append(f'  !insertmacro ${{DO}} "{suffix}"')
    return "\n".join([*lines, "!macroend", ""])


def _windows(path: Path) -> str:
    return "\\".join(path.parts)


def _quoted(first: str, inside: Path = Path()) -> str:
    """A string for the installer's run; `$INSTDIR` alone keeps its meaning. (In what only the compiler reads, such as
    a source file's name, `$` is not doubled.)"""
    variable, text = (first, "") if first == "$INSTDIR" else ("", first)
    text += "".join(f"\\{part}" for part in inside.parts)
    return '"' + variable + text.replace("$", "$$") + '"'
