"""The changes of an outline that is edited, to take back and make again."""

from __future__ import annotations

from app.ui.image.outline_shape import EditableOutline


class UndoStack:
    """Undo and redo of whole outlines. `None` stands for the state before anything was drawn."""

    def __init__(self) -> None:
        self._done: list[EditableOutline | None] = []
        self._undone: list[EditableOutline | None] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def push(self, before: EditableOutline | None) -> None:
        """Record what a new change replaces."""
        self._done.append(before)
        self._undone.clear()

    def undo(self, current: EditableOutline | None) -> EditableOutline | None:
        """The state before the last change; `current` can be had back by `redo`."""
        self._undone.append(current)
        return self._done.pop()

    def redo(self, current: EditableOutline | None) -> EditableOutline | None:
        """The state that the last `undo` left."""
        self._done.append(current)
        return self._undone.pop()

    def clear(self) -> None:
        self._done.clear()
        self._undone.clear()
