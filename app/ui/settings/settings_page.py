"""The settings: categories, and in each rows of a name, a sentence and an input. A change takes effect at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.core.system.settings import Settings
from app.ui.look.style import Line, label, paint_on, scrolled
from app.ui.look.tokens import CONTROL, EDGE, GRID, PAGE_TITLE, TextStyle, scaled
from app.ui.services.notices import Action, Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.settings.categories import Category, Field, categories
from app.ui.settings.inputs import Input
from app.ui.settings.model_field import ModelField
from app.ui.settings.model_switch import ModelPresenter
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.fields import SearchField
from app.ui.widgets.nav_list import NavList

SIDE, INPUT, ROWS = 248, 320, 848
"""Widths of the list of categories, of an input, and of the rows."""


class SettingsPage(QWidget):
    """Shows the settings and updates them whenever an input was changed. The model is its presenter's matter."""

    export_asked = Signal()
    import_asked = Signal()
    restore_asked = Signal()

    def __init__(
        self,
        settings: SettingsStore,
        models: ModelPresenter,
        notices: Notices,
        *,
        keys: Sequence[tuple[str, str]],
        about: QWidget,
        pictures: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        """`keys` are keys and what they do; `about` is shown as the last category, `pictures` below that category's
        settings."""
        super().__init__(parent)
        self._settings = settings
        self._notices = notices
        self.model = ModelField(models)
        self._inputs: dict[str, Input] = {}
        self._categories = categories()
        self._pages = QStackedWidget()
        self.search = SearchField(self.tr("Search settings"))
        self.search.textChanged.connect(self._on_searched)
        self.list = NavList([(category.title, category.icon) for category in self._categories])
        self.list.setAccessibleName(self.tr("Categories of settings"))
        self.title = label(style=TextStyle.TITLE)
        self.title.setWordWrap(False)
        self.defaults = Button(self.tr("Back to the defaults"), "rotate-ccw", look=Look.LINK)
        self.defaults.clicked.connect(self._on_defaults_clicked)
        extra = {"pictures": pictures, "model": self._model_rows(models), "data": self._data_rows()}
        extra["keyboard"] = _key_rows(keys)
        for category in self._categories:
            body = about if category.name == "about" else self._body(category, extra.get(category.name))
            self._pages.addWidget(_scrolled(body))
        self._lay_out()
        self.list.chosen.connect(self._show)
        settings.changed.connect(self._on_settings_changed)
        self._show(0)

    def input(self, name: str) -> Any:
        """The input of a setting, by its name in `Settings`."""
        return self._inputs[name]

    def show_category(self, name: str) -> None:
        """Show a category by its name."""
        self._show([category.name for category in self._categories].index(name))

    def _show(self, number: int) -> None:
        self.list.show_current(number)
        self._pages.setCurrentIndex(number)
        self.title.setText(self._categories[number].title)
        self.defaults.setVisible(bool(self._categories[number].fields))

    def _on_searched(self, text: str) -> None:
        """Show the categories that have the text in a name or a sentence, and the first of them."""
        found = [number for number, category in enumerate(self._categories) if category.has(text)]
        self.list.show_only(found)
        if found and text:
            self._show(found[0])

    def _on_changed(self, field: Field) -> None:
        before = getattr(self._settings.current, field.name)
        self._settings.update(**{field.name: self._inputs[field.name].value()})
        if getattr(self._settings.current, field.name) != before:
            undo = partial(self._settings.update, **{field.name: before})
            self._notices.info(self.tr("{0}: changed").format(field.title), Action(self.tr("Undo"), undo, "Ctrl+Z"))

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Show values that were changed elsewhere."""
        for name in names & self._inputs.keys():
            if self._inputs[name].value() != getattr(self._settings.current, name):
                self._inputs[name].set_value(getattr(self._settings.current, name))

    def _on_defaults_clicked(self) -> None:
        names = [field.name for field in self._categories[self._pages.currentIndex()].fields]
        before = {name: getattr(self._settings.current, name) for name in names}
        self._settings.update(**{name: getattr(Settings(), name) for name in names})
        undo = partial(self._settings.update, **before)
        text = self.tr("{0}: back to the defaults").format(self.title.text())
        self._notices.info(text, Action(self.tr("Undo"), undo, "Ctrl+Z"))

    def _body(self, category: Category, more: QWidget | None) -> QWidget:
        rows = [self._row(field) for field in category.fields]
        body = QWidget()
        paint_on(body, QPalette.ColorRole.Base)
        column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 0, EDGE, EDGE)
        column.setSpacing(0)
        for row in (*rows, *([more] if more is not None else [])):
            row.setMaximumWidth(ROWS)
            column.addWidget(row)
        column.addStretch()
        return body

    def _row(self, field: Field) -> QWidget:
        made = field.kind(getattr(self._settings.current, field.name))
        assert isinstance(made, QWidget)
        made.setAccessibleName(field.title)
        made.setAccessibleDescription(field.help)
        made.changed.connect(partial(self._on_changed, field))
        self._inputs[field.name] = made
        return setting_row(field.title, field.help, made)

    def _model_rows(self, models: ModelPresenter) -> QWidget:
        meaning = (
            self.tr("The model in use was given on the command line.")
            if models.is_given
            else self.tr(
                "Applies from the next picture on. A model from a file (ZIP) is checked before it can be chosen."
            )
        )
        return setting_row(self.tr("Model in use"), meaning, self.model)

    def _data_rows(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for title, meaning, verb, name, signal in (
            (
                self.tr("Export the history"),
                self.tr("Writes all results into one ZIP file."),
                self.tr("Export…"),
                "upload",
                self.export_asked,
            ),
            (
                self.tr("Import a history"),
                self.tr("Adds the results of such a file to this history."),
                self.tr("Import…"),
                "download",
                self.import_asked,
            ),
            (
                self.tr("Restore a backup"),
                self.tr("Replaces the history by a backup. The current history is kept beside it."),
                self.tr("Restore…"),
                "history",
                self.restore_asked,
            ),
        ):
            button = Button(verb, name)
            button.setAccessibleName(title)
            button.clicked.connect(signal)
            column.addWidget(setting_row(title, meaning, button))
        return made

    def _lay_out(self) -> None:
        heading = label(self.tr("Settings"), TextStyle.TITLE)
        heading.setFixedHeight(scaled(PAGE_TITLE))
        side = QVBoxLayout()
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 12)
        top.setSpacing(0)
        top.addWidget(heading)
        top.addWidget(self.search)
        side.addLayout(top)
        side.addWidget(self.list)
        side.addStretch()
        aside = QWidget()
        aside.setLayout(side)
        aside.setFixedWidth(SIDE)
        head = QHBoxLayout()
        head.setContentsMargins(EDGE, 0, EDGE, 0)
        head.addWidget(self.title, stretch=1)
        head.addWidget(self.defaults)
        bar = QWidget()
        bar.setLayout(head)
        bar.setFixedHeight(scaled(PAGE_TITLE))
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(bar)
        main.addWidget(Line())
        main.addWidget(self._pages, stretch=1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(aside)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addLayout(main, stretch=1)
        self.setFocusProxy(self.list)


def setting_row(title: str, meaning: str, field: QWidget) -> QWidget:
    """A setting's name and sentence, and its input at the end."""
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label(title, TextStyle.BODY_STRONG))
    if meaning:
        words.addWidget(label(meaning, quiet=True))
    inner = QHBoxLayout()
    inner.setContentsMargins(0, 12, 0, 12)
    inner.setSpacing(3 * GRID)
    inner.addLayout(words, stretch=1)
    place = QWidget()
    place.setFixedWidth(INPUT)
    place.setMinimumHeight(scaled(CONTROL))
    around = QHBoxLayout(place)
    around.setContentsMargins(0, 0, 0, 0)
    if isinstance(field, Button):
        around.addStretch()
    around.addWidget(field)
    inner.addWidget(place)
    row = QWidget()
    column = QVBoxLayout(row)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(inner)
    column.addWidget(Line())
    return row


def _key_rows(keys: Sequence[tuple[str, str]]) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for key, text in keys:
        column.addWidget(setting_row(text[:1].upper() + text[1:], "", label(key)))
    return made


def _scrolled(body: QWidget) -> QScrollArea:
    area = scrolled(body)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    paint_on(area.viewport(), QPalette.ColorRole.Base)
    return area
