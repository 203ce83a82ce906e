from __future__ import annotations

import getpass
import json
import platform
from pathlib import Path

from app.core.system.about import licence_text, licences, versions


def test_gathered_licences_go_by_their_index(tmp_path: Path) -> None:
    index = [
        {"name": "Qt", "version": "6.11.3", "licence": "LGPL-3.0-only", "homepage": "https://qt.io", "file": "Qt.txt"},
        {"name": "numpy", "version": "2.4", "licence": "BSD-3-Clause", "homepage": "", "file": "numpy.txt"},
    ]
    (tmp_path / "index.json").write_text(json.dumps(index))
    for name, text in (("Qt", "GNU LESSER…"), ("numpy", "Redistribution"), ("forgotten", "Anybody may")):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    found = licences(tmp_path)
    assert [licence.name for licence in found] == ["forgotten", "numpy", "Qt"]
    assert (found[2].version, found[2].licence) == ("6.11.3", "LGPL-3.0-only")
    assert [licence_text(tmp_path, licence) for licence in found] == ["Anybody may", "Redistribution", "GNU LESSER…"]


def test_an_index_that_cannot_be_read_hides_no_licence(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("{")
    (tmp_path / "Qt.txt").write_text("GNU")
    assert [licence.name for licence in licences(tmp_path)] == ["Qt"]
    assert licence_text(tmp_path, licences(tmp_path / "nowhere")[0]) == ""


def test_an_index_leads_to_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "licences"
    folder.mkdir()
    (folder / "index.json").write_text(json.dumps([{"name": "evil", "file": "../secret.txt"}]))
    assert licence_text(folder, licences(folder)[0]) == ""


def test_from_source_they_are_those_of_the_packages_that_run_it(tmp_path: Path) -> None:
    found = {licence.name.lower(): licence for licence in licences(tmp_path / "none")}
    for name in ("melascreen", "numpy", "pillow", "ai-edge-litert", "pyside6_essentials", "shiboken6", "flatbuffers"):
        assert found[name].version
        assert found[name].licence, name
        assert len(found[name].licence) < 200
    assert not {"tensorflow", "pytest", "ruff"} & found.keys()  # what only trains or tests it is not shipped


def test_versions_name_neither_the_machine_nor_its_user() -> None:
    assert {"System", "Python", "LiteRT"} <= versions().keys()
    assert all(versions().values())
    text = " ".join(versions().values())
    assert platform.node() not in text
    assert getpass.getuser() not in text.split()
