#!/usr/bin/env python3
"""Makes MelaScreen's bundle and its installers for this system, from a clean checkout. Needs nothing but Python.

    python3 packaging/build.py [--bundle-only] [--version VERSION]

The bundle comes to lie in `build/MelaScreen`, the installers, their SHA256SUMS and the list of components in `dist`.
The same commit gives the same bytes: times are the commit's, entries are sorted, owners are root.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD, DIST = ROOT / "build", ROOT / "dist"
BUNDLE, PREPARED, SHIPPED = BUILD / "MelaScreen", BUILD / "prepared", BUILD / "shipped.json"
LOCK = ROOT / "requirements" / "package.lock"
ENVIRONMENT = BUILD / "environment"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TOOLS = {"objdump": "binutils", "makeself": "makeself", "xz": "xz-utils", "dpkg-deb": "dpkg"}
"""On Linux: command -> Debian package."""
_LIBPYTHON = f"libpython3.{sys.version_info.minor}"
PYTHON_LIBRARY = {f"{_LIBPYTHON}.so.1.0": _LIBPYTHON} if sys.base_prefix == "/usr" else {}
"""Library -> package: PyInstaller packs Python as a library, which Debian's program does without."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle-only", action="store_true", help="make no installers")
    parser.add_argument("--version", help="call it another version than pyproject.toml's, to try an upgrade")
    options = parser.parse_args()
    version = options.version or project_version(ROOT)
    epoch = commit_time()
    os.environ |= {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    # on macOS PyInstaller else goes on with an app that could not be signed
    os.environ |= {"PYINSTALLER_STRICT_BUNDLE_CODESIGN_ERROR": "1", "PYINSTALLER_VERIFY_BUNDLE_SIGNATURE": "1"}
    os.umask(0o022)
    sys.path.insert(0, str(ROOT))
    if sys.platform.startswith("linux"):
        import dev

        dev.install_system_packages(window=True, tools=TOOLS, libraries=PYTHON_LIBRARY)
    make_environment()
    make_bundle(version)
    if options.bundle_only:
        return
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    sbom = DIST / f"MelaScreen-{version}.cdx.json"
    run(PYTHON, "packaging/sbom.py", SHIPPED, "resources/model", sbom, version, str(epoch))
    if sys.platform.startswith("linux"):
        from linux import appdir, deb, selfextracting

        deb.make(BUNDLE, PREPARED, DIST, version=version, epoch=epoch)
        selfextracting.make(BUNDLE, PREPARED, DIST, version=version, epoch=epoch)
        appdir.make(BUNDLE, PREPARED, BUILD / "MelaScreen.AppDir", epoch=epoch)
    elif sys.platform == "win32":
        from windows import installer

        installer.make(BUNDLE, PREPARED, DIST, version=version, epoch=epoch)
    elif sys.platform == "darwin":
        from macos import dmg

        dmg.make(BUILD / "MelaScreen.app", DIST, version=version)
    write_checksums(DIST)
    print((DIST / "SHA256SUMS").read_text(encoding="utf-8"), end="")


def project_version(root: Path) -> str:
    """The version in `pyproject.toml`, the only place that has it."""
    return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def commit_time() -> int:
    """Seconds since 1970 of the commit that is checked out, or what SOURCE_DATE_EPOCH says."""
    if stated := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(stated)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError):
        sys.exit("This is no git checkout: say in SOURCE_DATE_EPOCH what time the files shall bear.")


def make_environment() -> None:
    """The build's own environment: the program's packages and PyInstaller, pinned with hashes; no TensorFlow."""
    stamp = ENVIRONMENT / "made-from"
    wanted = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version}"
    if PYTHON.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    run(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "--requirement", LOCK)
    stamp.write_text(wanted, encoding="utf-8")


def make_bundle(version: str) -> None:
    """`build/MelaScreen`: the program, its resources and the licences."""
    shutil.rmtree(PREPARED, ignore_errors=True)
    run(PYTHON, "packaging/icons.py", PREPARED)
    (PREPARED / "version").write_text(version, encoding="utf-8")
    if sys.platform == "win32":
        from windows import version_resource

        for program in ("melascreen", "melascreen-console"):
            resource = version_resource.text(version, program=program)
            (PREPARED / f"{program}.version.txt").write_text(resource, encoding="utf-8")
    # where `app.core.system.version` looks, whether it runs from source or from a bundle
    stated = f'[project]\nname = "melascreen"\nversion = "{version}"\n'
    (PREPARED / "pyproject.toml").write_text(stated, encoding="utf-8", newline="\n")
    pyinstaller = (PYTHON, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN")
    run(*pyinstaller, "--distpath", BUILD, "--workpath", BUILD / "work", "packaging/melascreen.spec")
    if sys.platform.startswith("linux"):
        strip_python(BUNDLE / "_internal")
    elif sys.platform == "win32":
        run(PYTHON, "packaging/windows/libraries.py", BUNDLE)


def strip_python(contents: Path) -> None:
    """Take the debugging symbols out of Python itself: 24 MB where it was built by pyenv.

    Wheels are left alone: `strip` breaks libraries that auditwheel has changed (OpenBLAS's no longer loads).
    """
    for file in sorted((*contents.glob("libpython3*.so*"), *contents.glob("python3*/lib-dynload/*.so"))):
        run("strip", "--strip-unneeded", file)


def write_checksums(folder: Path) -> None:
    """`SHA256SUMS` of the files in a folder, sorted by name, for `sha256sum --check`."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def run(*command: str | Path) -> None:
    """Run a command in the checkout; end, saying which, if it fails."""
    words = list(map(str, command))
    if subprocess.run(words, cwd=ROOT).returncode:
        sys.exit(f"This command failed: {' '.join(words)}")


if __name__ == "__main__":
    main()
