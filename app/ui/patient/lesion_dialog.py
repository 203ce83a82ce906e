"""The dialog in which the lesion that a picture shows is chosen, or placed on the body map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.core.domain.advice import advice_of
from app.core.domain.body import Place
from app.core.domain.patient import Lesion
from app.core.history.lesions import Candidate
from app.ui.look.style import label, thumbnail_icon
from app.ui.look.tokens import GRID, TOOL
from app.ui.patient.dialog import FormDialog
from app.ui.patient.lesion_map import LesionMap, MarkedLesion
from app.ui.patient.lesion_words import lesion_words
from app.ui.services.wording import date_text
from app.ui.widgets.buttons import Button, Look, Segments
from app.ui.widgets.patient_words import place_words

SIZE = QSize(820, 560)


class LesionDialog(FormDialog):
    """Offers the patient's lesions, those most like the picture first, and a new one where the map is clicked.

    `chosen` gives a lesion, or the place of a new one, or `None` for a new one without a place.
    """

    def __init__(
        self, patient: str, candidates: Sequence[Candidate], current: int | None, parent: QWidget | None = None
    ) -> None:
        """`current` is the id of the lesion that the picture shows by now."""
        content = QWidget()
        self._new_place: Place | None = None
        self._lesions = {candidate.history.lesion.id: candidate.history.lesion for candidate in candidates}
        self.map = LesionMap()
        self.list = QListWidget()
        super().__init__(self.tr("Which lesion of {0}?").format(patient), self.tr("This lesion"), content, parent)
        self.resize(SIZE)
        names = (self.tr("Body"), self.tr("Sides"), self.tr("Head"), self.tr("Hands, feet"))
        self.tabs = Segments([Button(name, look=Look.SEGMENT, height=TOOL) for name in names])
        self.tabs.buttons[0].setChecked(True)
        self.list.setIconSize(QSize(56, 56))
        self.list.setWordWrap(True)
        self.list.setAccessibleName(self.tr("Lesions, those most like the picture first"))
        self._fill(candidates, current)
        self.tabs.group.idClicked.connect(self.map.set_tab)
        self.map.tab_changed.connect(lambda tab: self.tabs.buttons[tab].setChecked(True))
        self.map.place_chosen.connect(self._on_place)
        self.map.lesion_chosen.connect(self._on_lesion)
        self.list.currentItemChanged.connect(lambda item, _: self._on_row(item))
        self.list.itemActivated.connect(lambda _: self._try())
        self._lay_out(content)
        self._on_row(self.list.currentItem())

    def chosen(self) -> Lesion | Place | None:
        item = self.list.currentItem()
        lesion_id = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return self._lesions[lesion_id] if lesion_id is not None else self._new_place

    def _fill(self, candidates: Sequence[Candidate], current: int | None) -> None:
        marked = []
        for candidate in candidates:
            lesion, entries = candidate.history.lesion, candidate.history.entries
            marked.append(MarkedLesion(lesion, advice_of(entries[-1].screening) if entries else None))
            item = QListWidgetItem(self._words(candidate))
            if entries:
                item.setIcon(thumbnail_icon(entries[-1].screening.thumbnail))
            item.setData(Qt.ItemDataRole.UserRole, lesion.id)
            self.list.addItem(item)
        self._new = QListWidgetItem(self.tr("A new lesion"))
        self.list.addItem(self._new)
        self.map.show_lesions(marked, current)
        ids = [candidate.history.lesion.id for candidate in candidates]
        if current in ids:  # else a person has to choose: nothing is joined by itself
            self.list.setCurrentRow(ids.index(current))

    def _words(self, candidate: Candidate) -> str:
        entries, parts = candidate.history.entries, [lesion_words(candidate.history.lesion)]
        if entries:
            parts.append(self.tr("last {0}").format(date_text(entries[-1].screening.shown_at.date())))
        return "\n".join(parts)

    def _on_place(self, place: Place) -> None:
        """A click beside the lesions means a new one."""
        self._new_place = place
        self.map.show_new(place)
        self._new.setText(self.tr("A new lesion: {0}").format(place_words(place)))
        self.list.setCurrentItem(self._new)

    def _on_lesion(self, lesion_id: int) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == lesion_id:
                self.list.setCurrentRow(row)

    def _on_row(self, item: QListWidgetItem | None) -> None:
        self.accept_button.setEnabled(item is not None)
        lesion_id = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        self.map.choose(lesion_id)
        self.accept_button.setText(self.tr("This lesion") if lesion_id is not None else self.tr("Add the lesion"))

    def _lay_out(self, content: QWidget) -> None:
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.tabs)
        left.addWidget(self.map, stretch=1)
        hint = label(self.tr("A click beside the lesions places a new one"), quiet=True)
        left.addWidget(hint)
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addLayout(left, stretch=1)
        self.list.setFixedWidth(320)
        row.addWidget(self.list)
