"""docs/architecture.md names every package, with the sentence of its `__init__.py`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def packages() -> dict[str, str]:
    """Each package of the product and the first line of its docstring."""
    files = [file for root in ("app", "training") for file in (ROOT / root).rglob("__init__.py")]
    trees = {file.parent: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    return {
        folder.relative_to(ROOT).as_posix(): (ast.get_docstring(tree) or "").split("\n")[0]
        for folder, tree in trees.items()
    }


def test_the_page_has_the_sentence_of_every_package() -> None:
    rows = dict(re.findall(r"^\| `((?:app|training)[a-z_/]*)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == packages()


def test_the_picture_has_every_package() -> None:
    picture = PAGE.split("```mermaid")[1].split("```")[0]
    names = set(re.findall(r"[a-z_]+", picture))
    assert {package.split("/")[-1] for package in packages()} <= names


def test_only_one_module_has_qts_network_module() -> None:
    knowing = [file for file in (ROOT / "app").rglob("*.py") if "QtNetwork" in file.read_text(encoding="utf-8")]
    assert knowing == [ROOT / "app" / "ui" / "window" / "hand_over.py"]
