"""What the bundle is made of, its licences and the list of components."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import licences
import parts

LIBC = Path("/usr/lib/x86_64-linux-gnu/libc.so.6")


def test_the_project_of_a_file_is_found_with_its_licence_text():
    found = parts.shipped_parts([Path(np.__file__)])
    by_name = {part.name: part for part in found}
    assert {"numpy", "Python", "pyinstaller"} == set(by_name)
    assert by_name["numpy"].version == np.__version__
    assert "BSD-3-Clause" in by_name["numpy"].licence
    assert any("Redistribution" in file.read_text(errors="replace") for file in by_name["numpy"].texts)


@pytest.mark.skipif(not LIBC.is_file() or not shutil.which("dpkg-query"), reason="it asks Debian's records")
def test_a_library_of_the_systems_counts_even_where_python_is_the_systems_too(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert "libc6" in {part.name for part in parts.shipped_parts([LIBC])}
    assert {part.name for part in parts.shipped_parts([Path(json.__file__)])} == {"Python", "pyinstaller"}


def test_qt_comes_with_the_lgpl_although_its_wheel_does_not():
    import PySide6

    (qt,) = [part for part in parts.shipped_parts([Path(PySide6.__file__)]) if part.name.startswith("PySide6")]
    text = "".join(file.read_text(encoding="utf-8") for file in qt.texts)
    assert qt.licence == "LGPL-3.0-only"
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "download.qt.io" in text  # where its source is


def test_a_package_without_any_licence_text_stops_the_build(monkeypatch):
    monkeypatch.setattr(parts, "_KEPT", {})
    import PySide6

    with pytest.raises(LookupError, match="pyside6_essentials"):
        parts.shipped_parts([Path(PySide6.__file__)])


def test_licences_are_a_file_each_and_an_index(tmp_path):
    (tmp_path / "one").write_text("first text")
    (tmp_path / "two").write_text("second text")
    part = parts.Part("thing", "1.0", "MIT", "pypi", (tmp_path / "one", tmp_path / "two"), "https://example.org")
    licences.write_licences([part], tmp_path / "out")
    (entry,) = json.loads((tmp_path / "out" / "index.json").read_text())
    assert entry == {
        "name": "thing",
        "version": "1.0",
        "licence": "MIT",
        "homepage": "https://example.org",
        "file": "thing.txt",
    }
    text = (tmp_path / "out" / "thing.txt").read_text()
    assert text.index("first text") < text.index("second text")


def test_list_of_components_is_the_same_every_time(tmp_path, shipped_model):
    pytest.importorskip("cyclonedx", reason="it comes with requirements/package.lock")
    import datetime as dt

    from cyclonedx.output.json import JsonV1Dot6

    import sbom

    part = parts.Part("pillow", "1.0", "MIT-CMU", "pypi", ())
    made = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    texts = [JsonV1Dot6(sbom.make_bom([part], shipped_model, "1.2.0", made)).output_as_string() for _ in range(2)]
    assert texts[0] == texts[1]
    bom = json.loads(texts[0])
    assert bom["metadata"]["component"]["version"] == "1.2.0"
    components = {component["bom-ref"]: component for component in bom["components"]}
    assert components["pkg:pypi/pillow@1.0"]["licenses"] == [{"expression": "MIT-CMU"}]
    assert components["model/network.tflite"]["hashes"][0]["alg"] == "SHA-256"
