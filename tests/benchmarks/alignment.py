"""How often two pictures of a lesion are aligned rightly, and two lesions wrongly.

    python -m tests.benchmarks.alignment [--data ../shared/dermoscopy_v2] [--split test] [--out FOLDER] [--quick]

Three parts, on one split of a data set (the limits in `app/core/lesion/alignment.py` were chosen on train):

(a) Pictures changed by code as a second visit changes them: turned by any angle, scale 0.75 to 1.33, shifted by up to
15 % of the side, cropped, other light, white balance and contrast, blurred, JPEG. What lies outside the first picture
is filled by its mirror image. The error is the largest one over a grid of points in the central half of the first
picture, in units of the later picture's longer side.
(b) Pairs of different lesions (groups) of one source.
(c) Pairs of different pictures of one lesion. Which of them are aligned rightly has to be looked at: `--out` names a
folder for contact sheets (then, now, then warped onto now as a checkerboard), one for the pairs called aligned and one
for those refused.

Images of HAM10000 and MILK10k, which the data set squeezes to squares, are stretched to the 4:3 that they were.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import numpy as np
from PIL import Image, ImageFilter
from tqdm import tqdm

from app.core.domain.geometry import Rgb
from app.core.domain.statistics import proportion
from app.core.lesion.alignment import Alignment, align
from app.core.lesion.similarity import Similarity
from tests.drawn import seen_again, spot
from training.data.examples import SPLITS, Example, load_source, of_split

DATA = Path("../shared/dermoscopy_v2")
SEED = 11
CHANGED, DIFFERENT, REAL = 200, 200, 50
QUICK = 4
RIGHT = 0.02
"""Of the later picture's longer side: an error up to which an alignment is right."""
FULL_SHAPES = {"HAM10000": (342, 256), "MILK10k": (342, 256)}
TILE, SQUARE, COLUMNS = 240, 32, 3

Pair = tuple[Rgb, Rgb]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for contact sheets of real pairs")
    parser.add_argument("--quick", action="store_true", help="a few drawn pictures")
    options = parser.parse_args()
    generator = np.random.default_rng(SEED)
    if options.quick or not options.data.is_dir():
        drawn = [spot(number) for number in range(QUICK)]
        report_changed(drawn, generator)
        report_different(list(zip(drawn, drawn[1:] + drawn[:1], strict=True)))
        report_real([(picture, second_visit(picture, generator)[0]) for picture in drawn], options.out)
        return
    examples = of_split(load_source(options.data), options.split)
    print(f"{options.data}, {options.split}: {len(examples)} images")
    chosen = generator.choice(len(examples), CHANGED, replace=False)
    report_changed([read(examples[number]) for number in chosen], generator)
    report_different([(read(one), read(other)) for one, other in of_different_lesions(examples, generator)])
    report_real([(read(one), read(other)) for one, other in of_one_lesion(examples, generator)], options.out)


def read(example: Example) -> Rgb:
    picture = Image.open(example.path).convert("RGB")
    return np.asarray(picture.resize(FULL_SHAPES.get(example.source, picture.size), Image.Resampling.BICUBIC))


def of_different_lesions(examples: Sequence[Example], generator: np.random.Generator) -> list[tuple[Example, Example]]:
    pairs: list[tuple[Example, Example]] = []
    while len(pairs) < DIFFERENT:
        one, other = (examples[number] for number in generator.choice(len(examples), 2, replace=False))
        if one.source == other.source and one.group != other.group:
            pairs.append((one, other))
    return pairs


def of_one_lesion(examples: Sequence[Example], generator: np.random.Generator) -> list[tuple[Example, Example]]:
    lesions: defaultdict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        lesions[example.source, example.lesion_id].append(example)
    several = [pictures for pictures in lesions.values() if len(pictures) > 1]
    chosen = generator.choice(len(several), min(REAL, len(several)), replace=False)
    return [(several[number][0], several[number][1]) for number in chosen]


def second_visit(then: Rgb, generator: np.random.Generator) -> tuple[Rgb, Similarity]:
    """The same lesion as another visit would show it, and where the first picture lies in it."""
    height, width = then.shape[:2]
    size = int(width * generator.uniform(0.8, 1)), int(height * generator.uniform(0.8, 1))
    far, towards = generator.uniform(0, 0.15), generator.uniform(0, 2 * np.pi)
    shift = (float(far * np.cos(towards)), float(far * np.sin(towards)))
    truth = Similarity(generator.uniform(-180, 180), float(np.exp(generator.uniform(-1, 1) * np.log(4 / 3))), shift)
    light = np.float32(seen_again(then, truth, size)) / 255
    light *= generator.uniform(0.88, 1.12, 3) * generator.uniform(0.8, 1.2)
    light = (light - light.mean()) * generator.uniform(0.75, 1.25) + light.mean()
    light = light.clip(0, 1) ** generator.uniform(0.8, 1.25)
    picture = Image.fromarray((255 * light).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(generator.uniform(0, 1.5)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(generator.integers(60, 95)))
    return np.asarray(Image.open(file)), truth


def error(found: Similarity, truth: Similarity) -> float:
    """In units of the later picture's longer side."""
    points = np.stack(np.meshgrid(*2 * [np.linspace(-0.25, 0.25, 5)]), axis=-1).reshape(-1, 2)
    return float(np.hypot(*(found.points(points) - truth.points(points)).T).max())


def timed(pairs: Sequence[Pair], what: str) -> list[Alignment | None]:
    """What is found for each pair; prints the processor's time for one."""
    found, seconds = [], []
    for then, now in tqdm(pairs, desc=what, unit="pair"):
        start = time.process_time()
        found.append(align(then, now))
        seconds.append(time.process_time() - start)
    print(f"{what}: {np.mean(seconds):.2f} s a pair, {max(seconds):.2f} s at most")
    return found


def report_changed(pictures: Sequence[Rgb], generator: np.random.Generator) -> None:
    changed = [second_visit(picture, generator) for picture in pictures]
    found = timed([(then, now) for then, (now, _) in zip(pictures, changed, strict=True)], "changed by code")
    errors = [error(one.similarity, truth) for one, (_, truth) in zip(found, changed, strict=True) if one is not None]
    right = sum(one <= RIGHT for one in errors)
    print(
        f"changed by code: aligned within {RIGHT:.0%} of the side {right} of {len(pictures)}: "
        f"{proportion(right, len(pictures)).percent()}; aligned wrongly {len(errors) - right}, refused "
        f"{len(pictures) - len(errors)}; median error {np.median(errors or [np.nan]):.3%}"
    )


def report_different(pairs: Sequence[Pair]) -> None:
    called = sum(one is not None for one in timed(pairs, "different lesions"))
    print(f"different lesions: called aligned {called} of {len(pairs)}: {proportion(called, len(pairs)).percent()}")


def report_real(pairs: Sequence[Pair], out: Path | None) -> None:
    found = timed(pairs, "one lesion")
    aligned = [(*pair, one) for pair, one in zip(pairs, found, strict=True) if one is not None]
    refused = [pair for pair, one in zip(pairs, found, strict=True) if one is None]
    share = proportion(len(aligned), len(pairs)).percent()
    print(f"one lesion: called aligned {len(aligned)} of {len(pairs)}: {share}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        save_sheet([[then, now, checkerboard(then, now, one)] for then, now, one in aligned], out / "aligned.png")
        save_sheet(refused, out / "refused.png")


def checkerboard(then: Rgb, now: Rgb, found: Alignment) -> Rgb:
    """The later picture with the earlier one, warped onto it, in every other square."""
    height, width = now.shape[:2]
    back = found.similarity.inverse().matrix((width, height), then.shape[1::-1])
    earlier = Image.fromarray(then).transform(
        (width, height), Image.Transform.AFFINE, tuple(back[:2].ravel()), Image.Resampling.BICUBIC
    )
    y, x = np.mgrid[:height, :width] // SQUARE
    odd = ((x + y) % 2 == 1)[..., np.newaxis] & (np.asarray(earlier).max(axis=2, keepdims=True) > 0)
    return np.where(odd, np.asarray(earlier), now)


def save_sheet(rows: Sequence[Sequence[Rgb]], file: Path) -> None:
    """A picture with the pictures of each row side by side."""
    if not rows:
        return
    wide = len(rows[0]) * TILE + 12
    sheet = Image.new("RGB", (COLUMNS * wide, -(-len(rows) // COLUMNS) * TILE))
    for number, row in enumerate(rows):
        for place, pixels in enumerate(row):
            picture = Image.fromarray(pixels)
            picture.thumbnail((TILE - 4, TILE - 4))
            sheet.paste(picture, (number % COLUMNS * wide + place * TILE, number // COLUMNS * TILE))
    sheet.save(file)


if __name__ == "__main__":
    main()
