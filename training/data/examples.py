"""Labelled images from tables and folders.

Two kinds of source: a table (`metadata.csv` with the columns image, melanoma and, where known, lesion_id, group,
split, source, collection, diagnosis, malignant, age, sex, site, skin_tone; or the ISIC archive's own columns, see
`training.data.isic_table`; the images in `images/` beside it), or a folder a class.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from app.core.imaging.find import SUFFIXES
from training.data import isic_table
from training.errors import DataError

SPLITS = ("train", "val", "test")
NOT_STATED = "not stated"
"""What an empty source, sex or site is called in reports."""
MAIN_COLLECTION = "main"
"""The collection of a source's images that came from the source itself."""
MELANOMA_FOLDER = "melanoma"
TABLE_SUFFIXES = (".jpg", ".webp", ".png", ".jpeg", ".tif")
"""Endings that a table's images are looked for by, the most frequent first."""


@dataclass(frozen=True)
class Example:
    """One labelled image. `image` is its id, unique; `path` the original file; `melanoma` 1 or 0.

    `lesion_id` names the lesion; where it is not known it is the image's own id. `group` names the images that must
    stay on one side of a split (of one lesion or patient, or the same photograph under two ids); where it is not
    known it is the lesion. `split` is empty as long as there is none. `collection` names a part of a source whose
    images came to it in another way. `malignant` is `1` for any cancer, `0` for none, empty where it is not known;
    `skin_tone` a class as the source has it (MILK10k: 0 very dark to 5 very light).
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
    malignant: str = ""
    age: str = ""
    sex: str = ""
    site: str = ""
    skin_tone: str = ""

    def __post_init__(self) -> None:
        if not self.group:
            object.__setattr__(self, "group", self.lesion_id)

    @property
    def is_main(self) -> bool:
        """Whether it came from its source itself, as far as the source has collections."""
        return self.collection in ("", MAIN_COLLECTION)

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


def named_sources(examples: Iterable[Example], otherwise: str) -> str:
    """The images' sources by name, those with the most images first; `otherwise` where an image has none."""
    counts = Counter(example.source for example in examples)
    return otherwise if "" in counts or not counts else ", ".join(name for name, _ in counts.most_common())


def options_of(sources: Sequence[str | Path]) -> list[str]:
    """The command line options that name the sources."""
    return [word for source in sources for word in ("--data", str(source))]


def _from_source(source: Path) -> Iterator[Example]:
    table = source / "metadata.csv" if source.is_dir() else source
    if table.is_file():
        return from_table(table)
    if source.is_dir():
        return _from_folders(source)
    raise DataError(f"{source}: there is no such table or folder.")


def from_table(table: Path) -> Iterator[Example]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        columns = frozenset(reader.fieldnames or ())
        missing = {"image", "melanoma"} - columns
        if missing and not isic_table.is_isic(columns):
            raise DataError(f"{table}: the column {min(missing)} is missing.")
        for row in reader:
            if missing:
                row = _of_archive(row, f"{table}, line {reader.line_num}")
            if row["melanoma"] not in ("0", "1"):
                raise DataError(f"{table}, line {reader.line_num}: melanoma is {row['melanoma']!r}, not 0 or 1.")
            if row.get("split") and row["split"] not in SPLITS:
                raise DataError(f"{table}, line {reader.line_num}: there is no split {row['split']!r}.")
            image = row["image"]
            known = {field.name: row.get(field.name) or "" for field in fields(Example)}
            known["path"] = known["path"] or str(_image_file(table.parent / "images", image))
            known["lesion_id"] = known["lesion_id"] or image
            yield Example(**{**known, "melanoma": int(row["melanoma"])})  # type: ignore[arg-type]


def _of_archive(row: Mapping[str, str], place: str) -> dict[str, str]:
    try:
        return isic_table.as_example_fields(row)
    except DataError as error:
        raise DataError(f"{place}: {error}.") from error


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


def main_or_all(examples: Sequence[Example]) -> list[Example]:
    """The images of the collection `main`, or all where there is none of it."""
    return [example for example in examples if example.collection == MAIN_COLLECTION] or list(examples)


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
                "Name the data's own in the recipe, or none (diagnoses = [], other_cancers = [])."
            )


def of_split(examples: Iterable[Example], split: str) -> list[Example]:
    """The examples of a split. Raises `DataError` where it is empty."""
    chosen = [example for example in examples if example.split == split]
    if not chosen:
        raise DataError(f"The split {split} has no images.")
    return chosen


def of_sources(examples: Sequence[Example], sources: Sequence[str], collections: Sequence[str] = ()) -> list[Example]:
    """The examples of these sources and collections; where none is named, of all.

    Raises `DataError` for one that has no image.
    """
    for kind, wanted in (("source", sources), ("collection", collections)):
        known = {getattr(example, kind) for example in examples}
        missing = [name for name in wanted if name not in known]
        if missing:
            there = ", ".join(sorted(known - {""})) or "none is named"
            raise DataError(f"The data have no image of the {kind} {missing[0]} (there are: {there}).")
        examples = [example for example in examples if not wanted or getattr(example, kind) in wanted]
    return list(examples)
