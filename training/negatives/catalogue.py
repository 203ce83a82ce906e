"""Synthetic non-dermoscopy images for testing rejection; identical on every machine.

A screening program answers whatever it is shown, so its refusal is measured on negatives: documents, screens,
textures, other medical images, plain skin, and, hardest, clinical photographs of skin without a dermatoscope.
Colours and proportions are chosen by eye unless a source is named; nothing here is fitted to a model. The gate is
taught with every second of them (`training.gate.images.drawn_to_teach`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from training.negatives import documents, drawings, medical, outdoors, skin, textures
from training.negatives.fields import LARGEST, SMALLEST, Pixels, Random, Size

SEED = 20


@dataclass(frozen=True)
class _Kind:
    """How one kind of image is drawn: `draw(random, (width, height), index)` gives RGB of that size."""

    draw: Callable[[Random, Size, int], Image.Image]
    count: int


def drawn() -> Iterator[tuple[str, Pixels]]:
    """Each image's name (`text-03`: its kind, its number in it) and RGB values, shape (height, width, 3), 0..255."""
    return ((name, draw(name)) for name in _names(KINDS))


def clinical_drawn() -> Iterator[tuple[str, Pixels]]:
    """The hard case, as `drawn`: photographs of a limb, a back, a face, a hand or a patch of skin with its moles."""
    return ((name, draw(name)) for name in _names(_CLINICAL))


def drawn_names() -> list[str]:
    """The names that `drawn` gives, in its order; nothing is drawn."""
    return _names(KINDS)


def clinical_names() -> list[str]:
    """The names that `clinical_drawn` gives, in its order; nothing is drawn."""
    return _names(_CLINICAL)


def _names(kinds: dict[str, _Kind]) -> list[str]:
    return [f"{kind}-{index:02d}" for kind, how in kinds.items() for index in range(how.count)]


def draw(name: str) -> Pixels:
    """The image of that name: RGB, shape (height, width, 3), 0..255. Raises KeyError for a name there is not."""
    kind, _, number = name.rpartition("-")
    how = (KINDS | _CLINICAL)[kind]
    if name not in _names({kind: how}):
        raise KeyError(name)
    random = np.random.default_rng((SEED, zlib.crc32(kind.encode()), int(number)))
    long = int(random.integers(420, LARGEST + 1))
    short = max(SMALLEST, round(long * float(random.uniform(0.5, 1.0))))
    size = (long, short) if random.uniform() < 0.6 else (short, long)
    return np.asarray(how.draw(random, size, int(number)).convert("RGB"))


def write(folder: Path) -> int:
    """Write all of them as PNG into `folder/drawn` and `folder/clinical-drawn`; gives how many.

    Raises OSError where a folder or a file can't be written.
    """
    count = 0
    for name, images in (("drawn", drawn()), ("clinical-drawn", clinical_drawn())):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for title, pixels in images:
            Image.fromarray(pixels).save(folder / name / f"{title}.png", compress_level=1)
            count += 1
    return count


KINDS: dict[str, _Kind] = {
    "text": _Kind(documents.draw_text, 16),
    "screenshot": _Kind(documents.draw_screenshot, 12),
    "line": _Kind(drawings.draw_line, 12),
    "cartoon": _Kind(drawings.draw_cartoon, 10),
    "chart": _Kind(documents.draw_chart, 10),
    "code": _Kind(documents.draw_code, 8),
    "map": _Kind(drawings.draw_map, 8),
    "gradient": _Kind(textures.draw_gradient, 16),
    "noise": _Kind(textures.draw_noise, 18),
    "wood": _Kind(textures.draw_wood, 8),
    "fabric": _Kind(textures.draw_fabric, 8),
    "brick": _Kind(textures.draw_brick, 6),
    "marble": _Kind(textures.draw_marble, 8),
    "checker": _Kind(textures.draw_checker, 10),
    "black": _Kind(textures.draw_black, 4),
    "white": _Kind(textures.draw_white, 4),
    "colour": _Kind(textures.draw_colour, 16),
    "xray": _Kind(medical.draw_xray, 10),
    "histology": _Kind(medical.draw_histology, 10),
    "ultrasound": _Kind(medical.draw_ultrasound, 8),
    "fundus": _Kind(medical.draw_fundus, 10),
    "landscape": _Kind(outdoors.draw_landscape, 12),
    "food": _Kind(outdoors.draw_food, 9),
    "night": _Kind(outdoors.draw_night, 8),
    "skin": _Kind(skin.draw_skin, 20),
}
_CLINICAL: dict[str, _Kind] = {
    "limb": _Kind(skin.draw_limb, 10),
    "back": _Kind(skin.draw_back, 7),
    "face": _Kind(skin.draw_face, 7),
    "hand": _Kind(skin.draw_hand, 7),
    "closeup": _Kind(skin.draw_closeup, 12),
}
