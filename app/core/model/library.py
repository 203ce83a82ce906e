"""Library of model bundles: the shipped one and those that the user installed."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.imaging import archive
from app.core.imaging.find import SUFFIXES
from app.core.model.bundle import CARD_FILE, cards_in_zip, load_bundle, load_card, read
from app.core.model.card import Card
from app.core.model.classifier import Classifier
from app.core.model.segmentation import OutlineNetwork
from app.core.model.self_check import check_reference_image
from app.core.system.files import replace_folder, write_atomically
from app.core.system.log import Event

_log = logging.getLogger(__name__)

SIZE_LIMIT = 100_000_000
"""Bytes of a bundle's files together, unpacked. The one that ships has 16 million."""
BUNDLED = ""
"""The name of the model that came with the program."""
_SCRATCH = ".installing-"
_SCRATCH_SECONDS = 86_400
"""After a day nobody is still writing there: a kill left it."""


@dataclass(frozen=True)
class InstalledModel:
    """A model to choose. `name` is its folder's, or `BUNDLED` for the shipped one.

    `card` is `None` where it can't be read. Whether the rest is whole is looked at when the model is used.
    """

    name: str
    card: Card | None

    @property
    def title(self) -> str:
        """Name, version and date, or the folder's name where the card can't be read."""
        return f"{self.card.model_id} ({self.card.created})" if self.card else self.name


class ModelLibrary:
    """The bundles in the user's `folder`, which may not exist yet, beside the `bundled` one.

    `override`, if there is one, is used whatever is chosen: it was named on the command line.
    """

    def __init__(self, folder: Path, bundled: Path, *, override: Path | None = None) -> None:
        self.folder = folder
        self.bundled = bundled
        self.override = override

    def path(self, name: str) -> Path:
        """Folder of the model `name`, whether it exists or not."""
        if self.override is not None:
            return self.override
        # the settings are a file that anybody may edit: a name is no way out of the folder
        return self.bundled if name == BUNDLED else self.folder / _as_folder_name(name)

    def choices(self) -> list[InstalledModel]:
        """The shipped model, then the installed ones by name."""
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder) if entry.is_dir())
        except OSError:
            names = []
        names = [name for name in names if name == _as_folder_name(name)]  # not what an installation left
        return [
            InstalledModel(BUNDLED, _card_of(self.bundled)),
            *(InstalledModel(name, _card_of(self.folder / name)) for name in names),
        ]

    def install(self, source: Path) -> InstalledModel:
        """Check a bundle in a ZIP or folder and install it. It is not selected.

        In a ZIP it lies at the top or in one folder. Only the files that its card names are read, by their plain names,
        so that nothing gets elsewhere. It is looked at as before any use (`load_bundle`), its networks are loaded, and
        the drawn image must give what the card says. What was installed before under the same name, which has the
        same content, is replaced when all that went well. Raises `BundleError`; then nothing has changed.
        """
        began = time.perf_counter()
        try:
            try:
                files = read(source, limit=SIZE_LIMIT)
            except BundleError as error:
                raise BundleError(_without_folder(error.message, source)) from error
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self.folder))
            try:
                for name, content in files.contents.items():
                    write_atomically(scratch / name, content)
                write_atomically(scratch / CARD_FILE, files.card_content)
                try:
                    card = _check(scratch)
                except BundleError as error:
                    raise BundleError(_without_folder(error.message, scratch)) from error
                name = folder_name(card, files.card_content)
                replace_folder(self.folder / name, scratch, prefix=_SCRATCH)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        except BundleError as error:
            _log.warning(Event.MODEL_NOT_INSTALLED, error)
            raise BundleError(Message("model-not-installed", name=source.name, reason=error.message)) from error
        except OSError as error:
            _log.warning(Event.MODEL_NOT_INSTALLED, error)
            cause = error.strerror or error
            raise BundleError(
                Message("model-folder-not-writable", name=source.name, folder=self.folder, cause=cause)
            ) from error
        _log.info(Event.MODEL_INSTALLED, card.model_id, time.perf_counter() - began)
        return InstalledModel(name, card)

    def remove(self, name: str) -> None:
        """Delete an installed model. Raises `BundleError` where that fails, or for the shipped model."""
        if name == BUNDLED:
            raise BundleError(Message("model-bundled-not-removable"))
        folder = self.folder / _as_folder_name(name)
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            cause = error.strerror or error
            raise BundleError(Message("model-not-removable", folder=folder, cause=cause)) from error

    def _sweep(self) -> None:
        """Delete what an interrupted installation left."""
        for left in self.folder.glob(f"{_SCRATCH}*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - _SCRATCH_SECONDS:
                    shutil.rmtree(left)


def folder_name(card: Card, card_content: bytes) -> str:
    """`NAME-VERSION-SHA8`. The SHA-256 is the card's, which has the checksums of all else: a name is one content."""
    sha256 = hashlib.sha256(card_content).hexdigest()
    return _as_folder_name(f"{card.name[:60]}-{card.version[:20]}-{sha256[:8]}")


def holds_bundle(path: Path) -> bool:
    """Whether a file is a ZIP with a model bundle: its names include a card and no images.

    Reads no more than the list at the ZIP's end, and nothing of one that is larger than a model may be.
    """
    try:
        if not archive.is_archive(path) or path.stat().st_size > SIZE_LIMIT:
            return False
        members = archive.members(path)
    except (OSError, ValueError):
        return False
    return bool(cards_in_zip(path, members)) and not any(member.suffix.lower() in SUFFIXES for member in members)


def _check(folder: Path) -> Card:
    """Load and run the bundle once, so that errors occur at installation. Raises `BundleError`."""
    bundle = load_bundle(folder)
    check_reference_image(Classifier(bundle))
    if bundle.outline is not None and bundle.card.outline is not None:
        OutlineNetwork(bundle.outline, side=bundle.card.outline.side)
    return bundle.card


def _without_folder(message: Message, folder: Path) -> Message:
    """The message with the files in a folder named by their place in it."""
    named = {
        name: value.replace(f"{folder}{os.sep}", "") if isinstance(value, str) else value
        for name, value in message.parameters.items()
    }
    return Message(message.code, **named)


def _card_of(folder: Path) -> Card | None:
    try:
        return load_card(folder)
    except BundleError:
        return None


def _as_folder_name(text: str) -> str:
    """A text as a folder name: ASCII letters, digits, `_`, `-` and `.`, the last two not at the ends.

    The same again for what it gave. File systems differ in how they write other letters.
    """
    return re.sub(r"[^\w.-]", "-", text, flags=re.ASCII).strip(".-") or "_"
