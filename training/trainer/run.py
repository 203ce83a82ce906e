"""A training's folder: its settings, its log and its checkpoints; for the classifier's training, its prepared images.

An epoch is done when its row stands in `epochs.csv`, which is replaced in one go after the epoch's
checkpoint is on disk. Checkpoints that the log does not list are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from app.core.exchange.table import csv_bytes
from app.core.system.files import write_atomically
from training.data.prepare import Prepared
from training.errors import RecipeError
from training.recipe import Recipe, members_of

_NOT_SHAPING = {
    *("card", "description", "screening_sensitivity", "precision"),
    *("photographs", "calibration_sources", "other_cancers", "neutral_view"),
}
"""What may change in a recipe between two parts of a run: it touches neither images nor weights."""


class EpochRow(Protocol):
    """A row of the log: a frozen dataclass whose fields are the columns."""

    @property
    def phase(self) -> str:
        """Only epochs of the same phase are compared."""

    @property
    def checkpoint(self) -> str:
        """Name of the file that holds model and optimizer after the epoch."""

    def score(self, monitor: str) -> float:
        """The figure of this name on `val`, or its negative: higher is better."""


Row = TypeVar("Row", bound=EpochRow)


@dataclass(frozen=True)
class RunFolder(Generic[Row]):
    """The folder of a training, whatever its settings and the figures of its epochs."""

    epoch_type: ClassVar[type[Any]]

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "epochs.csv"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def note_settings(self, name: str, settings: Any, *, differing: str) -> None:
        """Write what the training is begun with as JSON to the file `name`.

        Raises `RecipeError` where the folder was begun otherwise; `differing` says what is not the same.
        """
        noted = self.folder / name
        content = msgspec.json.format(msgspec.json.encode(settings))
        if noted.is_file() and noted.read_bytes() != content:
            raise RecipeError(f"{self.folder}: begun with {differing} (see {name}). Choose another folder.")
        write_atomically(noted, content)

    def epochs(self) -> list[Row]:
        """The epochs that are done."""
        if not self.log.is_file():
            return []
        with self.log.open(newline="", encoding="utf-8") as file:
            return [msgspec.convert(row, self.epoch_type, strict=False) for row in csv.DictReader(file)]

    def save_epochs(self, epochs: Sequence[Row]) -> None:
        write_atomically(
            self.log, csv_bytes([field.name for field in fields(self.epoch_type)], map(msgspec.to_builtins, epochs))
        )

    def new_checkpoint(self, name: str) -> Path:
        """Where to write a checkpoint, in a folder that exists."""
        self.checkpoints.mkdir(exist_ok=True)
        return self.checkpoints / name

    def add_epoch(self, epoch: Row, monitor: str) -> None:
        """Log an epoch whose checkpoint is on disk; delete all checkpoints but the latest and the best."""
        epochs = [*self.epochs(), epoch]
        self.save_epochs(epochs)
        kept = {epoch.checkpoint, best_of(epochs, monitor).checkpoint}
        for path in self.checkpoints.iterdir():
            if path.name not in kept:
                path.unlink()

    def latest(self) -> Path:
        """The last epoch's checkpoint. Raises `RecipeError` before the first epoch."""
        return self.checkpoints / self._done()[-1].checkpoint

    def best(self, monitor: str) -> Path:
        """The latest phase's checkpoint with the best figure on `val`. Raises `RecipeError` before the first epoch."""
        return self.checkpoints / best_of(self._done(), monitor).checkpoint

    def _done(self) -> list[Row]:
        epochs = self.epochs()
        if not epochs:
            raise RecipeError(f"{self.folder}: no epoch has been trained yet.")
        return epochs


def best_of(epochs: Sequence[Row], monitor: str) -> Row:
    """The epoch with the highest score in the latest phase; the first of those that are equal.

    Not of all phases: they may differ in the images' size, and so in what their figures mean.
    """
    return max((epoch for epoch in epochs if epoch.phase == epochs[-1].phase), key=lambda epoch: epoch.score(monitor))


@dataclass(frozen=True)
class Epoch:
    """An epoch of the classifier: figures on `train` (with augmentation) and `val`.

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
        return -self.val_loss if monitor == "loss" else float(getattr(self, f"val_{monitor}"))


@dataclass(frozen=True)
class Run(RunFolder[Epoch]):
    """The folder of a classifier's training: its recipe is the settings.

    Its prepared images lie in it, or where `prepared_elsewhere` says.
    """

    epoch_type = Epoch

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

    def begin(self, recipe: Recipe) -> None:
        """Note the recipe and its data. Raises `RecipeError` where the folder was begun with others."""
        shaping = {name: value for name, value in msgspec.to_builtins(recipe).items() if name not in _NOT_SHAPING}
        shaping["data"] = recipe.data_paths
        for name in ("sources", "collections"):  # as in runs from before a recipe could choose among them
            if not shaping[name]:
                del shaping[name]
        shaping["phases"] = [  # nor could a phase have teachers
            {name: value for name, value in phase.items() if name != "taught" or value} for phase in shaping["phases"]
        ]
        self.note_settings("recipe.json", shaping, differing="another recipe or other data")


def checkpoint_name(phase: str, epoch: int) -> str:
    """The file that holds the classifier's model and optimizer after an epoch."""
    return f"{phase}-{epoch:03d}.keras"
