"""The model bundle: a folder with the network and its card, checked before anything is computed."""

from __future__ import annotations

import hashlib
import io
import logging
import os.path
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.errors import BundleError, ImageError
from app.core.domain.messages import Message
from app.core.imaging import archive
from app.core.model.card import (
    Card,
    GateFile,
    LicenceFile,
    NetworkFile,
    OutlineFile,
    OutOfDistributionFile,
    read_card,
)
from app.core.system.log import Event

_log = logging.getLogger(__name__)

CARD_FILE = "card.json"
DescribedFile = NetworkFile | OutOfDistributionFile | GateFile | OutlineFile | LicenceFile
"""What a card says of a file in the bundle's folder: its name and checksum, and more."""


@dataclass(frozen=True)
class ModelBundle:
    """A bundle whose card and checksums are right: the contents of its files, `None` for those it does not have."""

    card: Card
    network: bytes
    detector: bytes | None = None
    outline: bytes | None = None
    gate: bytes | None = None
    licence: bytes | None = None

    @property
    def contents(self) -> dict[str, bytes]:
        """The contents of its files but the card, by the names that the card gives them."""
        card = self.card
        files: tuple[tuple[DescribedFile | None, bytes | None], ...] = (
            (card.network, self.network),
            (card.detector, self.detector),
            (card.gate, self.gate),
            (card.outline, self.outline),
            (card.licence, self.licence),
        )
        return {file.file: content for file, content in files if file is not None and content is not None}


@dataclass(frozen=True)
class BundleFiles:
    """A bundle's files as they were read, not checked yet: the card, its bytes, and those of the others by name."""

    card: Card
    card_content: bytes
    contents: Mapping[str, bytes]

    def content_of(self, described: DescribedFile | None) -> bytes | None:
        return None if described is None else self.contents[described.file]


def load_bundle(folder: Path) -> ModelBundle:
    """Read and check a bundle. Raises `BundleError` with what is missing or damaged."""
    began = time.perf_counter()
    if not os.path.lexists(folder / CARD_FILE):
        raise BundleError(Message("model-missing", folder=folder, file=CARD_FILE))
    files = read(folder)
    card = files.card
    for described in _described(card):
        if hashlib.sha256(files.contents[described.file]).hexdigest() != described.sha256:
            raise BundleError(Message("model-checksum-differs", file=folder / described.file))
    _log.info(Event.MODEL_READ, card.model_id, sum(map(len, files.contents.values())), time.perf_counter() - began)
    return ModelBundle(
        card,
        files.contents[card.network.file],
        detector=files.content_of(card.detector),
        outline=files.content_of(card.outline),
        gate=files.content_of(card.gate),
        licence=files.content_of(card.licence),
    )


def load_card(folder: Path) -> Card:
    """The card alone, whatever state the other files are in. Raises `BundleError`."""
    return _card(folder, None)[0]


def read(source: Path, *, limit: int | None = None) -> BundleFiles:
    """The files of a bundle in a folder or in a ZIP, where it lies at the top or in one folder.

    Only the files that the card names are read, by their plain names. With a `limit`, they hold at most so many bytes
    together, also unpacked. Raises `BundleError`.
    """
    root = _root_in_zip(source) if archive.is_archive(source) else source
    card, card_content = _card(root, limit)
    contents: dict[str, bytes] = {}
    for described in _described(card):
        if described.file in contents:
            continue
        if not described.file.strip("."):
            raise BundleError(Message("model-file-name-wrong", file=described.file))
        contents[described.file] = content = _content(
            root / described.file, limit, read_already=len(card_content) + sum(map(len, contents.values()))
        )
        if isinstance(described, (OutOfDistributionFile, GateFile)) and limit is not None:
            _check_unpacked_size(content, limit)
    return BundleFiles(card, card_content, contents)


def cards_in_zip(source: Path, members: Sequence[Path]) -> list[Path]:
    """The cards among a ZIP's members, at its top or in a folder there."""
    return [path for path in members if path.name == CARD_FILE and len(path.relative_to(source).parts) <= 2]


def _described(card: Card) -> list[DescribedFile]:
    all_files = (card.network, card.detector, card.gate, card.outline, card.licence)
    return [described for described in all_files if described is not None]


def _card(root: Path, limit: int | None) -> tuple[Card, bytes]:
    file = root / CARD_FILE
    content = _content(file, limit)
    try:
        return read_card(content), content
    except ValueError as error:
        raise BundleError(Message("model-card-damaged", file=file, cause=error)) from error


def _root_in_zip(source: Path) -> Path:
    try:
        cards = cards_in_zip(source, archive.members(source))
    except OSError as error:
        raise BundleError(Message("zip-unreadable", cause=error.strerror or error)) from error
    except ValueError as error:
        raise BundleError(Message("zip-damaged-or-none")) from error
    if len(cards) != 1:
        if cards:
            raise BundleError(Message("model-zip-has-several", count=len(cards)))
        raise BundleError(Message("model-zip-has-none", file=CARD_FILE))
    return cards[0].parent


def _content(file: Path, limit: int | None, *, read_already: int = 0) -> bytes:
    """The bytes of a file, also of one in a ZIP, if they and those `read_already` keep within the limit."""
    room = None if limit is None else limit - read_already
    within = archive.split(file)
    if within is not None:
        try:
            return archive.read(*within, max_bytes=sys.maxsize if room is None else room)
        except ImageError as error:
            raise BundleError(Message("model-file-refused", file=file, reason=error.message)) from error
    try:
        with file.open("rb") as opened:
            content = opened.read(-1 if room is None else room + 1)
    except OSError as error:
        if file.name == CARD_FILE:
            raise BundleError(Message("model-card-unreadable", file=file, cause=error.strerror)) from error
        raise BundleError(Message("model-file-unreadable", file=file, cause=error.strerror)) from error
    if limit is not None and room is not None and len(content) > room:
        raise _too_large(limit)
    return content


def _check_unpacked_size(content: bytes, limit: int) -> None:
    """Limits the unpacked size of a NumPy file, which is a ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            size = sum(info.file_size for info in opened.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return  # whoever reads it says what is wrong
    if size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> BundleError:
    return BundleError(Message("model-too-large", megabytes=limit / 1e6))
