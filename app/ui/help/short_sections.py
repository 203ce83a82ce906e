"""Sections of the help that are a few points: how to take a good picture, patients, then and now."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.ui.widgets.text_blocks import bullet, point

translate = QCoreApplication.translate


def good_picture() -> Iterator[QWidget]:
    """How to take a picture that can be judged."""
    for text in (
        translate("help", "Clean the lens."),
        translate(
            "help", "With contact dermoscopy, use enough fluid and press out the bubbles, but don't blanch the lesion."
        ),
        translate("help", "Part the hair, or clip it."),
        translate("help", "No ink and no ruler over the lesion: they raise false alarms."),
        translate(
            "help", "One lesion in a picture, in the middle, filling about half of the field, with skin all around."
        ),
        translate(
            "help", "Focus on the lesion and hold still. Use the dermatoscope's own, even light; no shadow, no glare."
        ),
        translate("help", "Don't zoom digitally: it adds nothing and loses the surrounding skin."),
        translate("help", "Save as JPEG at full size, not sent through a messaging app, and no screenshot."),
    ):
        yield bullet(text)


def patients() -> Iterator[QWidget]:
    """What patients, lesions, follow-ups and the comparison are for. None of it is needed for an answer."""
    yield point(
        translate("help", "Patients and lesions"),
        translate(
            "help",
            "None is needed: a picture can be assessed without. P notes whose picture it is; while a patient is "
            "open, new pictures are noted under that patient, and never under another. L says which lesion it "
            "shows: the lesions most like the picture come first, and a click on the body map places a new one. "
            "Nothing is joined by itself.",
        ),
    )
    yield point(
        translate("help", "See again"),
        translate(
            "help",
            "A date and a reason. A later picture of the lesion completes it, or you do. What is due within a week "
            "stands on the first page; Patients lists all of it and writes it as a table or a calendar file.",
        ),
    )
    yield point(
        translate("help", "Then and now"),
        translate(
            "help",
            "Two pictures of a lesion are laid on each other where the program is sure how; where it is not, it "
            "says so and leaves them, and two pairs of points align them by hand. Both answers are by the model in "
            "use; the answer at the time is named where another model gave it. The uncertainty beside a change is "
            "two standard deviations over turned and mirrored copies of the pictures: light, pressure and scale are not"
            " in it. Change is shown and not judged: whether a change means a melanoma was not measured.",
        ),
    )
    yield point(
        translate("help", "Watched folders"),
        translate(
            "help",
            "A dermatoscope's program, or a phone's synchronisation, saves pictures into a folder; the settings "
            "name it. New pictures are assessed by themselves and listed under Arrived. Nothing is moved or "
            "deleted.",
        ),
    )
