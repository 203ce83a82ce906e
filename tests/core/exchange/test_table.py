"""The columns of a table, one result at a time; `test_classify` looks at whole tables."""

from __future__ import annotations

import csv
import io
import json

import pytest

from app.core.domain.messages import Message
from app.core.domain.results import Consistency, Prediction, Rejection, Screening
from app.core.exchange.table import COLUMNS, as_csv, as_json, csv_bytes, guarded, unguarded
from tests.factories import screening

REFUSED = {"prediction": None, "error": "Not like it.", "refusal": Rejection.OUT_OF_DISTRIBUTION, "ood_distance": 1.7}


def csv_row(one: Screening) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(as_csv([one]).decode()))
    assert tuple(row) == COLUMNS
    return row


def json_row(one: Screening) -> dict[str, object]:
    (row,) = json.loads(as_json([one]))
    assert tuple(row) == COLUMNS
    return row


@pytest.mark.parametrize(("consistent", "word"), [(True, "steady"), (False, "unsteady")])
def test_a_stable_answer_has_its_word_and_range(consistent: bool, word: str) -> None:
    one = screening(prediction=Prediction(0.25, 0.2, Consistency(0.12345678, 0.3, consistent)))
    row = csv_row(one)
    assert (row["stability"], row["lowest_probability"], row["highest_probability"]) == (word, "0.123457", "0.3")
    assert (row["melanoma_probability"], row["threshold"], row["prediction"]) == ("0.25", "0.2", "melanoma")
    objects = json_row(one)
    assert (objects["stability"], objects["lowest_probability"], objects["highest_probability"]) == (
        word,
        0.123457,
        0.3,
    )


def test_a_range_down_to_nothing_is_a_number() -> None:
    row = csv_row(screening(prediction=Prediction(0.0, 0.2, Consistency(0.0, 0.0, consistent=True))))
    assert (row["lowest_probability"], row["highest_probability"], row["stability"]) == ("0.0", "0.0", "steady")
    assert row["melanoma_probability"] == "0.0"


def test_stability_that_was_not_looked_at_is_empty() -> None:
    new = COLUMNS[COLUMNS.index("lowest_probability") : COLUMNS.index("model")]
    assert len(new) == 7 + 2 * 3
    assert {csv_row(screening())[column] for column in new} == {""}
    assert {json_row(screening())[column] for column in new} == {None}


def test_the_advice_and_the_three_most_probable_diagnoses_have_columns() -> None:
    diagnoses = (("BCC", 0.5), ("MEL", 0.25), ("NV", 0.12345678), ("SCC", 0.1))
    other = {"other_cancer_probability": 0.6, "other_cancer_threshold": 0.5}
    one = screening(prediction=Prediction(0.25, 0.3, diagnoses=diagnoses, **other))
    row = csv_row(one)
    assert (row["advice"], row["prediction"]) == ("refer-other-cancer", "non-melanoma")
    of_diagnoses = [row[name] for name in COLUMNS if name.startswith("diagnosis_")]
    assert of_diagnoses == ["BCC", "0.5", "MEL", "0.25", "NV", "0.123457"]
    assert json_row(one)["diagnosis_2_probability"] == 0.25
    assert csv_row(screening(**REFUSED))["advice"] == "not-assessed"
    two = csv_row(screening(prediction=Prediction(0.25, 0.3, diagnoses=diagnoses[:2])))
    assert (two["diagnosis_2"], two["diagnosis_3"], two["diagnosis_3_probability"]) == ("MEL", "", "")


@pytest.mark.parametrize(
    ("ood_distance", "forced", "status", "prediction"),
    [
        (0.0, False, "ok", "melanoma"),
        (0.6543217, False, "ok", "melanoma"),
        (3.5, False, "ok", "melanoma"),
        (3.5, True, "unfamiliar", ""),
        (0.5, True, "unfamiliar", ""),
    ],
)
def test_unfamiliarity(ood_distance: float, forced: bool, status: str, prediction: str) -> None:
    """A number that was asked for is told apart, whatever its image was refused for."""
    one = screening(ood_distance=ood_distance, forced=forced)
    row = csv_row(one)
    assert float(row["unfamiliarity"]) == json_row(one)["unfamiliarity"] == round(ood_distance, 6)
    assert (row["status"], row["prediction"], row["melanoma_probability"]) == (status, prediction, "0.25")
    assert bool(row["confidence"]) == bool(prediction)


def test_what_the_gate_found_and_the_other_cancers() -> None:
    cancer = Prediction(0.0, 0.2, other_cancer_probability=0.12345678, other_cancer_threshold=0.1)
    one = screening(prediction=cancer, dermoscopy_probability=0.98765432)
    columns = ("dermoscopy_probability", "other_cancer_probability", "other_cancer_threshold")
    assert [csv_row(one)[column] for column in columns] == ["0.987654", "0.123457", "0.1"]
    assert [json_row(one)[column] for column in columns] == [0.987654, 0.123457, 0.1]
    refused = screening(prediction=None, error="No.", refusal=Rejection.NOT_DERMOSCOPY, dermoscopy_probability=0.0)
    assert [csv_row(refused)[column] for column in ("status", *columns)] == ["refused", "0.0", "", ""]


def test_a_refused_one_has_its_reason_and_no_number() -> None:
    one = screening(**REFUSED)
    row = csv_row(one)
    assert (row["status"], row["error"], row["unfamiliarity"]) == ("refused", "Not like it.", "1.7")
    assert row["sha256"] == one.sha256
    of_predictions = (*COLUMNS[COLUMNS.index("prediction") : COLUMNS.index("stability") + 1],)
    assert len(of_predictions) == 7
    assert {row[column] for column in of_predictions} == {""}
    assert {json_row(one)[column] for column in of_predictions} == {None}


def test_each_status_has_its_own_word() -> None:
    ones = [
        screening(),
        screening(**REFUSED),
        screening(prediction=None, error="Too dark.", refusal=Rejection.QUALITY),
        screening(prediction=None, error="There is no such file.", sha256=None),
    ]
    read = list(csv.DictReader(io.StringIO(as_csv(ones).decode())))
    assert [row["status"] for row in read] == ["ok", "refused", "refused", "failed"]
    assert [row["status"] for row in json.loads(as_json(ones))] == [row["status"] for row in read]
    assert [row["unfamiliarity"] for row in read] == ["", "1.7", "", ""]
    assert read[3]["sha256"] == ""


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_reason_has_its_code(is_stored: bool) -> None:
    """Also where the history gave it back as text."""
    for reason in (
        Message("jpeg-damaged"),
        Message("image-header-damaged"),
        Message("image-damaged"),
        Message("image-too-large", width=9, height=9, megapixels=50.0),
    ):
        error = str(reason) if is_stored else reason
        one = screening(prediction=None, error=error)
        assert (csv_row(one)["error"], csv_row(one)["code"]) == (reason, reason.code)
    assert csv_row(screening())["code"] == ""
    assert json_row(screening())["code"] is None


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-x"])
def test_no_cell_is_a_formula_and_its_text_can_be_had_back(text: str) -> None:
    written = csv_bytes(("a",), [{"a": text}], header=False)
    ((cell,),) = csv.reader(io.StringIO(written.decode(), newline=""))
    assert cell[0] == "'"
    assert unguarded(cell) == text


@pytest.mark.parametrize("value", ["KD-20417", "'quoted'", "", "a=b", -0.5, None])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert guarded(value) == value
    assert unguarded(str(value)) == str(value)
