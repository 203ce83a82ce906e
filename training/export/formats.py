"""What a card calls the files of networks, by the precision of their numbers."""

from __future__ import annotations

from typing import Final

from training.recipe import Precision

FORMATS: Final[dict[Precision, str]] = {
    "float32": "LiteRT, float32 weights",
    "float16": "LiteRT, float16 weights",
    "int8": "LiteRT, weights and activations of 8 bits",
}
