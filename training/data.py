"""Labelled images: where they come from, how they are prepared, divided and fed to the training.

Two kinds of source: a table (`metadata.csv` with the columns image, melanoma and, where known, lesion_id, group,
split, source, collection, diagnosis, age, sex, site; the images in `images/` beside it), or a folder a class.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from app.core.domain.errors import ImageError
from app.core.imaging import borders
from app.core.imaging.decode import decode
from app.core.imaging.find import SUFFIXES
from app.core.imaging.preprocess import STANDARD_SIDE, network_picture, standard_picture
from app.core.imaging.read import read_bytes
from app.core.system.files import write_whole
from training.errors import DataError

SPLITS = ("train", "val", "test")
SHARES = (0.8, 0.1, 0.1)
JPEG_QUALITY = 95
MELANOMA_FOLDER = "melanoma"
MOST_DRAWS = 4
"""How often a lesion is drawn for an epoch at most: of one source there is a single lesion."""
TABLE_SUFFIXES = (".jpg", ".webp", ".png", ".jpeg", ".tif")
"""Endings that a table's images are looked for by, the most frequent first."""


@dataclass(frozen=True)
class Example:
    """One labelled image. `image` is its id, unique; `path` the original file; `melanoma` 1 or 0.

    `lesion_id` names the lesion; where it is not known it is the image's own id. `group` names the images that must
    stay on one side of a split (of one lesion or patient, or the same photograph under two ids); where it is not
    known it is the lesion. `split` is empty as long as there is none. `collection` names a part of a source whose
    images came to it in another way.
    """

    image: str
    path: str
    melanoma: int
    lesion_id: str
    group: str = ""
    split: str = ""
    source: str = ""
    collection: str = ""
    diagnosis: str = ""
    age: str = ""
    sex: str = ""
    site: str = ""

    def __post_init__(self) -> None:
        if not self.group:
            object.__setattr__(self, "group", self.lesion_id)

    @property
    def title(self) -> str:
        """Its diagnosis, or its class where that is not known."""
        return self.diagnosis or ("melanoma" if self.melanoma else "non-melanoma")


def load_source(*sources: str | Path) -> list[Example]:
    """Read tables, folders with a `metadata.csv`, or folders with one folder a class, one after the other.

    With folders, the one named `melanoma` (in any case) holds the melanomas, every other the rest. Raises `DataError`,
    also where two images have the same id or only one class is there.
    """
    examples = [example for source in sources for example in _from_source(Path(source))]
    named = described(sources)
    twice = [image for image, count in Counter(example.image for example in examples).items() if count > 1]
    if twice:
        raise DataError(f"{named}: two images have the same id, {twice[0]}.")
    if len({example.melanoma for example in examples}) != 2:
        raise DataError(f"{named}: both classes are needed, melanoma and others.")
    return examples


def described(sources: Sequence[str | Path]) -> str:
    """The sources' paths as one text, for messages and the card."""
    return ", ".join(map(str, sources))


def options_of(sources: Sequence[str | Path]) -> list[str]:
    """The command line options that name the sources."""
    return [word for source in sources for word in ("--data", str(source))]


def _from_source(source: Path) -> Iterator[Example]:
    table = source / "metadata.csv" if source.is_dir() else source
    if table.is_file():
        return _from_table(table)
    if source.is_dir():
        return _from_folders(source)
    raise DataError(f"{source}: there is no such table or folder.")


def _from_table(table: Path) -> Iterator[Example]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"image", "melanoma"} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{table}: the column {min(missing)} is missing.")
        for row in reader:
            if row["melanoma"] not in ("0", "1"):
                raise DataError(f"{table}, line {reader.line_num}: melanoma is {row['melanoma']!r}, not 0 or 1.")
            if row.get("split") and row["split"] not in SPLITS:
                raise DataError(f"{table}, line {reader.line_num}: there is no split {row['split']!r}.")
            image = row["image"]
            known = {field.name: row.get(field.name) or "" for field in fields(Example)}
            known["path"] = known["path"] or str(_image_file(table.parent / "images", image))
            known["lesion_id"] = known["lesion_id"] or image
            yield Example(**{**known, "melanoma": int(row["melanoma"])})  # type: ignore[arg-type]


def _image_file(folder: Path, image: str) -> Path:
    """The file of an image by its id, with or without its ending; where there is none, the name of a JPEG."""
    named = folder / image
    if named.suffix.lower() in SUFFIXES:
        return named
    endings = (suffix for suffix in TABLE_SUFFIXES if (folder / f"{image}{suffix}").is_file())
    return folder / f"{image}{next(endings, TABLE_SUFFIXES[0])}"


def _from_folders(source: Path) -> Iterator[Example]:
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                image = path.relative_to(source).with_suffix("").as_posix()
                is_melanoma = folder.name.lower() == MELANOMA_FOLDER
                yield Example(image, str(path), int(is_melanoma), lesion_id=image, diagnosis=folder.name)


@dataclass(frozen=True)
class Prepared:
    """A folder of prepared images: `table.csv`, `failed.csv` and `images/`, 256×256 JPEG."""

    folder: Path

    @property
    def table(self) -> Path:
        return self.folder / "table.csv"

    @property
    def failed(self) -> Path:
        return self.folder / "failed.csv"

    def image(self, example: Example) -> Path:
        return self.folder / "images" / f"{example.image}.jpg"

    def load(self) -> list[Example]:
        """The prepared examples, with their splits if they are divided. Raises `DataError`."""
        if not self.table.is_file():
            raise DataError(f"{self.folder}: nothing is prepared here; run `melascreen-train prepare` first.")
        return list(_from_table(self.table))

    def save(self, examples: Iterable[Example]) -> None:
        write_whole(self.table, as_csv([field.name for field in fields(Example)], map(asdict, examples)))


def prepare(examples: Sequence[Example], prepared: Prepared) -> list[tuple[Example, str]]:
    """Bring every image to the program's standard form: a heavy black frame cut away, 256×256 (LANCZOS, JPEG
    quality 95); those that the table has already are kept.

    Goes on past files that can't be read: they are left out of the table, listed in `failed.csv` and
    returned with their reasons. An original that is a 256×256 JPEG without such a frame is copied as it is.
    """
    failed: list[tuple[Example, str]] = []
    for cache in prepared.folder.glob("pictures-*.npy"):
        cache.unlink()
    done = {(known.image, known.path) for known in prepared.load()} if prepared.table.is_file() else set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reasons = pool.map(
            lambda e: None if (e.image, e.path) in done else _prepare_one(e, prepared.image(e)), examples
        )
        for example, reason in zip(
            examples, tqdm(reasons, total=len(examples), desc="prepare", unit="image"), strict=True
        ):
            if reason is not None:
                failed.append((example, reason))
    left_out = {example.image for example, _ in failed}
    prepared.save(example for example in examples if example.image not in left_out)
    rows = ({"path": example.path, "reason": reason} for example, reason in failed)
    write_whole(prepared.failed, as_csv(["path", "reason"], rows))
    return failed


def _prepare_one(example: Example, target: Path) -> str | None:
    try:
        data = read_bytes(Path(example.path))
        picture = decode(data)
    except ImageError as error:
        return str(error)
    rgb, _ = borders.crop(picture.rgb)
    if not (data.startswith(b"\xff\xd8") and rgb.shape == (STANDARD_SIDE, STANDARD_SIDE, 3)):
        buffer = io.BytesIO()
        Image.fromarray(standard_picture(rgb)).save(buffer, "JPEG", quality=JPEG_QUALITY)
        data = buffer.getvalue()
    write_whole(target, data)
    return None


def subset(examples: Sequence[Example], melanoma_share: float, *, seed: int) -> list[Example]:
    """As many of the examples as can be with this share of melanomas (0..1), drawn by `seed`, in their order."""
    random = np.random.default_rng(seed)
    of_class = [[i for i, example in enumerate(examples) if example.melanoma == label] for label in (0, 1)]
    total = min(len(of_class[0]) / (1 - melanoma_share), len(of_class[1]) / melanoma_share)
    counts = (round(total * (1 - melanoma_share)), round(total * melanoma_share))
    chosen = [random.choice(of_class[label], counts[label], replace=False) for label in (0, 1)]
    return [examples[i] for i in np.sort(np.concatenate(chosen))]


def divide(examples: Sequence[Example], *, seed: int) -> list[Example]:
    """Divide 80/10/10 into train, val and test; all images of a group fall on one side (see `deal`)."""
    place = deal(examples, SHARES, seed=seed)
    return [replace(example, split=SPLITS[place[example.group]]) for example in examples]


def divide_images(examples: Sequence[Example], *, seed: int) -> list[Example]:
    """Divide 80/10/10 into train, val and test image by image, as the thesis did: lesions fall on both sides."""
    place = np.random.default_rng(seed).permutation(len(examples)) / len(examples)
    splits = np.searchsorted(np.cumsum(SHARES)[:-1], place, side="right")
    return [replace(example, split=SPLITS[split]) for example, split in zip(examples, splits, strict=True)]


def deal(examples: Sequence[Example], shares: Sequence[float], *, seed: int) -> dict[str, int]:
    """Deal lesions out to parts of the given shares (their sum is 1): lesion -> index of its part.

    Stratified by source and class: within each, the lesions are shuffled by `seed` and dealt out by their
    number of images.
    """
    strata: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    stratum_of: dict[str, tuple[str, int]] = {}
    for example in examples:
        stratum = stratum_of.setdefault(example.group, (example.source, example.melanoma))
        strata[stratum][example.group] += 1
    random = np.random.default_rng(seed)
    place: dict[str, int] = {}
    for _, groups in sorted(strata.items()):
        dealt = 0
        for group in random.permutation(sorted(groups)):
            share = (dealt + groups[group] / 2) / groups.total()
            place[str(group)] = int(np.searchsorted(np.cumsum(shares)[:-1], share, side="right"))
            dealt += groups[group]
    return place


def check_splits(examples: Iterable[Example]) -> None:
    """Raises `DataError` where a split has not images of both classes: nothing could be learned or measured."""
    found = {(example.split, example.melanoma) for example in examples}
    for split in SPLITS:
        if not found >= {(split, 0), (split, 1)}:
            raise DataError(f"The split {split} has not images of both classes.")


def check_diagnoses(examples: Iterable[Example], diagnoses: Sequence[Sequence[str]]) -> None:
    """Raises `DataError` where `train` has no image of a diagnosis: the network's output for it would mean nothing."""
    found = {example.diagnosis for example in examples if example.split == "train"}
    for names in diagnoses:
        if not found.intersection(names):
            raise DataError(
                f"The recipe has the diagnosis {' or '.join(names)}, of which `train` has no image. "
                "Name the data's own in the recipe, or none (diagnoses = [])."
            )


def read_picture(path: Path) -> NDArray[np.uint8]:
    """A file's picture as the program decodes it, shape (height, width, 3). Raises `DataError`, with the path."""
    try:
        return decode(read_bytes(path)).rgb
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error


def of_split(examples: Iterable[Example], split: str) -> list[Example]:
    """The examples of a split. Raises `DataError` where it is empty."""
    chosen = [example for example in examples if example.split == split]
    if not chosen:
        raise DataError(f"The split {split} has no images.")
    return chosen


def load_pictures(prepared: Prepared, *, side: int) -> NDArray[np.uint8]:
    """All prepared images, in the table's order, as the network sees them: (n, side, side, 3), read as needed.

    Decoded once by the program's own code and kept on disk beside the images.
    """
    examples = prepared.load()
    ids = hashlib.sha256("\n".join(example.image for example in examples).encode()).hexdigest()
    cache = prepared.folder / f"pictures-{side}-{ids[:12]}.npy"
    if cache.is_file():
        return np.load(cache, mmap_mode="r")
    partial = cache.with_suffix(".partial")
    shape = (len(examples), side, side, 3)
    pictures = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    for index, example in enumerate(tqdm(examples, desc="decode", unit="image")):
        pictures[index] = network_picture(read_picture(prepared.image(example)), side)
    pictures.flush()
    del pictures  # Windows renames no file that is mapped
    partial.replace(cache)
    return np.load(cache, mmap_mode="r")


def sample_epoch(
    examples: Sequence[Example], *, balance: str, count: int, seed: int, melanoma_share: float = 0.5
) -> NDArray[np.int64]:
    """The images that an epoch shows, in order: `count` indices into `examples` (0: as many as there are).

    With `lesion` there may be fewer, where a source has few lesions (see `MOST_DRAWS`).
    `balance` is `Recipe.balance`. Every image (with `lesion`, every lesion) of a group comes once before any of it
    comes again. Raises `DataError` where a source can't be drawn as asked.
    """
    random = np.random.default_rng(seed)
    count = count or len(examples)
    labels = np.array([example.melanoma for example in examples])
    if balance == "none":
        return _repeated(np.arange(len(labels)), count, random)
    if balance == "lesion":
        return _by_lesion(examples, count, random, melanoma_share)
    melanomas, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    drawn = [_repeated(melanomas, count // 2, random)]
    if balance == "class":
        drawn.append(_repeated(others, count // 2, random))
    else:
        sources = np.array([example.source for example in examples])
        counted = Counter(sources[melanomas].tolist())
        for source, melanomas_there in sorted(counted.items()):
            there = others[sources[others] == source]
            if not len(there):
                raise DataError(f"The source {source!r} has melanomas alone: it can't be drawn class-and-source.")
            drawn.append(_repeated(there, round(count / 2 * melanomas_there / len(melanomas)), random))
    return random.permutation(np.concatenate(drawn))


def _by_lesion(
    examples: Sequence[Example], count: int, random: np.random.Generator, melanoma_share: float
) -> NDArray[np.int64]:
    """Source, then class, then collection, then lesion, then one of its images.

    A source, and a collection within a source and class, has a share that grows with the square root of its number
    of lesions; a source's melanomas have `melanoma_share` of its draws wherever it has both classes.
    """
    places: dict[str, dict[int, dict[str, dict[str, list[int]]]]] = {}
    for place, example in enumerate(examples):
        of_class = places.setdefault(example.source, {}).setdefault(example.melanoma, {})
        of_class.setdefault(example.collection, {}).setdefault(example.lesion_id, []).append(place)
    drawn: list[int] = []
    of_sources = _root_shares(
        {
            source: sum(len(lesions) for c in classes.values() for lesions in c.values())
            for source, classes in places.items()
        }
    )
    for source, source_share in of_sources.items():
        both = len(places[source]) == 2
        for melanoma, collections in sorted(places[source].items()):
            class_share = (melanoma_share if melanoma else 1 - melanoma_share) if both else 1.0
            shares = _root_shares({name: len(lesions) for name, lesions in collections.items()})
            for name, share in shares.items():
                lesions = [collections[name][lesion] for lesion in sorted(collections[name])]
                wanted = min(round(count * source_share * class_share * share), MOST_DRAWS * len(lesions))
                drawn += [
                    int(random.choice(lesions[index])) for index in _repeated(np.arange(len(lesions)), wanted, random)
                ]
    return random.permutation(np.array(drawn, dtype=np.int64))


def _root_shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Shares that add up to 1, in proportion to the square roots of the counts."""
    total = sum(math.sqrt(number) for number in counts.values())
    return {name: math.sqrt(number) / total for name, number in sorted(counts.items())}


def _repeated(indices: NDArray[np.int64], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`count` of the indices, shuffled; all come once before any comes again."""
    if not count or not len(indices):
        return indices[:0]
    rounds = -(-count // len(indices))
    return np.concatenate([random.permutation(indices) for _ in range(rounds)])[:count]


def as_csv(columns: list[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table with a header, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
