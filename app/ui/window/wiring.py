"""What the window is made of: presenters, pages, and what one part does about another's signals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QMessageBox

from app.core.domain.errors import HistoryError
from app.core.history.arrivals import Arrival
from app.core.history.batches import Batch, BatchRepository
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.model.library import ModelLibrary
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.arrivals.arrived_list import ArrivedList
from app.ui.arrivals.items import item_of
from app.ui.arrivals.volumes import PICTURES, MemoryCards, Volume
from app.ui.arrivals.watched_folders import WatchedFolders
from app.ui.export.exports import Exports
from app.ui.folder.batch_session import BatchSession
from app.ui.help.program_dialogs import ProgramDialogs
from app.ui.history.maintenance import HistoryMaintenance
from app.ui.look.appearance import Appearance
from app.ui.look.tokens import Scheme
from app.ui.report.image_report import ImageReports
from app.ui.screen.empty_state import EmptyState
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.autosave import Autosave
from app.ui.services.current_model import CurrentModel
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.marks import Marks
from app.ui.services.notices import Action, Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Workers
from app.ui.settings.model_switch import ModelPresenter
from app.ui.window import shortcuts
from app.ui.window.opening import MANY, Opening
from app.ui.window.patient_parts import PatientParts
from app.ui.window.screen_place import ScreenPlace

if TYPE_CHECKING:  # pages that may never be shown are imported where they are built: a start is quicker
    from app.ui.folder.folder_page import FolderPage
    from app.ui.help.help_page import HelpPage
    from app.ui.history.history_page import HistoryPage
    from app.ui.history.own_cases_page import OwnCasesPage
    from app.ui.image.image_pane import ImagePane
    from app.ui.result.result_panel import ResultPanel
    from app.ui.screen.screen_page import ScreenPage
    from app.ui.settings.settings_page import SettingsPage
    from app.ui.window.main_window import MainWindow


@dataclass(frozen=True)
class Core:
    """What a window is made over: the model, the history, the user's data, the settings and the threads."""

    service: ScreeningService
    history: EntryRepository
    images: ImageStore
    library: ModelLibrary
    data: UserData
    settings: SettingsStore
    workers: Workers
    appearance: Appearance


class Parts(QObject):
    """The presenters and what else the pages share. Builds the pages and connects them."""

    def __init__(self, core: Core, window: MainWindow) -> None:
        super().__init__(window)
        self._core = core
        self._window = window
        service, history, images = core.service, core.history, core.images
        settings, workers = core.settings, core.workers
        self.notices = notices = Notices(self)
        self.current_model = current = CurrentModel(self)
        self.models = ModelPresenter(core.library, service, current, settings, notices, workers, window)
        self.program = ProgramDialogs(core.data, notices, workers, window)
        self.patient = CurrentPatient(history, workers, notices, self)
        self.session = OpenedImagesModel(service, self.patient, settings, workers, self)
        self.batch_session = BatchSession(
            BatchRepository(history.database), core.library, images, settings, workers, self
        )
        self.watched = WatchedFolders(
            service, history, settings, self.patient, current, workers, notices, self, own=core.data.folder
        )
        self.cards = MemoryCards(workers, self)
        self.image_reports = ImageReports(service, history, images, current, settings, notices, workers, window)
        self.exports = Exports(service, history, images, core.data, current, settings, notices, workers, window)
        self.maintenance = HistoryMaintenance(history, settings, notices, workers, window)
        self.autosave = Autosave(history, notices, workers, self)
        self.marks = Marks(history, workers, notices, self)
        self.patients = PatientParts(core, self, window)
        self.opening = Opening(self.session, self.batch_session, self.models, settings, workers, notices, window)

    def screen_place(self) -> ScreenPlace:
        empty = EmptyState(ArrivedList(self.watched))
        empty.open_asked.connect(self.opening.ask_for_files)
        empty.folder_asked.connect(self.opening.ask_for_folder)
        empty.batch_asked.connect(self.open_finished)
        empty.patient_asked.connect(self.patients.show)
        self.patients.presenter.due_read.connect(empty.show_due)
        self.batch_session.finished_changed.connect(lambda: empty.show_recent(self.batch_session.finished))
        return ScreenPlace(self.session, self.current_model, self._screen_page, empty, self.patients.header)

    def _screen_page(self) -> ScreenPage:
        from app.ui.image.image_pane import ImagePane
        from app.ui.screen.screen_page import ScreenPage

        pane = ImagePane("", self._core.workers, self._core.images)
        page = ScreenPage(self.session, self.current_model, pane, self._panel(pane))
        page.open_asked.connect(self.opening.ask_for_files)
        page.folder_asked.connect(self.opening.ask_for_folder)
        page.item_shown.connect(self.patients.owner.show_item)
        self.patients.owner.shown.connect(lambda: page.allow_comparison(self.patients.owner.can_be_compared))
        page.owner_asked.connect(self.patients.ask_for_owner)
        shortcuts.install(page)
        return page

    def open_finished(self, batch: Batch) -> None:
        """Show a folder that was assessed before."""
        self._window.go_to(self._window.folder_page)
        self.batch_session.open_finished(batch)

    def folder_page(self) -> FolderPage:
        from app.ui.folder.exports import BatchExports
        from app.ui.folder.folder_page import FolderPage
        from app.ui.image.image_pane import ImagePane

        core = self._core
        pane = ImagePane("", core.workers, core.images)
        exports = BatchExports(core.history, self.current_model, core.settings, self.notices, core.workers)
        exports.export_asked.connect(self.exports.ask)
        page = FolderPage(
            self.batch_session,
            core.history,
            core.workers,
            image_pane=pane,
            panel=self._panel(pane, with_report=False),
            exports=exports,
            marks=self.marks,
            notices=self.notices,
            settings=core.settings,
        )
        page.entry_shown.connect(self.patients.owner_over(page.header).show_entry)
        self.autosave.record_stored.connect(lambda entry, record: page.model.set_patient(entry, record.patient))
        page.preview_asked.connect(self.patients.show_large)
        page.item_opened.connect(self.session.open_item)
        page.restore_columns(_bytes(core.settings.current.batch_columns))
        page.folder_asked.connect(self.opening.ask_for_folder)
        page.sources.watched_asked.connect(self.watched.open_all)
        self.watched.changed.connect(lambda: self._show_watched(page))
        self._show_watched(page)
        self.maintenance.replaced.connect(page.thumbnails.forget)
        shortcuts.install(page)
        return page

    def _show_watched(self, page: FolderPage) -> None:
        page.sources.show_watched(self.watched.folders())
        page.head.set_watched(self.watched.folders(), self.watched.open_all)

    def history_page(self) -> HistoryPage:
        from app.ui.history.history_page import HistoryPage

        page = HistoryPage(self._core.history, self.notices, self._core.workers, self.marks)
        page.preview_asked.connect(self.patients.show_large)
        page.entry_opened.connect(self.session.open_entry)
        page.comparison_asked.connect(self.patients.compare_lesion)
        page.deleted.connect(self._on_deleted)
        page.export_asked.connect(self.maintenance.ask_for_export)
        shortcuts.install(page)
        return page

    def own_cases_page(self) -> OwnCasesPage:
        from app.ui.history.own_cases_page import OwnCasesPage

        page = OwnCasesPage(self._core.history, self._core.workers, self.current_model)
        page.entry_opened.connect(self.session.open_entry)
        return page

    def help_page(self) -> HelpPage:
        from app.ui.help.help_page import HelpPage

        page, settings = HelpPage(self.current_model), self._core.settings

        def show_share(names: frozenset[str]) -> None:
            if "melanoma_share" in names:
                page.figures.set_prevalence(settings.clinic_shares().melanoma)

        show_share(frozenset({"melanoma_share"}))
        settings.changed.connect(show_share)
        return page

    def settings_page(self) -> SettingsPage:
        from app.ui.help.about_panel import AboutPanel
        from app.ui.settings.settings_page import SettingsPage
        from app.ui.settings.watched_field import WatchedFoldersField

        core = self._core
        about = AboutPanel(core.data, self.current_model, core.workers)
        page = SettingsPage(
            core.settings,
            self.models,
            self.notices,
            keys=shortcuts.shown(),
            about=about,
            pictures=WatchedFoldersField(self.watched, self.notices),
        )
        page.export_asked.connect(self.maintenance.ask_for_export)
        page.import_asked.connect(self.maintenance.ask_for_import)
        page.restore_asked.connect(self.maintenance.ask_for_restore)
        return page

    def connect_all(self) -> None:
        """Connect the parts with each other and with the window's pages."""
        window = self._window
        self.session.opened.connect(lambda _: window.go_to(window.screen_page))
        self.opening.batch_opened.connect(lambda: window.go_to(window.folder_page))
        self.batch_session.nothing_opened.connect(self.notices.warn)
        self.batch_session.unfinished_found.connect(self._on_unfinished_found)
        self.program.welcomed.connect(lambda: self._core.settings.update(welcomed=True))
        self.models.switched.connect(self.batch_session.restart)
        self.maintenance.checked.connect(self.batch_session.find_unfinished)
        self.maintenance.checked.connect(self.batch_session.find_finished)
        self.maintenance.checked.connect(self.patients.presenter.read_due)
        self.patients.presenter.deleted.connect(self._on_deleted)
        self.patients.presenter.identifier_changed.connect(self.session.follow_patient)
        self.maintenance.checked.connect(self.watched.start)
        self.maintenance.checked.connect(self.cards.start)
        self.watched.opened.connect(self._show_arrivals)
        self.watched.changed.connect(window.show_arrived)
        self.cards.put_in.connect(self._offer_card)
        self._core.settings.changed.connect(self._on_settings_changed)
        self.maintenance.imported.connect(window.refresh)
        self.maintenance.about_to_replace.connect(self.save_records)
        self.maintenance.replaced.connect(self._on_history_replaced)
        self._core.workers.failed.connect(_raise)

    def start(self) -> None:
        """Load the model, check the user's folder and the history."""
        self.models.start()
        self.program.start()
        self.maintenance.start()

    def save_records(self) -> None:
        """Write what was edited before the window closes or the history is replaced."""
        try:
            self.autosave.save_now()
        except HistoryError as error:
            QMessageBox.warning(self._window, self.tr("Not saved"), str(error))

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if "scheme" in names:
            self._core.appearance.set_scheme(Scheme(self._core.settings.current.scheme))

    def _panel(self, pane: ImagePane, *, with_report: bool = True) -> ResultPanel:
        from app.ui.result.explanation import ExplanationPresenter
        from app.ui.result.record_form import RecordForm
        from app.ui.result.result_panel import ResultPanel

        core = self._core
        explanation = ExplanationPresenter(
            pane.view, core.service, core.history, core.images, core.workers, self.autosave, self.notices
        )
        form = RecordForm(core.history, core.workers, self.autosave, self.notices, self.marks)
        panel = ResultPanel(form, explanation, self.current_model, core.settings, with_report=with_report)
        explanation.saliency_map.set_on(core.settings.current.heat_map)
        explanation.case_opened.connect(self.session.open_entry)
        panel.report_asked.connect(self.image_reports.ask)
        panel.export_asked.connect(lambda item: self.exports.ask([item]))
        panel.prediction_forced.connect(self.session.force_prediction)
        panel.help_asked.connect(self._window.explain_answer)
        return panel

    def _show_arrivals(self, arrivals: list[Arrival]) -> None:
        """On the page Screen, or as a folder where they are many."""
        if len(arrivals) > MANY:
            self.opening.open_paths([arrival.path for arrival in arrivals])
        else:
            self.session.open_items([item_of(arrival) for arrival in arrivals])

    def _offer_card(self, card: Volume) -> None:
        """Offer the pictures of a memory card that was put in, unless they come by themselves."""
        if any(card.root in (folder.path, *folder.path.parents) for folder in self.watched.folders()):
            return
        text = self.tr("A card with pictures: {0}").format(card.name)
        self.notices.info(text, Action(self.tr("Open folder"), partial(self._open_card, card)))

    def _open_card(self, card: Volume) -> None:
        self.opening.batch_opened.emit()
        self.batch_session.open_paths([card.root / PICTURES], subfolders=True)

    def _on_deleted(self) -> None:
        """Entries were deleted: what shows them is not saved any more."""
        self.patient.refresh()
        asked, history = self.session.entry_ids(), self._core.history
        self._core.workers.run(
            lambda: set(asked) - history.by_id(asked).keys(),
            on_result=self.session.forget_entries,
            on_error=self.notices.warn,
        )
        self.batch_session.read_again()
        self.watched.refresh()

    def _on_unfinished_found(self) -> None:
        """Show the offer to finish a batch, unless something was opened already."""
        if not self.session.rowCount():
            self._window.go_to(self._window.folder_page)

    def _on_history_replaced(self) -> None:
        """The numbers of the entries that are shown belong to other entries, or to none."""
        self.session.forget_entries(self.session.entry_ids())
        self.batch_session.forget()
        self.patients.forget()
        self.watched.start()
        self._window.refresh()


def _bytes(base64: str) -> QByteArray:
    return QByteArray.fromBase64(base64.encode())


def _raise(error: Exception) -> None:
    """To the excepthook, as any other programming error."""
    raise error
