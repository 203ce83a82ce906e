"""`melascreen --self-test`: does this copy of the program work on this machine?"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from app.core.classifier import Classifier
from app.core.drawing import drawn_lesion
from app.core.history import History
from app.core.model_bundle import load_bundle
from app.core.paths import UserData
from app.core.screening import screen_bytes
from app.core.types import MelaScreenError, Screening
from app.display import has_display

TOLERANCE = 2e-3
"""Of the probability: processors differ in the last digits of a network's sums."""


def main(model: Path) -> int:
    """Run the checks in turn, a line each. Returns the exit status: 0 if all pass, else 1."""
    try:
        for line in _checks(model):
            _say(f"ok      {line}")
    except Exception as error:  # noqa: BLE001 - whatever is wrong, it is what the test is to say
        _say(f"FAILED  {str(error) or type(error).__name__}")
        return 1
    return 0


def _checks(model: Path) -> Iterator[str]:
    """Do one check after the other; gives a line for each that passes and raises where one fails."""
    classifier = Classifier(load_bundle(model))
    yield f"model: {classifier.model_id} loaded"
    screening = _screen_drawing(classifier)
    yield f"classification: {screening.prediction.melanoma_probability:.6f}, as stored"  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory(prefix="melascreen-") as folder:
        _record(screening, Path(folder))
    yield "history: written and read"
    where = ""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        where = " off screen, for there is no display"
    from app.bootstrap import open_and_close  # Qt after LiteRT, and only now

    with tempfile.TemporaryDirectory(prefix="melascreen-") as folder:
        open_and_close(model, UserData(Path(folder)))
    yield f"window: opened and closed{where}"


def _screen_drawing(classifier: Classifier) -> Screening:
    picture = io.BytesIO()
    Image.fromarray(drawn_lesion()).save(picture, "PNG")
    screening = screen_bytes(picture.getvalue(), Path("drawn.png"), classifier, although_unfamiliar=True)
    if screening.prediction is None:
        raise MelaScreenError(f"classification: {screening.error}")
    found = screening.prediction.melanoma_probability
    stored = classifier.card.self_test_probability
    if abs(found - stored) > TOLERANCE:
        raise MelaScreenError(
            f"classification: the drawn picture gives {found:.6f}, the model's card says {stored:.6f}"
        )
    return screening


def _record(screening: Screening, folder: Path) -> None:
    History(folder / "history.sqlite3").add(screening)
    (read,) = History(folder / "history.sqlite3").entries()
    if read.screening.prediction != screening.prediction:
        raise MelaScreenError("history: what was read is not what was written")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is the command's output
