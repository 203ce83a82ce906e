"""Arrivals as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.core.history.arrivals import Arrival
from app.core.screening.service import ImageSource
from app.ui.arrivals.watched_folders import WatchedFolder
from app.ui.services.item import Item
from app.ui.widgets.folder_list import FolderRow, short_name


def item_of(arrival: Arrival) -> Item:
    """An arrival as an opened image; one without a result is judged once more, since its reason may be gone."""
    source, entry = ImageSource(arrival.path), arrival.entry
    if entry is None:
        return Item(source)
    return Item(source, replace(entry.screening, path=arrival.path), entry_id=entry.id)


def folder_row(folder: WatchedFolder) -> FolderRow:
    """A watched folder as a row of a list."""
    icon = "folder-sync" if folder.on_network else "camera"
    return FolderRow(short_name(folder.path), state_words(folder), icon=icon, new=folder.new)


def state_words(folder: WatchedFolder) -> str:
    """What is new in a watched folder, in few words, or that it is away."""
    if folder.problem:
        return QCoreApplication.translate("arrivals", "can't be reached")
    if folder.new:
        return QCoreApplication.translate("arrivals", "{0:,} new").format(folder.new)
    if folder.waiting:
        return QCoreApplication.translate("arrivals", "{0:,} being assessed").format(folder.waiting)
    return QCoreApplication.translate("arrivals", "nothing new")


def names_of(folders: Sequence[WatchedFolder]) -> str:
    """The folder with something new, or how many there are."""
    busy = [folder for folder in folders if folder.new or folder.waiting]
    if len(busy) == 1:
        return short_name(busy[0].path)
    return QCoreApplication.translate("arrivals", "{0} folders").format(len(busy)) if busy else ""
