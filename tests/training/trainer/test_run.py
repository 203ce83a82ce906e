"""The folder of a training, with settings and an epoch's row made up for the purpose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from training.errors import RecipeError
from training.recipe import load_recipe
from training.trainer.run import Run, RunFolder


@dataclass(frozen=True)
class Row:
    phase: str
    number: int
    val_hits: float

    @property
    def checkpoint(self) -> str:
        return f"{self.phase}{self.number}.bin"

    def score(self, monitor: str) -> float:
        return float(getattr(self, f"val_{monitor}"))


@dataclass(frozen=True)
class Folder(RunFolder[Row]):
    epoch_type = Row


def add(folder: Folder, row: Row) -> set[str]:
    """Add an epoch with its checkpoint; gives the checkpoints that are kept."""
    folder.new_checkpoint(row.checkpoint).write_bytes(b"weights")
    folder.add_epoch(row, "hits")
    return {path.name for path in folder.checkpoints.iterdir()}


def test_the_latest_and_the_best_checkpoint_are_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.epochs() == []
    rows = [Row("a", 0, 0.5), Row("a", 1, 0.75), Row("a", 2, 0.25), Row("a", 3, 0.75)]
    kept = [add(folder, row) for row in rows]
    assert kept == [{"a0.bin"}, {"a1.bin"}, {"a1.bin", "a2.bin"}, {"a1.bin", "a3.bin"}]  # the first of equal ones
    assert folder.epochs() == rows
    assert (folder.latest().name, folder.best("hits").name) == ("a3.bin", "a1.bin")


def test_the_best_is_of_the_latest_phase(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    add(folder, Row("a", 0, 0.9))
    assert add(folder, Row("b", 0, 0.1)) == {"b0.bin"}
    assert folder.best("hits").name == "b0.bin"


def test_a_checkpoint_that_the_log_does_not_list_is_ignored(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    add(folder, Row("a", 0, 0.5))
    folder.new_checkpoint("a1.bin").write_bytes(b"cut short")
    assert folder.latest().name == "a0.bin"


def test_before_the_first_epoch_there_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no epoch"):
        Folder(tmp_path).best("hits")
    with pytest.raises(RecipeError, match="no epoch"):
        Folder(tmp_path).latest()


def test_a_folder_is_not_gone_on_with_by_other_settings(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for _ in range(2):
        folder.note_settings("made-up.json", {"rate": 0.1}, differing="another rate")
    before = (tmp_path / "made-up.json").read_bytes()
    with pytest.raises(RecipeError, match=r"another rate \(see made-up.json\)"):
        folder.note_settings("made-up.json", {"rate": 0.2}, differing="another rate")
    assert (tmp_path / "made-up.json").read_bytes() == before


def test_the_classifiers_files_have_the_names_that_a_training_under_way_has(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.begin(load_recipe("quick"))
    header = "phase,epoch,seconds,train_loss,train_accuracy,val_loss,val_accuracy,val_auroc\n"
    log = header + "frozen,0,90.4,1.7763837575912476,0.6442792415618896,0.7559983788668884,0.5384990253411306,0.64\n"
    (tmp_path / "epochs.csv").write_bytes(log.encode())
    (epoch,) = run.epochs()
    assert (epoch.phase, epoch.epoch, epoch.val_auroc) == ("frozen", 0, 0.64)
    assert run.latest() == tmp_path / "checkpoints" / "frozen-000.keras"
    run.save_epochs([epoch])
    assert (tmp_path / "epochs.csv").read_bytes().split() == log.encode().split()
    assert {path.name for path in tmp_path.iterdir()} == {"epochs.csv", "recipe.json"}


def test_a_run_from_before_sources_could_be_chosen_goes_on(tmp_path: Path) -> None:
    recipe = load_recipe("quick")
    run = Run(tmp_path)
    run.begin(recipe)
    assert "sources" not in (tmp_path / "recipe.json").read_text()
    with pytest.raises(RecipeError, match="another recipe"):
        run.begin(replace(recipe, sources=("ISIC2017",)))
