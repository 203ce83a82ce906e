"""The settings by category: names, sentences, and the kinds of their inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.ui.settings.inputs import (
    ChoiceInput,
    FolderInput,
    Input,
    NumberInput,
    SegmentInput,
    ShareInput,
    SwitchInput,
    TextInput,
    TimeInput,
)


@dataclass(frozen=True)
class Field:
    """A setting as the page shows it: its name in `Settings`, title, kind, which makes its input, and sentence."""

    name: str
    title: str
    kind: Callable[[Any], Input]
    help: str


@dataclass(frozen=True)
class Category:
    """A page of settings with its name, title and icon."""

    name: str
    title: str
    icon: str
    fields: tuple[Field, ...] = ()

    def has(self, text: str) -> bool:
        """Whether its words have a text, whatever its case."""
        words = (self.title, *(word for field in self.fields for word in (field.title, field.help)))
        return any(text.strip().casefold() in word.casefold() for word in words)


def _tr(text: str) -> str:
    return QCoreApplication.translate("settings", text)


def categories() -> tuple[Category, ...]:
    """All categories in order. Those without fields are filled by the page."""
    return (
        Category("look", _tr("Look"), "palette", _look()),
        Category("clinic", _tr("Clinic"), "stethoscope", _clinic()),
        Category("answers", _tr("Answers"), "sliders-horizontal", _answers()),
        Category("pictures", _tr("Pictures and folders"), "folder-sync", _pictures()),
        Category("model", _tr("Model"), "package"),
        Category("data", _tr("Data and backup"), "database", _backup()),
        Category("keyboard", _tr("Keyboard"), "keyboard"),
        Category("about", _tr("About MelaScreen"), "info"),
    )


def _look() -> tuple[Field, ...]:
    schemes = (("light", _tr("Light")), ("dark", _tr("Dark")), ("system", _tr("As the system")))
    return (
        Field(
            "scheme",
            _tr("Colours"),
            partial(SegmentInput, schemes),
            _tr("Pictures stand on the same dark grey in both."),
        ),
        Field(
            "touch",
            _tr("Larger, for touch screens"),
            SwitchInput,
            _tr("Text and buttons are 15 % larger from the next start on."),
        ),
    )


def _clinic() -> tuple[Field, ...]:
    return (Field("clinic", _tr("Clinic's name"), TextInput, _tr("Printed at the top of reports.")),)


def _answers() -> tuple[Field, ...]:
    not_set = _tr("not set")
    after = (
        ("next-undecided", _tr("Go to the next not decided")),
        ("next", _tr("Go to the next")),
        ("stay", _tr("Stay")),
    )
    return (
        Field(
            "melanoma_share",
            _tr("Your clinic's share of melanomas"),
            partial(ShareInput, 50.0, not_set),
            _tr(
                "Among the lesions that your clinic looks at. Used for “of 100 like this”. General screening has about"
                " 2 %, which is assumed while nothing is set."
            ),
        ),
        Field(
            "other_cancer_share",
            _tr("Your clinic's share of other skin cancers"),
            partial(ShareInput, 49.0, not_set),
            _tr("Basal and squamous cell carcinoma, actinic keratosis and Bowen's disease together."),
        ),
        Field(
            "consistency",
            _tr("Look at turned and cropped copies"),
            SwitchInput,
            _tr(
                "Of pictures opened on their own: the result then always says how far the probability moves. Copies of"
                " pictures just below a threshold are looked at in any case."
            ),
        ),
        Field(
            "batch_augmentation",
            _tr("Copies in folders, too"),
            SwitchInput,
            _tr("A folder then takes up to three times as long."),
        ),
        Field(
            "heat_map",
            _tr("Heat map when a picture opens"),
            SwitchInput,
            _tr("Off: it opens with H or from the tool row."),
        ),
        Field(
            "after_mark",
            _tr("After Refer, Watch or Clear"),
            partial(ChoiceInput, after),
            _tr("What happens in a folder once a decision is set."),
        ),
    )


def _pictures() -> tuple[Field, ...]:
    return (
        Field(
            "keep_images",
            _tr("Keep a copy of each picture"),
            SwitchInput,
            _tr(
                "Pictures that get a result are copied into MelaScreen's own folder, so that the history can show them"
                " when the file is gone. Otherwise only names and thumbnails are kept."
            ),
        ),
        Field(
            "subfolders",
            _tr("Look into subfolders"),
            SwitchInput,
            _tr("When a folder is opened, also those within it."),
        ),
        Field(
            "note_arriving",
            _tr("Note arriving pictures under the open patient"),
            SwitchInput,
            _tr(
                "Pictures that come into a watched folder are noted under the patient who is open at that moment. Those"
                " from before, and those of a folder that was away, are noted under nobody."
            ),
        ),
    )


def _backup() -> tuple[Field, ...]:
    return (
        Field(
            "backup_folder",
            _tr("Backups go to"),
            partial(FolderInput, _tr("none: no backups"), _tr("Folder for backups")),
            _tr("The whole history is written there once a day, while the program is open."),
        ),
        Field(
            "backup_time",
            _tr("Time of the backup"),
            TimeInput,
            _tr("A backup that was missed is made at the next start."),
        ),
        Field("backups_kept", _tr("Backups kept"), partial(NumberInput, 1, 999), _tr("The oldest go first.")),
    )
