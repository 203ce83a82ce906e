"""A training run's folder: what it was begun with, what is done, where its files lie.

An epoch is done when its row stands in `epochs.csv`, which is replaced in one go after the epoch's
checkpoint is on disk. What the log does not name is as if it had never been.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec

from app.core.exchange.table import csv_bytes
from app.core.system.files import write_atomically
from training.data.prepare import Prepared
from training.errors import RecipeError
from training.recipe import Recipe, members_of

_NOT_SHAPING = {"card", "description", "screening_sensitivity", "float16"}
"""What may change in a recipe between two parts of a run: it touches neither images nor weights."""


@dataclass(frozen=True)
class Epoch:
    """A row of the log: what an epoch gave on `train` (with augmentation) and `val`.

    `train_loss` is what is minimised, with label smoothing and the diagnoses' part; `val_loss` is the
    cross-entropy of melanoma alone.
    """

    phase: str
    epoch: int
    seconds: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    val_auroc: float

    @property
    def checkpoint(self) -> str:
        return checkpoint_name(self.phase, self.epoch)

    def score(self, monitor: str) -> float:
        """Higher is better."""
        return -self.val_loss if monitor == "loss" else float(getattr(self, f"val_{monitor}"))


@dataclass(frozen=True)
class Run:
    """A training run's folder: the recipe it was begun with, its log, its checkpoints.

    Its prepared images lie in it, or where `prepared_elsewhere` says.
    """

    folder: Path
    prepared_elsewhere: Prepared | None = None

    @property
    def prepared(self) -> Prepared:
        return self.prepared_elsewhere or Prepared(self.folder / "prepared")

    def networks(self, recipe: Recipe) -> list[tuple[Recipe, Run]]:
        """What is to be trained: the recipe itself here, or each of its members in a run of its own."""
        members = [(member, self.part(f"members/{member.name}")) for member in members_of(recipe)]
        return members or [(recipe, self)]

    def part(self, name: str) -> Run:
        """A run of its own within this one, on the same prepared images."""
        return Run(self.folder / name, self.prepared)

    @property
    def log(self) -> Path:
        return self.folder / "epochs.csv"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def epochs(self) -> list[Epoch]:
        """The epochs that are done."""
        if not self.log.is_file():
            return []
        with self.log.open(newline="", encoding="utf-8") as file:
            return [msgspec.convert(row, Epoch, strict=False) for row in csv.DictReader(file)]

    def save_epochs(self, epochs: Sequence[Epoch]) -> None:
        write_atomically(self.log, csv_bytes([field.name for field in fields(Epoch)], map(asdict, epochs)))

    def begin(self, recipe: Recipe) -> None:
        """Note the recipe and its data. Raises `RecipeError` where the folder was begun with others."""
        noted = self.folder / "recipe.json"
        shaping = {name: value for name, value in msgspec.to_builtins(recipe).items() if name not in _NOT_SHAPING}
        shaping["data"] = recipe.data_paths
        content = msgspec.json.format(msgspec.json.encode(shaping))
        if noted.is_file() and noted.read_bytes() != content:
            raise RecipeError(
                f"{self.folder}: begun with another recipe or other data (see {noted.name}). Choose another folder."
            )
        write_atomically(noted, content)

    def best(self, monitor: str) -> Path:
        """The latest phase's checkpoint with the best figure on `val`. Raises `RecipeError` before the first epoch."""
        epochs = self.epochs()
        if not epochs:
            raise RecipeError(f"{self.folder}: no epoch has been trained yet.")
        return self.checkpoints / best_of(epochs, monitor).checkpoint


def checkpoint_name(phase: str, epoch: int) -> str:
    """The file that holds model and optimizer after an epoch."""
    return f"{phase}-{epoch:03d}.keras"


def best_of(epochs: Sequence[Epoch], monitor: str) -> Epoch:
    """The epoch with the highest score in the latest phase; the first of those that are equal.

    Not of all phases: they may differ in the images' size, and so in what their figures mean.
    """
    return max((epoch for epoch in epochs if epoch.phase == epochs[-1].phase), key=lambda epoch: epoch.score(monitor))
