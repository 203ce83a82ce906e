"""The lesion's outline over the image, found or drawn by hand, and the measurements within it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QCheckBox, QGridLayout, QInputDialog, QVBoxLayout, QWidget

from app.core.domain.entry import EMPTY_ANNOTATION, Annotation, Entry
from app.core.domain.errors import HistoryError, MelaScreenError
from app.core.domain.outline import Outline
from app.core.domain.scale import Point, from_line
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.lesion.measure import LesionMeasurement
from app.core.screening.service import ScreeningService
from app.ui.image.image_view import ImageView
from app.ui.image.measuring_line import MeasuringLine
from app.ui.image.outline_editor import OutlineEditor
from app.ui.image.outline_gestures import OutlineGestures
from app.ui.image.outline_hints import drawing_hint, editing_hint
from app.ui.look.style import label
from app.ui.look.tokens import GRID, TOOL
from app.ui.result.measures_table import MeasuresTable, outline_text
from app.ui.services.autosave import Autosave
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Notices
from app.ui.services.workers import Job, Priority, Workers
from app.ui.widgets.buttons import Button, Look

LONGEST = 100.0
"""Greatest length of a line along a ruler, in mm."""


class LesionPanel(QWidget):
    """Shows the outline of a judged item's lesion while its box is checked; `Autosave` keeps what is drawn."""

    def __init__(
        self,
        view: ImageView,
        service: ScreeningService,
        history: EntryRepository,
        images: ImageStore,
        workers: Workers,
        autosave: Autosave,
        notices: Notices,
    ) -> None:
        super().__init__()
        self._view = view
        self._service = service
        self._history = history
        self._images = images
        self._workers = workers
        self._notices = notices
        self._autosave = autosave
        self._item: Item | None = None
        self._entry: Entry | None = None
        self._annotation = EMPTY_ANNOTATION
        self._lesion: LesionMeasurement | None = None
        self._job: Job | None = None
        self._is_looking = False
        self._problem = ""
        self.editor = OutlineEditor(view)
        OutlineGestures(self.editor)
        self.line = MeasuringLine(view)
        self.box = QCheckBox(self.tr("Outline and measures"))
        self.correct = Button(self.tr("Correct"), "pencil", height=TOOL)
        self.draw = Button(self.tr("Draw anew"), "spline", height=TOOL)
        self.find_again = Button(self.tr("Find again"), "rotate-ccw", height=TOOL)
        self.ruler = Button(self.tr("Scale…"), "ruler", height=TOOL)
        self.same_scale = Button("", "ruler", look=Look.LINK, height=TOOL)
        self.same_scale.setToolTip(self.tr("It holds for pictures of the same dermatoscope at the same magnification"))
        self._offered: float | None = None
        """The field width of the latest picture with a scale, while this one has none."""
        self.hint = label()
        self.measures = MeasuresTable()
        self._lay_out()

        self.box.toggled.connect(self._on_toggled)
        self.correct.clicked.connect(self._on_correct_clicked)
        self.draw.clicked.connect(self.editor.begin_drawing)
        self.find_again.clicked.connect(self._on_find_again_clicked)
        self.ruler.clicked.connect(self.line.begin)
        self.same_scale.clicked.connect(self._on_same_scale)
        self.editor.edited.connect(self._on_edited)
        self.editor.editing_changed.connect(lambda _: self._show_state())
        self.editor.refused.connect(notices.info)
        self.line.drawn.connect(self._on_line_drawn)
        self.line.measuring_changed.connect(lambda _: self._show_state())
        view.image_changed.connect(self._show_outline)
        autosave.entry_changed.connect(self._on_entry_changed)
        autosave.saving_now.connect(self.editor.commit)
        self._show_state()

    @property
    def lesion(self) -> LesionMeasurement | None:
        """The measurement that is shown."""
        return self._lesion

    def show_item(self, item: Item | None) -> None:
        """Show another item's lesion, or the same item's once it is judged and once it is in the history."""
        is_other = item is not self._item
        if is_other or not self._is_judged():
            self.editor.commit()
            self._forget()
        self._item = item
        if self.box.isChecked() and (is_other or self._is_new_in_history() or self._job is None):
            self._look(self._known())
        self._show_state()

    def toggle(self) -> None:
        """Show or hide the outline (key O)."""
        if self.box.isEnabled():
            self.box.toggle()

    def _is_judged(self) -> bool:
        screening = self._item.screening if self._item is not None else None
        return screening is not None and screening.prediction is not None

    def _is_new_in_history(self) -> bool:
        entry_id = self._item.entry_id if self._item is not None else None
        return entry_id is not None and (self._entry is None or self._entry.id != entry_id)

    def _known(self) -> Annotation | None:
        """The annotation in the window; `None`: the history's is to be read."""
        entry_id = self._item.entry_id if self._item is not None else None
        unsaved = self._autosave.annotation(entry_id) if entry_id is not None else None
        return unsaved or (None if self._annotation == EMPTY_ANNOTATION else self._annotation)

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._is_looking, self._problem = None, False, ""
        self._entry, self._annotation, self._lesion, self._offered = None, EMPTY_ANNOTATION, None, None
        self.line.cancel()
        self.editor.show_outline(None)
        self.measures.show_lesion(None)

    def _look(self, annotation: Annotation | None) -> None:
        """Measure in the background within an annotation's outline; `None`: within the history's."""
        if self._item is None or not self._is_judged():
            return
        if self._job is not None:
            self._job.cancel()
        self._job = self._workers.run(
            partial(self._work, self._item, annotation),
            on_result=self._on_measured,
            on_error=lambda error: self._on_not_measured(str(error)),
            on_crash=partial(self._on_not_measured, ""),
            priority=Priority.NORMAL,
        )
        self._is_looking, self._problem = True, ""
        self._show_state()

    def _work(
        self, item: Item, annotation: Annotation | None
    ) -> tuple[Item, Entry | None, Annotation, LesionMeasurement, float | None]:
        """On the worker thread. A found outline is kept with the entry, as one that was drawn is."""
        entry = self._entry_of(item)
        before = entry.annotation if entry else EMPTY_ANNOTATION
        if annotation is None:
            annotation = before
        content, _ = judged_content(item, self._images)
        lesion = self._service.measure_lesion(content, annotation)
        if lesion.outline is None and before.outline_by_hand:
            raise MelaScreenError(self.tr("No lesion was found; your outline is kept."))
        annotation = replace(annotation, outline=lesion.outline)
        if entry is not None and annotation != before:
            self._history.update_annotation(entry, annotation)
        offered = self._earlier_scale() if lesion.field_width is None else None
        return item, entry, annotation, lesion, offered

    def _earlier_scale(self) -> float | None:
        """The field width of the latest picture with a scale; none where the history can't be used, which the answer
        says already."""
        try:
            return self._history.latest_field_width()
        except HistoryError:
            return None

    def _entry_of(self, item: Item) -> Entry | None:
        """The item's entry, read on the worker thread; None where another history has taken this one's place."""
        if item.entry_id is None or item.screening is None:
            return None
        entry = self._history.get(item.entry_id)
        if entry is None:
            return None
        same = (entry.screening.sha256, entry.screening.screened_at) == (
            item.screening.sha256,
            item.screening.screened_at,
        )
        return entry if same else None

    def _on_measured(self, found: tuple[Item, Entry | None, Annotation, LesionMeasurement, float | None]) -> None:
        item, entry, annotation, lesion, offered = found
        if item is not self._item:
            return
        self._offered = offered
        self._entry, self._annotation, self._lesion, self._is_looking = entry, annotation, lesion, False
        if entry is not None and annotation != entry.annotation:
            self._autosave.tell_written(entry, annotation)
        self._show_outline()
        self._show_state()

    def _on_not_measured(self, problem: str) -> None:
        self._is_looking, self._problem = False, problem
        self._show_state()

    def _on_entry_changed(self, entry_id: int) -> None:
        """Show what was drawn on another page."""
        annotation = self._autosave.annotation(entry_id)
        is_shown = self._item is not None and self._item.entry_id == entry_id
        if not is_shown or annotation is None or annotation == self._annotation:
            return
        if self._job is not None:
            self._job.cancel()
        self._job, self._is_looking, self._problem = None, False, ""
        self._annotation, self._lesion = annotation, None
        self._show_outline()
        if self.box.isChecked():
            self._look(annotation)
        self._show_state()

    def _show_outline(self) -> None:
        """Show the outline once the image is there."""
        outline = self._annotation.outline
        if self._view.has_image() and not self.editor.is_editing:
            self.editor.set_visible(self.box.isChecked())
            self.editor.show_outline(outline.points if outline else None)

    def _on_toggled(self, on: bool) -> None:
        self.editor.set_visible(on)
        if not on:
            self.editor.commit()
            self.line.cancel()
        elif self._lesion is None:
            self._look(self._known())
        self._show_state()

    def _on_correct_clicked(self) -> None:
        if self.editor.is_editing:
            self.editor.commit()
        else:
            self.editor.begin_editing()

    def _on_find_again_clicked(self) -> None:
        """Find the outline again; the one by hand stays until another is found."""
        self._look(replace(self._annotation, outline=None, outline_by_hand=False))

    def _on_edited(self, points: list[tuple[float, float]]) -> None:
        self._change(replace(self._annotation, outline=Outline(tuple(points)), outline_by_hand=True))

    def _on_line_drawn(self, x0: float, y0: float, x1: float, y1: float) -> None:
        item = self._item
        millimetres, is_given = QInputDialog.getDouble(
            self,
            self.tr("Scale"),
            self.tr("How long is the line along the ruler, in mm?"),
            10.0,
            0.1,
            LONGEST,
            1,
        )
        self.line.clear()
        if is_given and item is self._item:  # a folder's row may have changed behind the dialog
            self.set_scale((x0, y0), (x1, y1), millimetres)

    def set_scale(self, start: Point, end: Point, millimetres: float) -> None:
        """Take the image's scale from a line in its pixels. An impossible one is reported and changes nothing."""
        width, _ = self._view.image_size()
        try:
            found = from_line(start, end, millimetres, width=width)
        except ValueError as error:
            self._notices.warn(error)
        else:
            self._change(replace(self._annotation, field_width=found * width))

    def _on_same_scale(self) -> None:
        """Take the scale of the latest picture that has one."""
        if self._offered is not None:
            self._change(replace(self._annotation, field_width=self._offered))

    def _change(self, annotation: Annotation) -> None:
        """Keep an annotation made by hand, then measure within it.

        The measurement before is removed at once: it belongs to another outline or another scale.
        """
        if self._item is None:
            return
        self._annotation, self._lesion = annotation, None
        if self._item.entry_id is not None and self._item.screening is not None:
            self._autosave.set_annotation(Entry(self._item.entry_id, self._item.screening), annotation)
        self._look(annotation)

    def _show_state(self) -> None:
        on, judged = self.box.isChecked(), self._is_judged()
        self.box.setEnabled(judged)
        editing = self.editor.is_editing
        for button in (self.correct, self.draw, self.find_again, self.ruler):
            button.setVisible(on and judged)
        self.correct.setText(self.tr("Done") if editing else self.tr("Correct"))
        self.correct.set_icon("check" if editing else "pencil")
        self.correct.updateGeometry()
        self.correct.setEnabled(editing or self._annotation.outline is not None)
        self.find_again.setVisible(self.find_again.isVisibleTo(self) and self._annotation.outline_by_hand)
        self.ruler.setEnabled(not editing)
        offers = on and judged and self._offered is not None and self._lesion is not None
        self.same_scale.setVisible(offers)
        if self._offered is not None:
            self.same_scale.setText(self.tr("Scale as before: {0:.1f} mm wide").format(self._offered))
        self.hint.setText(self._hint_text())
        self.hint.setVisible(on and bool(self.hint.text()))
        self.measures.show_lesion(self._lesion if on else None)

    def _hint_text(self) -> str:
        if self.line.is_measuring:
            return self.tr("Drag from one mark of the ruler in the picture to another. Escape cancels.")
        if self.editor.is_editing:
            return drawing_hint() if self.editor.is_drawing else editing_hint()
        if self._is_looking:
            return self.tr("Looking for the lesion…")
        if self._problem:
            return self._problem
        if self._lesion is None or self._lesion.outline is None:
            return ""
        return outline_text(self._lesion, by_hand=self._annotation.outline_by_hand)

    def _lay_out(self) -> None:
        buttons = QGridLayout()  # all in a row are wider than the panel may be
        buttons.setSpacing(GRID)
        for number, button in enumerate((self.correct, self.draw, self.ruler, self.find_again)):
            buttons.addWidget(button, *divmod(number, 2))
        buttons.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.box)
        column.addLayout(buttons)
        column.addWidget(self.same_scale)
        column.addWidget(self.hint)
        column.addWidget(self.measures)
