"""Puts the licence texts of everything that is shipped into the bundle: a file each, and `index.json` for the program.

    python packaging/licences.py SHIPPED.json FOLDER VERSION

`index.json` is a list, sorted by name, of `{"name", "version", "licence", "homepage", "file"}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from parts import Part, read_shipped, shipped_parts

ROOT = Path(__file__).resolve().parents[1]
RESOURCES = ROOT / "resources"
PLEX, LUCIDE = "https://github.com/IBM/plex", "https://lucide.dev"


def write_licences(parts: Sequence[Part], folder: Path) -> None:
    """Write each part's texts, one after the other, into one file in `folder`, and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for part in parts:
        name = f"{part.name}.txt"
        texts = dict.fromkeys(file.read_text(encoding="utf-8", errors="replace").strip() for file in part.texts)
        (folder / name).write_text("\n\n----------\n\n".join(texts) + "\n", encoding="utf-8", newline="\n")
        entry = {"name": part.name, "version": part.version, "licence": part.licence, "homepage": part.homepage}
        entries.append(entry | {"file": name})
    index = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
    (folder / "index.json").write_text(index, encoding="utf-8", newline="\n")


def main() -> None:
    shipped, folder, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    ours = Part("MelaScreen", version, "MIT", "generic", (ROOT / "LICENSE",))
    drawn = (
        Part("IBM Plex Sans", "1.1.0", "OFL-1.1", "generic", (RESOURCES / "fonts" / "LICENSE.txt",), PLEX),
        Part("Lucide", "1.62.0", "ISC AND MIT", "generic", (RESOURCES / "icons" / "lucide" / "LICENSE.txt",), LUCIDE),
    )
    write_licences([ours, *drawn, *shipped_parts(read_shipped(shipped))], folder)


if __name__ == "__main__":
    main()
