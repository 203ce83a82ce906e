"""Recipes of training runs, read from TOML and checked before anything starts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from training.errors import RecipeError

Precision = Literal["float32", "float16", "int8"]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Part = Annotated[float, Meta(ge=0.0, lt=1.0)]
Positive = Annotated[int, Meta(ge=1)]
Rate = Annotated[float, Meta(gt=0.0)]

RECIPES = Path(__file__).parent / "recipes"
LICENCES = Path(__file__).parent / "licences"
LICENCE_FILE = "LICENSE-weights.txt"
"""The name of a licence's text in a bundle."""


class Augmentation(Struct, frozen=True, forbid_unknown_fields=True):
    """Random changes to each training image; 0 turns one off.

    `rotation` is a fraction of a full turn either way, `translation` of the side, `zoom` of the size,
    `contrast` a factor of 1 ± the value around the image's mean (as Keras's layers of these names define
    them). `stretch` changes the ratio of height to width by a factor of up to 1 + the
    value, either way.

    Colour, which differs between cameras and clinics: `brightness`, `saturation` and `white_balance` (each
    channel by itself) are factors of 1 ± the value, `hue` a fraction of a full turn either way.
    `sharpness` blurs or sharpens by up to the value. `frame` is the share of the images that get the black
    frame of a round field of view, `erase` the share that get a square of their mean colour somewhere.

    Shares of the images that are changed as another camera or another way of storing would: `grey_world` to the
    neutral light of shades of grey (Finlayson and Trezzi, 2004; p = 6), `recolour` to the mean and deviation in
    CIELAB of another image of the batch, by half to the whole (Reinhard et al., 2001), `spectrum` to a part of
    another's amplitude spectrum (Yang and Soatto, CVPR 2020), `rescale` to 0.45 to 1 of the size and back, `jpeg` by
    JPEG of quality 40 to 95, `grain` by noise of a deviation up to 10.
    """

    flip: bool = False
    rotation: Fraction = 0.0
    translation: Fraction = 0.0
    zoom: Fraction = 0.0
    stretch: Fraction = 0.0
    contrast: Fraction = 0.0
    brightness: Fraction = 0.0
    saturation: Fraction = 0.0
    hue: Fraction = 0.0
    white_balance: Fraction = 0.0
    sharpness: Fraction = 0.0
    frame: Fraction = 0.0
    erase: Fraction = 0.0
    grey_world: Fraction = 0.0
    recolour: Fraction = 0.0
    spectrum: Fraction = 0.0
    rescale: Fraction = 0.0
    jpeg: Fraction = 0.0
    grain: Fraction = 0.0


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """The network: a backbone, then dense layers with ReLU, dropout and a softmax over two classes.

    `side` is the input's side in pixels. `weights` is `imagenet`, `none`, or the path of a weights file, or that of a
    network of the same form that was exported with float16 weights (`.tflite`), to train it further.
    `diagnoses` adds a second softmax over these classes beside the one for melanoma, learned with the weight
    `diagnosis_weight`; each class is a list of the names it goes by in the data, the first its own. An image
    with another diagnosis, or none, teaches the first softmax alone.
    """

    backbone: Literal["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "inception-resnet-v2"]
    side: Annotated[int, Meta(ge=32, le=1024)]
    weights: str = "imagenet"
    dense: tuple[Positive, ...] = ()
    dropout: Fraction = 0.0
    diagnoses: tuple[Annotated[tuple[str, ...], Meta(min_length=1)], ...] = ()
    diagnosis_weight: Rate = 1.0


class LearningRate(Struct, frozen=True, forbid_unknown_fields=True):
    """`constant`; `exponential` (times `decay_rate` every `decay_steps`); `cosine` (to 0 over the phase)."""

    kind: Literal["constant", "exponential", "cosine"]
    initial: Rate
    decay_steps: Positive = 1
    decay_rate: Rate = 1.0
    staircase: bool = False


class Phase(Struct, frozen=True, forbid_unknown_fields=True):
    """Some epochs with one set of trainable layers. The head always is trainable.

    `trainable` says what of the backbone is: `none`, `all`, or the number of its last layers. Batch
    normalisation is never counted and never trained (its statistics stay those of ImageNet), but with `all`
    where there are no pretrained weights. `depthwise` off leaves the depthwise kernels among them as they are: a
    twentieth of the weights, a third of the time. `side` is the images' side in pixels during the phase, where it
    is not the network's: fewer early on cost less time. `taught` is the share of the targets that other models'
    answers make up, the teachers named with `--teacher` (see `training.trainer.distillation`).
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    epochs: Positive
    trainable: Literal["none", "all"] | Positive
    learning_rate: LearningRate
    depthwise: bool = True
    side: Annotated[int, Meta(ge=32, le=1024)] | None = None
    taught: Fraction = 0.0


class DataSource(Struct, frozen=True, forbid_unknown_fields=True):
    """A bundle's card's entry on the images of one `source` (the table's column)."""

    source: str
    licence: str
    citation: str


class WeightsLicence(Struct, frozen=True, forbid_unknown_fields=True):
    """The licence that a bundle's weights are given under: its name, and its text's file in `training/licences`."""

    name: Annotated[str, Meta(min_length=1)]
    file: Annotated[str, Meta(pattern=r"^[a-z0-9.-]+\.txt$")]


class CardText(Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of a bundle's card that can't be measured (see `app.core.model.card.Card`)."""

    name: str
    version: str
    intended_use: str
    not_for: tuple[str, ...]
    factors: tuple[str, ...]
    data_lack: tuple[str, ...]
    ethics: tuple[str, ...]
    limits: tuple[str, ...]
    data: tuple[DataSource, ...] = ()
    licence: WeightsLicence | None = None


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole run. `data` is a table or a folder a class, or a list of such; paths are relative to the current folder.

    A recipe has `phases`, or it has `members`: the names of recipes that are trained one after the other on the
    same images and vote in one network. It takes images of the recipe's own size, and brings them to a member's where
    that is smaller.

    `sources` and `collections` take the images of these sources and collections alone (the table's columns; none named:
    all images).
    `melanoma_share` takes a random part of the images in which the melanomas have this share (0: all images).
    `split_by` divides them 80/10/10: `table` takes the table's own splits where it has some, and otherwise does
    as `lesion`, which keeps a lesion's images together; `image` does not, as the thesis did: its figures are
    too good, because images of one lesion fall on both sides.

    `melanoma_draws` is the melanomas' share of each source's draws with the balance `lesion`. `mixed_batches` is the
    share of the batches whose images are mixtures of two, weighted by a draw from Beta(0.3, 0.3) (Zhang et al., ICLR
    2018).

    `balance` says how an epoch's `images_per_epoch` (0: as many as there are training images) are drawn:
    `none` as they come, `class` both classes equally often, `class-and-source` besides, with each source's
    share among the others the same as among the melanomas, so that where an image comes from tells nothing
    of its class; `lesion` by source, class, collection and lesion (see `training.data.sampling.sample_epoch`).

    `label_smoothing` moves that share of each label to the even mixture of the classes (Szegedy et al., CVPR 2016).
    `weight_averaging` is the momentum of a running average of the weights, which is what is measured, exported and
    gone on with in the next phase (0: none). `weight_decay` pulls the trained weights towards 0, apart from the
    gradient (Loshchilov and Hutter, ICLR 2019). `monitor` is the figure on `val` by which the best weights of a phase
    are kept.

    `photographs` are tables and patterns of pictures that are no dermoscopy, which the gate is taught with (see
    `training.data.photographs`); without any the bundle has no gate. `calibration_sources` are groups of sources that
    count the same in the calibration, by the images of their collection `main`; without any, every image of `val`
    counts the same. `other_cancers` are the diagnoses that are cancers other than melanoma. With `neutral_view` the
    exported network sees each image under neutral light too, which takes twice as long.

    `precision` is that of the exported network: `float16` halves the weights' size, `int8` makes it compute with
    integers, in half the time. Where that moves probabilities too much, `export` refuses it.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    description: str
    data: str | tuple[str, ...]
    card: CardText
    network: Network
    phases: tuple[Phase, ...] = ()
    members: tuple[str, ...] = ()
    augmentation: Augmentation = Augmentation()
    seed: int = 1337
    sources: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    melanoma_share: Part = 0.0
    split_by: Literal["table", "lesion", "image"] = "table"
    batch_size: Positive = 32
    balance: Literal["none", "class", "class-and-source", "lesion"] = "none"
    melanoma_draws: Fraction = 0.5
    mixed_batches: Fraction = 0.0
    images_per_epoch: Annotated[int, Meta(ge=0)] = 0
    label_smoothing: Fraction = 0.0
    weight_averaging: Fraction = 0.0
    weight_decay: Fraction = 0.0
    monitor: Literal["auroc", "accuracy", "loss"] = "auroc"
    photographs: tuple[str, ...] = ()
    calibration_sources: tuple[tuple[str, ...], ...] = ()
    other_cancers: tuple[str, ...] = ()
    neutral_view: bool = False
    screening_sensitivity: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.95
    precision: Precision = "float16"

    @property
    def data_paths(self) -> tuple[str, ...]:
        """The tables or folders, in order."""
        return (self.data,) if isinstance(self.data, str) else self.data


def load_recipe(name: str) -> Recipe:
    """Read a recipe by its name (one of those shipped) or by its path. Raises `RecipeError` with what is wrong.

    A recipe that names another as its `base` has all that the other has, but for what it says itself.
    """
    path = _path_of(name)
    try:
        recipe = msgspec.convert(_with_base(path, []), type=Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{path}: {error}") from error
    names = [phase.name for phase in recipe.phases] + list(recipe.members)
    if len(set(names)) != len(names):
        raise RecipeError(f"{path}: two phases or members have the same name.")
    if bool(recipe.phases) == bool(recipe.members):
        raise RecipeError(f"{path}: either phases or members are needed.")
    for name in recipe.members:
        if _with_base(_path_of(name), []).get("members"):
            raise RecipeError(f"{path}: the member {name} has members of its own.")
    diagnoses = [names[0] for names in recipe.network.diagnoses]
    for cancer in recipe.other_cancers:
        if cancer not in diagnoses:
            raise RecipeError(f"{path}: the other cancer {cancer} is not among the network's diagnoses.")
    for member in members_of(recipe):
        if member.network.side > recipe.network.side or member.network.diagnoses != recipe.network.diagnoses:
            raise RecipeError(f"{path}: the member {member.name} takes larger images or has other diagnoses.")
    return recipe


def members_of(recipe: Recipe) -> list[Recipe]:
    """The recipes of the networks that vote, on this recipe's data and splits. Raises `RecipeError`."""
    of_data = {name: getattr(recipe, name) for name in ("data", "sources", "collections", "melanoma_share", "split_by")}
    return [msgspec.structs.replace(load_recipe(name), **of_data) for name in recipe.members]


def licence_of(recipe: Recipe) -> tuple[str, bytes] | None:
    """The name and the text of the weights' licence; `None` where the recipe names none. Raises `RecipeError`."""
    licence = recipe.card.licence
    if licence is None:
        return None
    try:
        return licence.name, (LICENCES / licence.file).read_bytes()
    except OSError as error:
        raise RecipeError(f"The licence of the weights can't be read: {error}") from error


def _path_of(name: str) -> Path:
    return Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"


def _with_base(path: Path, derived: list[Path]) -> dict[str, Any]:
    """A recipe's tables, on top of those of its base; `derived` are the recipes that led here."""
    if path in derived:
        raise RecipeError(f"{path}: it is its own base.")
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        ours = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise RecipeError(f"{path}: there is no such recipe (ours: {ours}).") from error
    except (OSError, ValueError) as error:  # what is no TOML or no UTF-8 is among the latter
        raise RecipeError(f"{path}: {error}") from error
    base = own.pop("base", None)
    return own if base is None else _merged(_with_base(_path_of(str(base)), [*derived, path]), own)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged field by field; anything else, lists among them, is replaced."""
    merged = dict(below)
    for name, value in above.items():
        both_tables = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = _merged(below[name], value) if both_tables else value
    return merged
