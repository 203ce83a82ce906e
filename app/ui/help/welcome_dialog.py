"""The dialog at the first start: purpose, limits, data folder."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.core.system.paths import UserData
from app.ui.help.data_folder import DataPlace
from app.ui.look.focus_ring import leave_room
from app.ui.look.tokens import GRID, TextStyle
from app.ui.services.wording import warning_text
from app.ui.widgets.text_blocks import selectable

WIDTH = 560
"""Pixels."""


class WelcomeDialog(QDialog):
    """A few sentences and one button."""

    def __init__(self, data: UserData, problem: str, parent: QWidget | None = None) -> None:
        """`problem` is the reason why the data folder can't be written; empty for none."""
        super().__init__(parent)
        self.setWindowTitle("MelaScreen")
        is_for = self.tr(
            "It looks at a dermoscopy picture and says whether melanoma or another skin cancer is suspected, with a"
            " probability beside the threshold for referral. Drop pictures or a folder on the window."
        )
        is_not = self.tr(
            "It makes no diagnosis: it supports your decision and does not replace it. A lesion below the threshold may"
            " still be a melanoma. It is not for photographs without a dermatoscope, and it can't rule out cancer."
            " No study with patients has been done; Help says on whom it has hardly been tried."
        )
        data_lie = self.tr(
            "Nothing leaves this computer. Results, with thumbnails and your notes on patients, are kept in the"
            " history in this folder. Anyone who can open this folder can read them:"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for title, text in (
            (self.tr("What MelaScreen is"), is_for),
            (self.tr("What it is not"), is_not),
            (self.tr("Where your data are kept"), data_lie),
        ):
            layout.addWidget(selectable(title, TextStyle.STRONG))
            layout.addWidget(selectable(text))
        self.place = DataPlace(data.folder)
        self.place.button.hide()  # one button: to begin
        layout.addWidget(self.place)
        self.problem = selectable(warning_text(problem) if problem else "", TextStyle.BODY_STRONG)
        self.problem.setVisible(bool(problem))
        layout.addWidget(self.problem)
        layout.addStretch()
        buttons = QDialogButtonBox()
        self.begin = buttons.addButton(self.tr("&Begin"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.begin.clicked.connect(self.accept)
        layout.addWidget(buttons)
        leave_room(self)
        self.begin.setDefault(True)
        self.begin.setFocus()
        self.setMinimumWidth(WIDTH)
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))
