"""Contents of the PDF reports: one image on a page, or many in a table.

`image_html` and `batch_html` give the contents, `write_image_report` and `write_batch_report` print them. Nothing here
needs the GUI thread; an application has to exist for the fonts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QImage

from app.core.domain.advice import Advice, advice_of, both_suspected, suspicion
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.results import Explanation, Prediction, Screening
from app.core.history.entries import storable
from app.core.lesion.measure import LesionMeasurement
from app.core.model.card import Card
from app.core.system.files import write_atomically
from app.ui.image.image_view import as_rectangle
from app.ui.image.saliency_map import painted, speaks_for, to_qimage
from app.ui.report.images import IMAGE, SALIENCY_MAP, SCALE, THUMBNAIL, fitting, outlined, scale_image
from app.ui.report.pdf import print_pdf
from app.ui.result.diagnosis_bars import as_text, rows_of
from app.ui.result.measures_table import caution_text, outline_text
from app.ui.result.measures_table import rows as measure_rows
from app.ui.services.wording import (
    BOTH,
    SYMBOLS,
    accuracy_interval_text,
    advice_words,
    answer_of,
    consistency_text,
    diagnosis_words,
    line_of,
    mark_words,
    number_text,
    percent,
    probability_texts,
    remarks_on,
    saliency_map_text,
    symbol_of,
    time_text,
)
from app.ui.widgets.style import ADVICE_COLOURS

translate = QCoreApplication.translate


@dataclass(frozen=True)
class ReportItem:
    """An image in a report. `thumbnail` is a JPEG or empty; `repeated`: its content had been judged before.

    `explanation` and `lesion` are for the report on one image, as far as they are known.
    """

    screening: Screening
    record: ClinicalRecord
    thumbnail: bytes
    repeated: bool = False
    explanation: Explanation | None = None
    lesion: LesionMeasurement | None = None
    outline_by_hand: bool = False
    frequency: str = ""
    """What the probability means at the clinic's shares of cancers."""
    mark: Mark | None = None
    """The reader's own decision."""


def write_image_report(
    target: Path, item: ReportItem, image: QImage | None, *, clinic: str, card: Card | None, now: dt.datetime
) -> None:
    """Write the report on one image: a page, or more where a long note needs them.

    Without `image` its thumbnail is shown; `card` gives the figures of the model that it describes. The file is
    there whole or not at all. Raises `OSError` where it can't be written.
    """
    shown = QImage.fromData(item.thumbnail) if image is None or image.isNull() else image
    images = {"image": outlined(fitting(shown, IMAGE), item.lesion)}
    if item.explanation is not None and item.explanation.activation_map is not None and not shown.isNull():
        colours = to_qimage(item.explanation.activation_map)
        images["saliency_map"] = fitting(painted(shown, colours, as_rectangle(item.explanation.area)), SALIENCY_MAP)
    if item.screening.prediction is not None:
        images["scale"] = scale_image(item.screening.prediction)
    content = image_html(item, images, clinic=clinic, card=card, now=now)
    write_atomically(target, print_pdf(content, images, title=storable(Path(item.screening.path.name)), clinic=clinic))


def write_batch_report(
    target: Path, items: Sequence[ReportItem], *, title: str, clinic: str, card: Card | None, now: dt.datetime
) -> None:
    """Write the report on many images, the most suspicious first; `title` says what was opened.

    `card` gives the figures of the model that it describes. The file is there whole or not at all. Raises `OSError`
    where it can't be written.
    """
    images = {f"thumbnail{i}": fitting(QImage.fromData(item.thumbnail), THUMBNAIL) for i, item in enumerate(items)}
    content = batch_html(items, images, title=title, clinic=clinic, card=card, now=now)
    write_atomically(target, print_pdf(content, images, title=title, clinic=clinic))


def image_html(
    item: ReportItem, images: Mapping[str, QImage], *, clinic: str, card: Card | None, now: dt.datetime
) -> str:
    """HTML of the report on one image.

    `images` has its `image` and, where there are these, its `scale` and `saliency_map`.
    """
    screening, record, point = item.screening, item.record, card and card.point_of(item.screening)
    confirmed = (diagnosis_words(record.diagnosis), record.confirmed_by, record.confirmed_on)
    facts = (
        (translate("report", "Patient"), escape(record.patient)),
        (translate("report", "Site"), escape(record.site)),
        (translate("report", "Reader's decision"), _decision(item)),
        (translate("report", "Confirmed diagnosis"), escape(", ".join(filter(None, confirmed)))),
        (translate("report", "Note"), escape(record.note)),
        (translate("report", "Warnings"), "<br>".join(map(escape, screening.warnings))),
        (translate("report", "File"), _name(screening.path)),
        (translate("report", "Folder"), escape(storable(screening.path.parent))),
        ("SHA-256", screening.sha256 or ""),
        (translate("report", "Taken on"), _time(screening.captured_at) if screening.captured_at else ""),
        (translate("report", "Assessed"), time_text(screening.screened_at)),
        (translate("report", "Model"), escape(str(screening.model))),
        (translate("report", "Accuracy"), escape(accuracy_interval_text(point)) if point else ""),
    )
    title = translate("report", "Assessment of a dermoscopy picture")
    answer = _answer(screening, images, item.frequency)
    if shown := _image("image", images["image"], IMAGE):
        cells = f"<td width='60%'>{shown}</td><td width='40%'>{answer}</td>"
        answer = f"<table width='100%' cellspacing='0'><tr>{cells}</tr></table>"
    return _head(clinic, title, (_time(now),)) + answer + _explanation(item, images) + _facts(facts)


def batch_html(
    items: Sequence[ReportItem],
    images: Mapping[str, QImage],
    *,
    title: str,
    clinic: str,
    card: Card | None,
    now: dt.datetime,
) -> str:
    """HTML of the report on many images. `images` has a `thumbnail0`, `thumbnail1`… for each of `items`."""
    judged = [
        (f"thumbnail{i}", item, prediction)
        for i, item in enumerate(items)
        if (prediction := item.screening.answered) is not None
    ]
    judged.sort(key=lambda row: suspicion(row[1].screening), reverse=True)
    failed = [item for item in items if not item.screening.is_answer]
    heading = translate("report", "Assessment of dermoscopy pictures")
    content = _head(clinic, heading, (escape(title), _time(now)))
    content += _facts(_batch_facts(items, card))
    if judged:
        content += _judged_table(judged, images)
    if failed:
        reason = (
            (translate("report", "File"), 45),
            (translate("report", "Reason"), 40),
            (translate("report", "Reader's decision"), 15),
        )
        reasons = (
            (_file(item), escape(item.screening.error or " ".join(item.screening.warnings)), _decision(item))
            for item in failed
        )
        content += _table(translate("report", "Can't be assessed"), reason, reasons)
    return content


def _batch_facts(items: Sequence[ReportItem], card: Card | None) -> tuple[tuple[str, str], ...]:
    """Counts, models, thresholds and accuracy at the head of the report on many images."""
    screenings = [item.screening for item in items]
    predictions = [prediction for screening in screenings if (prediction := screening.answered) is not None]
    both = sum(map(both_suspected, screenings))
    counts = Counter(map(advice_of, screenings))
    found = (card.point_of(screening) for screening in screenings) if card is not None else ()
    points = {point.name: point for point in found if point is not None}
    return (
        (translate("report", "Pictures"), str(len(items))),
        *((f"{SYMBOLS[advice]} {escape(advice_words(advice))}", str(counts[advice])) for advice in Advice),
        (f"{BOTH} {translate('report', 'Melanoma and other skin cancer')}", _of_these(both)),
        (translate("report", "Of these assessed before"), str(sum(item.repeated for item in items))),
        (translate("report", "Model"), _distinct(str(screening.model) for screening in screenings)),
        (translate("report", "Threshold for melanoma"), _distinct(percent(one.threshold) for one in predictions)),
        (
            translate("report", "For other skin cancer"),
            _distinct(percent(limit) for one in predictions if (limit := one.other_cancer_threshold) is not None),
        ),
        (
            translate("report", "Accuracy"),
            "<br>".join(escape(accuracy_interval_text(point)) for point in points.values()),
        ),
    )


def _judged_table(judged: Sequence[tuple[str, ReportItem, Prediction]], images: Mapping[str, QImage]) -> str:
    """The table of results in the order given, each with the name of its thumbnail among `images`."""
    columns = (
        ("", 10),
        (translate("report", "File"), 20),
        (translate("report", "Result"), 15),
        (translate("report", "Melanoma"), 10),
        (translate("report", "Other skin cancer"), 10),
        (translate("report", "Reader's decision"), 9),
        (translate("report", "Warnings"), 26),
    )
    rows = (
        (
            _image(name, images[name], THUMBNAIL),
            _file(item),
            _coloured(item.screening, line_of(item.screening)),
            _number_beside(prediction.melanoma_probability, prediction.threshold),
            _number_beside(prediction.other_cancer_probability, prediction.other_cancer_threshold),
            _decision(item),
            "<br>".join(map(escape, item.screening.warnings)),
        )
        for name, item, prediction in judged
    )
    return _table(
        translate("report", "Results: melanoma suspected first, then other skin cancers, each by its own probability"),
        columns,
        rows,
    )


def _decision(item: ReportItem) -> str:
    return escape(mark_words(item.mark)) if item.mark else ""


def _of_these(both: int) -> str:
    """The number of images with both suspicions, which count as melanomas; empty for none."""
    return translate("report", "{0}, included above as melanoma suspected").format(both) if both else ""


def _number_beside(probability: float | None, threshold: float | None) -> str:
    """A probability over the threshold that it is held against; empty for none."""
    if probability is None:
        return ""
    beside = "" if threshold is None else translate("report", "threshold {0}").format(percent(threshold))
    return f"{escape(percent(probability))}<div class='small quiet'>{escape(beside)}</div>"


def _image(name: str, image: QImage, box: QSize) -> str:
    """An image as large as a box allows; nothing for none."""
    if image.isNull():
        return ""
    size = image.size().scaled(box, Qt.AspectRatioMode.KeepAspectRatio)
    return f"<img src='{name}' width='{size.width()}' height='{size.height()}'>"


def _head(clinic: str, title: str, lines: Iterable[str]) -> str:
    own = f"<p class='large'>{escape(clinic)}</p>" if clinic else ""
    return f"{own}<p class='title'>{title}</p><p class='quiet'>{'<br>'.join(lines)}</p>"


def _answer(screening: Screening, images: Mapping[str, QImage], frequency: str) -> str:
    """The result with its probabilities, or the reason why there is none."""
    prediction = screening.prediction
    if prediction is None:
        words = escape(answer_of(screening))
        return f"<p class='answer'>✕ {words}</p><p class='large'>{escape(screening.error or '')}</p>"
    if not screening.is_answer:
        words = escape(answer_of(screening))
        return f"<p class='answer'>{symbol_of(screening)} {words}</p><p>{escape(number_text(prediction))}</p>"
    lines = (*remarks_on(screening), *probability_texts(prediction), frequency, consistency_text(prediction))
    diagnoses = as_text(rows_of(prediction, translate("report", "other skin cancers, sum")))
    return (
        f"<p class='answer'>{_coloured(screening, symbol_of(screening), 'answer')} {escape(answer_of(screening))}</p>"
        f"<p>{_image('scale', images['scale'], SCALE)}</p>"
        + "".join(f"<p>{escape(line)}</p>" for line in lines if line)
        + (f"<p>{translate('report', 'Most probable diagnoses')}: {escape(diagnoses)}</p>" if diagnoses else "")
    )


def _explanation(item: ReportItem, images: Mapping[str, QImage]) -> str:
    """The saliency map with its legend, and the lesion's measurements, as far as there are any."""
    cells = []
    if "saliency_map" in images:
        activation = item.explanation.activation_map if item.explanation is not None else None
        found = activation is not None and speaks_for(activation)
        legend = escape(saliency_map_text(item.screening, found))
        cells.append(f"{_image('saliency_map', images['saliency_map'], SALIENCY_MAP)}<p class='small'>{legend}</p>")
    lesion = item.lesion
    if lesion is not None and lesion.measures is not None:
        origin = f"{outline_text(lesion, by_hand=item.outline_by_hand)} {caution_text(lesion)}"
        cells.append(
            f"<p class='heading'>{translate('report', 'Measures within the outline')}</p>"
            + _facts(((escape(title), escape(value)) for _, title, value in measure_rows(lesion.measures)), names=60)
            + f"<p class='small'>{escape(origin)}</p>"
        )
    if not cells:
        return ""
    width = 100 // len(cells)
    row = "".join(f"<td width='{width}%'>{cell}</td>" for cell in cells)
    return f"<table width='100%' cellspacing='0'><tr>{row}</tr></table>"


def _facts(facts: Iterable[tuple[str, str]], *, names: int = 24) -> str:
    """A table of names and values (HTML) without empty values; `names` is the first column's width in percent."""
    rows = (
        f"<tr><td width='{names}%' class='quiet'>{name}</td><td>{value}</td></tr>" for name, value in facts if value
    )
    return f"<table width='100%' cellspacing='0'>{''.join(rows)}</table>"


def _table(heading: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]) -> str:
    """A table whose head is on every page; columns have a name and a width in percent, cells are HTML."""
    head = "".join(f"<th width='{width}%'>{name}</th>" for name, width in columns)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<p class='heading'>{heading}</p><table class='rows' width='100%' cellspacing='0'>"
        f"<thead><tr>{head}</tr></thead>{body}</table>"
    )


def _file(item: ReportItem) -> str:
    path = item.screening.path
    lines = [storable(path.parent)]
    if item.repeated:
        lines.append(translate("report", "Assessed before, {0}").format(time_text(item.screening.screened_at)))
    quiet = "<br>".join(map(escape, lines))
    return f"{_name(path)}<div dir='ltr' class='small quiet'>{quiet}</div>"


def _coloured(screening: Screening, text: str, style: str = "") -> str:
    return f"<span class='{style}' style='color: {ADVICE_COLOURS[advice_of(screening)]}'>{text}</span>"


def _distinct(texts: Iterable[str]) -> str:
    return escape(", ".join(sorted(set(texts))))


def _name(path: Path) -> str:
    """A file's name, left to right in any script, so that its ending is at the end."""
    return f"<div dir='ltr'>{escape(storable(Path(path.name)))}</div>"


def _time(time: dt.datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
