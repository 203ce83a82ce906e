"""The help within the program, and the scale that an answer stands on."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice, numbers
from app.core.domain.errors import BundleError
from app.core.domain.results import Consistency, Prediction
from app.core.model.card import CalibratedShares, Card, read_card
from app.ui.help.help_page import HelpPage, Section
from app.ui.help.icon_array import COLUMNS, IconArray, ScreeningOutcome
from app.ui.look import tokens
from app.ui.look.appearance import make_palette
from app.ui.look.style import paint_on
from app.ui.result.probability_scale import HEAD, HIGHEST, LOWEST, ProbabilityScale, draw_track, position
from app.ui.services.current_model import CurrentModel
from app.ui.services.wording import accuracy_interval_text

THRESHOLD = 0.0474


@pytest.fixture
def card(model: Path) -> Card:
    return read_card((model / "card.json").read_bytes())


@pytest.fixture
def current() -> CurrentModel:
    return CurrentModel()


@pytest.fixture
def page(qtbot: QtBot, card: Card, current: CurrentModel) -> HelpPage:
    current.set_card(card)
    widget = HelpPage(current)
    qtbot.addWidget(widget)
    widget.resize(1024, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


# --- The scale


def test_positions_are_log_odds_between_the_ends() -> None:
    assert [position(each) for each in (0.0, LOWEST, 0.5, HIGHEST, 1.0)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert position(0.1) - position(0.01) == pytest.approx(position(0.99) - position(0.9))
    places = [position(each) for each in np.linspace(LOWEST, HIGHEST, 500)]
    assert all(one < next_one for one, next_one in itertools.pairwise(places))
    assert 0.2 < position(THRESHOLD) < 0.4
    assert position(0.04) - position(0.01) > 0.1


@pytest.mark.parametrize("nonsense", [-0.001, 1.001, math.nan, math.inf])
def test_what_is_no_probability_has_no_position(nonsense: float) -> None:
    with pytest.raises(ValueError, match="no probability"):
        position(nonsense)


def grey_of(widget: QWidget) -> np.ndarray:
    """What a widget shows, in grey: (height, width), 0..255."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)


def shape(scale: QWidget) -> np.ndarray:
    """Where a widget is not of its background's colour, in grey: (height, width)."""
    grey = grey_of(scale)
    return np.abs(grey - grey[0, 0]) > 20


def scale_of(probability: float, qtbot: QtBot, **changes: object) -> ProbabilityScale:
    scale = ProbabilityScale()
    qtbot.addWidget(scale)
    paint_on(scale, QPalette.ColorRole.Base)
    scale.set_prediction(Prediction(probability, THRESHOLD, **changes))
    scale.resize(320, scale.sizeHint().height())
    return scale


@pytest.fixture(params=[tokens.LIGHT, tokens.DARK], ids=["light", "dark"])
def colours(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[tokens.Tokens]:
    """A scheme in use."""
    tokens.use(request.param)
    qapp.setPalette(make_palette(request.param))
    yield request.param
    tokens.use(tokens.LIGHT)
    qapp.setPalette(make_palette(tokens.LIGHT))


@pytest.mark.usefixtures("colours")
def test_both_parts_and_both_answers_are_told_apart_in_grey(qtbot: QtBot) -> None:
    track = grey_of(scale_of(0.6, qtbot))[HEAD + 10 : HEAD + 16]
    width = track.shape[1]
    clear, suspected = track[:, width // 8 : width // 5], track[:, 2 * width // 3 : 9 * width // 10]
    assert np.ptp(clear) == 0  # plain
    assert np.ptp(suspected) > 60  # hatched
    triangle = shape(scale_of(THRESHOLD + 1e-9, qtbot))[HEAD : HEAD + 24]
    dot = shape(scale_of(THRESHOLD - 1e-9, qtbot))[HEAD : HEAD + 24]
    assert (triangle != dot).sum() > 30


def test_the_scale_says_what_it_shows(qtbot: QtBot) -> None:
    assert scale_of(0.64, qtbot).accessibleName() == "Melanoma, refer from 4.7 %: 64 %"
    both = scale_of(0.01, qtbot, other_cancer_probability=0.9, other_cancer_threshold=0.2)
    assert both.accessibleName() == "Other skin cancer, refer from 20 %: 90 %; Melanoma, refer from 4.7 %: 1.0 %"


def test_how_far_the_copies_lie_apart_is_drawn_where_it_is_known(qtbot: QtBot) -> None:
    without = shape(scale_of(0.3, qtbot))
    copies = Consistency(0.1, 0.5, consistent=True)
    whisker = shape(scale_of(0.3, qtbot, consistency=copies)) & ~without
    across = np.flatnonzero(whisker[HEAD + 20 : HEAD + 32].any(axis=0))
    assert across[0] == pytest.approx(320 * position(0.1), abs=2)
    assert across[-1] == pytest.approx(320 * position(0.5), abs=2)


def test_the_copies_of_another_cancer_are_drawn_below_its_own_track(qtbot: QtBot) -> None:
    other = {"other_cancer_probability": 0.3, "other_cancer_threshold": 0.2}
    without = shape(scale_of(0.01, qtbot, consistency=Consistency(0.01, 0.01, consistent=True), **other))
    copies = Consistency(0.01, 0.01, consistent=True, other_cancer=(0.1, 0.5))
    whisker = shape(scale_of(0.01, qtbot, consistency=copies, **other)) & ~without
    across = np.flatnonzero(whisker[HEAD + 20 : HEAD + 32].any(axis=0))
    assert across[0] == pytest.approx(320 * position(0.1), abs=2)
    assert across[-1] == pytest.approx(320 * position(0.5), abs=2)


def test_the_symbols_stand_where_the_positions_say(qapp: QApplication) -> None:
    def middle(probability: float) -> float:
        image = QImage(1000, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        prediction = Prediction(probability, 0.9)
        draw_track(painter, QRectF(0, 0, 1000, 32), prediction, numbers(prediction)[0], tokens.LIGHT)
        painter.end()
        colour = tokens.LIGHT.advice[Advice.BELOW_THRESHOLD].symbol
        at = [x for x in range(1000) if image.pixelColor(x, 13) == colour]
        return (at[0] + at[-1]) / 2

    for probability in (0.002, 0.01, 0.04, 0.3):
        assert middle(probability) == pytest.approx(1000 * position(probability), abs=2)


# --- The page


def test_the_answers_figures_and_limits_are_explained(page: HelpPage, card: Card) -> None:
    text, point = page.text(), card.operating_point
    for expected in (
        *("Melanoma suspected. Refer", "Other skin cancer suspected. Refer", "Borderline. Look again"),
        *("Below the referral threshold. This does not rule out melanoma", "Can't be assessed"),
        *("turned and slightly cropped", "does not look like a dermoscopy picture", "not where a tumour is"),
        *("taken through a dermatoscope", "were not in the training", "Most probable diagnoses"),
        accuracy_interval_text(point),
        *("Nachbar", "1994", "Friedman", "1985", "Clean the lens", "supports your decision"),
        *(card.intended_use, *card.not_for),
    ):
        assert expected in text, expected


def test_the_share_that_probabilities_hold_for_comes_from_the_card(
    page: HelpPage, card: Card, current: CurrentModel
) -> None:
    current.set_card(msgspec.structs.replace(card, calibrated_shares=CalibratedShares(0.375, None)))
    assert "the model's data, in which 38 % of the lesions are melanomas" in page.text()
    current.set_card(msgspec.structs.replace(card, calibrated_shares=None))
    assert "of the lesions are melanomas" not in page.text()
    assert "where melanoma is rarer, it is lower" in page.text()


def test_without_a_model_it_says_so(qtbot: QtBot, card: Card, current: CurrentModel) -> None:
    page = HelpPage(current)
    qtbot.addWidget(page)
    page.show()
    assert "There is no model" in page.text()
    assert "What the result means" in page.text()
    assert not page.figures.array.isVisible()
    assert "Sensitivity" not in page.text()
    page.figures.prevalence.setValue(10)
    current.set_card(card)
    assert page.figures.array.isVisible()
    assert "There is no model" not in page.text()
    assert "of 100 melanomas" in page.text()
    current.set_unusable(BundleError("The model is damaged."))
    assert card.intended_use not in page.text()


@pytest.mark.parametrize("percent", [0.1, 2.0, 14.2, 50.0])
def test_a_prevalence_changes_the_picture_and_the_sentences(page: HelpPage, percent: float) -> None:
    page.figures.prevalence.setValue(percent)
    kinds = page.figures.array.kinds
    assert len(kinds) == 1000
    melanomas = kinds.count(ScreeningOutcome.TRUE_POSITIVE) + kinds.count(ScreeningOutcome.FALSE_NEGATIVE)
    assert melanomas == round(10 * percent)
    for kind, sentence in page.figures.sentences.items():
        if kind is ScreeningOutcome.FALSE_NEGATIVE and kinds.count(kind) == 0:
            assert re.search(r"fewer than 1; \d+ \(.*\) of 100,000 lesions", sentence.text())
        else:
            assert re.search(rf" in {kinds.count(kind)} ", sentence.text())
        assert str(kinds.count(kind)) in page.figures.array.accessibleName()


def test_false_alarms_are_benign_lesions_where_the_model_knows_other_cancers(
    page: HelpPage, card: Card, current: CurrentModel
) -> None:
    page.figures.prevalence.setValue(50.0)
    alarms = page.figures.sentences[ScreeningOutcome.FALSE_POSITIVE]
    point = card.operating_point
    assert point.other_cancer is not None
    expected = 500 - round(500 * point.other_cancer.benign_not_referred.value)
    assert re.match(rf"False alarms: a cancer is suspected in {expected} \(.*\) of 500 benign lesions", alarms.text())
    assert "melanomas and benign lesions only" in page.text()
    points = tuple(msgspec.structs.replace(each, other_cancer=None) for each in card.operating_points)
    current.set_card(msgspec.structs.replace(card, operating_points=points))
    expected = 500 - round(500 * point.specificity.value)
    assert re.match(rf"False alarms: melanoma is suspected in {expected} \(.*\) of 500 other lesions", alarms.text())
    assert "melanomas and benign lesions only" not in page.text()


def test_rarer_melanoma_makes_suspicion_mean_less(page: HelpPage, card: Card, current: CurrentModel) -> None:
    assert not page.figures.predictive.isVisible()  # it depends on how frequent other cancers are
    points = tuple(msgspec.structs.replace(each, other_cancer=None) for each in card.operating_points)
    current.set_card(msgspec.structs.replace(card, operating_points=points))

    def of_suspected() -> float:
        found = re.search(r"in which melanoma is suspected ([\d.]+) %", page.text())
        assert found
        return float(found[1])

    shares = []
    for percent in (0.5, 2.0, 20.0):
        page.figures.prevalence.setValue(percent)
        shares.append(of_suspected())
    assert shares == sorted(set(shares))


def test_the_four_kinds_differ_in_shape_and_colour(page: HelpPage) -> None:
    array = page.figures.array
    page.figures.prevalence.setValue(20)
    image = array.grab().toImage()
    shapes, colours = [], []
    for kind in ScreeningOutcome:
        cell = array.cell(array.kinds.index(kind)).toAlignedRect()
        part = image.copy(cell)
        background = part.pixelColor(0, 0)
        pixels = [part.pixelColor(x, y) for y in range(part.height()) for x in range(part.width())]
        inked = [abs(pixel.lightness() - background.lightness()) > 40 for pixel in pixels]
        assert any(inked)
        shapes.append(inked)
        strongest = max(
            pixels,
            key=lambda pixel: sum(
                abs(one - other) for one, other in zip(pixel.getRgb(), background.getRgb(), strict=True)
            ),
        )
        colours.append(strongest.getRgb())
    assert len(set(colours)) == len(ScreeningOutcome)
    for one, other in itertools.combinations(shapes, 2):
        assert sum(a != b for a, b in zip(one, other, strict=False)) >= 15


def test_the_array_keeps_all_lesions_in_view(qtbot: QtBot) -> None:
    array = IconArray()
    qtbot.addWidget(array)
    assert array.heightForWidth(2000) == array.heightForWidth(array.maximumWidth())
    for width, height in ((350, 140), (600, 240), (600, 100)):
        array.resize(width, height)
        assert QRectF(array.rect()).adjusted(-1, -1, 1, 1).contains(array.cell(999))
        assert array.cell(COLUMNS).top() == pytest.approx(array.cell(0).bottom())


@pytest.mark.parametrize("size", [(1024, 700), (760, 500)])
def test_links_lead_to_each_section(page: HelpPage, qtbot: QtBot, size: tuple[int, int]) -> None:
    page.resize(*size)
    for section in (*Section, *reversed(Section)):
        page.show_section(section)
        qtbot.waitUntil(lambda section=section: page.top_section() is section, timeout=1000)
    assert not page.area.horizontalScrollBar().maximum()
    array = page.figures.array
    assert array.height() == pytest.approx(array.heightForWidth(array.width()), abs=2)


def test_a_section_can_be_asked_for_before_the_page_is_shown(qtbot: QtBot) -> None:
    page = HelpPage(CurrentModel())
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show_section(Section.PICTURE)
    page.show()
    qtbot.waitUntil(lambda: page.top_section() is Section.PICTURE, timeout=1000)


def test_keys_scroll(page: HelpPage, qtbot: QtBot) -> None:
    bar = page.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=1000)
    page.setFocus()
    assert page.area.hasFocus()
    places = [bar.value()]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_End):
        qtbot.keyClick(page.area, key)
        places.append(bar.value())
    assert places == sorted(set(places))
    assert places[-1] == bar.maximum()
    qtbot.keyClick(page.area, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() < bar.maximum()
    qtbot.keyClick(page.area, Qt.Key.Key_Home)
    assert bar.value() == 0


def test_the_wheel_changes_the_prevalence_only_with_the_focus(page: HelpPage) -> None:
    """Else who scrolls the page changes it in passing."""

    def turn_wheel() -> bool:
        middle, still = QPointF(box.rect().center()), Qt.MouseButton.NoButton
        keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(middle, box.mapToGlobal(middle), QPoint(), QPoint(0, 120), still, keys, phase, False)
        QApplication.sendEvent(box, event)
        return event.isAccepted()

    box = page.figures.prevalence
    page.setFocus()
    assert not turn_wheel()  # the page gets it
    assert box.value() == 2.0
    box.setFocus()
    assert turn_wheel()
    assert box.value() > 2.0


def test_names_for_screen_readers_and_no_markup(page: HelpPage) -> None:
    assert page.area.accessibleName() == "Help"
    assert page.figures.prevalence.accessibleName()
    assert "1,000" not in page.figures.array.accessibleName()  # a number that a reader reads as one
    assert all(part.textFormat() == Qt.TextFormat.PlainText for part in page.findChildren(QLabel))
