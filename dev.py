#!/usr/bin/env python3
"""Sets up what is missing and runs MelaScreen, its tests or its training. Needs nothing but Python.

python3 dev.py run [IMAGE…]          the program (or: run classify PATH…, run --self-test)
python3 dev.py test [PYTEST OPTION…] all checks and tests, and their coverage; with options, without it
python3 dev.py train STEP …          the training (or: train --help)
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed-locks.json"

LOCKS = {
    "run": ("run", "train", "cluster", "dev"),
    "train": ("train", "dev"),
    "cluster": ("cluster", "dev"),
    "dev": ("dev",),
}
"""Each lock, and those that have all that is in it."""

# What Qt's window needs beyond Debian's and Ubuntu's base systems: library -> package
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libbrotlidec.so.1": "libbrotli1",  # this and the next: of Qt's module with the local sockets
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
# What only tests call: command -> package
TEST_TOOLS = {
    "makensis": "nsis",
    "desktop-file-validate": "desktop-file-utils",
    "objdump": "binutils",
    "dciodvfy": "dicom3tools",
    "dsr2html": "dcmtk",
}
VENV_PACKAGE = f"python3.{sys.version_info.minor}-venv"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def main() -> int:
    action, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if action not in ("run", "test", "train"):
        print(__doc__, end="")
        return 0 if action in ("-h", "--help") else 2
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return fail(f"MelaScreen needs Python 3.11 to 3.13; this is {sys.version.split()[0]} ({sys.executable}).")
    window = action == "test" or (action == "run" and opens_window(arguments))
    install_system_packages(window=window, tools=TEST_TOOLS if action == "test" else {})
    lock = {"run": "run", "train": "train", "test": "dev"}[action]
    install_lock("cluster" if action == "run" and any(one.split("=")[0] == "--cluster" for one in arguments) else lock)
    if action == "run":  # from the user's folder: paths are relative to it
        return call(SCRIPTS / "melascreen", *arguments)
    if action == "train":
        return call(SCRIPTS / "melascreen-train", *arguments)
    for check in (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)):
        if status := call(PYTHON, "-m", *check, cwd=ROOT):
            return status
    if arguments:  # a part of the tests covers a part of the code
        return call(PYTHON, "-m", "pytest", *arguments, cwd=ROOT)
    return call(PYTHON, "-m", "pytest", "--cov", "--cov-report=", cwd=ROOT) or call(
        PYTHON, "-m", "tests.coverage_floors", cwd=ROOT
    )


def opens_window(arguments: list[str]) -> bool:
    """Whether the program will need Qt; without a display it only says that there is none."""
    has_display = any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))
    return "--self-test" in arguments or (has_display and arguments[:1] != ["classify"])


def install_system_packages(*, window: bool, tools: dict[str, str], libraries: dict[str, str] | None = None) -> None:
    """Install what is missing of the system's libraries and tools, or say by which command it is done, and end.

    Both are names -> packages; `window` adds what Qt's needs.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = [] if PYTHON.exists() or importlib.util.find_spec("ensurepip") else [VENV_PACKAGE]
    wanted = (QT_LIBRARIES if window else {}) | (libraries or {})
    missing += [package for library, package in wanted.items() if not loads(library)]
    if window and not any(Path(folder).expanduser().is_dir() for folder in FONT_FOLDERS):
        missing.append("fonts-dejavu-core")
    missing += [package for tool, package in tools.items() if not shutil.which(tool)]
    if not missing:
        return
    install = f"apt-get update && apt-get install --yes --no-install-recommends {' '.join(missing)}"
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    may = not as_root or (
        shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0
    )
    if not shutil.which("apt-get"):
        sys.exit(fail(f"Install these with your system's package manager (names as on Debian): {' '.join(missing)}"))
    if not may:
        sys.exit(
            fail(f"Some system packages are missing. Type this, then start again:\n\n    sudo sh -c '{install}'\n")
        )
    print(f"Installing system packages: {' '.join(missing)}", file=sys.stderr)
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if call(*as_root, *environment, "sh", "-c", install):
        sys.exit(fail(f"That failed. The command was: {install}"))


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_lock(name: str) -> None:
    """Make `.venv` and install a lock into it, unless that or a larger one is there already."""
    hashes = {lock: hashlib.sha256((ROOT / f"requirements/{lock}.lock").read_bytes()).hexdigest() for lock in LOCKS}
    installed = json.loads(STAMP.read_text()) if STAMP.is_file() else {}
    if PYTHON.exists() and any(installed.get(lock) == hashes[lock] for lock in LOCKS[name]):
        return
    print(f"Installing requirements/{name}.lock into {VENV}", file=sys.stderr)
    if not (installed and PYTHON.exists()):  # none yet, or one that was cut off or has lost its Python
        require(sys.executable, "-m", "venv", "--clear", str(VENV))
        installed = {}
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    # a lock is whole: what packages ask for beyond it is left out on purpose
    require(*pip, "--no-deps", "--require-hashes", "--requirement", f"requirements/{name}.lock")
    # the project itself, in place; the tool that does it came with the lock
    require(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text(json.dumps(installed | {name: hashes[name]}))


def require(*command: str | Path) -> None:
    if call(*command, cwd=ROOT):
        sys.exit(fail(f"This command failed: {shlex.join(map(str, command))}"))


def call(*command: str | Path, cwd: Path | None = None) -> int:
    try:
        return subprocess.run(list(map(str, command)), cwd=cwd).returncode
    except KeyboardInterrupt:
        return 130


def fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
