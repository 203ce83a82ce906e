"""Preparation of labelled images as the program prepares them, in a folder of their own."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from app.core.domain.errors import ImageError
from app.core.domain.geometry import WHOLE
from app.core.exchange.table import csv_bytes
from app.core.imaging import preprocess
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import STANDARD_SIDE, standard_image
from app.core.imaging.read import read_bytes
from app.core.system.files import write_atomically
from training.data.examples import Example, from_table
from training.errors import DataError

JPEG_QUALITY = 95


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
        return list(from_table(self.table))

    def save(self, examples: Iterable[Example]) -> None:
        write_atomically(self.table, csv_bytes([field.name for field in fields(Example)], map(asdict, examples)))


def prepare(examples: Sequence[Example], prepared: Prepared, *, whole: bool = False) -> list[tuple[Example, str]]:
    """Bring every image to the program's standard form: wide borders cut away, 256×256 (LANCZOS, JPEG
    quality 95); those that the table has already are kept.

    With `whole` a frame is kept, as the lesion's outline is looked for on the whole image. Goes on past files that
    can't be read: they are left out of the table, listed in `failed.csv` and returned with their reasons. An original
    that is a 256×256 JPEG of which nothing is cut away is copied as it is.
    """
    failed: list[tuple[Example, str]] = []
    for cache in prepared.folder.glob("pictures-*.npy"):
        cache.unlink()
    done = {(known.image, known.path) for known in prepared.load()} if prepared.table.is_file() else set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reasons = pool.map(
            lambda e: None if (e.image, e.path) in done else _prepare_one(e, prepared.image(e), whole=whole), examples
        )
        for example, reason in zip(
            examples, tqdm(reasons, total=len(examples), desc="prepare", unit="image"), strict=True
        ):
            if reason is not None:
                failed.append((example, reason))
    left_out = {example.image for example, _ in failed}
    prepared.save(example for example in examples if example.image not in left_out)
    rows = ({"path": example.path, "reason": reason} for example, reason in failed)
    write_atomically(prepared.failed, csv_bytes(["path", "reason"], rows))
    return failed


def _prepare_one(example: Example, target: Path, *, whole: bool) -> str | None:
    try:
        data = read_bytes(Path(example.path))
        rgb = decode(data).rgb
    except ImageError as error:
        return str(error)
    image = preprocess.Prepared(standard_image(rgb), WHOLE) if whole else preprocess.prepare(rgb)
    is_standard = image.area == WHOLE and rgb.shape == (STANDARD_SIDE, STANDARD_SIDE, 3)
    if not (is_standard and data.startswith(b"\xff\xd8")):
        buffer = io.BytesIO()
        Image.fromarray(image.standard).save(buffer, "JPEG", quality=JPEG_QUALITY)
        data = buffer.getvalue()
    write_atomically(target, data)
    return None
