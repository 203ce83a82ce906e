"""What age, sex and site would add to the network's probability at a source that has taught nothing of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from app.core.model.operating_point import log_odds
from training.data.examples import Example
from training.errors import DataError
from training.evaluation.evaluate import Scored, score
from training.evaluation.figures.task import Task
from training.evaluation.groups import MIN_PER_CLASS
from training.metrics import Labels, auroc_difference, auroc_estimate, equal_weights

AGE, DECADES = 55.0, 10.0
"""Ages are counted in decades from this one on."""
REGULARISATION = 0.3
"""scikit-learn's `C`: the fit has few images of some sites."""
SETS = {"age": ("age",), "age and sex": ("age", "sex"), "age, sex and site": ("age", "sex", "site")}
"""What is added to the probability, by what the figure is called."""


def patient(task: Task) -> Iterator[Figure]:
    """AUROCs of melanoma by source, and by how much each of `SETS` moves them.

    A logistic regression of the network's log-odds and what the data state of the patient is fitted on the split's
    other sources, each counting the same, and measured on the one left out. Raises `DataError` where there are not two
    sources with enough images of both classes.
    """
    scored = score(Classifier(task.bundle), task.examples)
    examples = [example for example, _ in scored.results()]
    sources = np.array([example.source for example in examples])
    measured = [source for source in sorted(set(sources)) if _has_enough(scored.labels[sources == source])]
    if len(measured) < 2:
        raise DataError("To leave out a source, two with enough melanomas and others are needed.")
    inputs = {name: patient_inputs(examples, columns) for name, columns in SETS.items()}
    for source in measured:
        own = sources == source
        labels, groups, alone = scored.labels[own], scored.groups[own], scored.probabilities[own]
        count, melanomas = len(labels), int(labels.sum())
        yield task.figure(f"AUROC, source {source}", auroc_estimate(labels, alone, groups), count, melanomas)
        for name, values in inputs.items():
            beside = _fitted_elsewhere(scored, values, sources, source)
            change = auroc_difference(labels, groups, beside, alone)
            yield task.figure(f"the same with {name} beside it, difference, source {source}", change, count, melanomas)


def patient_inputs(examples: Sequence[Example], columns: Sequence[str]) -> NDArray[np.float64]:
    """The numbers (n, features) of what is stated of some columns; what is not stated is 0 in all of a column's.

    Age gives two, decades and their square; sex and site one a value.
    """
    parts = []
    for column in columns:
        stated = [str(getattr(example, column)) for example in examples]
        if column == "age":
            decades = np.array([(float(age) - AGE) / DECADES if age else 0.0 for age in stated])
            parts += [decades, decades**2]
        else:
            parts += [np.array([one == value for one in stated], float) for value in sorted({*stated} - {""})]
    return np.stack(parts, axis=1)


def _has_enough(labels: Labels) -> bool:
    return bool(np.bincount(labels, minlength=2).min() >= MIN_PER_CLASS)


def _fitted_elsewhere(
    scored: Scored, values: NDArray[np.float64], sources: NDArray[np.str_], source: str
) -> NDArray[np.float64]:
    """The fit's log-odds for a source's images, of the fit on all others."""
    inputs = np.column_stack([log_odds(scored.probabilities), values])
    others = sources != source
    fit = LogisticRegression(C=REGULARISATION, max_iter=1000)
    weights = equal_weights(sources[others].tolist())
    fit.fit(inputs[others], scored.labels[others], sample_weight=weights * others.sum() / weights.sum())
    return np.asarray(fit.decision_function(inputs[~others]))
