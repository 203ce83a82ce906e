"""What the program answers about damaged files: real pictures in every format that is read, damaged by code.

    python -m tests.benchmarks.damaged_files PICTURE… [--count 20000] [--only FORMAT…] | --quick

Each damaged file goes through `melascreen classify` of its folder, as a clinic's would. Prints, by format, how many are
answered, and how many of the answers differ by more than 0.05 from the whole picture's without a warning that the whole
one has not. A crash, a hang, a lost row or an answer outside of 0..1 ends it with an error, and the folder is kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jpeg_ls
import numpy as np
from PIL import Image
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGLSLossless, RLELossless
from tqdm import tqdm

from app.core.system import paths
from tests.benchmarks.common import draw_images, model_for_drawn_images
from tests.factories import dicom, encoded

SIDE = 640
"""Pixels of a picture's longer side before it is encoded."""
DIFFERENCE = 0.05
SECONDS_A_FILE = 5
CHUNK = 1000
"""Files for which the program is started once."""
SEED = 29


def as_pillow(kind: str, **options: object) -> Callable[[Image.Image], bytes]:
    """An encoder of Pillow's, by name and options."""
    return lambda image: encoded(image, kind, **options)


def as_heic(image: Image.Image) -> bytes:
    import pillow_heif  # of the development alone: the program has no encoder

    pillow_heif.register_heif_opener()
    return as_pillow("HEIF", quality=90)(image)


def as_dicom(syntax: str, encode: Callable[[Image.Image], bytes], colours: str) -> Callable[[Image.Image], bytes]:
    """An encoder to DICOM with a stream of another format within."""
    return lambda image: dicom(np.asarray(image), syntax=syntax, data=encode(image), PhotometricInterpretation=colours)


jpeg = as_pillow("JPEG", quality=90)
FORMATS: dict[str, tuple[str, Callable[[Image.Image], bytes]]] = {
    "jpeg": ("jpg", jpeg),
    "jpeg-progressive": ("jpg", as_pillow("JPEG", quality=90, progressive=True)),
    "jpeg-in-tiff": ("tif", as_pillow("TIFF", compression="jpeg", quality=90)),
    "jpeg-in-dicom": ("dcm", as_dicom(JPEGBaseline8Bit, jpeg, "YBR_FULL_422")),
    "png": ("png", as_pillow("PNG")),
    "tiff-deflate": ("tif", as_pillow("TIFF", compression="tiff_adobe_deflate")),
    "tiff-lzw": ("tif", as_pillow("TIFF", compression="tiff_lzw")),
    "tiff-plain": ("tif", as_pillow("TIFF")),
    "bmp": ("bmp", as_pillow("BMP")),
    "webp": ("webp", as_pillow("WEBP", quality=90)),
    "heic": ("heic", as_heic),
    "dicom-plain": ("dcm", lambda image: dicom(np.asarray(image))),
    "dicom-rle": ("dcm", lambda image: dicom(np.asarray(image), syntax=RLELossless)),
    "dicom-jpeg-ls": ("dcm", as_dicom(JPEGLSLossless, lambda image: bytes(jpeg_ls.encode(np.asarray(image))), "RGB")),
    "dicom-j2k": ("dcm", as_dicom(JPEG2000, as_pillow("JPEG2000", irreversible=True), "YBR_ICT")),
}
"""By name: the file's ending and the encoder. The first seven can tell of damage."""
TELLING = tuple(FORMATS)[:7]


def cut(content: bytearray, random: np.random.Generator) -> None:
    """The end is lost: a card that was pulled out, a mail that was cut."""
    del content[int(random.integers(1, len(content))) :]


def flipped(content: bytearray, random: np.random.Generator) -> None:
    """One to eight bytes are others."""
    for at in random.integers(0, len(content), random.integers(1, 9)):
        content[at] ^= int(random.integers(1, 256))


def zeroed(content: bytearray, random: np.random.Generator) -> None:
    """64 to 4,096 bytes are zeros: a bad sector."""
    at, length = int(random.integers(0, len(content))), int(2 ** random.uniform(6, 12))
    content[at : at + length] = bytes(len(content[at : at + length]))


def swapped(content: bytearray, random: np.random.Generator) -> None:
    """Two pieces of 512 to 4,096 bytes have changed places."""
    length = min(int(2 ** random.uniform(9, 12)), len(content) // 2)
    a, b = sorted(random.integers(0, len(content) - length + 1, 2).tolist())
    content[a : a + length], content[b : b + length] = content[b : b + length], content[a : a + length]


def head(content: bytearray, random: np.random.Generator) -> None:
    """One to three of the first 512 bytes are others."""
    for at in random.integers(0, min(512, len(content)), random.integers(1, 4)):
        content[at] ^= int(random.integers(1, 256))


DAMAGES = {damage.__name__: damage for damage in (cut, flipped, zeroed, swapped, head)}


@dataclass
class Tally:
    """Counts of a format's damaged files."""

    pictures: int
    """Whole ones that are answered, and so were damaged."""
    files: int = 0
    answered: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    """Answers that differ without a warning, by damage."""

    def __str__(self) -> str:
        silent = self.silent.total()
        share = silent / max(self.answered, 1)
        by_damage = ", ".join(f"{damage} {count}" for damage, count in sorted(self.silent.items()))
        return (
            f"{self.pictures:3} pictures, {self.files:5} files, {self.answered:5} answered,"
            f" silent {silent:4} = {share:.4f} of them  {by_damage}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, nargs="*", metavar="PICTURE", help="whole pictures that Pillow reads")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--only", nargs="+", choices=FORMATS, default=tuple(FORMATS), metavar="FORMAT")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the files that are answered silently")
    parser.add_argument("--quick", action="store_true", help="a few drawn pictures, a few damages of each format")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.quick:
            pictures, model, options.count = draw_images(Path(folder) / "drawn", 2), Path(folder), 140
            model = model_for_drawn_images(model)
        elif options.pictures:
            pictures, model = options.pictures, paths.bundled_model()
        else:
            parser.error("give PICTUREs, or --quick")
        tallies = damage_and_classify(pictures, model, options.only, options.count, options.keep)
    for name, tally in tallies.items():
        print(f"{name:18} {'can tell' if name in TELLING else '        '} {tally}")
    if sys.platform == "linux":
        import resource  # which Windows lacks

        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 << 20)
        print(f"peak memory of the program: {peak:.2f} of the 1 GiB allowed")


def damage_and_classify(
    pictures: Sequence[Path], model: Path, formats: Iterable[str], count: int, keep: Path | None
) -> dict[str, Tally]:
    """Damage pictures in each format `count` times in all, each way equally often, and ask the program of each.

    Files with an answer that differs without a warning are written to `keep`.
    """
    random = np.random.default_rng(SEED)
    contents = {(name, at): FORMATS[name][1](small(path)) for name in formats for at, path in enumerate(pictures)}
    names = {key: f"{key[0]}+{key[1]}.{FORMATS[key[0]][0]}" for key in contents}
    whole = classify({names[key]: content for key, content in contents.items()}, model)
    keys = [key for key in contents if answer(whole[names[key]]) is not None]
    tallies = {name: Tally(pictures) for name, pictures in Counter(name for name, _ in keys).items()}
    todo = [(keys[n % len(keys)], list(DAMAGES)[n // len(keys) % len(DAMAGES)], n) for n in range(count)]
    for start in tqdm(range(0, count, CHUNK), unit="chunk"):
        files: dict[str, bytes] = {}
        for key, damage, number in todo[start : start + CHUNK]:
            content = bytearray(contents[key])
            DAMAGES[damage](content, random)
            files[f"{number}+{damage}+{names[key]}"] = bytes(content)
        for file, row in classify(files, model).items():
            _, damage, name = file.split("+", 2)
            tally = tallies[name.split("+")[0]]
            tally.files += 1
            if (given := answer(row)) is not None:
                tally.answered += 1
                expected = answer(whole[name])
                assert expected is not None
                if abs(given - expected) > DIFFERENCE and not set(row["warnings"]) - set(whole[name]["warnings"]):
                    tally.silent[damage] += 1
                    if keep:
                        keep.mkdir(parents=True, exist_ok=True)
                        (keep / file).write_bytes(files[file])
    return tallies


def small(picture: Path) -> Image.Image:
    """The picture in RGB, its longer side at most `SIDE`."""
    image = Image.open(picture).convert("RGB")
    image.thumbnail((SIDE, SIDE))
    return image


def answer(row: dict[str, object]) -> float | None:
    """The probability of melanoma; `None` where there is none. Raises `ValueError` for a number that is none."""
    given = row["melanoma_probability"]
    if given is not None and not (isinstance(given, float) and 0 <= given <= 1):
        raise ValueError(f"{row['path']}: the answer is {given}")
    return given


def classify(files: dict[str, bytes], model: Path) -> dict[str, dict[str, object]]:
    """The program's row for each of the files, by name; raises `RuntimeError` where it fails, with the folder kept."""
    folder = Path(tempfile.mkdtemp(prefix="damaged-"))
    for name, content in files.items():
        (folder / name).write_bytes(content)
    table = folder.with_suffix(".json")
    command = [sys.executable, "-m", "app", "classify", str(folder), "--no-history", "--json", str(table)]
    done = subprocess.run(
        [*command, "--model", str(model)], timeout=60 + SECONDS_A_FILE * len(files), capture_output=True, text=True
    )
    if done.returncode not in (0, 1):  # 1: some have no result
        raise RuntimeError(f"{folder}: the program ended with {done.returncode}:\n{done.stderr[-2000:]}")
    rows = {Path(row["path"]).name: row for row in json.loads(table.read_text())}
    if rows.keys() != files.keys():
        raise RuntimeError(f"{folder}: no rows for {files.keys() - rows.keys()}")
    for file in [*folder.iterdir(), table]:
        file.unlink()
    folder.rmdir()
    return rows


if __name__ == "__main__":
    main()
