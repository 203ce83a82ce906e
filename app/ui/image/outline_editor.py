"""Shows a lesion's outline over its image and lets it be corrected by hand or drawn again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Signal

from app.core.domain.geometry import area
from app.ui.image.image_view import ImageView
from app.ui.image.outline_item import OutlineItem
from app.ui.image.outline_shape import REACH, EditableOutline, Points, checked, cleaned, distinct
from app.ui.image.outline_undo import UndoStack

GRASP = 11.0
"""Distance from a handle or from the line, in the view's pixels, within which the mouse acts on it."""
MIN_AREA = 0.0005
"""Share of the image below which a line is taken for a slip. A mole of 2 mm fills about a hundredth of an image 20 mm
wide."""


class OutlineEditor(QObject):
    """Attached to a view: shows an outline of the current image, and changes it as `OutlineGestures` or others ask.

    Outlines are given and taken as lists of (x, y) in fractions of the image, 0..1. A new image takes outline and
    unfinished changes away: call `commit` before it is shown and `show_outline` afterwards.
    """

    edited = Signal(list)
    """The outline that was committed, where it differs from the one before."""
    editing_changed = Signal(bool)
    refused = Signal(str)
    """The reason why what was drawn or edited is no outline; the one before stays."""

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self.view = view
        self._outline: list[tuple[float, float]] | None = None
        self._wanted = True
        self._editing = False
        self._drawing = False
        self._shape: EditableOutline | None = None
        self._original: EditableOutline | None = None
        self._before_move: EditableOutline | None = None
        self._changes = UndoStack()
        self._selected = -1
        self._item = OutlineItem(view)
        view.scene().addItem(self._item)
        view.image_changed.connect(self._on_image_changed)

    @property
    def outline(self) -> list[tuple[float, float]] | None:
        """The committed outline, without unfinished changes."""
        return self._outline

    @property
    def is_editing(self) -> bool:
        """Whether an outline is being corrected or drawn."""
        return self._editing

    @property
    def is_drawing(self) -> bool:
        """Whether the next drag draws a new outline."""
        return self._drawing

    @property
    def has_handles(self) -> bool:
        """Whether there are handles to choose and move."""
        return self._editing and self._shape is not None and not self._drawing

    @property
    def selected(self) -> int:
        """The handle that keys act on, by its place along the line; -1 for none."""
        return self._selected

    def handles(self) -> list[QPointF]:
        """Positions of the handles in the viewport; none unless an outline is being corrected."""
        if self._shape is None or not self.has_handles:
            return []
        return [self.view.view_point(QPointF(*point)) for point in self._shape.points[self._shape.handles]]

    def handle_at(self, position: QPointF) -> int:
        """The handle at a place in the viewport, -1 for none."""
        if self._shape is None:
            return -1
        at = self._shape.points[self._shape.handles] - _row(self.view.image_point(position))
        distances = np.hypot(at[:, 0], at[:, 1]) * self.view.zoom()
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= GRASP else -1

    def show_outline(self, points: Sequence[tuple[float, float]] | None) -> None:
        """Show an outline of the current image, or none. Unfinished changes are dropped; nothing is emitted.

        Raises `ValueError` for fewer than 3 points and for any that is not within 0..1.
        """
        given = None if points is None else checked(points)
        self._leave()
        self._outline = given
        self._show()

    def set_visible(self, visible: bool) -> None:
        """Whether this and later outlines are visible; while one is edited it is visible anyway."""
        self._wanted = visible
        self._show()

    def is_visible(self) -> bool:
        """Whether an outline is visible now."""
        return self._item.isVisible()

    # --- Editing: begin, end, undo

    def begin_editing(self) -> None:
        """Correct the outline; where there is none, draw one. Nothing happens without an image."""
        if self.view.has_image():
            self._enter()
            self._drawing = self._shape is None
            self._show()

    def begin_drawing(self) -> None:
        """Draw a whole new outline. Nothing happens without an image."""
        if self.view.has_image():
            self._enter()
            self._drawing = True
            self._selected = -1
            self._show()

    def commit(self) -> None:
        """End editing with the current outline (Enter). What is no outline is refused, and the old one stays."""
        if not self._editing:
            return
        shape, changed = self._shape, self._shape is not self._original
        kept = None if shape is None else cleaned(shape.points, self._least_area())
        self._leave()
        if shape is not None and kept is None:
            self._refuse()
        elif kept is not None and changed:
            self._outline = [(float(x), float(y)) for x, y in np.clip(kept / self._size(), 0.0, 1.0)]
            self._show()
            self.edited.emit(list(self._outline))

    def cancel(self) -> None:
        """End editing without any change (Escape)."""
        self._leave()

    def undo(self) -> None:
        """Take the last change back, or leave drawing for the outline that is there."""
        if self._drawing and self._shape is not None:
            self._drawing = False
            self._show()
        elif self._changes.can_undo:
            self._go_to(self._changes.undo(self._shape))

    def redo(self) -> None:
        """Make the change that was last taken back."""
        if self._changes.can_redo:
            self._go_to(self._changes.redo(self._shape))

    def can_undo(self) -> bool:
        return self._changes.can_undo

    def can_redo(self) -> bool:
        return self._changes.can_redo

    # --- Drawing

    def show_track(self, track: Sequence[QPointF]) -> None:
        """Show a line while it is drawn, in the image's pixels."""
        self._item.show_track([*track])

    def end_drawing(self, track: Sequence[QPointF]) -> None:
        """Take a line drawn by hand as the outline to correct; one that is none is refused, and drawing goes on."""
        drawn = EditableOutline.drawn(np.array([(point.x(), point.y()) for point in track]), self._least_area())
        if drawn is None:
            self._show()
            self._refuse()
            return
        self._drawing = False
        self._change(drawn)

    # --- Handles

    def select(self, handle: int) -> None:
        """Choose the handle that keys act on; -1 for none."""
        self._selected = handle
        self._show()

    def select_last(self) -> None:
        if self._shape is not None:
            self.select(len(self._shape.handles) - 1)

    def select_next(self, by: int) -> None:
        """Choose the handle `by` places further along the line; the first or last one where none is chosen."""
        if self._shape is not None:
            count = len(self._shape.handles)
            self.select((self._selected + by) % count if self._selected >= 0 else (0 if by > 0 else count - 1))

    def begin_move(self) -> None:
        """Begin to move the chosen handle; all until `end_move` is one change."""
        self._before_move = self._shape

    def move_to(self, by: QPointF, *, alone: bool = False) -> None:
        """Move the chosen handle to `by`, in the image's pixels, from where it was at `begin_move`.

        The line on either side follows; `alone`: only next to the handle.
        """
        assert self._before_move is not None
        reach = 1.0 if alone else REACH
        self._shape = self._before_move.moved(self._selected, _row(by), reach=reach, size=self._size())
        self._show()

    def end_move(self) -> None:
        before, after = self._before_move, self._shape
        self._before_move = None
        if after is not before and after is not None:
            self._shape = before
            self._change(after)

    def nudge(self, by: QPointF, *, is_repeated: bool) -> None:
        """Move the chosen handle by (x, y) in the view's pixels; repeated moves are one change with the first."""
        if self._shape is None or self._selected < 0:
            return
        shape = self._shape.moved(self._selected, _row(by) / self.view.zoom(), reach=REACH, size=self._size())
        if is_repeated:
            self._shape = shape
            self._show()
        else:
            self._change(shape)

    def remove_handle(self, handle: int) -> None:
        """Let the line run smoothly past a handle; of the last three none goes."""
        if self._shape is not None and len(self._shape.handles) > 3:
            self._change(self._shape.without_handle(handle))
            self._selected = -1
            self._show()

    def remove_selected(self) -> None:
        if self._selected >= 0:
            self.remove_handle(self._selected)

    def add_handle_at(self, point: QPointF) -> bool:
        """Add a handle on the line near a point in the image's pixels, and choose it; gives whether one is near."""
        assert self._shape is not None
        shape, handle, distance = self._shape.with_handle_at(_row(point))
        if distance * self.view.zoom() > GRASP:
            return False
        self._selected = handle
        self._change(shape)
        return True

    def add_after_selected(self) -> None:
        """Add a handle halfway between the chosen one and the next, and choose it."""
        if self._shape is not None and self._selected >= 0:
            shape, self._selected = self._shape.with_handle_after(self._selected)
            self._change(shape)

    # --- State

    def _change(self, shape: EditableOutline) -> None:
        self._changes.push(self._shape)
        self._shape = shape
        self._show()

    def _go_to(self, shape: EditableOutline | None) -> None:
        self._shape = shape
        self._drawing = shape is None
        self._selected = -1
        self._show()

    def _enter(self) -> None:
        self._before_move = None
        if self._editing:
            return
        self._original = None
        if self._outline is not None:
            points = distinct(np.array(self._outline) * self._size())
            if len(points) >= 3 and area(points) >= self._least_area():
                self._original = EditableOutline.of(points)
        self._shape = self._original
        self._selected = -1
        self._editing = True
        self.editing_changed.emit(True)

    def _leave(self) -> None:
        if not self._editing:
            return
        self._editing = self._drawing = False
        self._shape = self._original = self._before_move = None
        self._changes.clear()
        self._selected = -1
        self._show()
        self.editing_changed.emit(False)

    def _refuse(self) -> None:
        self.refused.emit(self.tr("The line encloses no area. The previous outline is kept."))

    def _show(self) -> None:
        shown: Points | None = None
        handles = np.zeros(0, np.intp)
        if self._editing:
            if self._shape is not None:
                shown, handles = self._shape.points, self._shape.handles
        elif self._outline is not None and self.view.has_image():
            shown = np.array(self._outline) * self._size()
        if self._drawing:
            handles = np.zeros(0, np.intp)
        self._item.show_line(shown, handles, self._selected, faint=self._drawing)
        self._item.setVisible(shown is not None and (self._wanted or self._editing))

    def _size(self) -> NDArray[np.float64]:
        return np.array(self.view.image_size(), dtype=np.float64)

    def _least_area(self) -> float:
        return MIN_AREA * float(self._size().prod())

    def _on_image_changed(self) -> None:
        self._outline = None
        self._leave()
        self._show()


def _row(point: QPointF) -> NDArray[np.float64]:
    return np.array([point.x(), point.y()])
