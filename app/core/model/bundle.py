"""The model bundle: a folder with the network and its card, checked before anything is computed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.errors import BundleError
from app.core.model.card import Card, NetworkFile, OutlineFile, OutOfDistributionFile, read_card

CARD_FILE = "card.json"


@dataclass(frozen=True)
class ModelBundle:
    """A bundle whose card and checksums are right: the contents of its files, `None` for those it does not have."""

    card: Card
    network: bytes
    detector: bytes | None = None
    outline: bytes | None = None


def load_bundle(folder: Path) -> ModelBundle:
    """Read and check a bundle. Raises `BundleError` with what is missing or damaged."""
    card_file = folder / CARD_FILE
    try:
        card = read_card(card_file.read_bytes())
    except FileNotFoundError as error:
        raise BundleError(f"There is no model in {folder}: {CARD_FILE} is missing.") from error
    except OSError as error:
        raise BundleError(f"The model's card {card_file} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise BundleError(f"The model's card {card_file} is damaged or not for this program: {error}.") from error
    return ModelBundle(
        card,
        _content(folder, card.network),
        None if card.detector is None else _content(folder, card.detector),
        None if card.outline is None else _content(folder, card.outline),
    )


def _content(folder: Path, described: NetworkFile | OutOfDistributionFile | OutlineFile) -> bytes:
    file = folder / described.file
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BundleError(f"The model's file {file} can't be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != described.sha256:
        raise BundleError(f"The model's file {file} is damaged: its checksum is not the one in the card.")
    return content
