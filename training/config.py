"""What a training run is made from: a recipe, read from TOML and checked before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from training.errors import RecipeError

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[int, Meta(ge=1)]
Rate = Annotated[float, Meta(gt=0.0)]

RECIPES = Path(__file__).parent / "recipes"


class Augmentation(Struct, frozen=True, forbid_unknown_fields=True):
    """Random changes to each training image; 0 turns one off.

    `rotation` is a fraction of a full turn either way, `translation` of the side, `zoom` of the size,
    `contrast` a factor of 1 ± the value around the image's mean (as Keras's layers define them).
    """

    flip: bool = False
    rotation: Fraction = 0.0
    translation: Fraction = 0.0
    contrast: Fraction = 0.0
    zoom: Fraction = 0.0


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """The network: a backbone, then dense layers with ReLU, dropout and a softmax over two classes.

    `side` is the input's side in pixels. `weights` is `imagenet`, `none`, or the path of a weights file.
    """

    backbone: Literal["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "inception-resnet-v2"]
    side: Annotated[int, Meta(ge=32, le=1024)]
    weights: str = "imagenet"
    dense: tuple[Positive, ...] = ()
    dropout: Fraction = 0.0


class LearningRate(Struct, frozen=True, forbid_unknown_fields=True):
    """`constant`; `exponential` (times `decay_rate` every `decay_steps`); `cosine` (to 0 over the phase)."""

    kind: Literal["constant", "exponential", "cosine"]
    initial: Rate
    decay_steps: Positive = 1
    decay_rate: Rate = 1.0
    staircase: bool = False


class Phase(Struct, frozen=True, forbid_unknown_fields=True):
    """Some epochs with one set of trainable layers. The head always is trainable.

    `trainable` says what of the backbone is: `none`, `all`, or the number of its last layers, batch
    normalisation never counted and never trained (its statistics stay those of ImageNet).
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    epochs: Positive
    trainable: Literal["none", "all"] | Positive
    learning_rate: LearningRate


class KnownData(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle's card says of the images of one `source` (the table's column)."""

    source: str
    licence: str
    citation: str


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle's card says that can't be measured."""

    name: str
    version: str
    intended_use: str
    limits: tuple[str, ...]
    data: tuple[KnownData, ...] = ()


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole run. `data` is a table or a folder a class, relative to the current folder.

    `balance` draws both classes equally often; an epoch then has `images_per_epoch` draws (0: as many as
    there are training images). `label_smoothing` moves that share of each label to the even mixture of the
    classes (Szegedy et al., CVPR 2016). `monitor` is the figure on `val` by which the best weights are kept.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    description: str
    data: str
    card: About
    network: Network
    phases: Annotated[tuple[Phase, ...], Meta(min_length=1)]
    augmentation: Augmentation = Augmentation()
    seed: int = 1337
    batch_size: Positive = 32
    balance: bool = False
    images_per_epoch: Annotated[int, Meta(ge=0)] = 0
    label_smoothing: Fraction = 0.0
    monitor: Literal["auroc", "accuracy", "loss"] = "auroc"
    screening_sensitivity: Fraction = 0.95


def load_recipe(name: str) -> Recipe:
    """Read a recipe by its name (one of ours) or by its path. Raises `RecipeError` with what is wrong."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        recipe = msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except FileNotFoundError as error:
        ours = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise RecipeError(f"{path}: there is no such recipe (ours: {ours}).") from error
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    names = [phase.name for phase in recipe.phases]
    if len(set(names)) != len(names):
        raise RecipeError(f"{path}: two phases have the same name.")
    return recipe
