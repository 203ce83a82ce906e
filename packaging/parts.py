"""What the bundle is made of: which projects' files PyInstaller took, their versions, licences and licence texts.

Runs in the build environment, for that is where the packages' records are.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

TEXTS = Path(__file__).parent / "licence_texts"
"""For packages whose wheels come without: see `_KEPT`."""

_KEPT = {
    "pyside6_essentials": ("qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
    "pyjpegls": ("pyjpegls.txt",),
    "shiboken6": ("qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
}

UNSTATED = {
    "ai-edge-litert": "Apache-2.0",
    "contourpy": "BSD-3-Clause",
    "pi_heif": "BSD-3-Clause AND LGPL-3.0-or-later",  # with libheif and libde265 inside, no x265
    "pydicom": "MIT",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyjpegls": "MIT AND BSD-3-Clause",  # with CharLS inside
    "pyside6_essentials": "LGPL-3.0-only",  # of the choice that its metadata gives
    "shiboken6": "LGPL-3.0-only",
    "simplejpeg": "MIT AND BSD-3-Clause AND IJG",  # with libjpeg-turbo inside
}
"""SPDX expressions where a package's metadata has none, or says less than is in its wheel (seen in the wheels)."""


SEE_TEXT = "see its text"
"""Instead of a licence's name, where nothing states one."""


@dataclass(frozen=True)
class Part:
    """A project that has files in the bundle. `kind` is "pypi", "deb" or "generic", as in a package URL."""

    name: str
    version: str
    licence: str
    kind: str
    texts: tuple[Path, ...]
    homepage: str = ""


def shipped_parts(shipped: Iterable[Path]) -> list[Part]:
    """The parts whose files are among the paths in `shipped`, sorted by name.

    Raises LookupError for one without a licence text.
    """
    owners = _owners()
    names, system = {"pyinstaller"}, set()  # PyInstaller's starter is in every bundle, but is no import
    root = Path(__file__).resolve().parents[1]
    for path in shipped:
        if name := owners.get(path):
            names.add(name)
        elif sys.platform == "linux" and not path.is_relative_to(root) and not _is_pythons(path):
            system.add(path)
    parts = [_python(), *map(_distribution, names), *_debian(system)]
    return sorted(parts, key=lambda part: (part.name.lower(), part.kind))


def _is_pythons(file: Path) -> bool:
    """Python's own modules and library; where Python is the system's, its folder has all other libraries too."""
    standard_library = Path(sysconfig.get_path("stdlib")).resolve()
    return file.name.startswith("libpython") or file.resolve().is_relative_to(standard_library)


def read_shipped(file: Path) -> list[Path]:
    """The source paths in the list that `melascreen.spec` writes; modules of a zipped library have none."""
    return [Path(source) for _, source in json.loads(file.read_text(encoding="utf-8")) if Path(source).is_absolute()]


def _owners() -> dict[Path, str]:
    """Installed file -> project, from the packages' own RECORDs (reading them by `files` would take a minute)."""
    owners = {}
    for distribution in metadata.distributions():
        name, base = distribution.metadata["Name"].lower(), str(distribution.locate_file(""))
        for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
            owners[Path(os.path.normpath(os.path.join(base, row[0])))] = name  # noqa: PTH118 - quick
    return owners


def _distribution(name: str) -> Part:
    found = metadata.distribution(name)
    fields = found.metadata.json  # PEP 566's: names in lower case
    stated = UNSTATED.get(name) or fields.get("license_expression") or fields.get("license") or SEE_TEXT
    licence = str(stated).strip().splitlines()[0]
    folder = Path(str(found.locate_file(""))) / f"{name.replace('-', '_')}-{found.version}.dist-info"
    texts = [
        path
        for file in sorted(found.files or (), key=str)
        if ".dist-info" in str(file)
        and re.search(r"licen[cs]e|copying|notice", file.name, re.IGNORECASE)
        and (path := Path(str(found.locate_file(file)))).is_file()
    ]
    texts += [TEXTS / name for name in _KEPT.get(name, ())]
    if not texts:
        raise LookupError(f"{name} ({licence}): no licence text in {folder} or {TEXTS}")
    homepage = str(fields.get("home_page") or _homepage(found.metadata.get_all("Project-URL") or []))
    return Part(found.metadata["Name"], found.version, licence, "pypi", tuple(texts), homepage)


def _homepage(urls: list[str]) -> str:
    pairs = [url.split(", ", 1) for url in urls if ", " in url]
    return next((url for label, url in pairs if label.lower() in ("homepage", "home", "source", "repository")), "")


def _python() -> Part:
    candidates = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",  # Windows
        Path(f"/usr/share/doc/libpython{sys.version_info.major}.{sys.version_info.minor}-minimal/copyright"),  # Debian
    )
    texts = tuple(file for file in candidates if file.is_file())[:1]
    if not texts:
        raise LookupError(f"Python's licence text is in none of {', '.join(map(str, candidates))}")
    return Part("Python", platform.python_version(), "PSF-2.0", "generic", texts, "https://www.python.org")


def _debian(files: Iterable[Path]) -> list[Part]:
    """The Debian packages of the system's libraries that were taken."""
    found: dict[str, Part] = {}
    for file in files:
        package = debian_package(file)
        version = _output("dpkg-query", "--show", "--showformat", "${source:Version}", package)
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        if not copyright_file.is_file():
            raise LookupError(f"{package}: no copyright file")
        found[package] = Part(package, version, SEE_TEXT, "deb", (copyright_file,), "https://packages.debian.org")
    return list(found.values())


def debian_package(file: Path) -> str:
    """The installed package that a library belongs to, without its architecture."""
    resolved = file.resolve()
    for name in dict.fromkeys((str(resolved), str(file), str(resolved).removeprefix("/usr"), f"/usr{file}")):
        result = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return result.stdout.split(":")[0]
    raise LookupError(f"{file} belongs to no package")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
