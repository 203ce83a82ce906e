"""Accuracy and calibration error of the probabilities of the diagnoses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.core.model.card import DIAGNOSIS_LOGITS, LOGITS, Figure
from app.core.model.network import Network
from training.data.images import read_input
from training.errors import DataError
from training.evaluation.figures.task import Task, melanomas_among
from training.metrics import calibration_error_estimate


def diagnoses(task: Task) -> Iterator[Figure]:
    """Accuracy and calibration errors, on the images whose diagnosis is one of the card's.

    A diagnosis of which the split has no image, or no image of another, has no calibration error. Raises `DataError`.
    """
    card = task.bundle.card
    if card.diagnosis_calibration is None:
        raise DataError("The model's card has no calibration of diagnoses.")
    melanoma = card.classes.index(card.melanoma_class)
    network = Network(task.bundle.network, card.network.outputs, side=card.network.side)
    index_of = {name: index for index, name in enumerate(card.diagnoses)}
    chosen = [(index_of[example.diagnosis], example) for example in task.examples if example.diagnosis in index_of]
    if not chosen:
        raise DataError(f"The split {task.split} has no image with a diagnosis of the card's.")
    outputs = [
        network.outputs(read_input(Path(example.path), card.network.side))
        for _, example in tqdm(chosen, desc="diagnoses")
    ]
    logits, of_diagnoses = (
        np.stack([each[name] for each in outputs]).astype(float) for name in (LOGITS, DIAGNOSIS_LOGITS)
    )
    probabilities = card.diagnosis_probabilities(card.calibration.probabilities(logits)[:, melanoma], of_diagnoses)
    if probabilities is None:
        raise DataError("The model's diagnoses have no probabilities of one set with melanoma.")
    truth = np.array([index for index, _ in chosen])
    melanomas = melanomas_among(example for _, example in chosen)
    yield task.share("the most probable diagnosis is right", probabilities.argmax(axis=1) == truth, melanomas)
    groups = np.array([example.group for _, example in chosen])
    for index, name in enumerate(card.diagnoses):
        labels = (truth == index).astype(np.int64)
        if len(set(labels.tolist())) == 2:
            errors = calibration_error_estimate(labels, probabilities[:, index], groups)
            yield task.figure(f"calibration error of {name}, 15 bins", errors, len(chosen), melanomas)
