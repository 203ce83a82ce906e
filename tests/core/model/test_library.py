from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as changed

from app.core.domain.errors import BundleError
from app.core.history.repository import EntryRepository
from app.core.model import library as models_module
from app.core.model.bundle import load_bundle
from app.core.model.card import LicenceFile
from app.core.model.library import BUNDLED, ModelLibrary, holds_bundle
from app.core.screening.service import ImageSource, ScreeningService
from tests.conftest import NAMES
from tests.factories import with_gate, write_bundle


@pytest.fixture
def models(tmp_path: Path, model: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path / "данные" / "models", model)


@pytest.fixture
def bundle(tmp_path: Path, model: Path) -> Path:
    """The bundle that ships as another version, unpacked."""
    folder = Path(shutil.copytree(model, tmp_path / "bundle"))
    edit(folder, lambda card: card.update(name="Other clinic's", version="7 beta"))
    return folder


def edit(bundle: Path, change: Callable[[dict], object]) -> None:
    card = json.loads((bundle / "card.json").read_text())
    change(card)
    (bundle / "card.json").write_text(json.dumps(card))


def packed(bundle: Path, target: Path, *, within: str = "", more: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(target, "w") as opened:
        for file in bundle.iterdir():
            opened.write(file, within + file.name)
        for name, content in (more or {}).items():
            opened.writestr(name, content)
    return target


def all_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def refused(models: ModelLibrary, source: Path) -> str:
    """Why it is not installed; nothing of it is left then, and what was chosen from before still is."""
    before = all_files(models.folder)
    with pytest.raises(BundleError) as raised:
        models.install(source)
    assert all_files(models.folder) == before
    return str(raised.value)


@pytest.mark.parametrize("name", NAMES[1:3])
def test_install_from_a_zip(models: ModelLibrary, bundle: Path, tmp_path: Path, name: str) -> None:
    archive = packed(bundle, tmp_path / f"{name}.zip", within=f"{name}/", more={f"{name}/README.txt": b"hello"})
    assert holds_bundle(archive)
    installed = models.install(archive)
    sha8 = hashlib.sha256((bundle / "card.json").read_bytes()).hexdigest()[:8]
    assert installed.name == f"Other-clinic-s-7-beta-{sha8}"
    assert installed.title.startswith("Other clinic's 7 beta (")
    folder = models.path(installed.name)
    assert folder.parent == models.folder
    assert load_bundle(folder) == load_bundle(bundle)
    assert all_files(models.folder) == sorted(
        [installed.name, *(f"{installed.name}{os.sep}{file.name}" for file in bundle.iterdir())]
    )  # and nothing else: no README, nothing half done
    assert [choice.name for choice in models.choices()] == [BUNDLED, installed.name]


def test_install_from_a_folder_and_remove(models: ModelLibrary, bundle: Path, model: Path) -> None:
    installed = models.install(bundle)
    assert [choice.card for choice in models.choices()] == [load_bundle(model).card, load_bundle(bundle).card]
    models.remove(installed.name)
    assert [choice.name for choice in models.choices()] == [BUNDLED]
    models.remove(installed.name)  # it is gone, as was wanted
    with pytest.raises(BundleError, match="came with the program"):
        models.remove(BUNDLED)
    assert load_bundle(model)


def test_installed_again_it_mends_what_was_damaged(models: ModelLibrary, bundle: Path) -> None:
    installed = models.install(bundle)
    network = models.path(installed.name) / "network.tflite"
    network.write_bytes(b"junk")
    with pytest.raises(BundleError, match="checksum"):
        load_bundle(models.path(installed.name))
    assert models.install(bundle) == installed
    assert load_bundle(models.path(installed.name)) == load_bundle(bundle)
    assert len(models.choices()) == 2


def test_bundles_that_differ_in_the_card_alone_stand_beside_each_other(models: ModelLibrary, bundle: Path) -> None:
    first = models.install(bundle)
    edit(bundle, lambda card: card["operating_points"][0].update(threshold=0.5))
    second = models.install(bundle)
    assert [choice.name for choice in models.choices()[1:]] == sorted([first.name, second.name])


def test_one_that_cannot_be_put_there_leaves_the_one_before(
    models: ModelLibrary, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = models.install(bundle)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if target == models.path(installed.name) and self.name.startswith(".installing-"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    assert "No space left" in refused(models, bundle)
    assert load_bundle(models.path(installed.name)) == load_bundle(bundle)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda card: card.update(schema=99), "schema"),
        (lambda card: card.update(self_test_probability=0.987), "0.987"),
        (lambda card: card["network"].update(sha256="0" * 64), "checksum"),
        (lambda card: card["network"].update(file=".."), "names a file"),
        (lambda card: card["network"].update(file="../network.tflite"), "file"),
        (lambda card: card["network"].update(file="missing.tflite"), "missing.tflite"),
        (lambda card: card["network"].update(side=128), "shapes"),
        (lambda card: card["outline"].update(side=64), "agree"),
    ],
)
def test_what_is_no_whole_bundle_is_refused(
    models: ModelLibrary, bundle: Path, tmp_path: Path, change: Callable[[dict], object], word: str
) -> None:
    edit(bundle, change)
    for source in (bundle, packed(bundle, tmp_path / "model.zip")):
        error = refused(models, source)
        assert error.startswith(f"{source.name} was not installed.")
        assert word in error
        assert ".installing-" not in error


@pytest.mark.filterwarnings("ignore:Duplicate name")  # on Windows \\ is written as /
def test_names_that_lead_out_of_the_zip_lead_nowhere(models: ModelLibrary, bundle: Path, tmp_path: Path) -> None:
    evil = {"../evil.txt": b"evil", "/tmp/evil.txt": b"evil", "..\\evil.txt": b"evil", "a/../../evil.txt": b"evil"}
    models.install(packed(bundle, tmp_path / "model.zip", more=evil))
    assert not list(tmp_path.rglob("*evil*"))
    assert refused(models, packed(bundle, tmp_path / "outside.zip", within="../")).count("no model") == 1


def test_what_is_too_large_is_refused_before_it_fills_the_disk(
    models: ModelLibrary, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(bundle, tmp_path / "model.zip")
    monkeypatch.setattr(models_module, "SIZE_LIMIT", 2_000_000)
    for source in (bundle, archive):
        assert "too large" in refused(models, source)
    assert not holds_bundle(archive)  # larger than any: not even looked into


def test_gate_and_licence_come_along(models: ModelLibrary, model: Path, tmp_path: Path) -> None:
    gated = with_gate(load_bundle(model), 0.9)
    licence = LicenceFile("LICENCE.txt", hashlib.sha256(b"free").hexdigest(), "CC0 1.0")
    whole = replace(gated, card=changed(gated.card, licence=licence), licence=b"free")
    folder = write_bundle(whole, tmp_path / "whole")
    for source in (folder, packed(folder, tmp_path / "whole.zip")):
        assert load_bundle(models.path(models.install(source).name)) == whole
    (folder / "gate.npz").write_bytes(b"junk")
    edit(folder, lambda card: card["gate"].update(sha256=hashlib.sha256(b"junk").hexdigest()))
    assert "can't be read" in refused(models, folder)


def test_an_array_may_not_unpack_to_more_than_fits(models: ModelLibrary, bundle: Path) -> None:
    packed_zeros = io.BytesIO()
    np.savez_compressed(packed_zeros, mean=np.zeros(30_000_000, np.float32))
    content = packed_zeros.getvalue()
    assert len(content) < 1_000_000
    (bundle / "arrays.npz").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    described = {"file": "arrays.npz", "sha256": sha256, "limit": 1.0, "chosen": "by nobody"}
    edit(bundle, lambda card: card.update(familiarity=described))
    assert "too large" in refused(models, bundle)


def test_zips_that_are_none_or_have_none(models: ModelLibrary, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "junk.zip").write_bytes(b"junk")
    assert "damaged" in refused(models, tmp_path / "junk.zip")
    deep = packed(bundle, tmp_path / "deep.zip", within="a/b/")
    assert "no model in the ZIP" in refused(models, deep)
    two = packed(bundle, tmp_path / "two.zip", within="a/", more={"b/card.json": b"{}"})
    assert "2 models" in refused(models, two)
    assert "can't be read" in refused(models, tmp_path / "gone.zip")
    cut = tmp_path / "cut.zip"
    whole = packed(bundle, tmp_path / "whole.zip").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(models, cut)
    pictures = packed(bundle, tmp_path / "pictures.zip", more={"DCIM/1.JPG": b"a picture"})
    assert [holds_bundle(path) for path in (deep, two, cut, tmp_path / "gone.zip", pictures)] == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_a_folder_that_cannot_be_written_to_is_told(bundle: Path, tmp_path: Path, model: Path) -> None:
    (tmp_path / "stick").touch()
    models = ModelLibrary(tmp_path / "stick" / "models", model)
    assert str(tmp_path / "stick") in refused(models, bundle)
    assert [choice.name for choice in models.choices()] == [BUNDLED]


def test_what_a_kill_left_is_no_choice_and_goes_in_time(models: ModelLibrary, bundle: Path) -> None:
    models.folder.mkdir(parents=True)
    old, new = models.folder / ".installing-old", models.folder / ".installing-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "card.json").write_bytes((bundle / "card.json").read_bytes())
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    assert [choice.name for choice in models.choices()] == [BUNDLED]
    models.install(bundle)
    assert not old.exists()
    assert new.exists()


def test_a_name_in_the_settings_is_no_way_out(models: ModelLibrary, tmp_path: Path) -> None:
    for name in ("../../bundle", "/etc", "..", ".", "C:\\Windows", ".installing-x"):
        assert models.path(name).parent == models.folder
        assert models.path(name) != models.bundled


def test_a_damaged_card_still_has_a_title(models: ModelLibrary, bundle: Path) -> None:
    installed = models.install(bundle)
    (models.path(installed.name) / "card.json").write_text("{")
    choice = models.choices()[1]
    assert choice.card is None
    assert choice.title == installed.name


def test_the_one_that_was_given_goes_first(model: Path, tmp_path: Path) -> None:
    models = ModelLibrary(tmp_path / "models", model, override=tmp_path / "given")
    assert {models.path(name) for name in (BUNDLED, "other")} == {tmp_path / "given"}


def test_the_screener_takes_another_model_and_never_the_one_before(
    model: Path, bundle: Path, models: ModelLibrary, tmp_path: Path, image_file: Callable[..., Path]
) -> None:
    installed = models.install(bundle)
    service = ScreeningService(model, EntryRepository(tmp_path / "history.sqlite3"))
    source = ImageSource(image_file())
    first, _ = service.screen(source)
    assert service.use(models.path(installed.name)).name == "Other clinic's"
    second, _ = service.screen(source)
    assert [str(result.model) for result in (first, second)] == [
        str(load_bundle(model).card.model_id),
        "Other clinic's 7 beta",
    ]
    models.remove(installed.name)
    with pytest.raises(BundleError):
        service.use(models.path(installed.name))
    with pytest.raises(BundleError):
        list(service.screen(source))
