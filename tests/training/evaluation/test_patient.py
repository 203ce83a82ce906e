"""What age, sex and site would add: made-up results of two sources in which age tells what the probability does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.domain.results import Prediction
from tests.factories import bare, screening
from training.data.examples import Example
from training.errors import DataError
from training.evaluation import card_figures
from training.evaluation.evaluate import Scored
from training.evaluation.figures import patient
from training.evaluation.figures.patient import patient_inputs
from training.evaluation.figures.task import Task


def example(number: int, melanoma: int, source: str, **stated: str) -> Example:
    return Example(
        f"{source}{number}", f"/x/{source}{number}.jpg", melanoma, f"{source}{number}", source=source, **stated
    )


def scored(sources: dict[str, int]) -> Scored:
    """Images of sources, 40 each; melanomas are older by 20 years times the source's number; chance gives the rest."""
    random = np.random.default_rng(0)
    examples, screenings = [], []
    for source, direction in sources.items():
        for number in range(40):
            melanoma = number % 2
            age = 55 + direction * 20 * (melanoma - 0.5) + random.normal(0, 2)
            examples.append(example(number, melanoma, source, age=f"{age:.0f}", sex="male", site="back"))
            screenings.append(screening(prediction=Prediction(float(random.uniform(0.2, 0.8)), 0.2)))
    return Scored(tuple(examples), tuple(screenings))


def measured(model: Path, monkeypatch: pytest.MonkeyPatch, found: Scored) -> dict[str, float]:
    monkeypatch.setattr(patient, "score", lambda *_: found)
    monkeypatch.setattr(Task, "examples", list(found.examples))
    task = Task(bare(model), (Path("/x"),), "val", "melascreen-train figures patient")
    return {one.metric: one.estimate.value for one in card_figures.KINDS["patient"](task)}


def test_age_helps_where_it_means_the_same_elsewhere(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(model, monkeypatch, scored({"A": 1, "B": 1}))
    assert len(found) == 2 * 4
    for source in "AB":
        assert 0.3 < found[f"AUROC, source {source}"] < 0.7
        for name in ("age", "age and sex", "age, sex and site"):
            assert found[f"the same with {name} beside it, difference, source {source}"] > 0.25


def test_age_harms_where_it_means_the_opposite_elsewhere(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(model, monkeypatch, scored({"A": 1, "B": -1}))
    assert found["the same with age beside it, difference, source A"] < -0.25


def test_one_source_can_not_be_left_out(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="two with enough"):
        measured(model, monkeypatch, scored({"A": 1}))


def test_what_is_not_stated_is_zero() -> None:
    examples = [
        example(0, 0, "A", age="35", sex="male", site="back"),
        example(1, 0, "A"),
        example(2, 0, "A", age="75", sex="female", site="foot"),
    ]
    assert patient_inputs(examples, ("age",)).tolist() == [[-2, 4], [0, 0], [2, 4]]
    assert patient_inputs(examples, ("sex", "site")).tolist() == [[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1]]
