"""The model bundle: a folder with the network and its card, checked before anything is computed."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.model.card import Card, NetworkFile, OutlineFile, OutOfDistributionFile, read_card
from app.core.system.log import Event

_log = logging.getLogger(__name__)

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
    began = time.perf_counter()
    card_file = folder / CARD_FILE
    try:
        card = read_card(card_file.read_bytes())
    except FileNotFoundError as error:
        raise BundleError(Message("model-missing", folder=folder, file=CARD_FILE)) from error
    except OSError as error:
        raise BundleError(Message("model-card-unreadable", file=card_file, cause=error.strerror)) from error
    except ValueError as error:
        raise BundleError(Message("model-card-damaged", file=card_file, cause=error)) from error
    bundle = ModelBundle(
        card,
        _content(folder, card.network),
        None if card.detector is None else _content(folder, card.detector),
        None if card.outline is None else _content(folder, card.outline),
    )
    size = sum(len(content) for content in (bundle.network, bundle.detector, bundle.outline) if content)
    _log.info(Event.MODEL_READ, card.model_id, size, time.perf_counter() - began)
    return bundle


def _content(folder: Path, described: NetworkFile | OutOfDistributionFile | OutlineFile) -> bytes:
    file = folder / described.file
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BundleError(Message("model-file-unreadable", file=file, cause=error.strerror)) from error
    if hashlib.sha256(content).hexdigest() != described.sha256:
        raise BundleError(Message("model-checksum-differs", file=file))
    return content
