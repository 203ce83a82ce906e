"""The explanation of a result: saliency map, outline and measurements of the lesion, and similar cases."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from app.core.domain.entry import SimilarCase
from app.core.domain.errors import BundleError, MelaScreenError
from app.core.domain.results import Explanation, Rejection, Screening
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.screening.pipeline import findings
from app.core.screening.service import ScreeningService
from app.ui.image.image_view import ImageView, as_rectangle
from app.ui.image.saliency_item import SaliencyItem
from app.ui.image.saliency_map import SaliencyMapControls, areas_of, speaks_for
from app.ui.result.lesion_panel import LesionPanel
from app.ui.result.similar_cases_panel import SimilarCasesPanel
from app.ui.services.autosave import Autosave
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Notices
from app.ui.services.wording import saliency_map_text
from app.ui.services.workers import Job, Priority, Workers

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
"""Keys that go from image to image on the page."""


class ExplanationPresenter(QObject):
    """Fills the parts that explain an item's result; what is not known yet is computed when it is opened.

    The parts (`saliency_map`, `lesion`, `similar_cases`) have no place of their own: the panel gives them one.
    """

    case_opened = Signal(object)
    quality_found = Signal(object)
    """The findings (`app.core.quality.findings`) of the item that is shown, which is refused for its quality."""

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
        super().__init__(view)
        self._view = view
        self._service = service
        self._images = images
        self._workers = workers
        self._notices = notices
        self._item: Item | None = None
        self._explanation: Explanation | None = None
        self._job: Job | None = None
        self._cases_job: Job | None = None
        self._quality_job: Job | None = None
        self.saliency_map = SaliencyMapControls()
        self.lesion = LesionPanel(view, service, history, images, workers, autosave, notices)
        self.similar_cases = SimilarCasesPanel()
        view.image_changed.connect(self._lay_map)
        self.saliency_map.toggled.connect(self._on_saliency_map_toggled)
        self.saliency_map.strength_changed.connect(self._on_strength_changed)
        self.saliency_map.grey_changed.connect(view.set_grey_below)
        self._map_item: SaliencyItem | None = None
        self.similar_cases.opened.connect(self._on_similar_cases_opened)
        self.similar_cases.case_opened.connect(self.case_opened)
        for moved in (self.saliency_map.slider, self.similar_cases.cases):
            moved.installEventFilter(self)
        self.show_item(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move the slider and go from case to case while these have the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()
            return True
        return super().eventFilter(watched, event)

    @property
    def explanation(self) -> Explanation | None:
        """The current item's explanation, as far as it is known."""
        return self._explanation

    def show_item(self, item: Item | None) -> None:
        """Show another item's explanation, or update the same item's."""
        same = item is self._item
        screening = item.screening if item is not None else None
        if not same or screening is None:
            self._forget()
        self._item = item
        self.lesion.show_item(item)
        if screening is not None and screening.refusal is Rejection.QUALITY and self._quality_job is None:
            self._ask_for_quality(item)
        if self.saliency_map.is_on:
            self._on_saliency_map_toggled(True)
        if self.similar_cases.is_open:
            self._on_similar_cases_opened()

    def _ask_for_quality(self, item: Item | None) -> None:
        assert item is not None
        self._quality_job = self._workers.run(
            lambda: findings(judged_content(item, self._images)[0]),
            on_result=self.quality_found.emit,
            on_error=lambda _: None,  # the reason stands beside it; what else was found can wait for the file
        )

    def _forget(self) -> None:
        for job in (self._job, self._cases_job, self._quality_job):
            if job is not None:
                job.cancel()
        self._job = self._cases_job = self._quality_job = None
        self._explanation = None
        self._map_item = None
        self._view.show_layer(None)
        self.saliency_map.set_unavailable("")
        self.similar_cases.show_cases(None)

    def _on_saliency_map_toggled(self, on: bool) -> None:
        self._view.set_layer_visible(on)
        if on:
            self._ask_for_explanation()

    def _on_similar_cases_opened(self) -> None:
        screening = self._screening()
        if screening is not None:
            if self._cases_job is not None:
                self._cases_job.cancel()
            self._cases_job = self._workers.run(
                partial(self._service.similar_cases, screening),
                on_result=partial(self._on_cases, self._item),
                on_error=self._notices.warn,
            )

    def _screening(self) -> Screening | None:
        """The current item's result, if it has a prediction."""
        screening = self._item.screening if self._item is not None else None
        return screening if screening is not None and screening.prediction is not None else None

    def _ask_for_explanation(self) -> None:
        """Compute the saliency map, once it is to be seen."""
        if self._explanation is not None or self._job is not None or self._screening() is None:
            return
        assert self._item is not None
        self._job = self._workers.run(
            partial(self._compute, self._item),
            on_result=self._explain,
            on_error=self._on_no_explanation,
            priority=Priority.NORMAL,
        )

    def _compute(self, item: Item) -> Explanation | None:
        """On the worker thread. The model in use can't explain a result of another model."""
        content, _ = judged_content(item, self._images)
        if item.screening is not None and item.screening.model != self._service.card().model_id:
            raise BundleError(
                self.tr("The result is by {0}, which is not the model in use.").format(item.screening.model)
            )
        return self._service.explain(content, item.source.path)

    def _on_no_explanation(self, error: MelaScreenError) -> None:
        self.saliency_map.set_unavailable(self.tr("No heat map: {0}").format(error))

    def _explain(self, explanation: Explanation | None) -> None:
        self._explanation = explanation
        if explanation is None:
            self.saliency_map.set_unavailable(self.tr("The picture can't be assessed, so there is no heat map."))
        else:
            self.saliency_map.set_unavailable("")
            found, screening = speaks_for(explanation.saliency_map), self._screening()
            self.saliency_map.show_note(saliency_map_text(screening, found) if screening is not None else "")
        self._lay_map()

    def _lay_map(self) -> None:
        """Lay the map over the image once both are there."""
        explanation = self._explanation
        if explanation is not None and self._view.has_image():
            areas, place = areas_of(explanation.saliency_map), as_rectangle(explanation.area)
            self._map_item = SaliencyItem(areas, place, self._view.image_size(), self.saliency_map.strength)
            self._view.show_layer(self._map_item)

    def _on_strength_changed(self, strength: float) -> None:
        if self._map_item is not None and self._view.has_layer():
            self._map_item.set_strength(strength)

    def _on_cases(self, item: Item | None, cases: list[SimilarCase]) -> None:
        if item is self._item:
            self.similar_cases.show_cases(cases)
