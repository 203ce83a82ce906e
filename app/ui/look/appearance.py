"""The program's look: fonts, palette and style of the application, in light or dark."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.core.system import paths
from app.ui.look import tokens
from app.ui.look.app_style import AppStyle
from app.ui.look.focus_ring import FocusRing
from app.ui.look.tokens import Scheme, Tokens

USUAL_POINTS = {"win32": (9.0, 9.0), "darwin": (13.0, 13.0)}
"""The system's text at its default, from and to; desktops on Linux have 9 (none), 10 (KDE) or 11 points (GNOME)."""

TOUCH = 1.15
"""Times as large, where a window is touched by fingers."""


class Appearance(QObject):
    """Gives the application its look, and another one where the setting or the system's scheme changes."""

    changed = Signal()
    """The colours are others now; what caches something coloured draws it again."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._scheme = Scheme.SYSTEM
        self._for_touch = False
        for file in sorted((paths.resources() / "fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(file))
        application.setStyle(AppStyle())
        self._read_text_size()
        self._apply()
        self.ring = FocusRing(application)
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(lambda _: self._apply())
        hints.accessibility().contrastPreferenceChanged.connect(lambda _: self._apply())

    @classmethod
    def of(cls, application: QApplication) -> Appearance:
        """The look of an application, which has one."""
        return application.findChild(cls) or cls(application)

    def set_scheme(self, scheme: Scheme) -> None:
        """Follow the setting."""
        if scheme is not self._scheme:
            self._scheme = scheme
            asked = {Scheme.LIGHT: Qt.ColorScheme.Light, Scheme.DARK: Qt.ColorScheme.Dark}
            self._application.styleHints().setColorScheme(asked.get(scheme, Qt.ColorScheme.Unknown))  # title bars
            self._apply()

    def set_for_touch(self, for_touch: bool) -> None:
        """Make all that holds text larger, of what is built from now on."""
        if for_touch is not self._for_touch:
            self._for_touch = for_touch
            self._read_text_size()

    def _read_text_size(self) -> None:
        least, most = USUAL_POINTS.get(sys.platform, (9.0, 11.0))
        points = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
        if points > 0:
            times = points / min(max(points, least), most)
            tokens.set_text_scale(times * TOUCH if self._for_touch else times)
        self._application.setFont(tokens.font())

    def _apply(self) -> None:
        chosen = self._tokens()
        tokens.use(chosen)
        self._application.setPalette(make_palette(chosen))
        for window in self._application.topLevelWidgets():
            window.update()
        self.changed.emit()

    def _tokens(self) -> Tokens:
        hints = self._application.styleHints()
        dark = self._scheme is Scheme.DARK
        if self._scheme is Scheme.SYSTEM:
            dark = hints.colorScheme() == Qt.ColorScheme.Dark
        chosen = tokens.DARK if dark else tokens.LIGHT
        wants_contrast = hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
        return tokens.with_contrast(chosen) if wants_contrast else chosen


def make_palette(colours: Tokens) -> QPalette:
    """The palette of a scheme; what has no focus looks as what has it."""
    made, role = QPalette(), QPalette.ColorRole
    for roles, colour in (
        ((role.Window, role.AlternateBase), colours.window),
        ((role.Base, role.Button, role.ToolTipBase), colours.surface),
        ((role.Midlight,), colours.sunken),
        ((role.Mid,), colours.line),
        ((role.Dark,), colours.control),
        ((role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.ToolTipText), colours.text),
        ((role.PlaceholderText,), colours.text2),
        ((role.Accent, role.Link, role.LinkVisited), colours.accent),
        ((role.Highlight,), colours.selected),
        ((role.Light,), colours.surface),
        ((role.Shadow,), colours.control),
    ):
        for each in roles:
            made.setColor(each, colour)
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, each, colours.disabled)
    return made


def announce(widget: QObject, text: str) -> None:
    """Have a screen reader say something."""
    from PySide6.QtGui import QAccessibleAnnouncementEvent

    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
