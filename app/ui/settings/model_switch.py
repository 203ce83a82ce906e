"""The choice of the model: choose, install, remove, and return from one that can't be used."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.domain.errors import BundleError, MelaScreenError
from app.core.model.bundle import CARD_FILE
from app.core.model.card import Card
from app.core.model.library import BUNDLED, InstalledModel, ModelLibrary
from app.core.screening.service import ScreeningService
from app.ui.services.current_model import CurrentModel
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import program_error
from app.ui.services.workers import Job, Lane, Priority, Workers
from app.ui.widgets.dialogs import ask


class ModelPresenter(QObject):
    """Presenter of the models; notices tell what was done or went wrong."""

    switched = Signal()
    """Another model, or none, is in use than since the start."""
    changed = Signal()
    """The choice or the installed models have changed."""

    def __init__(
        self,
        models: ModelLibrary,
        service: ScreeningService,
        current: CurrentModel,
        settings: SettingsStore,
        notices: Notices,
        workers: Workers,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._models = models
        self._service = service
        self._workers = workers
        self._is_started = False
        self._loading: Job | None = None
        self._current = current
        self._settings = settings
        self._notices = notices

    @property
    def name(self) -> str:
        """The chosen model's name; see `ModelLibrary.path` for when it counts."""
        return self._settings.current.model

    @property
    def is_given(self) -> bool:
        """Whether the command line names a model, which overrides the choice until the next start."""
        return self._models.override is not None

    def choices(self) -> list[InstalledModel]:
        return self._models.choices()

    def start(self) -> None:
        """Load the chosen model for the next image."""
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._workers.run(
            partial(self._service.use, self._models.path(self.name)),
            on_result=self._on_card,
            on_error=self._on_no_model,
            on_crash=partial(self._on_no_model, BundleError(program_error())),
            priority=Priority.HIGH,
        )

    def choose(self, name: str) -> None:
        """Use a model from now on."""
        if name != self.name:
            self._settings.update(model=name)
            self.changed.emit()
            self.start()

    def ask_for_install(self) -> None:
        filters = self.tr("Models ({0})").format(f"*.zip {CARD_FILE}")
        file, _ = QFileDialog.getOpenFileName(self._window, self.tr("Install a model"), "", filters)
        if file:
            self.install(Path(file))

    def install(self, source: Path) -> None:
        """Check and install a model from a ZIP or its card's folder, then ask whether to use it."""
        if source.name == CARD_FILE:
            source = source.parent
        self._notices.info(self.tr("{0} is checked…").format(source.name))
        self._workers.run(
            partial(self._models.install, source),
            lane=Lane.BACKGROUND,
            on_result=self._on_installed,
            on_error=self._notices.warn,
        )

    def remove(self, name: str) -> None:
        """Delete an installed model; ask before the one in use is deleted."""
        if name != self.name or self.is_given:
            self._remove(name)
            return
        text = self.tr("This model is in use. Without it, the model that came with the program is used.")
        ask(self._window, text, verb=self.tr("Remove"), then=partial(self._go_back_and_remove, name))

    def _go_back_and_remove(self, name: str) -> None:
        self.choose(BUNDLED)
        self._remove(name)

    def _remove(self, name: str) -> None:
        self._workers.run(
            partial(self._models.remove, name),
            lane=Lane.BACKGROUND,
            on_result=lambda _: self.changed.emit(),
            on_error=self._notices.warn,
        )

    def _on_card(self, card: Card) -> None:
        self._current.set_card(card)
        self._on_loaded()

    def _on_no_model(self, error: MelaScreenError) -> None:
        self._current.set_unusable(error)
        self._on_loaded()
        if self.name != BUNDLED and not self.is_given:
            text = self.tr(
                "The chosen model can't be used, so no picture can be assessed. {0}\n\n"
                "The model that came with the program can be used instead."
            )
            verb = self.tr("Use the program's own model")
            ask(self._window, text.format(error), verb=verb, then=partial(self.choose, BUNDLED))

    def _on_loaded(self) -> None:
        if self._is_started:
            self.switched.emit()
        self._is_started = True

    def _on_installed(self, choice: InstalledModel) -> None:
        self.changed.emit()
        title = choice.title
        if self.is_given:
            text = self.tr("Installed: {0}. The model in use was given on the command line.")
            self._notices.info(text.format(title))
        elif choice.name == self.name:
            self._notices.info(self.tr("Reinstalled and in use: {0}").format(title))
            self.start()
        else:
            self._notices.info(self.tr("Installed: {0}").format(title))
            text = self.tr("{0} was checked and is installed:\n\n{1}\n\nThe model in use is {2}.")
            before = str(self._current.card.model_id) if self._current.card else self.tr("none")
            about = choice.card.description if choice.card else ""
            later = self.tr("You can change the model in the settings at any time.")
            question = (text.format(title, about, before), later)
            verb = self.tr("Use the new model")
            ask(self._window, "\n\n".join(question), verb=verb, then=partial(self.choose, choice.name))
