"""`melascreen --self-test`: does this copy of the program work on this machine?"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.entry import Annotation
from app.core.domain.errors import BundleError, MelaScreenError
from app.core.domain.outline import Outline
from app.core.domain.patient import Patient
from app.core.domain.results import Screening
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities
from app.core.exchange.package import Format, Options, Package
from app.core.exchange.picture_file import png_of
from app.core.history.repository import EntryRepository
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.model.self_check import check_reference_image
from app.core.screening.pipeline import screen_content
from app.core.system.display import has_display
from app.core.system.paths import UserData


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
    try:
        prediction = check_reference_image(classifier)
    except BundleError as error:
        raise MelaScreenError(f"classification: {error}") from error
    yield f"classification: {prediction.melanoma_probability:.6f}, as stored"
    screening = _screen_reference_image(classifier)
    if screening.prediction is None or screening.prediction.melanoma_probability != prediction.melanoma_probability:
        raise MelaScreenError(f"screening: the reference image, as a file, gives {screening.error or 'another number'}")
    with tempfile.TemporaryDirectory(prefix="melascreen-") as folder:
        _record(screening, Path(folder))
    yield "history: written and read"
    with tempfile.TemporaryDirectory(prefix="melascreen-") as folder:
        _export(screening, Path(folder))
    yield "exports: written"
    where = ""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        where = " off screen, for there is no display"
    from app.bootstrap import open_and_close  # Qt after LiteRT, and only now

    with tempfile.TemporaryDirectory(prefix="melascreen-") as folder:
        open_and_close(model, UserData(Path(folder)))
    yield f"window: opened and closed{where}"


def _screen_reference_image(classifier: Classifier) -> Screening:
    """The reference image's way through the whole program, as a PNG."""
    return screen_content(png_of(reference_image()), Path("reference.png"), classifier, force_prediction=True)


def _record(screening: Screening, folder: Path) -> None:
    EntryRepository(folder / "history.sqlite3").add(screening)
    (read,) = EntryRepository(folder / "history.sqlite3").entries()
    if read.screening.prediction != screening.prediction:
        raise MelaScreenError("history: what was read is not what was written")


def _export(screening: Screening, folder: Path) -> None:
    """The reference image in every format, with an outline, so that all libraries for exports are used."""
    content = png_of(reference_image())
    outline = Annotation(Outline(((0.3, 0.3), (0.7, 0.3), (0.5, 0.7))))
    answer = replace(screening, forced=False, sha256=hashlib.sha256(content).hexdigest())
    case = Case(content, answer, EMPTY_RECORD, Patient("self-test"), annotation=outline)
    drawn = Rendered(b"%PDF-1.4", reference_image())
    for deidentified in (False, True):
        package = Package(folder, Options(frozenset(Format), deidentified), Identities(b"self-test"), lambda _: drawn)
        package.add(case)
        if package.finish().failed:
            raise MelaScreenError(f"exports: {package.summary.failed[0][1]}")
    if len(list(folder.rglob("*-measurements.dcm"))) != 2:
        raise MelaScreenError("exports: objects are missing")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is the command's output
