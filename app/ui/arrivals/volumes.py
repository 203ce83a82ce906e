"""Disks and shares that are mounted, and memory cards among them that are put in. Nothing is opened by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStorageInfo, QTimer, Signal

from app.ui.services.workers import Lane, Workers

INTERVAL = 4.0
"""Seconds between two looks at what is mounted."""
PICTURES = "DCIM"
"""The folder in which cameras keep their pictures."""
_NETWORK = frozenset(
    {b"cifs", b"smb2", b"smb3", b"smbfs", b"nfs", b"nfs4", b"afpfs", b"webdav", b"davfs", b"fuse.sshfs"}
    | {b"fuse.gvfsd-fuse", b"fuse.rclone", b"9p", b"vboxsf"}
)
"""Kinds of file systems, as the systems name them, in which no change of a file is told."""


@dataclass(frozen=True)
class Volume:
    """A disk, a card or a share that is mounted, and whether it has a camera's folder."""

    root: Path
    name: str
    device: bytes = b""
    is_card: bool = False


def mounted_volumes() -> list[Volume]:
    """What is mounted and can be read. May take long where a share does not answer."""
    return [
        Volume(
            Path(volume.rootPath()),
            volume.displayName(),
            bytes(volume.device().data()),
            os.path.isdir(os.path.join(volume.rootPath(), PICTURES)),  # noqa: PTH118 - beside `isdir`
        )
        for volume in QStorageInfo.mountedVolumes()
        if volume.isValid() and volume.isReady()
    ]


def is_on_network(folder: Path) -> bool:
    """Whether a folder lies on a network share. May take long where that does not answer."""
    if str(folder).startswith(("\\\\", "//")):
        return True
    return bytes(QStorageInfo(str(folder)).fileSystemType().data()).lower() in _NETWORK


class MemoryCards(QObject):
    """Emits `put_in` with the volume, once for each time that a memory card with pictures is put in."""

    put_in = Signal(object)

    def __init__(
        self,
        workers: Workers,
        parent: QObject | None = None,
        *,
        interval: float = INTERVAL,
        mounted: Callable[[], Sequence[Volume]] = mounted_volumes,
    ) -> None:
        super().__init__(parent)
        self._workers = workers
        self._mounted = mounted
        self._known: set[tuple[Path, bytes]] | None = None
        self._is_looking = False
        self._timer = QTimer(self)
        self._timer.setInterval(round(1000 * interval))
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Look from now on. What is mounted already is not told."""
        self._timer.start()
        self._look()

    def _look(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._workers.run(self._mounted, lane=Lane.NETWORK, on_result=self._on_looked, on_crash=self._timer.stop)

    def _on_looked(self, volumes: Sequence[Volume]) -> None:
        self._is_looking = False
        before, self._known = self._known, {(volume.root, volume.device) for volume in volumes}
        if before is None:
            return
        for volume in volumes:
            if volume.is_card and (volume.root, volume.device) not in before:
                self.put_in.emit(volume)
