"""Versions and licences of the program and its parts."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from pathlib import Path

import ai_edge_litert
import msgspec
import numpy as np
import PIL
from msgspec import Struct

INDEX = "index.json"
"""In a folder of licences: a list of `Licence`. The build writes it (`packaging/licences.py`)."""


class Licence(Struct, frozen=True):
    """A part of the program. `file` has its licence's text, beside the index; empty where none was gathered."""

    name: str
    version: str = ""
    licence: str = ""
    file: str = ""


DRAWN = (Licence("IBM Plex Sans", "1.1.0", "OFL-1.1"), Licence("Lucide", "1.62.0", "ISC AND MIT"))
"""The fonts and the icons, whose licences lie beside them in `resources`."""


def versions() -> dict[str, str]:
    """Versions of the parts and the system. Nothing names the machine or its user."""
    return {
        "System": platform.platform(),
        "Python": platform.python_version(),
        "LiteRT": ai_edge_litert.__version__,
        "NumPy": np.__version__,
        "Pillow": PIL.__version__,
    }


def licences(folder: Path) -> list[Licence]:
    """Licences of all shipped parts, gathered by the build in `folder`, sorted by name.

    Where there is no such folder, as from source, of the packages that are installed to run the program, and of fonts
    and icons. Licences whose index can't be read go by their files' names.
    """
    try:
        texts = sorted(file.name for file in folder.iterdir() if file.suffix == ".txt")
    except OSError:
        return sorted((*_of_packages(), *DRAWN), key=lambda licence: licence.name.casefold())
    try:
        listed = msgspec.json.decode((folder / INDEX).read_bytes(), type=list[Licence])
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        listed = []
    named = {licence.file for licence in listed}
    listed += [Licence(Path(text).stem, file=text) for text in texts if text not in named]
    return sorted(listed, key=lambda licence: licence.name.casefold())


def licence_text(folder: Path, licence: Licence) -> str:
    """The licence's text; empty where there is none."""
    try:
        return (folder / Path(licence.file).name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _of_packages(root: str = "melascreen") -> list[Licence]:
    """A package and its dependencies, direct and indirect, without extras."""
    found: dict[str, Licence] = {}
    pending = [root]
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if name in found:
            continue
        try:
            package = metadata.metadata(name)
        except metadata.PackageNotFoundError:  # needed on another system
            continue
        found[name] = Licence(package["Name"], package["Version"], _licence_of(package))
        pending += [
            match[0]
            for requirement in metadata.requires(name) or []
            if "extra ==" not in requirement and (match := re.match(r"[\w.-]+", requirement))
        ]
    return sorted(found.values(), key=lambda licence: licence.name.casefold())


def _licence_of(package: metadata.PackageMetadata) -> str:
    """A package's licence from its metadata: expression, classifiers or free text."""

    def stated(field: str) -> list[str]:
        return [str(text) for text in package.get_all(field) or []]

    classified = [text.rsplit(" :: ", 1)[1] for text in stated("Classifier") if text.startswith("License ::")]
    lines = [text.strip().partition("\n")[0] for text in stated("License")]
    return ", ".join(stated("License-Expression") or classified or lines)
