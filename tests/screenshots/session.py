"""One window in one size and one look, taken through all states. Called by `tests.screenshots`."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image, ImageFilter
from PySide6.QtCore import QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.bootstrap import make_application, make_window
from app.core.domain.advice import Advice, advice_of
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
from app.core.history.repository import EntryRepository
from app.core.imaging.find import find_images
from app.core.imaging.reference_image import reference_image
from app.core.screening.service import ScreeningService
from app.core.system import paths
from app.core.system.paths import UserData
from app.ui.folder.batch_session import State
from app.ui.image.image_view import in_grey
from app.ui.look.appearance import Appearance
from app.ui.look.tokens import Scheme
from app.ui.paper.page import Page
from app.ui.paper.pdf import as_image
from app.ui.report import content
from app.ui.window.main_window import MainWindow
from tests.factories import without_detector
from tests.screenshots import patient_story

PATIENCE = 120.0
"""Seconds that a state may take."""
STRIP = (Advice.BELOW_THRESHOLD, Advice.REFER_MELANOMA, Advice.REFER_OTHER_CANCER, Advice.BORDERLINE)
"""What the opened pictures show, as far as there are such."""
STATES = {
    Advice.REFER_MELANOMA: "screen-suspected",
    Advice.REFER_OTHER_CANCER: "screen-other-cancer",
    Advice.BORDERLINE: "screen-borderline",
    Advice.BELOW_THRESHOLD: "screen-below",
}
SAVED = frozenset({"screen-busy", "report-image", "report-folder"})
"""States that save their pictures themselves."""


class MissingStateError(Exception):
    """No picture leads to a state."""


class Session:
    """A window and what it is shown with; each state is a method whose name is the file's."""

    def __init__(
        self, application: QApplication, out: Path, size: str, look: str, data: Path, pictures: list[Path]
    ) -> None:
        self.application = application
        self._out, self._look = out, look
        self._pictures = pictures
        self._user_data = UserData(data / "data")
        self._folder = data / "Skin check"
        width, height = map(int, size.split("x"))
        if look == "rtl":
            application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        model = None if pictures else _for_drawn_pictures(data)
        self._model = model
        self.window: MainWindow = make_window(model, self._user_data)
        scheme = Scheme.DARK if look == "dark" else Scheme.LIGHT
        self.window.settings.update(
            scheme=scheme.value, welcomed=True, clinic="Skin Clinic Riverside", melanoma_share=2.0
        )
        self._size = QSize(width, height)
        self.window.resize(self._size)
        self.window.show()
        self.window.start()
        self.found: dict[Advice, Path] = {}

    def states(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Names and what leads to them, in the order in which they must be made."""
        yield "folder-list", self._folder_list
        yield "folder-grid", self._folder_grid
        yield "screen-empty", self._empty
        yield "screen-busy", self._busy
        for advice, name in STATES.items():
            yield name, lambda advice=advice: self._answer(advice)
        yield "screen-not-assessed", self._not_assessed
        yield "screen-heatmap", self._heat_map
        yield "screen-record", self._record
        yield "patients", self._patients
        yield "patient", self._patient
        yield "then-and-now", self._then_and_now
        yield "history", self._history
        for name, page in (("our-cases", "own_cases_page"), ("help", "help_page")):
            yield name, lambda page=page: self._page(page)
        for category in ("look", "answers", "data", "keyboard", "about"):
            yield f"settings-{category}", lambda category=category: self._settings(category)
        if self._look == "light":  # paper is the same in every look
            yield "report-image", self._report_of_image
            yield "report-folder", self._report_of_folder

    def take(self, name: str) -> None:
        """Save the window as it is, without the notice of what was done last."""
        self.window.notice.hide()
        self.settle()
        if self.window.size() != self._size:
            print(f"{self._out.name}: {name} does not fit, the window is {self.window.size().toTuple()}")  # noqa: T201
            self.window.resize(self._size)
        image = self.window.grab().toImage()
        if self._look == "grey":
            image = in_grey(image)
        image.convertToFormat(QImage.Format.Format_RGB32).save(str(self._out / f"{name}.png"))

    def settle(self, seconds: float = 0.3) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.application.processEvents()
            time.sleep(0.005)

    def wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end:
                raise TimeoutError
            self.settle(0.02)

    def _empty(self) -> None:
        self.wait(lambda: self.window.current_model.card is not None)
        self.window.go_to(self.window.screen_page)

    def _folder_list(self) -> None:
        if not self._folder.exists():
            _make_folder(self._folder, self._pictures)
        window = self.window
        window.opening.open_paths([self._folder])
        self.wait(lambda: window.batch_session.state is State.DONE)
        model = window.folder_page.model
        for row in range(model.rowCount()):
            shown = model.row_at(row).screening
            self.found.setdefault(advice_of(shown), shown.path)
        marked = [model.row_at(row) for row in range(min(9, model.rowCount()))]
        for row, mark in zip(marked, (Mark.REFER,) * 6 + (Mark.WATCH, Mark.CLEAR, Mark.REFER), strict=False):
            if row.mark is None:
                self._select(model.view_row_of(row.position))
                window.folder_page.choose(mark)
        self._select(min(6, model.rowCount() - 1))
        self._confirm()
        window.batch_session.read_again()
        self.settle(1.5)

    def _select(self, row: int) -> None:
        """Make a row the current one. (`selectRow` does nothing from right to left: it asks for no column there.)"""
        page = self.window.folder_page
        page.table.setCurrentIndex(page.model.index(row, 0))

    def _confirm(self) -> None:
        """Confirm some diagnoses, so that the clinic's own cases have something to count."""
        history = self.window.folder_page._history
        words = {Advice.REFER_MELANOMA: "melanoma", Advice.BELOW_THRESHOLD: "nevus", Advice.BORDERLINE: "nevus"}
        for number, entry in enumerate(history.entries(limit=40)):
            if entry.record.patient:
                continue  # another look confirmed it
            record = ClinicalRecord(patient=f"KD-{20340 + number // 3}")
            diagnosis = words.get(advice_of(entry.screening), "basal cell carcinoma")
            if number % 2:
                record = ClinicalRecord(
                    patient=record.patient,
                    diagnosis=diagnosis,
                    confirmed_on="2026-11-20",
                    confirmed_by="histopathology",
                )
            with suppress(Exception):
                history.update_record(entry, record)

    def _folder_grid(self) -> None:
        self.window.folder_page.head.views.buttons[1].click()
        self.settle(1.0)

    def _open_strip(self) -> None:
        window = self.window
        if window.session.rowCount():
            return
        self.window.folder_page.head.views.buttons[0].click()
        files = [self.found[advice] for advice in STRIP if advice in self.found]
        window.opening.open_paths([*files, _blurred(self._folder.parent, self._pictures)])
        self.wait(lambda: all(not window.session.item(row).is_waiting for row in range(window.session.rowCount())))

    def _busy(self) -> None:
        window = self.window
        self._open_strip()
        window.screen_page.go_to(0)
        self.settle(0.5)
        item = window.session.item(0)
        known = item.screening, item.entry_id
        item.screening, item.entry_id = None, None
        window.screen_page._show_answer()
        self.take("screen-busy")
        item.screening, item.entry_id = known
        window.screen_page._show_answer()
        self.settle(0.2)

    def _answer(self, advice: Advice) -> None:
        if advice not in self.found:
            raise MissingStateError(advice)
        self._show(advice)
        self._close_parts()

    def _show(self, advice: Advice) -> None:
        self._open_strip()
        session, page = self.window.session, self.window.screen_page
        self.window.go_to(page)
        for row in range(session.rowCount()):
            screening = session.item(row).screening
            if screening is not None and advice_of(screening) is advice:
                page.go_to(row)
                self.wait(page.view.has_image)
                self.settle(0.3)
                return
        raise MissingStateError(advice)

    def _not_assessed(self) -> None:
        self._show(Advice.NOT_ASSESSED)

    def _show_most_suspected(self) -> None:
        self._show(Advice.REFER_MELANOMA if Advice.REFER_MELANOMA in self.found else Advice.BELOW_THRESHOLD)

    def _heat_map(self) -> None:
        self._show_most_suspected()
        self.window.screen_page.panel.explanation.saliency_map.set_on(True)
        self.settle(1.0)
        bar = self.window.screen_page.panel._scroll.verticalScrollBar()
        bar.setValue(self.window.screen_page.panel.sections["why"].y())

    def _record(self) -> None:
        panel = self.window.screen_page.panel
        panel.explanation.saliency_map.set_on(False)
        self._close_parts()
        panel.explanation.lesion.toggle()
        self.settle(2.0)
        panel.sections["record"].set_open(True)
        self.settle(0.2)
        panel._scroll.verticalScrollBar().setValue(panel.sections["lesion"].y())

    def _close_parts(self) -> None:
        panel = self.window.screen_page.panel
        if panel.explanation.lesion.box.isChecked():
            panel.explanation.lesion.toggle()
        for name in ("why", "lesion", "record"):
            panel.sections[name].set_open(False)

    def _patients(self) -> None:
        history, visits = EntryRepository(self._user_data.history), self._folder.parent / "Visits"
        service = ScreeningService(self._model or paths.bundled_model(), history)
        self._told = patient_story.tell(service, history, list(find_images([self._folder])), visits)
        self.window.go_to(self.window.patients_page)
        self.window.patients_page.show_list()
        self.settle(0.5)

    def _patient(self) -> None:
        page = self.window.patients_page
        page.open(self._told)
        self.wait(lambda: page.presenter.data is not None)

    def _then_and_now(self) -> None:
        page, compared = self.window.patients_page, self.window.comparison_page
        histories = [each for each in page.presenter.data.lesions if len(each.entries) > 1]
        if not histories:
            raise MissingStateError
        page.view.table.choose(histories[-2 % len(histories)].lesion.id)
        page.view.compare_current()
        self.wait(lambda: compared.presenter.pair is not None and not compared.presenter.is_computing)

    def _history(self) -> None:
        """Two results chosen."""
        self._page("history_page")
        table = self.window.history_page.table
        whole = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in (3, 4):
            index = table.model().index(row, 0)
            table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            table.selectionModel().select(index, whole)

    def _page(self, name: str) -> None:
        self.window.go_to(getattr(self.window, name))
        self.settle(0.8)

    def _report_of_image(self) -> None:
        self._show_most_suspected()
        reports, item = self.window._parts.image_reports, self.window.screen_page.panel.item
        assert item is not None
        assert item.screening is not None
        gathered = reports._gather(item, item.screening)
        self._save_pages("report-image", lambda file: reports._write(file, *gathered))

    def _report_of_folder(self) -> None:
        page = self.window.folder_page
        self._save_pages("report-folder", lambda file: page.exports._report(file, page.model.all_rows(), page._title()))

    def _save_pages(self, name: str, write: Callable[[Path], None]) -> None:
        """Save the pages of a report as pictures, in place of the PDF."""

        def draw(pages: Sequence[Page], **_: object) -> bytes:
            for number, page in enumerate(pages, start=1):
                as_image(page).save(str(self._out / f"{name}-{number}.png"))
            return b""

        real, content.as_pdf = content.as_pdf, draw
        try:
            write(self._folder.parent / f"{name}.pdf")
        finally:
            content.as_pdf = real

    def _settings(self, category: str) -> None:
        self.window.show_settings()
        self.window.settings_page.show_category(category)


def _for_drawn_pictures(data: Path) -> Path:
    """The shipped model without what refuses drawn pictures."""
    folder = data / "model"
    return folder if folder.exists() else without_detector(paths.bundled_model(), folder)


def _make_folder(folder: Path, pictures: list[Path]) -> None:
    """A folder of the pictures given, or of drawn ones."""
    folder.mkdir(parents=True)
    found = list(find_images(pictures, recursive=True)) if pictures else []
    if found:
        for file in sorted(found):
            shutil.copyfile(file, folder / file.name)
        return
    for number in range(24):
        Image.fromarray(reference_image(radius=20 + 3 * number)).save(folder / f"IMG_{349 + number:04}.png")


def _blurred(folder: Path, pictures: list[Path]) -> Path:
    """A picture that is out of focus."""
    file = folder / "IMG_0417.jpg"
    if not file.exists():
        found = sorted(find_images(pictures, recursive=True)) if pictures else []
        image = Image.open(found[0]).convert("RGB") if found else Image.fromarray(reference_image())
        image.thumbnail((1200, 1200))
        image.filter(ImageFilter.GaussianBlur(max(image.size) / 40)).save(file, quality=90)
    return file


@contextmanager
def _closing(session: Session) -> Iterator[None]:
    try:
        yield
    finally:
        session.window.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("size")
    parser.add_argument("look")
    parser.add_argument("data", type=Path)
    parser.add_argument("--pictures", type=Path, nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    application = make_application()
    session = Session(
        application,
        options.out,
        options.size,
        options.look,
        options.data,
        [path.absolute() for path in options.pictures],
    )
    with _closing(session):
        for name, lead in session.states():
            needed = name in ("folder-list",) or not options.only or name in options.only
            if not needed:
                continue
            try:
                lead()
            except MissingStateError as missing:
                print(f"{options.out.name}: no picture is {missing}, so there is no {name}")  # noqa: T201
                continue
            if name not in SAVED:
                session.take(name)
    Appearance.of(application).set_scheme(Scheme.LIGHT)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
