"""Each advice on a real picture, through window, table, report and command line; skipped where there are none."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.cli.classify import main as classify
from app.core.domain.advice import Advice, advice_of
from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.results import Screening
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from app.ui.folder.results_model import Column
from app.ui.paper.pdf import as_pdf
from app.ui.report.image_pages import image_pages
from app.ui.report.items import ReportItem
from app.ui.services.wording import SYMBOLS, advice_sentence
from app.ui.window.main_window import MainWindow
from tests.ui.report.pdf_text import page_texts
from tests.ui.robot import answer, drop
from training.data.examples import load_source, of_split


@pytest.fixture(scope="module")
def found(dermoscopy: Path, shipped_model: Path) -> dict[Advice, Screening]:
    """The first picture of `test`, or the first close-up, that the shipped model gives each advice."""
    table, photographs = dermoscopy.parent / "dermoscopy_v2", dermoscopy.parent / "photographs"
    if not (table / "metadata.csv").is_file() or not photographs.is_dir():
        pytest.skip(f"{table} or {photographs} is not there")
    classifier = Classifier(load_bundle(shipped_model))
    close_ups = sorted((photographs / "images").iterdir())[:20]
    paths = [Path(example.path) for example in of_split(load_source(table), "test")]
    by_advice: dict[Advice, Screening] = {}
    for path in [*close_ups, *paths]:
        screening = screen_file(path, classifier)
        by_advice.setdefault(advice_of(screening), screening)
        if len(by_advice) == len(Advice):
            break
    assert set(by_advice) == set(Advice)
    return by_advice


def test_the_window_shows_it(
    open_window: Callable[..., MainWindow], qtbot: QtBot, shipped_model: Path, found: dict[Advice, Screening]
) -> None:
    window = open_window(model=shipped_model)
    for row, (advice, screening) in enumerate(found.items()):
        drop(window, screening.path)
        qtbot.waitUntil(lambda: window.session.item(row).screening is not None)  # noqa: B023
        window.screen_page.go_to(row)
        qtbot.waitUntil(lambda: answer(window).startswith(advice_sentence(advice)))  # noqa: B023
        assert window.screen_page.panel.band.advice is advice


def test_a_folders_table_shows_it(
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    shipped_model: Path,
    found: dict[Advice, Screening],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for screening in found.values():
        shutil.copy(screening.path, folder)
    window = open_window(model=shipped_model)
    drop(window, folder)
    model = window.folder_page.model
    qtbot.waitUntil(lambda: model.rowCount() == len(found) and window.batch_session.done == len(found))
    shown = {model.row_at(row).screening.path.name: model.data(model.index(row, Column.ANSWER)) for row in range(5)}
    assert {name: text[0] for name, text in shown.items()} == {
        screening.path.name: SYMBOLS[advice] for advice, screening in found.items()
    }


def test_the_command_line_writes_it(shipped_model: Path, found: dict[Advice, Screening], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    paths = [str(screening.path) for screening in found.values()]
    assert classify([*paths, "--csv", str(table), "--model", str(shipped_model), "--no-history"]) == 1  # one is refused
    with table.open(newline="") as file:
        assert [row["advice"] for row in csv.DictReader(file)] == [advice.value for advice in found]


def test_a_report_says_it(qapp: object, found: dict[Advice, Screening]) -> None:
    for advice, screening in found.items():
        item = ReportItem(screening, EMPTY_RECORD, screening.thumbnail)
        blocks = image_pages(item, None, clinic="", card=None, now=dt.datetime(2026, 1, 2, 3, 4))
        assert advice_sentence(advice).replace(". ", " ") in " ".join(page_texts(as_pdf(blocks, title="")))
