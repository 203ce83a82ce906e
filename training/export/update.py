"""Atomic changes to an existing bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.core.model.bundle import CARD_FILE, load_bundle
from app.core.model.card import Figure, OutlineFile, write_card
from app.core.model.segmentation import OutlineNetwork
from app.core.system.files import write_atomically
from training.evaluation.card_figures import merged
from training.export.formats import FORMATS

OUTLINE_FILE = "outline.tflite"


def put_outline(bundle: Path, content: bytes, *, side: int, origin: str) -> None:
    """Put a network for outlines into a bundle, in place of its own. `origin` is the command that made it.

    Raises `BundleError` for a bundle or a network that can't be used. The network's file goes first: a kill between
    the two leaves a bundle that says it is damaged, not one that finds other outlines than its card says.
    """
    card = load_bundle(bundle).card
    OutlineNetwork(content, side=side)
    described = OutlineFile(
        file=OUTLINE_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        format=FORMATS["float16"],
        architecture="U-Net on the first stages of efficientnet-lite0",
        side=side,
        origin=origin,
    )
    write_atomically(bundle / OUTLINE_FILE, content)
    write_atomically(bundle / CARD_FILE, write_card(msgspec.structs.replace(card, outline=described)))
    load_bundle(bundle)


def put_figures(bundle: Path, figures: Sequence[Figure]) -> None:
    """Put figures into a bundle's card, in place of those by the same commands. Raises `BundleError`."""
    card = load_bundle(bundle).card
    write_atomically(
        bundle / CARD_FILE, write_card(msgspec.structs.replace(card, figures=merged(card.figures, figures)))
    )
