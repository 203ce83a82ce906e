"""The model bundle: a folder with the network and its card, checked before anything is computed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.core.card import Card, read_card
from app.core.types import BundleError

CARD_FILE = "card.json"


@dataclass(frozen=True)
class ModelBundle:
    """A bundle whose card and checksum are right. `network` is the content of its LiteRT file."""

    card: Card
    network: bytes


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
    network_file = folder / card.network.file
    try:
        network = network_file.read_bytes()
    except OSError as error:
        raise BundleError(f"The model's network {network_file} can't be read: {error.strerror}.") from error
    if hashlib.sha256(network).hexdigest() != card.network.sha256:
        raise BundleError(f"The model's network {network_file} is damaged: its checksum is not the one in the card.")
    return ModelBundle(card, network)
