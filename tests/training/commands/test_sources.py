"""A recipe that takes some of the data's sources."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from msgspec.structs import replace

from training.__main__ import main as melascreen_train
from training.export.card import split_data
from training.recipe import load_recipe
from training.trainer.run import Run


@pytest.fixture
def two_sources(table: Path, tmp_path: Path) -> Path:
    """Some images of `table`, by turns of the sources A and B, all of them with a split."""
    with (table / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:12]
    folder = tmp_path / "two"
    folder.mkdir()
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "path", "split"])
        writer.writeheader()
        for number, row in enumerate(rows):
            image = table / "images" / f"{row['image']}.jpg"
            writer.writerow(row | {"source": "AB"[number % 2], "path": image, "split": "train"})
    return folder


def prepared(recipe_file: Path, data: Path, run: Path, sources: str) -> int:
    recipe = run.with_suffix(".toml")
    recipe.write_text(f'name = "some"\nbase = "{recipe_file.as_posix()}"\nsources = {sources}\n', encoding="utf-8")
    return melascreen_train(["prepare", "--recipe", str(recipe), "--data", str(data), "--run", str(run)])


def test_only_their_images_are_prepared_and_measured_on(recipe_file: Path, two_sources: Path, tmp_path: Path) -> None:
    assert prepared(recipe_file, two_sources, tmp_path / "run", '["B"]') == 0
    run = Run(tmp_path / "run")
    assert [example.source for example in run.prepared.load()] == ["B"] * 6
    recipe = replace(load_recipe(str(tmp_path / "run.toml")), data=str(two_sources))
    assert split_data(recipe, run) == (str(run.prepared.table),)


def test_none_named_takes_all(recipe_file: Path, two_sources: Path, tmp_path: Path) -> None:
    assert prepared(recipe_file, two_sources, tmp_path / "run", "[]") == 0
    run = Run(tmp_path / "run")
    assert len(run.prepared.load()) == 12
    recipe = replace(load_recipe(str(tmp_path / "run.toml")), data=str(two_sources))
    assert split_data(recipe, run) == (str(two_sources),)


def test_a_source_that_is_not_there_is_named(
    recipe_file: Path, two_sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepared(recipe_file, two_sources, tmp_path / "run", '["A", "C"]') == 1
    assert "no image of the source C (there are: A, B)" in capsys.readouterr().err
