"""What can be wrong with a training run, in words for whoever started it."""

from __future__ import annotations


class TrainingError(Exception):
    """The base of the errors below."""


class RecipeError(TrainingError):
    """A recipe that is not there, not understood, or not the one that a run was begun with."""


class DataError(TrainingError):
    """Labelled images that are not there or not as they should be."""


class WeightsError(TrainingError):
    """Pretrained weights that are not there or not what was expected."""


class ExportError(TrainingError):
    """A network that could not be made into a bundle that can be trusted."""


class StrategyError(TrainingError):
    """Several devices or workers can't be used as asked."""
